public import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
public import SondeSweep

/// Says of the answers to a sweep why they count, in the words that other verbs have for the same packets.
///
/// A plain answer is not dissected: its words are those of the first one of its kind, or are made of its few numbers.
public struct SweepReading {
  /// What a close look at an answer tells.
  public struct Details {
    public var why: String
    public var flags: [AnswerFlag]
    public var report: ErrorReport?
    public var reply: Dissection
  }

  /// The form of the questions, which knows what answers them.
  private let questions: SweepQuestions
  private var known: [Known] = []

  /// What plain answers with one sentence have in common.
  private struct Kind: Equatable {
    var verdict: Verdict
    var by: Basis
    var version: Int
    var type: UInt8
    var code: UInt8
    var isFromTarget: Bool
  }

  /// A kind, and what its first answer was found to be.
  private struct Known {
    var kind: Kind
    var why: [UInt8]
    /// The ICMP error's name.
    var name: [UInt8]
  }

  public init(_ questions: SweepQuestions) { self.questions = questions }

  /// What a packet tells when it is read as a whole. That it is an answer is known, and so that its sums are right.
  public func details(of answer: SweepAnswer, _ packet: RawSpan) -> Details {
    let facts = BulkFacts(
      interface: 0, at: Instant(nanoseconds: 0), wall: 0, checksumNotReady: true, length: packet.byteCount)
    let examination = questions.examine(packet, facts)
    guard let match = examination.match else {
      return Details(
        why: "gives back what \(answer.target.address) was asked", flags: [],
        report: examination.reply.errorReport, reply: examination.reply)
    }
    return Details(why: match.why, flags: match.flags, report: match.report, reply: examination.reply)
  }

  /// Appends why a plain answer counts.
  mutating func append(whyOfPlain answer: SweepAnswer, _ packet: RawSpan, to text: inout TextOctets) {
    switch answer.by {
    case .udp:
      text += "a UDP datagram came from port "
      text.append(decimal: answer.target.port)
    case .echoReply, .timestampReply:
      // Behind the IP header, which is plain: type, code, checksum, identifier, sequence number.
      let offset = answer.from.version == 4 ? 20 : 40
      guard packet.byteCount >= offset + 8 else { return }
      text += "same id "
      text.append(decimal: packet.bigEndian(at: offset + 4, as: UInt16.self))
      text += " and sequence number "
      text.append(decimal: packet.bigEndian(at: offset + 6, as: UInt16.self))
    default: text.octets += known(answer, packet).why
    }
  }

  /// Appends the name of the ICMP error that a plain answer is.
  mutating func append(nameOf answer: SweepAnswer, _ packet: RawSpan, to text: inout TextOctets) {
    text.octets += known(answer, packet).name
  }

  private mutating func known(_ answer: SweepAnswer, _ packet: RawSpan) -> Known {
    let kind = Kind(
      verdict: answer.verdict, by: answer.by, version: answer.from.version, type: answer.icmp?.type ?? 0,
      code: answer.icmp?.code ?? 0, isFromTarget: answer.from == answer.target.address)
    if let found = known.first(where: { $0.kind == kind }) { return found }
    let details = details(of: answer, packet)
    let new = Known(kind: kind, why: Array(details.why.utf8), name: Array((details.report?.name ?? "").utf8))
    known.append(new)
    return new
  }
}

extension SweepResult {
  /// The flags of the result with others, each once.
  public func flags(with more: [AnswerFlag]) -> [AnswerFlag] { flags + more.filter { !flags.contains($0) } }
}
