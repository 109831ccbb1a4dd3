public import SondeHeaders
public import SondeOctets

/// Finds the probe that a packet answers.
///
/// A token and an address find the bucket, the headers' own judges decide: this file knows no protocol.
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
    public var flags: [AnswerFlag]
    public var why: String
    /// What the ICMP error says, if it is one.
    public var report: ErrorReport?
  }

  private var asked: [UInt64: Asked] = [:]
  /// Probes by place, oldest first; forgotten ones leave when they come to the front.
  private var places: [Place: Queue<UInt64>] = [:]
  /// Those of them that wait, oldest first; others leave when they come to the front.
  private var open: [Place: Queue<UInt64>] = [:]
  /// The latest probe of each likeness, which says what is wrong with a packet that answers none.
  private var latest: [Likeness: UInt64] = [:]

  public init() {}

  /// How many probes it knows.
  public var count: Int { asked.count }

  /// Learns a probe from the bytes that are about to leave; called before they do.
  ///
  /// - Parameter longestFragment: how many octets of IP its longest piece has, if it is to leave in fragments.
  public mutating func register(
    _ probe: UInt64, _ dissection: Dissection, isGroup: Bool, longestFragment: Int? = nil
  ) {
    let isGroup = isGroup || dissection.destination?.isGroup == true
    // A header that cannot be read whole judges nothing: such a packet is known by its octets.
    let entry = Asked(
      dissection: dissection, longestFragment: longestFragment, isGroup: isGroup,
      tokens: dissection.wholeTokens(.sent))
    asked[probe] = entry
    for place in places(of: entry) {
      places[place, default: Queue()].append(probe)
      open[place, default: Queue()].append(probe)
    }
    for likeness in likenesses(entry.tokens.map(\.token), dissection.destination) { latest[likeness] = probe }
  }

  /// Learns that a probe has left: nothing answers it before.
  public mutating func left(_ probe: UInt64) { asked[probe]?.hasLeft = true }

  /// Learns the octets of a probe as they left, from the same layer on as it was asked: the kernel may have changed
  /// some, and a quote of it is compared with what left.
  public mutating func left(_ probe: UInt64, as bytes: [UInt8]) {
    // A fragment is not the whole, and where nothing changed there is nothing to keep.
    guard let asked = asked[probe]?.dissection.bytes, asked.count == bytes.count, asked != bytes else { return }
    self.asked[probe]?.leftAs = bytes
  }

  /// Learns that a probe has an answer: one host's waits no more, one to a group no more for that member.
  public mutating func answered(_ probe: UInt64, from source: IPAddress?) {
    guard asked[probe]?.isGroup == true, let source else { return close(probe) }
    asked[probe]?.repliers.insert(source)
  }

  /// Learns that a probe waits no more; it is still known.
  public mutating func close(_ probe: UInt64) {
    guard let entry = asked[probe] else { return }
    asked[probe]?.isOpen = false
    tidyOpen(places(of: entry))
  }

  /// Forgets a probe: what answers it from now on is noise.
  public mutating func forget(_ probe: UInt64) {
    guard let entry = asked.removeValue(forKey: probe) else { return }
    let known = asked
    for place in places(of: entry) {
      places[place]?.removeFirst { known[$0] == nil }
      if places[place]?.isEmpty == true { places[place] = nil }
    }
    tidyOpen(places(of: entry))
    for likeness in likenesses(entry.tokens.map(\.token), entry.dissection.destination)
    where latest[likeness] == probe { latest[likeness] = nil }
  }

  /// Keeps an open probe at the front.
  private mutating func tidyOpen(_ places: [Place]) {
    let known = asked
    for place in places {
      open[place]?.removeFirst { known[$0]?.isOpen != true }
      if open[place]?.isEmpty == true { open[place] = nil }
    }
  }

  /// The latest probe to an address; nil where it was not asked.
  func latest(to address: IPAddress?) -> UInt64? {
    asked.filter { $0.value.dissection.destination == address }.keys.max()
  }

  /// The probe as it was asked.
  public func dissection(of probe: UInt64) -> Dissection? { asked[probe]?.dissection }

  /// Whether what was asked of a probe went to many hosts.
  public func isGroup(_ probe: UInt64) -> Bool { asked[probe]?.isGroup ?? false }

  /// What the innermost layer that has an opinion says of silence.
  public func silence(of probe: UInt64) -> Verdict {
    asked[probe]?.dissection.layers.lazy.reversed().compactMap { $0.header.silence }.first ?? .timeout
  }

  /// What `reply` is to us; nil for what concerns none of our probes, our own packets come back included.
  ///
  /// - Parameter quoteIsRebuilt: whether the IP header in its quote was written anew by this machine.
  public func match(_ reply: Dissection, quoteIsRebuilt: Bool = false) -> Match? {
    if isOurs(reply) { return nil }
    if let report = reply.errorReport { return match(error: reply, report, quoteIsRebuilt: quoteIsRebuilt) }
    let tokens = reply.tokens(.reply).map(\.token)
    let source = reply.source
    return decide(tokens, places(tokens.isEmpty ? [.none] : tokens, source), source, from: source) { probe, asked in
      let exchange = ReplyExchange(asked: asked.dissection, reply: reply, askedGroup: asked.isGroup)
      return weigh(probe, asked, reply, asked.dissection.layers.map { $0.header.judge(reply: exchange) })
    }
  }

  private func match(error reply: Dissection, _ report: ErrorReport, quoteIsRebuilt: Bool) -> Match? {
    guard let quoted = reply.quoted, let destination = quoted.destination else {
      // Nothing tells what it is about; but from an address that was asked it may well have been an answer.
      guard let probe = reply.source.flatMap({ latest[.address($0)] }) else { return nil }
      return .noise(probe: probe, why: "\(report.name), but quotes no packet")
    }
    let tokens = quoted.tokens(.quote).map(\.token)
    // What is quoted may have a token that our packet, malformed, is not known by.
    let found = decide(
      tokens, places(tokens + [.none], destination), destination, from: reply.source, quoting: quoted
    ) { probe, asked in
      var exchange = QuoteExchange(asked: asked.dissection, reply: reply, quoted: quoted, report: report)
      if let leftAs = asked.leftAs { exchange.sent = asked.dissection.reading(leftAs) }
      exchange.longestFragment = asked.longestFragment
      exchange.quoteIsRebuilt = quoteIsRebuilt
      exchange.askedGroup = asked.isGroup
      var judgements = asked.dissection.layers.map { $0.header.judge(quote: exchange) }
      if asked.tokens.isEmpty { judgements.append(judge(nameless: asked, exchange)) }
      return weigh(probe, asked, reply, judgements)
    }
    guard case .answer(var answer)? = found else { return found }
    answer.report = report
    return .answer(answer)
  }

  /// Whether it is a packet of ours that came back: on loopback each is heard as it is sent. What the
  /// kernel may change stands in the outermost header.
  private func isOurs(_ packet: Dissection) -> Bool {
    packet.tokens(.sent).contains { _, token in
      (places[Place(token: token, address: packet.destination)]?.contents ?? []).contains { probe in
        guard let sent = asked[probe]?.dissection else { return false }
        return sent.source == packet.source && sent.innerOctets == packet.innerOctets
      }
    }
  }

  /// The first candidate that accepts. Where none does, why the likeliest refuses.
  private func decide(
    _ tokens: [FlowToken], _ places: [Place], _ address: IPAddress?, from source: IPAddress?,
    quoting quoted: Dissection? = nil, _ judge: (UInt64, Asked) -> Match?
  ) -> Match? {
    var weak: Finding?
    var refusal: Match?
    /// The answer, if `probe` is what it answers.
    func accepted(_ probe: UInt64, _ entry: Asked) -> Match? {
      switch judge(probe, entry) {
      case .answer where !entry.hasLeft:
        refusal = refusal ?? .noise(probe: probe, why: "answers a probe that has not left")
      case .answer(let finding) where finding.flags.contains(.dataMismatch):
        // Another probe of the same numbers may have sent just this payload; if none did, the newest that waits
        // is meant.
        if weak == nil || entry.waits(for: source) { weak = finding }
      case .answer(let finding): return .answer(finding)
      case let noise?: refusal = refusal ?? noise
      case nil: break
      }
      return nil
    }
    // A quote is of the packet that has its very octets, if there is one.
    let octets = quoted?.innerOctets
    func isCandidate(_ entry: Asked) -> Bool { octets.map(entry.dissection.innerOctets.starts(with:)) ?? true }
    // Nothing else tells equal packets apart: the one that has waited longest is answered first. After the
    // numbers have wrapped the one that waits is meant, and of those that do not the newest.
    for place in places {
      for probe in open[place]?.contents ?? [] {
        guard let entry = asked[probe], entry.waits(for: source), isCandidate(entry) else { continue }
        if let answer = accepted(probe, entry) { return answer }
      }
    }
    for place in places {
      for probe in (self.places[place]?.contents ?? []).reversed() {
        guard let entry = asked[probe], !entry.waits(for: source), isCandidate(entry) else { continue }
        if let answer = accepted(probe, entry) { return answer }
      }
    }
    // On the way its octets may have been altered: then it is of the packet that it is most like.
    if let quoted {
      for (probe, entry) in likest(quoted, places, from: source) where !isCandidate(entry) {
        if let answer = accepted(probe, entry) { return answer }
      }
    }
    if let weak { return .answer(weak) }
    return refusal ?? near(tokens, address, judge)
  }

  /// The probes at some places, those first that a quote has the most octets of; of equally many those that wait, the
  /// oldest first, then the others, the newest first.
  private func likest(_ quoted: Dissection, _ places: [Place], from source: IPAddress?) -> [(UInt64, Asked)] {
    let probes = places.flatMap { self.places[$0]?.contents ?? [] }
    let waiting = probes.filter { asked[$0]?.waits(for: source) == true }
    let others = probes.reversed().filter { asked[$0]?.waits(for: source) == false }
    return (waiting + others).enumerated()
      .compactMap { order, probe in
        asked[probe].map { (probe, $0, $0.dissection.difference(from: quoted), order) }
      }
      .sorted { ($0.2, $0.3) < ($1.2, $1.3) }
      .map { ($0.0, $0.1) }
  }

  /// What is wrong with a packet that no probe has the token of: it is noise if it hits our half of a token,
  /// or comes from an address asked and its half of a token; a quote also if it ends before the token. Other
  /// traffic with the same host is nobody's noise.
  private func near(_ tokens: [FlowToken], _ address: IPAddress?, _ judge: (UInt64, Asked) -> Match?) -> Match? {
    for likeness in likenesses(tokens, address) {
      if case .address = likeness, !tokens.isEmpty { continue }
      guard let probe = latest[likeness], let entry = asked[probe] else { continue }
      if case .noise(let probe, let why)? = judge(probe, entry) { return .noise(probe: probe, why: why) }
    }
    return nil
  }
}

extension Dissection {
  /// How many octets of a quote are not the packet's own.
  fileprivate func difference(from quote: Dissection) -> Int {
    zip(bytes, quote.bytes).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
  }
}

extension FlowToken {
  /// The place of packets that have no token.
  static let none = FlowToken(kind: .max, ours: 0, theirs: 0)
}
