internal import SondeOctets

/// How far the quote in an ICMP error reaches (RFC 4884).
public enum QuoteExtent: Hashable, Sendable {
  /// To the end of the message.
  case whole
  /// Perhaps not to the end: extensions may follow. `stated` octets are quoted by the message's length
  /// attribute, which is 0 where it says nothing.
  case extensible(stated: Int)

  /// What a message with extensions quotes at least, zeros filling up a shorter packet (RFC 4884 §3), and
  /// exactly where its length attribute says nothing (§5.5).
  private static let least = 128

  /// How many octets of a message are quoted; `message` is all that stands behind the ICMP header.
  ///
  /// A length attribute that cannot be true is taken for the unused octet that it once was.
  func byteCount(of message: RawSpan) -> Int {
    switch self {
    case .extensible(let stated) where (Self.least...).contains(stated) && stated <= message.byteCount: stated
    case .extensible(0) where Self.holdsExtensions(message, at: Self.least): Self.least
    default: message.byteCount
    }
  }

  /// Whether the octets from `offset` on are extensions beyond doubt: a header and at least one object, of
  /// version 2, with a checksum that was computed and is right (RFC 4884 §5.5, §7).
  private static func holdsExtensions(_ message: RawSpan, at offset: Int) -> Bool {
    guard message.byteCount >= offset + 8, message[offset] >> 4 == 2 else { return false }
    guard message.bigEndian(at: offset + 2, as: UInt16.self) != 0 else { return false }
    var sum = InternetChecksum()
    sum.add(message.extracting(offset..<message.byteCount))
    return sum.sum == 0xffff
  }

  /// Whether the octets behind a quote begin as an extension structure of the one version that there is: those of
  /// another are passed over (RFC 4884 §7).
  static func isStructure(_ rest: RawSpan) -> Bool { rest.byteCount >= 4 && rest[0] >> 4 == 2 }
}
