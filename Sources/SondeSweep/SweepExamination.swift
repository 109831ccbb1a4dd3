public import SondeHeaders
public import SondeLink
internal import SondeOctets
public import SondeProbe

/// A packet that came, looked at closely: what it is to a sweep, and all that can be told of it.
public struct SweepExamination: Sendable {
  public var finding: SweepFinding
  /// The packet.
  public var reply: Dissection
  /// Why it counts as an answer, and what the ICMP error says that it may be; nil where it answers nothing.
  public var match: Correlator.Finding?
}

// The long way: the question is made once more, and the headers judge the packet as an answer to it.
extension SweepQuestions {
  /// Looks closely at a packet that came, from its IP header on.
  public func examine(_ packet: RawSpan, _ facts: BulkFacts) -> SweepExamination {
    let reply = Registry.dissect(packet.octets)
    var finding: Correlator.Finding?
    let found = weigh(reply, facts, &finding)
    return SweepExamination(finding: found, reply: reply, match: finding)
  }

  private func weigh(_ reply: Dissection, _ facts: BulkFacts, _ found: inout Correlator.Finding?) -> SweepFinding {
    func noise(_ why: String) -> SweepFinding { .noise(from: reply.source, why: SweepNoise(rawValue: why)) }
    if reply.layers.contains(where: \.isFragment) { return noise("is a fragment, which is not put together here") }
    var correlator = Correlator()
    var candidates: [Candidate] = []
    for candidate in [answered(by: reply), sent(as: reply)].compactMap({ $0 }) {
      var questions = self
      let probe = UInt64(candidates.count)
      candidates.append(candidate)
      let time = data(in: reply).flatMap { data in
        let octets = data.rawSpan
        return octets.byteCount >= EchoData.byteCount ? EchoData.time(in: octets) : nil
      }
      questions.write(candidate.target, attempt: candidate.place, at: time ?? facts.at) { question in
        correlator.register(probe, Registry.dissect(question.octets), isGroup: false)
      }
      correlator.left(probe)
    }
    switch correlator.match(reply) {
    case nil: return noise(candidates.isEmpty ? "concerns no address of ours" : "answers no question of ours")
    case .noise(_, let why)?: return noise(why)
    case .answer(var match)?:
      if let why = damage(of: reply, facts) ?? shortage(of: reply) { return noise(why) }
      let candidate = candidates[Int(match.probe)]
      if let oddity = weakness(of: reply, candidate.target, match) {
        match.flags.append(oddity.flag)
        match.why += "; \(oddity.why)"
      }
      found = match
      var answer = SweepAnswer(
        target: candidate.target, attempt: candidate.attempt, verdict: match.verdict, by: match.by,
        from: reply.source ?? candidate.target.address, hopLimit: reply.hopLimit, isPlain: false,
        icmp: match.report.map { ($0.type, $0.code) }, flags: match.flags)
      if kind == .echo, templates[row(of: candidate.target.address).template(of: 0)].image.hasCookie,
        let data = data(in: reply), data.count >= EchoData.byteCount
      {
        answer.asked = EchoData.time(in: data.rawSpan)
      }
      return .answer(answer)
    }
  }

  /// A question that a packet may be about.
  private struct Candidate {
    var target: SweepTarget
    /// The attempt, where the packet tells it.
    var attempt: UInt8?
    /// An attempt of the same numbers.
    var place: UInt8
  }

  private func token(in packet: Dissection, _ side: Side) -> FlowToken? {
    switch kind {
    case .tcp: packet.token(of: TCP.self, side)
    case .udp: packet.token(of: UDP.self, side)
    case .echo, .timestamp: packet.token(of: ICMPv4.self, side) ?? packet.token(of: ICMPv6.self, side)
    }
  }

  /// The question that a packet would answer, or is an error about.
  private func answered(by reply: Dissection) -> Candidate? {
    guard reply.errorReport != nil else { return candidate(reply.source, token(in: reply, .reply)) }
    // What quotes nothing may be about any question to its sender.
    guard let quoted = reply.quoted, quoted.destination != nil else { return candidate(reply.source, nil) }
    return candidate(quoted.destination, token(in: quoted, .quote))
  }

