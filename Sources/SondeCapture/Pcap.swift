/// The numbers of the pcap format (draft-ietf-opsawg-pcap).
enum Pcap {
  /// What begins a file with times in microseconds.
  static let microsecondsMagic: UInt32 = 0xa1b2_c3d4
  /// What begins a file with times in nanoseconds.
  static let nanosecondsMagic: UInt32 = 0xa1b2_3c4d
  static let majorVersion: UInt16 = 2
  static let minorVersion: UInt16 = 4
  static let fileHeaderLength = 24
  static let recordHeaderLength = 16
}
