internal import SondeOctets

/// One checksum of a packet with its verdict explained.
public struct ExplainedSum: Sendable {
  /// Where it stands, counted from the packet's first octet, and its verdict. Where a sum is missing against the
  /// rule (`illegal`), the one that should be there is expected.
  public var check: SumCheck
  /// Whether it stands inside what an ICMP error quotes, so that it is evidence only.
  public var isQuoted: Bool
  /// Whether its header could not be read as far as to its sum: cut, or with lengths that no such header can have.
  public var isUnread = false
  /// Whether its own octets are not there, so that nothing was found.
  public var isCutOff = false
  /// The mistakes that give exactly what was found, where that is wrong.
  public var mistakes: [SumMistake] = []
  /// One plain sentence; nil where there is nothing to explain.
  public var why: String?
  /// What was to be summed; nil where nobody can know, for a CRC, and where it was not asked for.
  public var segment: SummedSegment?

  /// Whether it makes a packet bad.
  public var isBad: Bool { !isQuoted && check.verdict.isBad }
}

extension SumCheck.Verdict {
  /// Whether the sum is not what the protocol's rules ask for.
  public var isBad: Bool { self == .wrong || self == .illegal }
}

/// Reads packets for their checksums. One reader is used again and again and keeps its room.
public struct SumReader: Sendable {
  private var outline = Outline()
  /// Every checksum of the packet that was read last, outermost first, those inside quotes too.
  public private(set) var sums: [ExplainedSum] = []
  /// Where the reading of the packet stopped short, and why.
  public private(set) var stopped: Outline.Stop?

  /// Whether nothing is known of how such packets begin, so that none of its octets was read.
  public private(set) var isUnknown = false

  /// Quotes in quotes are read no deeper.
  private static let deepest = 8

  public init() {}

  /// Reads a packet, in place of the one before.
  ///
  /// - Parameter withSegments: whether to give the octets of sums that need no explanation too.
  public mutating func read(_ bytes: RawSpan, as start: Registry.Start, withSegments: Bool = false) {
    sums.removeAll(keepingCapacity: true)
    outline.read(bytes, as: start)
    stopped = outline.stopped
    isUnknown = stopped == nil && outline.layers.first?.type == Payload.self
    judge(bytes, from: 0, isQuoted: false, withSegments)
    var range = 0..<bytes.byteCount
    for _ in 0..<Self.deepest {
      guard let quote = outline.layers.last(where: { $0.type == Quote.self }) else { return }
      range = range.lowerBound + quote.offset..<range.lowerBound + quote.offset + quote.byteCount
      let quoted = bytes.extracting(range)
      outline.read(quoted, as: .quote)
      judge(quoted, from: range.lowerBound, isQuoted: true, withSegments)
    }
  }

  /// Judges the sums of the layers that were read from `bytes`, which begin at `start` of the packet.
  private mutating func judge(_ bytes: RawSpan, from start: Int, isQuoted: Bool, _ withSegments: Bool) {
    for place in outline.layers {
      let layer = outline.unread(place) ?? place
      guard let check = layer.check(in: bytes) else { continue }
      var sum = ExplainedSum(check: check, isQuoted: isQuoted)
      sum.check.layerOffset += start
      switch check.verdict {
      case .valid: break
      case .offload: sum.why = "only the pseudo-header's sum is there: a device had yet to finish it"
      case .absent: sum.why = "zero: none was computed, which UDP over IPv4 may do (RFC 768)"
      case .unverifiable: sum.why = layer.hindrance
      case .wrong, .illegal: explain(&sum, layer, bytes)
      }
      if withSegments, sum.segment == nil { sum.segment = segment(of: layer, in: bytes) }
      sums.append(sum)
    }
    judgeStop(bytes, from: start, isQuoted: isQuoted)
  }

  /// Adds the sum of the header in which reading stopped: nobody can verify it. Errors quote no more than they must,
  /// so that in a quote a sum that is not there is nothing to tell of.
  private mutating func judgeStop(_ bytes: RawSpan, from start: Int, isQuoted: Bool) {
    guard let stop = outline.stopped, let type = Registry.known.first(where: { $0.name == stop.layer }),
      let rule = type.sumRule, !outline.layers.contains(where: { outline.unread($0) != nil })
    else { return }
    // What stands behind the end of what carries the header is not its.
    let rest = outline.layers.last { $0.type == Payload.self && $0.offset == stop.offset }
    let place = stop.offset + rule.offset
    let isCutOff = place + rule.byteCount > rest?.end ?? stop.offset
    if isQuoted, isCutOff { return }
    let found: UInt32 =
      if isCutOff { 0 } else if rule.byteCount == 2 {
        UInt32(bytes.bigEndian(at: place, as: UInt16.self))
      } else { bytes.bigEndian(at: place, as: UInt32.self) }
    var sum = ExplainedSum(
      check: SumCheck(
        layer: stop.layer, layerOffset: start + stop.offset, found: found, expected: nil, verdict: .unverifiable,
        byteCount: rule.byteCount), isQuoted: isQuoted)
    sum.isUnread = true
    sum.isCutOff = isCutOff
    sum.why = "\(stop.layer) cannot be read: \(stop.error)"
    sums.append(sum)
  }

