public import SondeCraft
internal import SondeHeaders

/// Why packets make no questions of a sweep.
public enum SweepFormError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no packet.
  case nothing
  case twoOfOneFamily
  /// One packet asks in another way than the other.
  case differentKinds
  /// The packet has no IP header, or nothing behind it that asks.
  case asksNothing
  case untemplatable(TemplateError)

  public var description: String {
    switch self {
    case .nothing: "a sweep asks by a packet, and there is none"
    case .twoOfOneFamily: "a sweep asks each family by one packet"
    case .differentKinds: "the packets of both families ask in the same way"
    case .asksNothing: "a sweep asks by TCP, UDP, ICMP echo or (IPv4) timestamp requests"
    case .untemplatable(let error): error.description
    }
  }
}

extension SweepQuestions.Kind {
  /// How a packet asks.
  init(asking packet: AnyPacket) throws(SweepFormError) {
    guard (packet.first(IPv4.self) != nil) != (packet.first(IPv6.self) != nil) else { throw .asksNothing }
    if packet.first(TCP.self) != nil {
      self = .tcp
    } else if packet.first(UDP.self) != nil {
      self = .udp
    } else if packet.first(ICMPv4.self)?.type == .echoRequest || packet.first(ICMPv6.self)?.type == .echoRequest {
      self = .echo
    } else if let query = packet.first(ICMPv4.self), query.type == .timestampRequest, query.numbers.count == 3 {
      self = .timestamp
    } else {
      throw .asksNothing
    }
  }
}
