public import SondeHeaders
internal import SondeOctets

// Finding the fields to patch.
extension PacketTemplate {
  /// A field by its name in the header's `fields`.
  ///
  /// - Parameters:
  ///   - name: In full words, as `FieldSpec` has it: "destinationPort".
  ///   - type: The header that has it.
  ///   - occurrence: Which header of that type, the outermost being 0.
  ///   - value: What the field holds: an unsigned integer at least as wide, or an address.
  /// - Throws: `TemplateError` where there is no such header or field, or it does not fit the type.
  public func field<H: Header, Value: PatchValue>(
    _ name: String, of type: H.Type, occurrence: Int = 0, as value: Value.Type = Value.self
  ) throws(TemplateError) -> PatchField<Value> {
    let index = try layout.index(of: type, occurrence)
    let fields = layout.layers[index].header.fields
    guard let spec = fields.first(where: { $0.name == name }) else {
      throw .noField(name, of: H.name, known: fields.map(\.name))
    }
    return try field(bits: spec.bits, inLayer: index, named: name)
  }

  /// Some octets of a header or of a payload, as one number in network byte order.
  ///
  /// - Parameters:
  ///   - range: Counted from the header's first octet; a `Payload` has none but its own.
  ///   - type: The header that has them.
  ///   - occurrence: Which header of that type, the outermost being 0.
  ///   - value: The number's type, as wide as the octets or wider.
  /// - Throws: `TemplateError` where there is no such header, it is shorter, or the octets do not fit the
  ///   type.
  public func field<H: Header, Value: PatchValue>(
    octets range: Range<Int>, of type: H.Type, occurrence: Int = 0, as value: Value.Type = Value.self
  ) throws(TemplateError) -> PatchField<Value> {
    let index = try layout.index(of: type, occurrence)
    try check(range, inLayer: index)
    return try field(bits: range.lowerBound * 8..<range.upperBound * 8, inLayer: index, named: "\(range)")
  }

  /// A run of octets of a header or of a payload, of any length.
  ///
  /// - Parameters:
  ///   - range: Counted from the header's first octet.
  ///   - type: The header that has them.
  ///   - occurrence: Which header of that type, the outermost being 0.
  /// - Throws: `TemplateError` where there is no such header, or it is shorter, or a checksum covers only a
  ///   part of the run.
  public func run<H: Header>(
    octets range: Range<Int>, of type: H.Type, occurrence: Int = 0
  ) throws(TemplateError) -> PatchRun {
    let index = try layout.index(of: type, occurrence)
    try check(range, inLayer: index)
    let cover = try layout.cover(
      of: range.lowerBound * 8..<range.upperBound * 8, inLayer: index, named: "\(range)", over: octets)
    guard cover.lengths == 0 else { throw .torn(field: "\(range)", of: H.name) }
    let start = layout.layers[index].range.lowerBound
    return PatchRun(range: start + range.lowerBound..<start + range.upperBound, cover: cover)
  }

  private func check(_ range: Range<Int>, inLayer index: Int) throws(TemplateError) {
    let layer = layout.layers[index]
    guard range.lowerBound >= 0, range.upperBound <= layer.range.count else {
      throw .outside(octets: range, of: type(of: layer.header).name, byteCount: layer.range.count)
    }
  }

  private func field<Value: PatchValue>(
    bits: Range<Int>, inLayer index: Int, named name: String
  ) throws(TemplateError) -> PatchField<Value> {
    let layer = layout.layers[index]
    let width = Value.Bits.bitWidth
    let start = layer.range.lowerBound * 8
    // The octets read and written begin with the field's first, or end with the packet's last.
    let offset = min((start + bits.lowerBound) / 8, octets.count - width / 8)
    let end = offset * 8 + width
    guard
      !bits.isEmpty, bits.count == Value.exactBitCount ?? bits.count, offset >= 0, start + bits.upperBound <= end,
      bits.count <= width
    else {
      throw .misfit(field: name, of: type(of: layer.header).name, bits: bits.count, width: width)
    }
    let shift = end - (start + bits.upperBound)
    let cover = try layout.cover(of: bits, inLayer: index, named: name, over: octets)
    // A change of these octets counts for a sum as their first octet stands to it, not as the field's.
    let isDisplaced = ((start + bits.lowerBound) / 8 - offset) & 1 == 1
    return PatchField(
      offset: offset, mask: (Value.Bits.max >> (width - bits.count)) << shift, shift: shift,
      cover: isDisplaced ? cover.displaced : cover)
  }
}

extension PatchCover {
  /// The same for octets of which the first stands an odd number further out.
  fileprivate var displaced: PatchCover {
    var cover = self
    swap(&cover.even, &cover.odd)
    return cover
  }
}
