/// Where a header was seen, when its token is read.
@frozen
public enum Side: Hashable, Sendable {
  /// In a packet that we send.
  case sent
  /// In a packet that may answer: its "ours" is what it is addressed to.
  case reply
  /// In the quote of our packet inside an ICMP error.
  case quote
}

/// The octets of a header that name the exchange, the same for a packet, its quote and its true
/// reply: a bucket in which to look, not a proof.
@frozen
public struct FlowToken: Hashable, Sendable {
  /// The protocol, so that tokens of two protocols never meet; for ICMP the kind of query too.
  public var kind: UInt16
  /// The half that we chose: our port, our identifier.
  public var ours: UInt16
  /// The half that names the peer's side or the turn: its port, the sequence number.
  public var theirs: UInt16

  public init(kind: UInt16, ours: UInt16, theirs: UInt16) {
    self.kind = kind
    self.ours = ours
    self.theirs = theirs
  }
}

/// What an answer, or silence, says of what was asked.
public struct Verdict: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public var rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public var description: String { rawValue }

  public static let reply = Verdict(rawValue: "reply")
  public static let open = Verdict(rawValue: "open")
  public static let closed = Verdict(rawValue: "closed")
  public static let filtered = Verdict(rawValue: "filtered")
  public static let unfiltered = Verdict(rawValue: "unfiltered")
  public static let openOrFiltered = Verdict(rawValue: "open|filtered")
  public static let unreachable = Verdict(rawValue: "unreachable")
  public static let timeExceeded = Verdict(rawValue: "time-exceeded")
  public static let tooBig = Verdict(rawValue: "too-big")
  public static let parameterProblem = Verdict(rawValue: "parameter-problem")
  public static let addressInUse = Verdict(rawValue: "address-in-use")
  public static let timeout = Verdict(rawValue: "timeout")
  public static let sendFailed = Verdict(rawValue: "send-failed")
}

/// Which kind of packet an answer was.
public struct Basis: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public var rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public var description: String { rawValue }

  public static let echoReply = Basis(rawValue: "echo-reply")
  public static let timestampReply = Basis(rawValue: "timestamp-reply")
  public static let informationReply = Basis(rawValue: "information-reply")
  public static let addressMaskReply = Basis(rawValue: "address-mask-reply")
  public static let extendedEchoReply = Basis(rawValue: "extended-echo-reply")
  public static let udp = Basis(rawValue: "udp")
  public static let tcpSYNACK = Basis(rawValue: "tcp-syn-ack")
  public static let tcpSYN = Basis(rawValue: "tcp-syn")
  public static let tcpReset = Basis(rawValue: "tcp-reset")
  public static let arpReply = Basis(rawValue: "arp-reply")
  public static let arpRequest = Basis(rawValue: "arp-request")
  public static let neighborAdvertisement = Basis(rawValue: "neighbor-advertisement")
  public static let neighborSolicitation = Basis(rawValue: "neighbor-solicitation")
  public static let icmpError = Basis(rawValue: "icmp-error")
  public static let localError = Basis(rawValue: "local-error")
}

/// What one layer of the packet asked says of a packet that came.
public enum Judgement: Hashable, Sendable {
  /// It is an answer. `echoes` says that a true answer repeats our payload.
  case answers(Verdict, by: Basis, flags: [AnswerFlag] = [], echoes: Bool = false, why: String)
  /// This layer has nothing against it; what it is, another layer must say.
  case agrees(flags: [AnswerFlag] = [])
  /// It looks like an answer and is none: the end of the sentence "noise: …".
  case refused(why: String)
}

extension Judgement {
  /// The same answer, flagged; any other judgement as it is.
  func with(_ oddity: Oddity?) -> Judgement {
    guard let oddity, case .answers(let verdict, let by, let flags, let echoes, let why) = self else { return self }
    return .answers(verdict, by: by, flags: flags + [oddity.flag], echoes: echoes, why: "\(why); \(oddity.why)")
  }
}

/// What an ICMP error says.
public struct ErrorReport: Hashable, Sendable {
  /// 4 for ICMPv4, 6 for ICMPv6.
  public var version: Int
  public var type: UInt8
  public var code: UInt8
  /// The type and code in words, as the IANA registry has them, with hyphens: "port-unreachable".
  public var name: String
  /// The verdict on a probe that has none of its own for this error.
  public var verdict: Verdict
  /// Whether it is a port unreachable: 3/3, in ICMPv6 1/4.
  public var isPortUnreachable: Bool
  /// The next hop's MTU, of fragmentation needed and packet too big.
  public var mtu: UInt32?
  /// The octet at fault, of a parameter problem.
  public var pointer: UInt32?
  /// Whether it merely advises (redirect, source quench): such an error answers nothing.
  public var isAdvice: Bool
  /// Whether no RFC names this code of this type.
  public var isOddCode: Bool

  /// Whether it says that the packet could not be delivered: type 3, in ICMPv6 1.
  public var isDestinationUnreachable: Bool { type == (version == 4 ? 3 : 1) }

  /// Whether only the host that the packet was for can know it: that it has no such protocol or port
  /// (RFC 1122 §3.2.2.1; RFC 4443 §3.1, §3.4) and that fragments for it stayed away (RFC 792, page 6; RFC 4443 §3.3).
  public var isForTheHostToKnow: Bool {
    switch (version, type, code) {
    case (4, 3, 2...3), (4, 11, 1), (6, 1, 4), (6, 3, 1), (6, 4, 1...2): true
    default: false
    }
  }

  public init(
    version: Int, type: UInt8, code: UInt8, name: String, verdict: Verdict, isPortUnreachable: Bool = false,
    mtu: UInt32? = nil, pointer: UInt32? = nil, isAdvice: Bool = false, isOddCode: Bool = false
  ) {
    self.version = version
    self.type = type
    self.code = code
    self.name = name
    self.verdict = verdict
    self.isPortUnreachable = isPortUnreachable
    self.mtu = mtu
    self.pointer = pointer
    self.isAdvice = isAdvice
    self.isOddCode = isOddCode
  }
}
