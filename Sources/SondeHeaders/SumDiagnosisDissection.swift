internal import SondeOctets

/// One checksum of a packet with its verdict explained.
public struct ExplainedSum: Sendable {
  /// Where it stands, counted from the packet's first octet, and its verdict. Where a sum is missing against the
  /// rule (`illegal`), the one that should be there is expected.
  public var check: SumCheck
  /// Whether it stands inside what an ICMP error quotes, so that it is evidence only.
  public var isQuoted: Bool
  /// The mistakes that give exactly what was found, where that is wrong.
  public var mistakes: [SumMistake]
  /// One plain sentence; nil where there is nothing to explain.
  public var why: String?
  /// What was to be summed; nil where nobody can know, and where it was not asked for.
  public var segment: SummedSegment?

  /// Whether it makes a packet bad.
  public var isBad: Bool { !isQuoted && (check.verdict == .wrong || check.verdict == .illegal) }
}

extension Dissection {
  /// Every checksum of the packet, outermost first, those inside quotes too.
  ///
  /// - Parameter withSegments: whether to give the octets of sums that need no explanation too.
  public func explainedSums(withSegments: Bool = false) -> [ExplainedSum] {
    var explained = explainedSums(from: 0, isQuoted: false, withSegments)
    var quote = self
    var start = 0
    // Quotes in quotes are read no deeper than dissection reads them.
    for _ in 0..<8 {
      guard let layer = quote.layer(of: Quote.self), let inner = quote.quoted else { break }
      start += layer.offset
      explained += inner.explainedSums(from: start, isQuoted: true, withSegments)
      quote = inner
    }
    return explained
  }

  private func explainedSums(from start: Int, isQuoted: Bool, _ withSegments: Bool) -> [ExplainedSum] {
    let sums = sums()
    return sums.map { check in
      var explained = ExplainedSum(check: check, isQuoted: isQuoted, mistakes: [])
      switch check.verdict {
      case .valid: break
      case .offload: explained.why = "only the pseudo-header's sum is there: a device had yet to finish it"
      case .absent: explained.why = "zero: none was computed, which UDP over IPv4 may do (RFC 768)"
      case .unverifiable: explained.why = hindrance(of: check)
      case .wrong, .illegal: explain(&explained, segment(of: check, among: sums))
      }
      if withSegments, explained.segment == nil { explained.segment = segment(of: check, among: sums) }
      explained.check.layerOffset += start
      return explained
    }
  }

  private func explain(_ explained: inout ExplainedSum, _ segment: SummedSegment?) {
    guard let segment else {
      explained.why =
        explained.check.verdict == .illegal ? "zero, which UDP over IPv6 may not send (RFC 8200 §8.1)" : nil
      return
    }
    let found = UInt16(truncatingIfNeeded: explained.check.found)
    explained.segment = segment
    explained.mistakes = segment.mistakes(giving: found)
    explained.why = segment.explanation(of: found, fitting: explained.mistakes)
    if explained.check.expected == nil { explained.check.expected = .init(segment.checksum) }
  }

  /// Why nobody can verify a sum.
  private func hindrance(of check: SumCheck) -> String {
    guard let layer = layer(of: check) else { return "its layer cannot be read" }
    if layer.isFragment { return "a fragment: the sum covers the whole datagram" }
    if layer.isMisstated { return "a length in the headers cannot be true" }
    if layer.isCut { return "not all octets that the headers count are there" }
    return "no IP header is there whose addresses the sum covers"
  }

  private func layer(of check: SumCheck) -> Layer? { index(of: check).map { layers[$0] } }

  private func index(of check: SumCheck) -> Int? {
    layers.firstIndex { $0.offset == check.layerOffset && type(of: $0.header).name == check.layer }
  }

  /// What one of the packet's Internet checksums was to be summed over; nil where nobody can know: fragments,
  /// octets that are not there, lengths that lie, no IP layer to sum with, or a sum of another kind.
  ///
  /// - Parameter sums: all that `sums()` gave, which tell of the IP header and its transport together.
  func segment(of check: SumCheck, among sums: [SumCheck]) -> SummedSegment? {
    guard let index = index(of: check), let rule = type(of: layers[index].header).sumRule, check.layer != "sctp" else {
      return nil
    }
    let layer = layers[index]
    if rule.coverage != .header, layer.isCut || layer.isFragment || layer.isMisstated { return nil }
    if rule.needsPseudoHeader, layer.pseudoHeader == nil { return nil }
    let header = layer.header.byteCount
    let end = rule.coverage == .header ? layer.offset + header : layer.end
    let beyond = rule.coverage == .header ? layer.end : bytes.count
    guard end <= bytes.count, layer.offset <= end else { return nil }
    var segment = SummedSegment(
      layer: check.layer, octets: Array(bytes[layer.offset..<end]), fieldOffset: rule.offset, headerByteCount: header,
      pseudoHeader: layer.pseudoHeader, zeroMeansNone: rule.zeroMeansNone,
      beyond: Array(bytes[end..<min(max(beyond, end), bytes.count)]))
    if case .pseudoHeader(let number) = rule.coverage {
      segment.pseudoProtocol = number
      segment.otherShortfall = sums.last { $0.layer == IPv4.name && $0.layerOffset < check.layerOffset }?.shortfall
    } else if check.layer == IPv4.name {
      let transport = sums.first { $0.layerOffset > check.layerOffset && $0.layer != IPv4.name }
      // Of the others the sum covers no address, or is of another kind.
      if transport?.layer == TCP.name || transport?.layer == UDP.name {
        segment.otherShortfall = transport?.shortfall
      }
    }
    guard let outer = layers[..<index].last(where: { $0.header is IPv4 || $0.header is IPv6 }) else { return segment }
    segment.outerByteCount = layer.offset - outer.offset
    switch outer.header {
    case let ip as IPv4:
      segment.shownDestination = .v4(ip.destination)
      segment.shownProtocol = ip.protocol.hand
    case let ip as IPv6:
      segment.shownDestination = .v6(ip.destination)
      segment.shownProtocol = ip.nextHeader.hand
    default: break
    }
    return segment
  }
}

extension SumCheck {
  /// How far it is off, as `SummedSegment.shortfall` counts it; nil where that is not known.
  fileprivate var shortfall: UInt16? {
    guard verdict == .valid || verdict == .wrong, let expected else { return nil }
    return SummedSegment.shortfall(
      of: UInt16(truncatingIfNeeded: found), from: UInt16(truncatingIfNeeded: expected))
  }
}
