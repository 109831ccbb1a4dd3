public import SondeOctets

/// A packet: layers with hand-set and computed fields, that encode to bytes.
///
/// The same type is crafted, received, compared and printed. A builder gives it the exact type of
/// its layers; dissection gives an `AnyPacket`.
@frozen
public struct Packet<Layers: LayerStack>: Sendable {
  public var layers: Layers

  @inlinable @inline(__always)
  public init(layers: Layers) { self.layers = layers }

  /// How many octets it encodes to, trailers included.
  @inlinable @inline(__always)
  public var byteCount: Int { layers.byteCount + layers.trailerByteCount }

  /// The packet's bytes: measured, written from the outermost layer in, sealed from the innermost out.
  ///
  /// - Throws: `CraftError` where a value does not fit its field.
  @inlinable @inline(__always)
  public func encoded() throws(CraftError) -> Emission {
    Emission(
      bytes: try [UInt8](writing: byteCount) { (output) throws(CraftError) in try encode(into: &output) })
  }

  /// Appends the packet's bytes to a buffer with room for `byteCount` octets.
  ///
  /// - Throws: `CraftError` where a value does not fit its field.
  @inlinable @inline(__always)
  public func encode(into output: inout OutputRawSpan) throws(CraftError) {
    let start = output.byteCount
    try layers.write(into: &output, Surroundings())
    var bytes = output.mutableBytes
    try bytes.withSuffix(from: start) { (suffix) throws(CraftError) in
      try layers.seal(&suffix, Surroundings())
    }
  }

  /// The same packet with its layers' types erased.
  public var erased: AnyPacket { AnyPacket(layers: LayerList(erasing: layers)) }

  /// The same packet with every derivable field computed again.
  public func freed() -> AnyPacket {
    let layers = erased.layers.layers
    let announcements = layers.dropFirst().map { type(of: $0).announced } + [.none]
    return AnyPacket(zip(layers, announcements).map { $0.freed(before: $1) })
  }
}

extension Packet: Equatable where Layers: Equatable {}
extension Packet: Hashable where Layers: Hashable {}

/// A packet whose layers are known only at run time.
public typealias AnyPacket = Packet<LayerList>

extension Packet where Layers == LayerList {
  public init(_ layers: [any Header]) { self.init(layers: LayerList(layers)) }

  /// The outermost header of a type, if the packet has one.
  public func first<H: Header>(_ type: H.Type = H.self) -> H? {
    for layer in layers.layers { if let header = layer as? H { return header } }
    return nil
  }
}

/// A packet as bytes.
public struct Emission: Hashable, Sendable {
  /// From the first octet of the outermost layer to the last of the innermost or of its trailer.
  public var bytes: [UInt8]

  @inlinable @inline(__always)
  public init(bytes: [UInt8]) { self.bytes = bytes }
}
