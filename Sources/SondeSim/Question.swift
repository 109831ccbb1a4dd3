public import SondeHeaders
public import SondeLink

/// A packet that reached a simulated host.
public struct Question: Sendable {
  /// As it arrived: routers on the way have lowered its TTL.
  public var packet: Dissection
  /// When it reached the host: half the round-trip time after it left.
  public var arrival: Instant
  /// How many packets had reached the host before it.
  public var ordinal: Int
  /// What the host would answer by itself, rate limits left out: to be sent, changed, sent twice or
  /// not at all. A changed packet's checksums are computed anew; one that is set by hand stays wrong.
  public var ordinary: [AnyPacket]
}

/// What a simulated host sends.
public struct Reaction: Hashable, Sendable {
  public enum Content: Hashable, Sendable {
    /// Encoded when it is sent.
    case packet(AnyPacket)
    /// Sent as they are, whatever they are.
    case bytes([UInt8])
  }
  public var content: Content
  /// How long it takes longer than the round-trip time; what is negative counts as zero.
  public var delay: Duration

  public init(_ packet: Packet<some LayerStack>, delay: Duration = .zero) {
    content = .packet(packet.erased)
    self.delay = delay
  }

  public init(bytes: [UInt8], delay: Duration = .zero) {
    content = .bytes(bytes)
    self.delay = delay
  }
}

extension Packet where Layers == LayerList {
  /// The same packet with its outermost header of a type changed.
  public func changing<H: Header>(_ type: H.Type = H.self, _ change: (inout H) -> Void) -> AnyPacket {
    var layers = layers.layers
    guard let index = layers.firstIndex(where: { $0 is H }), var header = layers[index] as? H else { return self }
    change(&header)
    layers[index] = header
    return AnyPacket(layers)
  }
}
