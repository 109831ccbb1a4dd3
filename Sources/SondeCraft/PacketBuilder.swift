public import SondeHeaders

/// Makes a stack of layers of the statements in a builder's braces, the outermost layer first.
///
/// Every statement keeps its type: two layers are `Joined`, an `if` is an optional, an `if` with an
/// `else` and a `switch` are `Either`, a `for` is an array. Nothing is erased unless a part is made at
/// run time, as `LayerList` and `AnyPacket` are.
@resultBuilder
public enum PacketBuilder {
  /// A header, or any stack of layers.
  @inlinable @inline(__always)
  public static func buildExpression<Layers: LayerStack>(_ layers: consuming Layers) -> Layers { layers }

  /// The layers of a packet made before.
  @inlinable @inline(__always)
  public static func buildExpression<Layers>(_ packet: Packet<Layers>) -> Layers { packet.layers }

  /// The text's UTF-8 octets, as payload.
  public static func buildExpression(_ text: String) -> Payload { Payload(text) }

  /// Octets, as payload.
  @inlinable @inline(__always)
  public static func buildExpression(_ octets: consuming [UInt8]) -> Payload { Payload(octets: octets) }

  /// Braces with nothing in them: a stack of no layers.
  public static func buildBlock() -> LayerList { LayerList([]) }

  @inlinable @inline(__always)
  public static func buildPartialBlock<First: LayerStack>(first: consuming First) -> First { first }

  @inlinable @inline(__always)
  public static func buildPartialBlock<Outer: LayerStack, Inner: LayerStack>(
    accumulated: consuming Outer, next: consuming Inner
  ) -> Joined<Outer, Inner> {
    Joined(accumulated, next)
  }

  @inlinable @inline(__always)
  public static func buildOptional<Layers: LayerStack>(_ layers: Layers?) -> Layers? { layers }

  @inlinable @inline(__always)
  public static func buildEither<First: LayerStack, Second: LayerStack>(first: First) -> Either<First, Second> {
    .first(first)
  }

  @inlinable @inline(__always)
  public static func buildEither<First: LayerStack, Second: LayerStack>(second: Second) -> Either<First, Second> {
    .second(second)
  }

  @inlinable @inline(__always)
  public static func buildArray<Layers: LayerStack>(_ layers: [Layers]) -> [Layers] { layers }

  /// Layers whose type may not exist on every system: erased, so that it does not leak.
  public static func buildLimitedAvailability(_ layers: some LayerStack) -> LayerList { LayerList(erasing: layers) }
}

extension Packet {
  /// A packet of the layers in braces, outermost first.
  ///
  ///     let packet = Packet {
  ///       IPv4(to: "192.0.2.1", ttl: 3)
  ///       TCP(to: 80, flags: .syn, options: [.mss(1460), .sackPermitted])
  ///       "hello"
  ///     }
  ///
  /// - Throws: What the code in the braces throws, and nothing of its own.
  @inlinable @inline(__always)
  public init<E: Error>(@PacketBuilder _ layers: () throws(E) -> Layers) throws(E) {
    self.init(layers: try layers())
  }
}

extension Quote {
  /// The start of the packet in braces, as an ICMP error quotes it.
  ///
  ///     Quote(cut: 28) {
  ///       IPv4(from: "198.51.100.7", to: "192.0.2.1", ttl: 1)
  ///       UDP(from: 40000, to: 33434)
  ///       "the quote ends before this, but lengths and sums count it"
  ///     }
  ///
  /// - Parameter cut: How many octets are quoted, IP header included; nil for all.
  /// - Parameter fill: How many octets there are at least: zeros fill up a shorter packet.
  /// - Throws: What the code in the braces throws, and nothing of its own.
  public init<Layers: LayerStack, E: Error>(
    cut: Int? = nil, fill: Int = 0, @PacketBuilder _ packet: () throws(E) -> Layers
  ) throws(E) {
    self.init(try Packet<Layers>(packet).erased, cut: cut, fill: fill)
  }
}

extension Packet where Layers == LayerList {
  /// The outermost header of a type, to be read or edited: `packet[IPv4.self]?.timeToLive = 3`.
  ///
  /// A header that the packet does not have reads as nil, and setting it changes nothing; setting nil
  /// takes the header out.
  public subscript<H: Header>(type: H.Type) -> H? {
    get { first(type) }
    set {
      guard let index = layers.layers.firstIndex(where: { $0 is H }) else { return }
      if let newValue {
        layers.layers[index] = newValue
      } else {
        layers.layers.remove(at: index)
      }
    }
  }
}
