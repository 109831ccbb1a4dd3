internal import SondeHeaders
internal import SondeOctets

// What the judgements of a probe's layers come to.
extension Correlator {
  /// A packet without a token is known by its protocol and its octets behind the first header, as far as they
  /// are quoted.
  func judge(nameless asked: Asked, _ exchange: QuoteExchange) -> Judgement? {
    let sent = asked.dissection.innerOctets
    let quoted = exchange.quoted.innerOctets
    let kind = asked.dissection.layers.first?.header.following.kind
    guard kind == exchange.quoted.layers.first?.header.following.kind, sent.starts(with: quoted) else { return nil }
    if quoted.isEmpty, !sent.isEmpty {
      return .refused(why: "\(exchange.report.name), quoting a packet too short to know it by")
    }
    let isWeak = quoted.count < min(8, sent.count)
    return exchange.answer(
      unreachable: exchange.report.verdict, flags: isWeak ? [.weakMatch] : [], why: "quoting our packet")
  }

  /// One probe's layers, each with its judgement: any refusal refuses, one must answer.
  func weigh(_ probe: UInt64, _ asked: Asked, _ reply: Dissection, _ judgements: [Judgement?]) -> Match? {
    // Where the layers that know more than addresses have no opinion, it merely shares addresses with us.
    let named = asked.tokens.isEmpty ? [judgements.count - 1] : asked.tokens.map(\.layer)
    guard named.contains(where: { judgements.indices.contains($0) && judgements[$0] != nil }) else { return nil }
    var found: Finding?
    var flags: [AnswerFlag] = []
    var refusals: [String] = []
    var echoes = false
    for judgement in judgements {
      switch judgement {
      case nil: break
      case .agrees(let more): flags += more
      case .refused(let why): refusals.append(why)
      case .answers(let verdict, let by, let more, let repeats, let why):
        flags += more
        echoes = repeats
        found = Finding(probe: probe, verdict: verdict, by: by, flags: [], why: why)
      }
    }
    guard refusals.isEmpty else { return .noise(probe: probe, why: refusals.joined(separator: "; ")) }
    guard var found else { return nil }
    for oddity in reply.oddities {
      if !flags.contains(oddity.flag) { flags.append(oddity.flag) }
      found.why += "; \(oddity.why)"
    }
    let isFragment = reply.layers.contains(where: \.isFragment)
    if isFragment { flags.append(.fragmented) }
    let payload = asked.dissection.payload
    if echoes, isFragment ? !payload.starts(with: reply.payload) : reply.payload != payload {
      // Hosts and middleboxes alter payloads; a whole cookie that differs was not altered.
      let own = Cookie(startOf: payload)
      if let cookie = Cookie(startOf: reply.payload), cookie != own {
        let ours = own.map { "not our \($0.nonce)/\($0.probe)" } ?? "and ours has none"
        return .noise(
          probe: probe, why: "carries the cookie \(cookie.nonce)/\(cookie.probe) of another run or probe, \(ours)")
      }
      flags.append(.dataMismatch)
    }
    let source = asked.dissection.source
    // Two that have no address yet are not the same for it.
    let isUnspecified = source == .v4(.any) || source == .v6(.any)
    if source != nil, !isUnspecified, reply.source == source, asked.dissection.destination ?? source != source {
      flags.append(.local)
    }
    found.flags = flags
    return .answer(found)
  }
}
