public import SondeOctets

// Messages by name.
extension ICMPv6 {
  /// An echo request (RFC 4443 §4.1).
  @inlinable
  public static func echoRequest(
    identifier: UInt16 = 0, sequenceNumber: UInt16 = 0, code: UInt8 = 0, checksum: Field<UInt16> = .auto
  ) -> ICMPv6 {
    ICMPv6(
      type: .echoRequest, code: code, restOfHeader: UInt32(identifier) << 16 | UInt32(sequenceNumber),
      checksum: checksum)
  }

  /// An echo reply (RFC 4443 §4.2).
  @inlinable
  public static func echoReply(identifier: UInt16 = 0, sequenceNumber: UInt16 = 0) -> ICMPv6 {
    ICMPv6(type: .echoReply, restOfHeader: UInt32(identifier) << 16 | UInt32(sequenceNumber))
  }

  /// Destination unreachable (RFC 4443 §3.1). `length` is that of the quote in 64-bit words where extensions follow
  /// it (RFC 4884 §4.4).
  public static func destinationUnreachable(code: UInt8, length: UInt8 = 0) -> ICMPv6 {
    ICMPv6(type: .destinationUnreachable, code: code, restOfHeader: UInt32(length) << 24)
  }

  /// Packet too big (RFC 4443 §3.2).
  public static func packetTooBig(mtu: UInt32) -> ICMPv6 { ICMPv6(type: .packetTooBig, restOfHeader: mtu) }

  /// Time exceeded: code 0 in transit, 1 in reassembly (RFC 4443 §3.3). `length` is that of the quote in 64-bit
  /// words where extensions follow it (RFC 4884 §4.4).
  public static func timeExceeded(code: UInt8 = 0, length: UInt8 = 0) -> ICMPv6 {
    ICMPv6(type: .timeExceeded, code: code, restOfHeader: UInt32(length) << 24)
  }

  /// Parameter problem; `pointer` counts octets of the quoted packet (RFC 4443 §3.4).
  public static func parameterProblem(code: UInt8 = 0, pointer: UInt32 = 0) -> ICMPv6 {
    ICMPv6(type: .parameterProblem, code: code, restOfHeader: pointer)
  }

  /// A router solicitation (RFC 4861 §4.1).
  public static func routerSolicitation() -> ICMPv6 { ICMPv6(type: .routerSolicitation) }

  /// A router advertisement; the lifetime is in seconds, the other times in milliseconds (RFC 4861 §4.2).
  public static func routerAdvertisement(
    hopLimit: UInt8 = 0, flags: RouterFlags = [], lifetime: UInt16 = 1800, reachableTime: UInt32 = 0,
    retransTimer: UInt32 = 0
  ) -> ICMPv6 {
    ICMPv6(
      type: .routerAdvertisement,
      restOfHeader: UInt32(hopLimit) << 24 | UInt32(flags.rawValue) << 16 | UInt32(lifetime),
      body: octets(UInt64(reachableTime) << 32 | UInt64(retransTimer)))
  }

  /// Asks for the link-layer address of `target` (RFC 4861 §4.3).
  public static func neighborSolicitation(target: IPv6Address) -> ICMPv6 {
    ICMPv6(type: .neighborSolicitation, body: octets(target))
  }

  /// Tells that `target` is here (RFC 4861 §4.4).
  public static func neighborAdvertisement(
    target: IPv6Address, flags: NeighborFlags = [.router, .override]
  ) -> ICMPv6 {
    ICMPv6(type: .neighborAdvertisement, restOfHeader: flags.rawValue, body: octets(target))
  }

  /// Tells that packets to `destination` had better be sent to `target` (RFC 4861 §4.5).
  public static func redirect(target: IPv6Address, destination: IPv6Address) -> ICMPv6 {
    ICMPv6(type: .redirect, body: octets(target) + octets(destination))
  }

  /// Asks a proxy for the state of an interface, which the extension structure behind it names (RFC 8335 §2).
  public static func extendedEchoRequest(
    identifier: UInt16 = 0, sequenceNumber: UInt8 = 0, isLocal: Bool = true
  ) -> ICMPv6 {
    ICMPv6(
      type: .extendedEchoRequest,
      restOfHeader: UInt32(identifier) << 16 | UInt32(sequenceNumber) << 8 | (isLocal ? 1 : 0))
  }

  /// The address that a neighbour or redirect message is about; nil for any other.
  public var target: IPv6Address? {
    guard [.neighborSolicitation, .neighborAdvertisement, .redirect].contains(type) else { return nil }
    return address(at: 0)
  }

  /// The destination that is redirected; nil for any other message.
  public var redirectedDestination: IPv6Address? { type == .redirect ? address(at: 16) : nil }

  /// The octet of flags in a router advertisement (RFC 4861 §4.2, RFC 4191 §2.2, RFC 4389 §4.1.3.3).
  public struct RouterFlags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let managed = RouterFlags(rawValue: 0x80)
    public static let other = RouterFlags(rawValue: 0x40)
    public static let homeAgent = RouterFlags(rawValue: 0x20)
    public static let highPreference = RouterFlags(rawValue: 0x08)
    public static let lowPreference = RouterFlags(rawValue: 0x18)
    public static let proxy = RouterFlags(rawValue: 0x04)
  }

  /// The second word of a neighbour advertisement (RFC 4861 §4.4).
  public struct NeighborFlags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let router = NeighborFlags(rawValue: 0x8000_0000)
    public static let solicited = NeighborFlags(rawValue: 0x4000_0000)
    public static let override = NeighborFlags(rawValue: 0x2000_0000)
  }

  private func address(at start: Int) -> IPv6Address? {
    guard body.count >= start + 16 else { return nil }
    func half(_ start: Int) -> UInt64 { body[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) } }
    return IPv6Address(high: half(start), low: half(start + 8))
  }

  private static func octets(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
  }

  private static func octets(_ address: IPv6Address) -> [UInt8] { octets(address.high) + octets(address.low) }
}
