public import SondeHeaders
internal import SondeOctets

/// Finds the probe that a packet answers.
///
/// A token finds the bucket, the headers' own judges decide: this file knows no protocol.
public struct Correlator: Sendable {
  /// What a packet that came is to us.
  public enum Match: Sendable {
    case answer(Finding)
    /// It looks like an answer and is none; `probe` is the one it came nearest to.
    case noise(probe: UInt64?, why: String)
  }

  /// An answer, and why it counts.
  public struct Finding: Sendable {
    public var probe: UInt64
    public var verdict: Verdict
    public var by: Basis
    public var flags: [Flag]
    public var why: String
    /// What the ICMP error says, if it is one.
    public var report: ErrorReport?
  }

  private struct Asked: Sendable {
    var dissection: Dissection
    var isGroup: Bool
    var tokens: [FlowToken]
  }

  private var asked: [UInt64: Asked] = [:]
  /// Probes by token, oldest first.
  private var byToken: [FlowToken: [UInt64]] = [:]
  /// The latest probe by our half of its token, and by the address asked: where to look for the probe
  /// that noise came nearest to.
  private var byOurs: [FlowToken: UInt64] = [:]
  private var byDestination: [IPAddress: UInt64] = [:]
  private let nonce: UInt32?

  /// - Parameter nonce: this run's, if its payloads carry cookies.
  public init(nonce: UInt32? = nil) { self.nonce = nonce }

  /// Learns a probe from the bytes that are about to leave; called before they do.
  public mutating func register(_ probe: UInt64, _ dissection: Dissection, isGroup: Bool) {
    let tokens = dissection.tokens(.sent)
    asked[probe] = Asked(dissection: dissection, isGroup: isGroup, tokens: tokens)
    for token in tokens {
      byToken[token, default: []].append(probe)
      byOurs[token.ourHalf] = probe
    }
    if let destination = dissection.destination { byDestination[destination] = probe }
  }

  /// Forgets a probe: what answers it from now on is noise.
  public mutating func forget(_ probe: UInt64) {
    guard let entry = asked.removeValue(forKey: probe) else { return }
    for token in entry.tokens {
      byToken[token]?.removeAll { $0 == probe }
      if byToken[token]?.isEmpty == true { byToken[token] = nil }
    }
  }

  /// Whether what was asked of a probe went to many hosts.
  public func isGroup(_ probe: UInt64) -> Bool { asked[probe]?.isGroup ?? false }

  /// What the innermost layer that has an opinion says of silence.
  public func silence(of probe: UInt64) -> Verdict {
    asked[probe]?.dissection.layers.lazy.reversed().compactMap { $0.header.silence }.first ?? .timeout
  }

  /// What `reply` is to us; nil for what concerns none of our probes.
  public func match(_ reply: Dissection) -> Match? {
    if let report = reply.errorReport {
      guard !report.isAdvice, let quoted = reply.quoted else { return nil }
      return match(quote: quoted, of: reply, report)
    }
    let tokens = reply.tokens(.reply)
    return decide(candidates(tokens), near: tokens, reply.source) { probe, asked in
      let exchange = Exchange(asked: asked.dissection, reply: reply, askedGroup: asked.isGroup)
      return finding(probe, asked, reply, asked.dissection.layers.map { $0.header.judge(reply: exchange) })
    }
  }

  private func match(quote quoted: Dissection, of reply: Dissection, _ report: ErrorReport) -> Match? {
    let tokens = quoted.tokens(.quote)
    return decide(candidates(tokens), near: tokens, quoted.destination) { probe, asked in
      let exchange = QuoteExchange(asked: asked.dissection, reply: reply, quoted: quoted, report: report)
      var found = finding(probe, asked, reply, asked.dissection.layers.map { $0.header.judge(quote: exchange) })
      if case .answer(var answer) = found {
        answer.report = report
        found = .answer(answer)
      }
      return found
    }
  }

  /// The probes with one of these tokens, newest first: after the numbers have wrapped the newer probe is
  /// the one that waits.
  private func candidates(_ tokens: [FlowToken]) -> [UInt64] {
    tokens.flatMap { (byToken[$0] ?? []).reversed() }
  }

  /// The first candidate that accepts; or else why the likeliest refuses.
  private func decide(
    _ candidates: [UInt64], near tokens: [FlowToken], _ address: IPAddress?,
    _ judge: (UInt64, Asked) -> Match?
  ) -> Match? {
    var weak: Match?
    var refusal: Match?
    for probe in candidates {
      guard let entry = asked[probe] else { continue }
      switch judge(probe, entry) {
      case .answer(let finding) where finding.flags.contains(.dataMismatch):
        // Another probe of the same numbers may have sent just this payload.
        weak = weak ?? .answer(finding)
      case .answer(let finding): return .answer(finding)
      case let noise?: refusal = refusal ?? noise
      case nil: break
      }
    }
    if let found = weak ?? refusal { return found }
    guard candidates.isEmpty else { return nil }
    // No token fits: if the packet comes near a probe, by our half of the token or by the address, that
    // probe's refusal says what is wrong with it.
    let neighbours = tokens.map { byOurs[$0.ourHalf] } + [address.flatMap { byDestination[$0] }]
    for probe in neighbours.compactMap({ $0 }) {
      guard let entry = asked[probe], case .noise(let probe, let why)? = judge(probe, entry) else { continue }
      return .noise(probe: probe, why: why)
    }
    return nil
  }

  /// One probe's layers, each with its judgement: any refusal refuses, one must answer.
  private func finding(
    _ probe: UInt64, _ asked: Asked, _ reply: Dissection, _ judgements: [Judgement?]
  ) -> Match? {
    var found: Finding?
    var flags: [Flag] = []
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
    // Where the layers that know more than addresses have no opinion, it merely shares addresses with us.
    guard let last = judgements.last(where: { $0 != nil }), case .some(let decisive) = last else { return nil }
    if case .agrees = decisive { return nil }
    guard refusals.isEmpty, var found else { return .noise(probe: probe, why: refusals.joined(separator: "; ")) }
    found.flags = flags
    if echoes, reply.payload != asked.dissection.payload {
      if let nonce, let cookie = Cookie(startOf: reply.payload), cookie.nonce != nonce {
        return .noise(probe: probe, why: "carries another run's cookie")
      }
      found.flags.append(.dataMismatch)
    }
    return .answer(found)
  }
}

extension FlowToken {
  /// The token with the peer's half left out.
  fileprivate var ourHalf: FlowToken { FlowToken(kind: kind, ours: ours, theirs: 0) }
}

extension Dissection {
  /// The tokens of all layers, the one that is cut too, where it still holds its token.
  func tokens(_ side: Side) -> [FlowToken] {
    var places = layers.map { (type(of: $0.header) as any Header.Type, $0.offset) }
    if let stopped, let type = Registry.known.first(where: { $0.name == stopped.layer }) {
      places.append((type, stopped.offset))
    }
    return places.compactMap { type, offset in
      (try? type.token(in: bytes.rawSpan.extracting(offset..<bytes.count), side)) ?? nil
    }
  }
}
