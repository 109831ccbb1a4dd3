internal import SondeOctets

extension Dissection {
  /// What one of the packet's Internet checksums was to be summed over; nil where nobody can know: fragments,
  /// octets that are not there, lengths that lie, no IP layer to sum with, or a sum of another kind.
  ///
  /// - Parameter sums: all that `sums()` gave, which tell of the IP header and its transport together.
  public func segment(of check: SumCheck, among sums: [SumCheck]) -> SummedSegment? {
    let index = layers.firstIndex { $0.offset == check.layerOffset && type(of: $0.header).name == check.layer }
    guard let index, let rule = type(of: layers[index].header).sumRule, check.layer != "sctp" else { return nil }
    let layer = layers[index]
    if rule.coverage != .header, layer.isCut || layer.isFragment || layer.isMisstated { return nil }
    if rule.needsPseudoHeader, layer.pseudoHeader == nil { return nil }
    let header = layer.header.byteCount
    let end = rule.coverage == .header ? layer.offset + header : layer.end
    let beyond = rule.coverage == .header ? layer.end : bytes.count
    guard end <= bytes.count, layer.offset <= end else { return nil }
    var segment = SummedSegment(
      layer: check.layer, octets: Array(bytes[layer.offset..<end]), fieldOffset: rule.offset, headerByteCount: header,
      pseudoHeader: layer.pseudoHeader, zeroMeansNone: rule.zeroMeansNone, beyond: Array(bytes[end..<max(beyond, end)]))
    if case .pseudoHeader(let number) = rule.coverage {
      segment.pseudoProtocol = number
      segment.otherShortfall = sums.last { $0.layer == IPv4.name && $0.layerOffset < check.layerOffset }?.shortfall
    } else if check.layer == IPv4.name {
      let transport = sums.first { $0.layerOffset > check.layerOffset && $0.layer != IPv4.name }
      if transport?.layer != ICMPv4.name { segment.otherShortfall = transport?.shortfall }
    }
    segment.pseudoHeader?.upperLayerLength = nil
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
