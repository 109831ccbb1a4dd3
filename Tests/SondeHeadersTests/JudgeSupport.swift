internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What all layers of a packet asked make of a packet that came.
enum Outcome: Equatable, CustomStringConvertible {
  case answer(Verdict, Basis, [AnswerFlag])
  case noise(String)
  case nothing

  var description: String {
    switch self {
    case .answer(let verdict, let basis, let flags): "\(verdict) by \(basis) \(flags)"
    case .noise(let why): "noise: \(why)"
    case .nothing: "nothing"
    }
  }

  var isNoise: Bool { if case .noise = self { true } else { false } }

  /// The outcome of asking `asked` and hearing `reply`, an ICMP error or a direct answer.
  init(_ asked: [any Header], _ reply: [any Header], group: Bool = false) throws {
    try self.init(asked, reply: AnyPacket(reply).encoded().bytes, group: group)
  }

  init(_ asked: [any Header], reply bytes: [UInt8], group: Bool = false, as start: Registry.Start = .ip) throws {
    let asked = Registry.dissect(try AnyPacket(asked).encoded().bytes, as: start)
    let reply = Registry.dissect(bytes, as: start)
    let judgements: [Judgement]
    if let report = reply.errorReport, let quoted = reply.quoted {
      let exchange = QuoteExchange(asked: asked, reply: reply, quoted: quoted, report: report)
      judgements = asked.layers.compactMap { $0.header.judge(quote: exchange) }
    } else {
      let exchange = ReplyExchange(asked: asked, reply: reply, askedGroup: group)
      judgements = asked.layers.compactMap { $0.header.judge(reply: exchange) }
    }
    self.init(judgements)
  }

  private init(_ judgements: [Judgement]) {
    var flags: [AnswerFlag] = []
    var answer: (Verdict, Basis)?
    for judgement in judgements {
      switch judgement {
      case .refused(let why):
        self = .noise(why)
        return
      case .agrees(let more): flags += more
      case .answers(let verdict, let basis, let more, _, _):
        flags += more
        answer = (verdict, basis)
      }
    }
    self = answer.map { .answer($0.0, $0.1, flags) } ?? .nothing
  }
}

/// The hosts of the judging tests.
enum Hosts {
  static let us: IPv4Address = "192.0.2.1"
  static let asked: IPv4Address = "198.51.100.7"
  static let router: IPv4Address = "203.0.113.1"
  static let us6: IPv6Address = "2001:db8::1"
  static let asked6: IPv6Address = "2001:db8:7::7"
  static let router6: IPv6Address = "2001:db8:99::1"

  static let there = IPv4(from: us, to: asked)
  static let back = IPv4(from: asked, to: us)
  static let there6 = IPv6(from: us6, to: asked6)
  static let back6 = IPv6(from: asked6, to: us6)
}
