/// The numbers of the pcapng format (draft-ietf-opsawg-pcapng).
enum Pcapng {
  /// Block types (§4). The section header's reads the same in both byte orders.
  enum Block {
    static let sectionHeader: UInt32 = 0x0a0d_0d0a
    static let interfaceDescription: UInt32 = 1
    /// Obsolete, yet found in old files: an enhanced packet with a 16-bit interface number and a drop count.
    static let packet: UInt32 = 2
    static let simplePacket: UInt32 = 3
    static let interfaceStatistics: UInt32 = 5
    static let enhancedPacket: UInt32 = 6
  }

  /// Option codes (§3.5, §4.1, §4.2, §4.3, §4.6); each block type numbers its own from 2 on.
  enum Option {
    static let end: UInt16 = 0
    static let comment: UInt16 = 1
    static let sectionHardware: UInt16 = 2
    static let sectionSystem: UInt16 = 3
    static let sectionApplication: UInt16 = 4
    static let interfaceName: UInt16 = 2
    static let interfaceDescription: UInt16 = 3
    static let interfaceTimeUnit: UInt16 = 9
    static let interfaceTimeOffset: UInt16 = 14
    static let packetFlags: UInt16 = 2
    static let statisticsReceived: UInt16 = 4
    static let statisticsDropped: UInt16 = 5
  }

  static let byteOrderMagic: UInt32 = 0x1a2b_3c4d
  static let majorVersion: UInt16 = 1

  /// How many octets of padding bring `count` to a multiple of four.
  static func padding(_ count: Int) -> Int { -count & 3 }
}
