public import SondeOctets

/// Bytes read as layers, as far as they go.
///
/// Reading never fails: octets that cannot be read as what they were announced to be stay as payload,
/// and `stopped` says why.
public struct Dissection: Sendable {
  /// One layer: its header, and where it lies.
  @dynamicMemberLookup
  public struct Layer: Sendable {
    public var header: any Header
    public var place: Outline.Layer

    public subscript<Value>(dynamicMember path: KeyPath<Outline.Layer, Value>) -> Value { place[keyPath: path] }
  }

  public typealias Stop = Outline.Stop

  /// All the octets.
  public var bytes: [UInt8]
  /// Outermost first.
  public var layers: [Layer]
  public var stopped: Stop?

  /// `depth` counts the quotes around `bytes`.
  init(bytes: [UInt8], _ outline: Outline, depth: Int) {
    self.bytes = bytes
    stopped = outline.stopped
    layers = []
    layers.reserveCapacity(outline.layers.count)
    for place in outline.layers {
      layers.append(Layer(header: Self.header(bytes, place, depth), place: place))
    }
  }

  private static func header(_ bytes: [UInt8], _ place: Outline.Layer, _ depth: Int) -> any Header {
    let start = place.offset
    if place.type == Quote.self {
      let quoted = Array(bytes[start..<start + place.byteCount])
      return Quote(Registry.dissect(quoted, as: .quote, depth: depth + 1).packet)
    }
    if place.type == Trailer.self { return Trailer(octets: Array(bytes[start...])) }
    let span = bytes.rawSpan
    var reader = Reader(span.extracting(0..<max(place.end, start + place.byteCount)), at: start)
    // The outline has read its extent; what it cannot be read as after all is data.
    do throws(ParseError) {
      return try place.type.init(from: &reader)
    } catch {
      return Payload(octets: Array(bytes[start..<start + place.byteCount]))
    }
  }

  /// The packet: encoding it yields `bytes` again.
  public var packet: AnyPacket { AnyPacket(layers.map(\.header)) }

  /// The outermost header of a type.
  public func first<H: Header>(_ type: H.Type = H.self) -> H? {
    for layer in layers {
      if let header = layer.header as? H { return header }
    }
    return nil
  }

  /// The outermost layer whose header is of a type.
  public func layer<H: Header>(of type: H.Type) -> Layer? { layers.first { $0.header is H } }

  /// Where a layer of a type starts, whether it was read whole or is cut.
  public func offset<H: Header>(of type: H.Type) -> Int? {
    layer(of: type)?.offset ?? (stopped?.layer == H.name ? stopped?.offset : nil)
  }

  /// The token of the outermost layer of a type, whether it was read whole or is cut; nil where even
  /// the token is cut off.
  public func token<H: Header>(of type: H.Type, _ side: Side) -> FlowToken? {
    guard let offset = offset(of: type) else { return nil }
    let span = bytes.rawSpan
    return (try? H.token(in: span.extracting(offset..<bytes.count), side)) ?? nil
  }

  /// The source in the outermost IP header, or whom ARP names as the sender.
  public var source: IPAddress? {
    layers.lazy.compactMap { $0.header.pseudoHeader(within: nil) }.first?.source ?? first(ARP.self)?.sender
  }
  /// The final destination that the outermost IP header tells, with its extension headers: under a source
  /// route not the address that it shows.
  public var destination: IPAddress? { ends.first?.destination }

  /// The application data: what the innermost payload holds.
  public var payload: [UInt8] { first(Payload.self)?.octets ?? [] }

  /// The octets that an ICMP error quotes, dissected, without extensions; nil where nothing is quoted.
  public var quoted: Dissection? {
    guard let layer = layer(of: Quote.self) else { return nil }
    return Registry.dissect(Array(bytes[layer.offset..<layer.offset + layer.header.byteCount]), as: .quote)
  }

  /// What the outermost ICMP error says; nil where there is none.
  public var errorReport: ErrorReport? { layers.lazy.compactMap { $0.header.errorReport }.first }
}

extension Dissection {
  /// The objects in the extensions of the outermost ICMP message, in their order (RFC 4884 §7).
  public var extensionObjects: [ExtensionObject] { layers.compactMap { $0.header as? ExtensionObject } }

  /// Every checksum of the packet, outermost first; those inside a quote left out.
  public func sums() -> [SumCheck] {
    let span = bytes.rawSpan
    return layers.compactMap { $0.place.check(in: span) }
  }
}
