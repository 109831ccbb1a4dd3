/// Where a fragment's octets belong in the datagram that was cut (RFC 791 §3.2, RFC 8200 §4.5).
public struct FragmentPlace: Hashable, Sendable {
  /// The number that the fragments of one datagram share: of 16 bits in IPv4, of 32 in IPv6.
  public var identification: UInt32
  /// How many octets of the datagram's fragmentable part stand before these; a multiple of eight.
  public var offset: Int
  /// Whether more fragments follow.
  public var hasMore: Bool
  /// The protocol that the whole datagram carries.
  public var ipProtocol: UInt8

  public init(identification: UInt32, offset: Int, hasMore: Bool, ipProtocol: UInt8) {
    self.identification = identification
    self.offset = offset
    self.hasMore = hasMore
    self.ipProtocol = ipProtocol
  }
}
