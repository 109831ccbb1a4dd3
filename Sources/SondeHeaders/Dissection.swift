public import SondeOctets

/// Bytes read as layers, as far as they go.
///
/// Reading never fails: octets that cannot be read as what they were announced to be stay as payload,
/// and `stopped` says why.
public struct Dissection: Sendable {
  public struct Layer: Sendable {
    public var header: any Header
    /// The offset of the header's first octet in `bytes`.
    public var offset: Int
    /// The end of what the header carries: its inner octets, without a trailer.
    public var end: Int
    /// Whether lengths in the headers outside say that more octets belong here than there are.
    public var isCut: Bool
    /// Whether this is a part of a datagram that was fragmented.
    public var isFragment: Bool
    /// Whether a length, here or in the headers outside, cannot be true, so that `end` is a guess.
    public var isMisstated: Bool
    /// The pseudo-header of the layers outside.
    public var pseudoHeader: PseudoHeader?
  }

  /// Where reading stopped short, and why.
  public struct Stop: Hashable, Sendable {
    /// The layer that could not be read.
    public var layer: Name
    /// The offset of that layer's first octet.
    public var offset: Int
    public var error: ParseError
  }

  /// All the octets.
  public var bytes: [UInt8]
  /// Outermost first.
  public var layers: [Layer]
  public var stopped: Stop?

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

  /// The source in the outermost IP header.
  public var source: IPAddress? { addresses?.source }
  /// The final destination that the outermost IP header tells: under a source route not the address
  /// that it shows.
  public var destination: IPAddress? { addresses?.destination }

  private var addresses: PseudoHeader? {
    layers.lazy.compactMap { $0.header.pseudoHeader(within: nil) }.first
  }

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
  /// Every checksum of the packet, outermost first; those inside a quote left out.
  public func sums() -> [SumCheck] { layers.compactMap(check) }

  private func check(_ layer: Layer) -> SumCheck? {
    guard let rule = type(of: layer.header).sumRule else { return nil }
    let span = bytes.rawSpan
    let found = span.bigEndian(at: layer.offset + rule.offset, as: UInt16.self)
    func result(_ verdict: SumCheck.Verdict, _ expected: UInt16?) -> SumCheck {
      SumCheck(
        layer: type(of: layer.header).name, layerOffset: layer.offset, found: found, expected: expected,
        verdict: verdict)
    }
    if rule.zeroMeansNone, found == 0 {
      if case .v6 = layer.pseudoHeader?.source { return result(.illegal, nil) }
      return result(.absent, nil)
    }
    if rule.coverage != .header, layer.isCut || layer.isFragment || layer.isMisstated {
      return result(.unverifiable, nil)
    }
    if rule.needsPseudoHeader, layer.pseudoHeader == nil { return result(.unverifiable, nil) }
    // Lengths on the wire were believed when `end` was found: the sum is over what is there.
    var pseudoHeader = layer.pseudoHeader
    pseudoHeader?.upperLayerLength = nil
    let segment = span.extracting(layer.offset..<layer.end)
    let expected = rule.expected(
      over: segment, headerByteCount: layer.header.byteCount, pseudoHeader: pseudoHeader)
    if found == expected { return result(.valid, expected) }
    // 0 and 0xffff are the same number in ones' complement: a receiver's sum accepts 0xffff for 0. Not
    // the other way round: 0xffff is expected only over zeros, and a sum of nothing but zeros is no 0xffff.
    if found == 0xffff, expected == 0 { return result(.valid, expected) }
    if case .pseudoHeader(let number) = rule.coverage, let pseudoHeader {
      var partial = InternetChecksum()
      pseudoHeader.add(to: &partial, protocol: number, length: segment.byteCount)
      if found == partial.sum { return result(.offload, expected) }
    }
    return result(.wrong, expected)
  }
}
