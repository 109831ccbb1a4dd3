internal import SondeHeaders
internal import SondeLink

// Answers in pieces: they are put together before they are judged, and what was odd about the pieces is told.
extension Session {
  /// Keeps the first fragment of an answer, which alone names its probe, for the case that no other comes.
  mutating func hold(_ reply: Dissection, _ frame: Frame) {
    guard case .answer(let finding)? = correlator.match(reply) else { return }
    if firstFragments[finding.probe] == nil { firstFragments[finding.probe] = (reply, frame) }
  }

  /// Takes a datagram put together; its time is that of the fragment that completed it.
  mutating func hear(_ whole: Dissection, of oddities: [Reassembly.Oddity], _ frame: Frame, at now: Instant) {
    if case .answer(let finding)? = correlator.match(whole) { firstFragments[finding.probe] = nil }
    var frame = frame
    frame.bytes = whole.bytes
    frame.linkType = .raw
    let odd = oddities.isEmpty ? "" : " (\(oddities.map(\.rawValue).joined(separator: ", ")))"
    hear(whole, frame, at: now, remark: "; put together from fragments\(odd)")
  }

  /// A fragment that does not count; of datagrams that nobody asked for nothing is told.
  mutating func refuse(_ reply: Dissection, _ oddity: Reassembly.Oddity, isVoid: Bool, _ frame: Frame) {
    // A repetition voids nothing: it is told of with the datagram.
    guard oddity != .duplicate, let probe = correlator.latest(to: reply.source) else { return }
    firstFragments[probe] = nil
    noise(probe, reply, "\(oddity.sentence)\(isVoid ? ", which voids its datagram" : "")", frame)
  }

  /// Takes a first fragment whose time is up as the answer that it is.
  mutating func release(fragmentOf probe: UInt64) {
    guard let (reply, frame) = firstFragments.removeValue(forKey: probe) else { return }
    let missing = (reassembly.missing(with: reply) ?? []).map { range in
      range.upperBound == .max ? "from \(range.lowerBound) on" : "\(range.lowerBound) to \(range.upperBound - 1)"
    }
    let what = missing.isEmpty ? "others never came" : "octets \(missing.joined(separator: ", ")) never came"
    hear(reply, frame, at: now, remark: "; the first fragment only, \(what)")
  }
}

extension Reassembly.Oddity {
  /// What is wrong with a fragment, in words.
  fileprivate var sentence: String {
    switch self {
    case .duplicate: "a fragment that came before"
    case .outOfOrder: "a fragment out of order"
    case .overlap: "a fragment that overlaps another (RFC 5722)"
    case .conflictingEnd: "a fragment that ends its datagram elsewhere than another does"
    case .misaligned: "a fragment that is not the last and no multiple of 8 octets long (RFC 791 §3.2)"
    case .empty: "a fragment without an octet that is not the last"
    case .oversized: "a fragment that reaches beyond 65,535 octets"
    case .cut: "a fragment that is not all there"
    }
  }
}

extension Frame {
  /// The frame read from the layer that its link type names; nil where no layer here has that link type.
  var dissection: Dissection? {
    if linkType == .raw { return Registry.dissect(bytes) }
    return Registry.reads(linkType.rawValue) ? Registry.dissect(bytes, as: .link(linkType.rawValue)) : nil
  }
}
