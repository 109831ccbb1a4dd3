public import SondeHeaders
public import SondeOctets

/// A host of the simulated network: what it answers to, and how.
///
/// Unless told otherwise it is a plain host with nothing listening: it answers echo and timestamp requests,
/// resets TCP (RFC 9293 §3.5.2) and refuses UDP with port unreachable (RFC 1122 §4.1.3.1).
public struct SimulatedHost: Sendable {
  /// Where it is found, and where its answers come from.
  public var address: IPAddress
  /// Multicast and broadcast addresses at which it is found too; it answers from its own address.
  public var groups: Set<IPAddress>
  /// From a packet's departure to the arrival of the answer.
  public var roundTrip: Duration
  /// The routers on the way, the nearest first.
  public var path: [SimulatedRouter]
  /// The TTL or hop limit with which its answers leave; the routers of `path` lower it on the way back.
  public var hopLimit: UInt8

  /// What it does with ICMP queries: `.answer` echoes, and tells the time in timestamp replies.
  public var icmp: Behaviour
  /// What it does with segments to these TCP ports: `.answer` accepts with a SYN-ACK.
  public var tcp: [UInt16: Behaviour]
  /// What it does with all other TCP ports.
  public var otherTCP: Behaviour
  /// What it does with datagrams to these UDP ports: `.answer` sends the payload back.
  public var udp: [UInt16: Behaviour]
  /// What it does with all other UDP ports.
  public var otherUDP: Behaviour
  /// What it does with IP protocols that it does not know: `.refuse` says protocol unreachable, or
  /// unrecognized next header; `.answer` is silence.
  public var otherProtocols: Behaviour

  /// The window of a SYN-ACK; if none is given, Linux's: whole segments in just under 65536 octets.
  public var window: UInt16
  /// The options of a SYN-ACK; if none are given, the MSS of a link of 1500 octets (RFC 9293 §3.7.1).
  public var options: [TCPOption]
  /// How much of a packet its ICMP errors quote.
  public var quoting: QuoteLength
  /// How often it sends ICMP errors to one address; nil for always.
  public var errorLimit: RateLimit?
  /// How often it answers one address with anything but ICMP errors; nil for always.
  public var answerLimit: RateLimit?
  /// Has the last word on every packet that reaches the host whole: it is given what the host would
  /// answer, and its reactions go instead, past all rate limits.
  public var responder: Responder?

  /// Turns a question into reactions.
  public typealias Responder = @Sendable (Question) -> [Reaction]

  public init(
    _ address: IPAddress, groups: Set<IPAddress> = [], roundTrip: Duration = .milliseconds(1),
    path: [SimulatedRouter] = [], hopLimit: UInt8 = 64, icmp: Behaviour = .answer, tcp: [UInt16: Behaviour] = [:],
    otherTCP: Behaviour = .refuse, udp: [UInt16: Behaviour] = [:], otherUDP: Behaviour = .refuse,
    otherProtocols: Behaviour = .refuse, window: UInt16? = nil, options: [TCPOption]? = nil,
    quoting: QuoteLength = .whole, errorLimit: RateLimit? = nil, answerLimit: RateLimit? = nil,
    responder: Responder? = nil
  ) {
    self.address = address
    self.groups = groups
    self.roundTrip = roundTrip
    self.path = path
    self.hopLimit = hopLimit
    self.icmp = icmp
    self.tcp = tcp
    self.otherTCP = otherTCP
    self.udp = udp
    self.otherUDP = otherUDP
    self.otherProtocols = otherProtocols
    self.window = window ?? (address.version == 4 ? 64240 : 64800)
    self.options = options ?? [.mss(address.version == 4 ? 1460 : 1440)]
    self.quoting = quoting
    self.errorLimit = errorLimit
    self.answerLimit = answerLimit
    self.responder = responder
  }

  /// A host that never says a word.
  public static func silent(_ address: IPAddress, path: [SimulatedRouter] = []) -> SimulatedHost {
    SimulatedHost(
      address, path: path, icmp: .silence, otherTCP: .silence, otherUDP: .silence, otherProtocols: .silence)
  }
}

/// What a host does with one kind of packet.
public enum Behaviour: Hashable, Sendable {
  /// What the kind of packet draws where something listens, to each packet for itself: to a SYN a SYN-ACK,
  /// and a reset to the ACK that follows, because no connection is remembered.
  case answer
  /// For TCP a server that remembers its connections, sends back what it gets, and closes when the peer
  /// does; for all else the same as `answer`.
  case serve
  /// As a host on which nothing listens: a TCP reset, an ICMP port or protocol unreachable; silence to ICMP
  /// queries, which nothing refuses.
  case refuse
  case silence
  /// As a packet filter that rejects by an ICMP error.
  case reject(Rejection)
}

/// The ICMP error of a packet filter, for either family.
public struct Rejection: Hashable, Sendable {
  public var v4: ICMPv4
  public var v6: ICMPv6
  /// Where the error comes from; nil for the address that was asked. It must be of the packet's family,
  /// or the packet is dropped in silence.
  public var sender: IPAddress?

  public init(v4: ICMPv4, v6: ICMPv6, from sender: IPAddress? = nil) {
    self.v4 = v4
    self.v6 = v6
    self.sender = sender
  }

  /// Port unreachable, what nftables' `reject` says.
  public static let portUnreachable = Rejection(
    v4: .destinationUnreachable(code: 3), v6: .destinationUnreachable(code: 4))
  /// Communication administratively prohibited.
  public static let prohibited = Rejection(
    v4: .destinationUnreachable(code: 13), v6: .destinationUnreachable(code: 1))

  /// The same error from another address.
  public func sent(from sender: IPAddress) -> Rejection { Rejection(v4: v4, v6: v6, from: sender) }
}
