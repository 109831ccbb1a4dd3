internal import SondeHeaders
internal import SondeOctets

/// Where a template's layers lie, and what their checksums cover.
///
/// It asks each header and knows no protocol: whether a checksum is computed, and which octets of an
/// IP header stand in a pseudo-header, it finds out by changing octets and looking.
struct TemplateLayout: Sendable {
  struct Layer: Sendable {
    var header: any Header
    /// The header's own octets, or a trailer's, in the packet.
    var range: Range<Int>
    /// The octets that its checksum covers: the header's, or all that it carries too.
    var covered: Range<Int>
    /// The offset of its checksum, where that is computed.
    var checksum: Int?
  }

  let layers: [Layer]
  /// Indices of the layers whose checksum is computed, innermost first.
  let summed: [Int]

  init(_ headers: [any Header]) {
    let pseudoHeaders = Self.pseudoHeaders(of: headers)
    var offset = 0
    var layers: [Layer] = []
    for (index, header) in headers.enumerated() {
      let range = offset..<offset + header.byteCount + header.trailerByteCount
      let inner = headers[(index + 1)...].reduce(0) { $0 + $1.byteCount }
      let rule = type(of: header).sumRule
      let length = header.byteCount + (rule?.coverage == .header ? 0 : inner)
      layers.append(
        Layer(
          header: header, range: range, covered: offset..<offset + length,
          checksum: Self.computedSum(of: header, within: pseudoHeaders[index]).map { offset + $0.offset }))
      offset = range.upperBound
    }
    self.layers = layers
    summed = layers.indices.reversed().filter { layers[$0].checksum != nil }
  }

  /// The rule of a header's checksum, nil where a hand has set it: a checksum that does not answer to
  /// the octets under it is set.
  private static func computedSum(of header: some Header, within pseudoHeader: PseudoHeader?) -> SumRule? {
    guard let rule = type(of: header).sumRule else { return nil }
    let count = max(header.byteCount, rule.offset + 2)
    let changed = rule.offset == 0 ? 2 : 0
    let checksums = [0, 1].map { (octet: UInt8) -> UInt16? in
      var scratch = [UInt8](repeating: 0, count: count)
      scratch[changed] = octet
      return scratch.withMutableBytes { bytes -> UInt16? in
        guard (try? header.seal(&bytes, Surroundings(pseudoHeader: pseudoHeader))) != nil else { return nil }
        return bytes.bigEndian(at: rule.offset)
      }
    }
    return checksums[0] == checksums[1] ? nil : rule
  }

  /// The sums of the packet in `octets`, innermost first.
  func sums(over octets: [UInt8]) -> [TemplateSum] {
    let pseudoHeaders = Self.pseudoHeaders(of: layers.map(\.header))
    return summed.map { index in
      let layer = layers[index]
      let rule = type(of: layer.header).sumRule
      let offset = layer.checksum ?? 0
      var total = TemplateSum.words(of: octets, layer.covered.lowerBound..<offset)
      total += TemplateSum.words(of: octets, offset + 2..<layer.covered.upperBound)
      var length = 0
      if case .pseudoHeader(let number) = rule?.coverage, let pseudoHeader = pseudoHeaders[index] {
        var sum = InternetChecksum()
        pseudoHeader.add(to: &sum, protocol: number, length: layer.covered.count)
        total += UInt64(sum.sum) + TemplateSum.pseudoHeaderSurplus
        length = pseudoHeader.upperLayerLength ?? layer.covered.count
      }
      var cover = PatchCover()
      reach(of: offset..<offset + 2, into: &cover)
      return TemplateSum(
        offset: offset, zeroMeansNone: rule?.zeroMeansNone ?? false, total: total,
        pseudoLength: UInt32(truncatingIfNeeded: length), cover: cover)
    }
  }

  /// The layer that is the `occurrence`th of a type, the outermost first.
  func index<H: Header>(of type: H.Type, _ occurrence: Int) throws(TemplateError) -> Int {
    let indices = layers.indices.filter { layers[$0].header is H }
    guard indices.indices.contains(occurrence) else { throw .noLayer(H.name, occurrence: occurrence) }
    return indices[occurrence]
  }

  /// Which sums a change of some bits of a layer reaches; `bits` counts from the layer's first.
  ///
  /// - Throws: `TemplateError` where a sum covers a part of them, or where what stands in a pseudo-header
  ///   depends on them in a way that a difference cannot tell.
  func cover(
    of bits: Range<Int>, inLayer index: Int, named field: String, over octets: [UInt8]
  ) throws(TemplateError) -> PatchCover {
    let start = layers[index].range.lowerBound
    let range = start + bits.lowerBound / 8..<start + (bits.upperBound + 7) / 8
    var cover = PatchCover()
    let layer = type(of: layers[index].header).name
    guard reach(of: range, into: &cover) else { throw .torn(field: field, of: layer) }
    switch addPseudoHeaders(bits, inLayer: index, over: octets, to: &cover) {
    case .whole: return cover
    case .part: throw .torn(field: field, of: layer)
    case .unknown: throw .unpatchable(field: field, of: layer)
    }
  }

  /// Notes the sums that cover a range of octets, or whose checksum lies in it; false where one covers
  /// only a part.
  @discardableResult
  private func reach(of range: Range<Int>, into cover: inout PatchCover) -> Bool {
    var isWhole = true
    for (number, index) in summed.enumerated().prefix(TemplateSums.capacity) {
      let bit = UInt8(1) << UInt8(number)
      let (covered, checksum) = (layers[index].covered, layers[index].checksum ?? 0)
      if range.overlaps(checksum..<checksum + 2) {
        cover.overwritten |= bit
        continue
      }
      let common = range.clamped(to: covered)
      if common.isEmpty { continue }
      if common != range { isWhole = false }
      if (range.lowerBound - covered.lowerBound) & 1 == 0 { cover.even |= bit } else { cover.odd |= bit }
    }
    return isWhole
  }
}

