public import SondeOctets

/// Layers in order, outermost first, that can be encoded: one header, or several joined.
///
/// The typed forms (`Joined`, `Either`, optionals, arrays) keep every layer's type, so that the
/// compiler writes one straight encoder; `LayerList` erases them where a stack is made at run time.
public protocol LayerStack: Sendable {
  /// The octets of all layers, trailers left out.
  var byteCount: Int { get }
  /// The octets of trailers, which belong to no layer's length.
  var trailerByteCount: Int { get }
  /// How the outermost layer is announced; nil for a stack of no layers.
  var leading: Announcement? { get }
  /// Appends all octets, outermost layer first.
  func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError)
  /// Completes the layers, innermost first; `bytes` starts with the outermost.
  @_lifetime(bytes: copy bytes)
  func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError)
  /// The pseudo-header for what stands inside this stack.
  func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader?
  /// Appends the layers one by one.
  func appendLayers(to layers: inout [any Header])
}

/// Two stacks, one inside the other.
@frozen
public struct Joined<Outer: LayerStack, Inner: LayerStack>: LayerStack {
  public var outer: Outer
  public var inner: Inner

  @inlinable @inline(__always)
  public init(_ outer: Outer, _ inner: Inner) {
    self.outer = outer
    self.inner = inner
  }

  @inlinable @inline(__always)
  public var byteCount: Int { outer.byteCount + inner.byteCount }
  @inlinable @inline(__always)
  public var trailerByteCount: Int { outer.trailerByteCount + inner.trailerByteCount }
  @inlinable @inline(__always)
  public var leading: Announcement? { outer.leading ?? inner.leading }

  @inlinable @inline(__always)
  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    try outer.write(into: &output, aroundOuter(around))
    try inner.write(into: &output, aroundInner(around))
  }

  @inlinable @inline(__always)
  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    let start = outer.byteCount + outer.trailerByteCount
    try bytes.withSuffix(from: start) { (suffix) throws(CraftError) in
      try inner.seal(&suffix, aroundInner(around))
    }
    try outer.seal(&bytes, aroundOuter(around))
  }

  @inlinable @inline(__always)
  public func pseudoHeader(within outside: PseudoHeader?) -> PseudoHeader? {
    inner.pseudoHeader(within: outer.pseudoHeader(within: outside))
  }

  public func appendLayers(to layers: inout [any Header]) {
    outer.appendLayers(to: &layers)
    inner.appendLayers(to: &layers)
  }

  @inlinable @inline(__always)
  func aroundOuter(_ around: Surroundings) -> Surroundings {
    Surroundings(
      innerByteCount: inner.byteCount + around.innerByteCount, next: inner.leading ?? around.next,
      pseudoHeader: around.pseudoHeader)
  }

  @inlinable @inline(__always)
  func aroundInner(_ around: Surroundings) -> Surroundings {
    Surroundings(
      innerByteCount: around.innerByteCount, next: around.next,
      pseudoHeader: outer.pseudoHeader(within: around.pseudoHeader))
  }
}
