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
          checksum: Self.computedSum(of: header).map { offset + $0.offset }))
      offset = range.upperBound
    }
    self.layers = layers
    summed = layers.indices.reversed().filter { layers[$0].checksum != nil }
  }

  /// The rule of a header's checksum, nil where a hand has set it: a checksum that does not answer to
  /// the octets under it is set.
  private static func computedSum(of header: some Header) -> SumRule? {
    guard let rule = type(of: header).sumRule else { return nil }
    let count = max(header.byteCount, rule.offset + 2)
    let changed = rule.offset == 0 ? 2 : 0
    let checksums = [0, 1].map { (octet: UInt8) -> UInt16? in
      var scratch = [UInt8](repeating: 0, count: count)
      scratch[changed] = octet
      return scratch.withMutableBytes { bytes -> UInt16? in
        guard (try? header.seal(&bytes, Surroundings())) != nil else { return nil }
        return bytes.bigEndian(at: rule.offset)
      }
    }
    return checksums[0] == checksums[1] ? nil : rule
  }

  /// The sums of the packet in `octets`, innermost first.
  func sums(over octets: [UInt8]) -> [TemplateSum] {
    let pseudoHeaders = pseudoHeaders(of: layers.map(\.header))
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
  /// - Throws: `TemplateError.torn` where a sum covers a part of them.
  func cover(
    of bits: Range<Int>, inLayer index: Int, named field: String
  ) throws(TemplateError) -> PatchCover {
    let start = layers[index].range.lowerBound
    let range = start + bits.lowerBound / 8..<start + (bits.upperBound + 7) / 8
    var cover = PatchCover()
    guard reach(of: range, into: &cover), addPseudoHeaders(bits, inLayer: index, to: &cover) else {
      throw .torn(field: field, of: type(of: layers[index].header).name)
    }
    return cover
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
  private func pseudoHeaders(of headers: [any Header]) -> [PseudoHeader?] {
    var current: PseudoHeader?
    return headers.map { header in
      defer { current = header.pseudoHeader(within: current) }
      return current
    }
  }

  /// The pseudo-headers with one layer read from its octets after a change; nil where they no longer
  /// read as a header of that length.
  ///
  /// The octets are those of the layer with all that is derived computed: a header length set by hand
  /// would have the reader lose its way.
  private func pseudoHeaders(withLayer index: Int, changing change: (inout [UInt8]) -> Void) -> [PseudoHeader?]? {
    var headers = layers.map(\.header)
    let old = headers[index]
    guard var own = try? AnyPacket([old.freed(before: .none)]).encoded().bytes, own.count == old.byteCount else {
      return nil
    }
    change(&own)
    guard let new = Self.header(type(of: old), in: own), new.byteCount == old.byteCount else { return nil }
    headers[index] = new
    return pseudoHeaders(of: headers)
  }

  private static func header(_ type: any Header.Type, in octets: [UInt8]) -> (any Header)? {
    var reader = Reader(octets.rawSpan)
    return try? type.init(from: &reader)
  }

  /// Notes the sums whose pseudo-header some bits of a layer stand in; false where a part of them does.
  private func addPseudoHeaders(
    _ bits: Range<Int>, inLayer index: Int, to cover: inout PatchCover
  ) -> Bool {
    // Only a header that makes a pseudo-header of its own has a part in one.
    guard layers[index].header.pseudoHeader(within: nil) != nil, summed.contains(where: { $0 > index }) else {
      return true
    }
    let range = bits.lowerBound / 8..<(bits.upperBound + 7) / 8
    let parts = range.map { part($0, Self.mask(of: bits, inOctet: $0), inLayer: index) }
    guard let part = parts.first, parts.allSatisfy({ $0 == part }) else { return false }
    cover.even |= part.addresses
    guard part.lengths != 0 else { return true }
    cover.lengths = part.lengths
    // A length is patched as a whole or not at all.
    for neighbour in [range.lowerBound - 1, range.upperBound] where (0..<layers[index].range.count).contains(neighbour)
    {
      if self.part(neighbour, 0xff, inLayer: index).lengths != 0 { return false }
    }
    let longest = pseudoHeaders(withLayer: index) { own in
      for octet in range { own[octet] |= Self.mask(of: bits, inOctet: octet) }
    }
    let length = longest?[summed[part.lengths.trailingZeroBitCount]]?.upperLayerLength ?? 0
    cover.lengthBase = UInt32(truncatingIfNeeded: max(0, (1 << min(bits.count, 32)) - 1 - length))
    return true
  }

  /// The sums into whose pseudo-header some bits of an octet of a layer go, as a part of an address or
  /// of the length.
  private func part(
    _ octet: Int, _ mask: UInt8, inLayer index: Int
  ) -> (addresses: UInt8, lengths: UInt8) {
    let before = pseudoHeaders(withLayer: index) { _ in }
    let after = pseudoHeaders(withLayer: index) { $0[octet] ^= mask }
    guard let before, let after else { return (0, 0) }
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
    between before: [PseudoHeader?], _ after: [PseudoHeader?], by differ: (PseudoHeader, PseudoHeader) -> Bool
  ) -> UInt8 {
    var changed: UInt8 = 0
    for (number, index) in summed.enumerated().prefix(TemplateSums.capacity) {
      guard case .pseudoHeader = type(of: layers[index].header).sumRule?.coverage else { continue }
      if let old = before[index], let new = after[index], differ(old, new) { changed |= 1 << UInt8(number) }
    }
    return changed
  }
}
