public import SondeHeaders
internal import SondeOctets

/// A change that a hand makes to one field of a packet: `seq=7`, `seq+=5`, `chksum-=1`, `IP.ttl=1`.
public struct FieldEdit: Hashable, Sendable {
  public enum Operation: Hashable, Sendable {
    case set(FieldValue)
    /// Added modulo the field's width; what it is added to is the value that the packet would leave with.
    case add(UInt64)
    case subtract(UInt64)
  }

  /// The layer as recipes call it; nil for the innermost that has such a field.
  public var layer: String?
  /// The field as recipes or RFCs call it.
  public var field: String
  public var operation: Operation

  public init(layer: String? = nil, _ field: String, _ operation: Operation) {
    self.layer = layer
    self.field = field
    self.operation = operation
  }
}

extension [FieldEdit] {
  /// The packet with these changes made, in their order; those of sums and lengths see the packet with all others.
  ///
  /// - Throws: `CraftError` naming the field that does not exist, or does not take the value.
  public func applied(to packet: AnyPacket) throws(CraftError) -> AnyPacket {
    var layers = packet.layers.layers
    var (early, late): ([FieldEdit], [FieldEdit]) = ([], [])
    for edit in self {
      let spec = try edit.place(in: layers).1
      if spec.isDerived, edit.isRelative { late.append(edit) } else { early.append(edit) }
    }
    for edit in early + late { try edit.apply(to: &layers) }
    return AnyPacket(layers)
  }
}

extension FieldEdit {
  fileprivate var isRelative: Bool { if case .set = operation { false } else { true } }

  /// The layer that the edit means, and where the field lies in it.
  fileprivate func place(in layers: [any Header]) throws(CraftError) -> (Int, FieldSpec) {
    for index in layers.indices.reversed() {
      let header = layers[index]
      if let layer, !type(of: header).recipeNames.contains(layer) { continue }
      if let spec = header.recipeFields.first(where: { $0.name == field || $0.alias == field }) {
        return (index, spec)
      }
      // Options that are not there yet have no bits, and can be set all the same.
      if field == "options", type(of: header).recipeNames.first.map({ ["TCP", "IP"].contains($0) }) == true {
        return (index, FieldSpec("options", 0..<0))
      }
    }
    let known = layers.reversed().filter { layer == nil || type(of: $0).recipeNames.contains(layer ?? "") }
      .flatMap { $0.recipeFields.map(\.alias) }
    let advice = Suggestion.advice(for: field, among: known, kind: "fields")
    throw CraftError(
      layer: Name(rawValue: layer?.lowercased() ?? "packet"), field: field,
      reason: "is no field of this packet; \(advice)")
  }

  fileprivate func apply(to layers: inout [any Header]) throws(CraftError) {
    let (index, spec) = try place(in: layers)
    let value: FieldValue
    switch operation {
    case .set(let written): value = written
    case .add(let number): value = .number(try present(spec, index, layers, plus: number))
    case .subtract(let number): value = .number(try present(spec, index, layers, plus: 0 &- number))
    }
    do throws(FieldError) {
      try layers[index].set(field, to: value)
    } catch {
      throw CraftError(
        layer: type(of: layers[index]).name, field: field, reason: error.reason ?? "is no field that can be set")
    }
  }

  /// The value that the field has on the wire, and a number more, modulo its width.
  private func present(
    _ spec: FieldSpec, _ index: Int, _ layers: [any Header], plus number: UInt64
  ) throws(CraftError) -> UInt64 {
    guard (1...64).contains(spec.bits.count) else {
      throw CraftError(layer: type(of: layers[index]).name, field: field, reason: "is no number to add to")
    }
    let bytes = try AnyPacket(layers).encoded().bytes
    let start = layers[..<index].reduce(0) { $0 + $1.byteCount } * 8
    var value: UInt64 = 0
    for bit in spec.bits {
      let place = start + bit
      guard place / 8 < bytes.count else { break }
      value = value << 1 | UInt64(bytes[place / 8] >> UInt8(7 - place % 8) & 1)
    }
    let width = UInt64(spec.bits.count)
    return (value &+ number) & (width == 64 ? .max : 1 << width - 1)
  }
}