// What of an IP header stands in pseudo-headers.
extension TemplateLayout {
  /// The pseudo-header that each layer sums over.
  private static func pseudoHeaders(of headers: [any Header]) -> [PseudoHeader?] {
    var current: PseudoHeader?
    return headers.map { header in
      defer { current = header.pseudoHeader(within: current) }
      return current
    }
  }

  /// What one layer reads as after a change of its octets.
  private struct Reading {
    var byteCount: Int
    /// The pseudo-header that each layer then sums over.
    var pseudoHeaders: [PseudoHeader?]
  }

  /// Reads one layer anew; nil where its octets are no such header.
  private func reading(_ own: [UInt8], asLayer index: Int) -> Reading? {
    var headers = layers.map(\.header)
    // A header length set by hand may count what lies behind the header.
    guard let header = Self.header(type(of: headers[index]), in: own + [UInt8](repeating: 0, count: 64)) else {
      return nil
    }
    headers[index] = header
    return Reading(byteCount: header.byteCount, pseudoHeaders: Self.pseudoHeaders(of: headers))
  }

  private static func header(_ type: any Header.Type, in octets: [UInt8]) -> (any Header)? {
    var reader = Reader(octets.rawSpan)
    return try? type.init(from: &reader)
  }

  /// How some bits of a layer stand to the pseudo-headers that it makes.
  private enum Share {
    /// All of them stand in the same ones, or none in any.
    case whole
    case part
    /// They decide how the layer is read, or it cannot be read at all.
    case unknown
  }

  /// Notes the sums whose pseudo-header some bits of a layer stand in.
  private func addPseudoHeaders(
    _ bits: Range<Int>, inLayer index: Int, over octets: [UInt8], to cover: inout PatchCover
  ) -> Share {
    let header = layers[index].header
    let hasDependents = summed.contains { $0 > index && type(of: layers[$0].header).sumRule?.needsPseudoHeader == true }
    // Only a header that makes a pseudo-header of its own has a part in one.
    guard hasDependents, header.pseudoHeader(within: nil) != nil else { return .whole }
    var own = Array(octets[layers[index].range])
    let isLegible = reading(own, asLayer: index) != nil
    // Of a header with a length that none can have, the addresses still stand where they stood.
    if !isLegible { own = (try? AnyPacket([header.freed(before: .none)]).encoded().bytes) ?? [] }
    guard let before = reading(own, asLayer: index) else { return .unknown }
    let range = bits.lowerBound / 8..<(bits.upperBound + 7) / 8
    var parts: [(addresses: UInt8, lengths: UInt8)] = []
    for octet in range {
      guard let part = part(octet, Self.mask(of: bits, inOctet: octet), of: own, asLayer: index, before) else {
        return .unknown
      }
      parts.append(part)
    }
    guard let part = parts.first, parts.allSatisfy({ $0 == part }) else { return parts.isEmpty ? .whole : .part }
    cover.even |= part.addresses
    guard part.lengths != 0 else { return .whole }
    guard isLegible else { return .unknown }
    // A length is patched as a whole or not at all.
    for neighbour in [range.lowerBound - 1, range.upperBound] where own.indices.contains(neighbour) {
      if self.part(neighbour, 0xff, of: own, asLayer: index, before)?.lengths ?? 0 != 0 { return .part }
    }
    for octet in range { own[octet] |= Self.mask(of: bits, inOctet: octet) }
    let dependent = summed[part.lengths.trailingZeroBitCount]
    let longest = reading(own, asLayer: index)?.pseudoHeaders[dependent]?.upperLayerLength ?? 0
    cover.lengths = part.lengths
    cover.lengthBase = UInt32(truncatingIfNeeded: max(0, (1 << min(bits.count, 32)) - 1 - longest))
    return .whole
  }

  /// The sums into whose pseudo-header some bits of an octet of a layer go, as a part of an address or
  /// of the length; nil where the layer's own length depends on them.
  private func part(
    _ octet: Int, _ mask: UInt8, of own: [UInt8], asLayer index: Int, _ before: Reading
  ) -> (addresses: UInt8, lengths: UInt8)? {
    var changed = own
    changed[octet] ^= mask
    guard let after = reading(changed, asLayer: index), after.byteCount == before.byteCount else { return nil }
    return (
      addresses: sums(between: before, after) { ($0.source, $0.destination) != ($1.source, $1.destination) },
      lengths: sums(between: before, after) { $0.upperLayerLength != $1.upperLayerLength }
    )
  }

  /// The bits of a range that lie in one octet.
  private static func mask(of bits: Range<Int>, inOctet octet: Int) -> UInt8 {
    let common = bits.clamped(to: octet * 8..<octet * 8 + 8)
    return UInt8(truncatingIfNeeded: (1 << common.count - 1) << (octet * 8 + 8 - common.upperBound))
  }

  /// The sums whose pseudo-header changed in the given way.
  private func sums(
    between before: Reading, _ after: Reading, by differ: (PseudoHeader, PseudoHeader) -> Bool
  ) -> UInt8 {
    var changed: UInt8 = 0
    for (number, index) in summed.enumerated().prefix(TemplateSums.capacity) {
      guard case .pseudoHeader = type(of: layers[index].header).sumRule?.coverage else { continue }
      if let old = before.pseudoHeaders[index], let new = after.pseudoHeaders[index], differ(old, new) {
        changed |= 1 << UInt8(number)
      }
    }
    return changed
  }
}
