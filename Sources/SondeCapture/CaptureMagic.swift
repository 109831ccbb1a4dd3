/// The octets that capture files begin with.
public enum CaptureMagic {
  /// The first four octets of pcapng, and of pcap in both byte orders with microseconds and nanoseconds
  /// (draft-ietf-opsawg-pcapng §4.1, draft-ietf-opsawg-pcap §4).
  private static let all: [[UInt8]] = [
    [0x0a, 0x0d, 0x0d, 0x0a], [0xa1, 0xb2, 0xc3, 0xd4], [0xd4, 0xc3, 0xb2, 0xa1], [0xa1, 0xb2, 0x3c, 0x4d],
    [0x4d, 0x3c, 0xb2, 0xa1],
  ]

  /// Whether a file that begins like this is a capture; nil as long as there are too few octets to tell.
  public static func begins(_ octets: some Collection<UInt8>) -> Bool? {
    let fitting = all.contains { $0.starts(with: octets.prefix(4)) }
    return octets.count >= 4 || !fitting ? fitting : nil
  }
}