  private func explain(_ sum: inout ExplainedSum, _ layer: Outline.Layer, _ bytes: RawSpan) {
    if sum.check.byteCount == 4, let rule = layer.type.sumRule, let right = sum.check.expected {
      let octets = bytes.extracting(layer.offset..<layer.end).octets
      let trial = CRCTrial(octets: octets, fieldOffset: rule.offset, right: right)
      sum.mistakes = trial.mistakes(giving: sum.check.found)
      sum.why = trial.explanation(of: sum.check.found)
    } else if let segment = segment(of: layer, in: bytes) {
      let found = UInt16(truncatingIfNeeded: sum.check.found)
      sum.segment = segment
      sum.mistakes = segment.mistakes(giving: found)
      sum.why = segment.explanation(of: found, fitting: sum.mistakes)
      if sum.check.expected == nil { sum.check.expected = UInt32(segment.checksum) }
    } else {
      sum.why = "zero, which UDP over IPv6 may not send (RFC 8200 §8.1)"
    }
  }

  /// What a layer's Internet checksum was to be summed over; nil where nobody can know: fragments, octets that are
  /// not there, lengths that lie, no IP layer to sum with.
  private func segment(of layer: Outline.Layer, in bytes: RawSpan) -> SummedSegment? {
    guard let rule = layer.type.sumRule, rule.algorithm == .internet else { return nil }
    if rule.coverage != .header, layer.hindrance(needsPseudoHeader: rule.needsPseudoHeader) != nil { return nil }
    let headerEnd = layer.offset + layer.byteCount
    let end = rule.coverage == .header ? headerEnd : layer.end
    let beyond = rule.coverage == .header ? max(layer.end, end) : bytes.byteCount
    var segment = SummedSegment(
      layer: layer.type.name, octets: bytes.extracting(layer.offset..<end).octets, fieldOffset: rule.offset,
      headerByteCount: layer.byteCount, pseudoHeader: layer.pseudoHeader, zeroMeansNone: rule.zeroMeansNone,
      beyond: bytes.extracting(end..<beyond).octets)
    if case .pseudoHeader(let number) = rule.coverage {
      segment.pseudoProtocol = number
      let outer = outline.layers.last { $0.type == IPv4.self && $0.offset < layer.offset }
      segment.otherShortfall = outer?.check(in: bytes)?.shortfall
    } else if layer.type == IPv4.self {
      // Of the protocols whose sum covers the addresses; the first that has a sum at all tells.
      let inner = outline.layers.first { $0.offset > layer.offset && $0.type.sumRule != nil }
      if inner?.type.sumRule?.needsPseudoHeader == true { segment.otherShortfall = inner?.check(in: bytes)?.shortfall }
    }
    surround(&segment, layer, bytes)
    return segment
  }

  /// Adds what the IP header outside shows.
  private func surround(_ segment: inout SummedSegment, _ layer: Outline.Layer, _ bytes: RawSpan) {
    let outer = outline.layers.last { $0.offset < layer.offset && ($0.type == IPv4.self || $0.type == IPv6.self) }
    guard let outer else { return }
    segment.outerByteCount = layer.offset - outer.offset
    if outer.type == IPv4.self {
      segment.shownDestination = .v4(IPv4Address(rawValue: bytes.bigEndian(at: outer.offset + 16)))
      segment.shownProtocol = bytes[outer.offset + 9]
    } else {
      let (high, low): (UInt64, UInt64) = (
        bytes.bigEndian(at: outer.offset + 24), bytes.bigEndian(at: outer.offset + 32)
      )
      segment.shownDestination = .v6(IPv6Address(high: high, low: low))
      segment.shownProtocol = bytes[outer.offset + 6]
    }
  }
}

extension Outline {
  /// The layer that could not be read at `place`, because its header says that it is longer than all octets there,
  /// and these stand as payload: where its sum covers all that it carries, and the sum's own octets are there, it can
  /// be judged however long the header is.
  fileprivate func unread(_ place: Layer) -> Layer? {
    guard let stopped, place.type == Payload.self, place.offset == stopped.offset else { return nil }
    guard case .short = stopped.error.reason else { return nil }
    guard let type = Registry.known.first(where: { $0.name == stopped.layer }), let rule = type.sumRule else {
      return nil
    }
    guard rule.coverage != .header, place.end - place.offset >= rule.offset + rule.byteCount else { return nil }
    var layer = place
    layer.type = type
    layer.byteCount = rule.offset + rule.byteCount
    return layer
  }
}

extension Outline.Layer {
  /// Why nobody can verify the layer's sum over all that it carries; nil where one can.
  fileprivate func hindrance(needsPseudoHeader: Bool) -> String? {
    if isFragment { return "a fragment: the sum covers the whole datagram" }
    if isMisstated { return "a length in the headers cannot be true" }
    if isCut { return "not all octets that the headers count are there" }
    guard needsPseudoHeader else { return nil }
    guard let pseudoHeader else { return "no IP header is there whose addresses the sum covers" }
    return pseudoHeader.isDestinationFinal ? nil : "the sum covers the end of the route, which cannot be told"
  }

  fileprivate var hindrance: String? { hindrance(needsPseudoHeader: type.sumRule?.needsPseudoHeader == true) }
}

extension SumCheck {
  /// How far it is off, as `SummedSegment.shortfall` counts it; nil where that is not known.
  fileprivate var shortfall: UInt16? {
    guard verdict == .valid || verdict == .wrong, byteCount == 2, let expected else { return nil }
    return SummedSegment.shortfall(
      of: UInt16(truncatingIfNeeded: found), from: UInt16(truncatingIfNeeded: expected))
  }
}
