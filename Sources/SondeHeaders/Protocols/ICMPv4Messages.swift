public import SondeOctets

// Messages by name.
extension ICMPv4 {
  /// An echo request (RFC 792, page 14).
  @inlinable
  public static func echoRequest(
    identifier: UInt16 = 0, sequenceNumber: UInt16 = 0, code: UInt8 = 0, checksum: Field<UInt16> = .auto
  ) -> ICMPv4 {
    ICMPv4(
      type: .echoRequest, code: code, restOfHeader: UInt32(identifier) << 16 | UInt32(sequenceNumber),
      checksum: checksum)
  }

  /// An echo reply (RFC 792, page 14).
  @inlinable
  public static func echoReply(identifier: UInt16 = 0, sequenceNumber: UInt16 = 0) -> ICMPv4 {
    ICMPv4(type: .echoReply, restOfHeader: UInt32(identifier) << 16 | UInt32(sequenceNumber))
  }

  /// A timestamp request; times are milliseconds since midnight UT (RFC 792, page 16).
  public static func timestampRequest(
    identifier: UInt16 = 0, sequenceNumber: UInt16 = 0, originate: UInt32 = 0, receive: UInt32 = 0,
    transmit: UInt32 = 0
  ) -> ICMPv4 {
    ICMPv4(
      type: .timestampRequest, restOfHeader: UInt32(identifier) << 16 | UInt32(sequenceNumber),
      numbers: [originate, receive, transmit])
  }

  /// Destination unreachable; `nextHopMTU` belongs to code 4 alone (RFC 792, page 4; RFC 1191 §4). `length` is that
  /// of the quote in 32-bit words where extensions follow it (RFC 4884 §4.1).
  public static func destinationUnreachable(code: UInt8, nextHopMTU: UInt16 = 0, length: UInt8 = 0) -> ICMPv4 {
    ICMPv4(type: .destinationUnreachable, code: code, restOfHeader: UInt32(length) << 16 | UInt32(nextHopMTU))
  }

  /// Time exceeded: code 0 in transit, 1 in reassembly (RFC 792, page 6). `length` is that of the quote in 32-bit
  /// words where extensions follow it (RFC 4884 §4.2).
  public static func timeExceeded(code: UInt8 = 0, length: UInt8 = 0) -> ICMPv4 {
    ICMPv4(type: .timeExceeded, code: code, restOfHeader: UInt32(length) << 16)
  }

  /// Parameter problem; `pointer` counts octets of the quoted packet (RFC 792, page 8).
  public static func parameterProblem(code: UInt8 = 0, pointer: UInt8 = 0) -> ICMPv4 {
    ICMPv4(type: .parameterProblem, code: code, restOfHeader: UInt32(pointer) << 24)
  }

  /// Redirect (RFC 792, page 12).
  public static func redirect(code: UInt8 = 1, gateway: IPv4Address) -> ICMPv4 {
    ICMPv4(type: .redirect, code: code, restOfHeader: gateway.rawValue)
  }

  /// A router advertisement of `count` addresses, which stand behind it, one `RouterAddress` each; the lifetime is
  /// in seconds (RFC 1256 §3).
  public static func routerAdvertisement(count: UInt8, lifetime: UInt16 = 1800) -> ICMPv4 {
    ICMPv4(type: .routerAdvertisement, restOfHeader: UInt32(count) << 24 | 2 << 16 | UInt32(lifetime))
  }

  /// Asks a proxy for the state of an interface, which the extension structure behind it names (RFC 8335 §2).
  public static func extendedEchoRequest(
    identifier: UInt16 = 0, sequenceNumber: UInt8 = 0, isLocal: Bool = true
  ) -> ICMPv4 {
    ICMPv4(
      type: .extendedEchoRequest,
      restOfHeader: UInt32(identifier) << 16 | UInt32(sequenceNumber) << 8 | (isLocal ? 1 : 0))
  }
}