  /// The question that a packet is, if it is one.
  private func sent(as packet: Dissection) -> Candidate? {
    guard let source = packet.source, source == sources.v4.map(IPAddress.v4) || source == sources.v6.map(IPAddress.v6)
    else { return nil }
    return candidate(packet.destination, token(in: packet, .sent))
  }

  private func candidate(_ address: IPAddress?, _ token: FlowToken?) -> Candidate? {
    guard let address, asks(address) else { return nil }
    let hasPorts = kind == .tcp || kind == .udp
    let target = SweepTarget(address: address, port: hasPorts ? token?.theirs ?? 0 : 0)
    let numbers = numbers(of: target)
    let image = templates[row(of: address).template(of: target.port)].image
    var attempt: QuestionAttempt?
    if let token {
      attempt =
        hasPorts
        ? self.attempt(from: token.ours, numbers)
        : self.attempt(ofQuery: UInt32(token.ours) << 16 | UInt32(token.theirs), numbers, image)
    }
    // Where nothing has both numbers, what has the one says best what is wrong with the other.
    let turn = (token?.theirs ?? 0) &- UInt16(truncatingIfNeeded: numbers.sequence)
    let nearest = !hasPorts && UInt32(turn) < attempts ? UInt8(truncatingIfNeeded: turn) : 0
    return Candidate(target: target, attempt: attempt?.number, place: attempt?.place ?? nearest)
  }

  /// The data of an echo or of its quote.
  private func data(in reply: Dissection) -> [UInt8]? {
    guard kind == .echo else { return nil }
    return reply.errorReport == nil ? reply.payload : reply.quoted?.payload
  }

  private func damage(of reply: Dissection, _ facts: BulkFacts) -> String? {
    // Of a packet that this side has cut short only the first sum can be verified.
    if facts.length > reply.bytes.count, reply.layers.first?.isCut == true {
      guard let check = reply.sums().first(where: { $0.layerOffset == 0 }), check.verdict == .wrong else { return nil }
      return "\(check.layer) checksum is \(Hex.word(check.found)), not \(Hex.word(check.expected ?? 0))"
    }
    return reply.damage(
      of: Frame(
        bytes: reply.bytes, stamp: Stamp(monotonic: facts.at), checksumNotReady: facts.checksumNotReady))
  }

  /// Why an error quotes too little: every host and router quotes eight octets at least (RFC 792), and less proves less
  /// than what a question carries.
  private func shortage(of reply: Dissection) -> String? {
    guard reply.errorReport != nil, let quoted = reply.quoted else { return nil }
    let (offset, name): (Int?, Name) =
      switch kind {
      case .tcp: (quoted.offset(of: TCP.self), TCP.name)
      case .udp: (quoted.offset(of: UDP.self), UDP.name)
      case .echo, .timestamp:
        (quoted.offset(of: ICMPv4.self) ?? quoted.offset(of: ICMPv6.self), ICMPv4.name)
      }
    guard let offset, quoted.bytes.count - offset < 8 else { return nil }
    return "quotes only \(quoted.bytes.count - offset) octets of the \(name) header, too few to know it by"
  }

  /// What is weak about a datagram that does not repeat the number of the question.
  ///
  /// It stays an answer: it comes from the port asked to the one that asked, which the hash chose, and what listens
  /// there may be another service than the port's own, which repeats nothing. The port is open either way.
  private func weakness(of reply: Dissection, _ target: SweepTarget, _ match: Correlator.Finding) -> Oddity? {
    guard match.by == .udp, let mark = templates[row(of: target.address).template(of: target.port)].image.mark
    else { return nil }
    let data = reply.payload
    if mark.isRepeated(in: data.rawSpan, numbers(of: target)) { return nil }
    return Oddity(.weakMatch, "it does not repeat the number that the question carried")
  }
}

extension Dissection {
  /// What is left of the hop limit of the outermost IP header.
  fileprivate var hopLimit: UInt8 { first(IPv4.self)?.timeToLive ?? first(IPv6.self)?.hopLimit ?? 0 }
}
