internal import SondeOctets

/// One of two stacks: what an `if` with an `else`, or a `switch`, makes in a builder.
@frozen
public enum Either<First: LayerStack, Second: LayerStack>: LayerStack {
  case first(First)
  case second(Second)

  @inlinable
  public var byteCount: Int {
    switch self {
    case .first(let stack): stack.byteCount
    case .second(let stack): stack.byteCount
    }
  }

  @inlinable
  public var trailerByteCount: Int {
    switch self {
    case .first(let stack): stack.trailerByteCount
    case .second(let stack): stack.trailerByteCount
    }
  }

  @inlinable
  public var leading: Announcement? {
    switch self {
    case .first(let stack): stack.leading
    case .second(let stack): stack.leading
    }
  }

  @inlinable
  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    switch self {
    case .first(let stack): try stack.write(into: &output, around)
    case .second(let stack): try stack.write(into: &output, around)
    }
  }

  @inlinable
  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    switch self {
    case .first(let stack): try stack.seal(&bytes, around)
    case .second(let stack): try stack.seal(&bytes, around)
    }
  }

  @inlinable
  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? {
    switch self {
    case .first(let stack): stack.pseudoHeader(within: outer)
    case .second(let stack): stack.pseudoHeader(within: outer)
    }
  }

  public func appendLayers(to layers: inout [any Header]) {
    switch self {
    case .first(let stack): stack.appendLayers(to: &layers)
    case .second(let stack): stack.appendLayers(to: &layers)
    }
  }
}

/// A stack that may be absent: what an `if` without an `else` makes in a builder.
extension Optional: LayerStack where Wrapped: LayerStack {
  @inlinable
  public var byteCount: Int { self?.byteCount ?? 0 }
  @inlinable
  public var trailerByteCount: Int { self?.trailerByteCount ?? 0 }
  @inlinable
  public var leading: Announcement? { self?.leading ?? nil }

  @inlinable
  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    try self?.write(into: &output, around)
  }

  @inlinable
  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    try self?.seal(&bytes, around)
  }

  @inlinable
  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? {
    guard let self else { return outer }
    return self.pseudoHeader(within: outer)
  }

  public func appendLayers(to layers: inout [any Header]) { self?.appendLayers(to: &layers) }
}

/// Stacks of one type, one inside the other: what a `for` makes in a builder.
extension Array: LayerStack where Element: LayerStack {
  public var byteCount: Int { reduce(0) { $0 + $1.byteCount } }
  public var trailerByteCount: Int { reduce(0) { $0 + $1.trailerByteCount } }
  public var leading: Announcement? { lazy.compactMap(\.leading).first }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    for (layer, around) in zip(self, surroundings(around)) { try layer.write(into: &output, around) }
  }

  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    var end = byteCount + trailerByteCount
    for (layer, around) in zip(self, surroundings(around)).reversed() {
      end -= layer.byteCount + layer.trailerByteCount
      try bytes.withSuffix(from: end) { (suffix) throws(CraftError) in try layer.seal(&suffix, around) }
    }
  }

  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? {
    reduce(outer) { $1.pseudoHeader(within: $0) }
  }

  public func appendLayers(to layers: inout [any Header]) {
    for layer in self { layer.appendLayers(to: &layers) }
  }

  private func surroundings(_ around: Surroundings) -> [Surroundings] { layerSurroundings(self, around) { $0 } }
}

/// A stack whose layers are known only at run time.
public struct LayerList: LayerStack, Hashable {
  public var layers: [any Header]

  public init(_ layers: [any Header]) { self.layers = layers }

  /// The layers of any stack, with their types erased.
  public init(erasing stack: some LayerStack) {
    layers = []
    stack.appendLayers(to: &layers)
  }

  public var byteCount: Int { layers.reduce(0) { $0 + $1.byteCount } }
  public var trailerByteCount: Int { layers.reduce(0) { $0 + $1.trailerByteCount } }
  public var leading: Announcement? { layers.lazy.compactMap(\.leading).first }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    for (layer, around) in zip(layers, surroundings(around)) {
      try layer.write(into: &output, around)
    }
  }

  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    var end = byteCount + trailerByteCount
    for (layer, around) in zip(layers, surroundings(around)).reversed() {
      end -= layer.byteCount + layer.trailerByteCount
      try bytes.withSuffix(from: end) { (suffix) throws(CraftError) in try layer.seal(&suffix, around) }
    }
  }

  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? {
    layers.reduce(outer) { $1.pseudoHeader(within: $0) }
  }

  public func appendLayers(to layers: inout [any Header]) { layers += self.layers }

  private func surroundings(_ around: Surroundings) -> [Surroundings] { layerSurroundings(layers, around) { $0 } }

  public static func == (left: Self, right: Self) -> Bool {
    left.layers.count == right.layers.count
      && zip(left.layers, right.layers).allSatisfy { $0.equals($1) }
  }

  public func hash(into hasher: inout Hasher) {
    for layer in layers { layer.hash(into: &hasher) }
  }
}

/// The surroundings of each of `layers`, which lie one inside the other within `around`.
///
/// - Parameter stack: a layer as what it is; an array of headers is none of stacks, and to make it one asks the
///   runtime about each header.
private func layerSurroundings<Layer>(
  _ layers: [Layer], _ around: Surroundings, _ stack: (Layer) -> any LayerStack
) -> [Surroundings] {
  var surroundings = [Surroundings](repeating: around, count: layers.count)
  for index in layers.indices.dropFirst() {
    surroundings[index].pseudoHeader =
      stack(layers[index - 1]).pseudoHeader(within: surroundings[index - 1].pseudoHeader)
  }
  for index in layers.indices.dropLast().reversed() {
    let inner = stack(layers[index + 1])
    surroundings[index].innerByteCount = surroundings[index + 1].innerByteCount + inner.byteCount
    surroundings[index].next = inner.leading ?? surroundings[index + 1].next
  }
  return surroundings
}

extension Header {
  fileprivate func equals(_ other: any Header) -> Bool { (other as? Self) == self }
}
