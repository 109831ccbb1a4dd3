internal import SondeHeaders
internal import SondeOctets

extension Dissection {
  /// The tokens of all layers with their indices, the one that is cut too, where it still holds its token.
  func tokens(_ side: Side) -> [(layer: Int, token: FlowToken)] {
    var starts = wholeStarts
    if let stopped, let type = Registry.known.first(where: { $0.name == stopped.layer }) {
      starts.append((type, stopped.offset))
    }
    return tokens(side, starts)
  }

  /// The tokens of the layers that were read whole, with their indices.
  func wholeTokens(_ side: Side) -> [(layer: Int, token: FlowToken)] { tokens(side, wholeStarts) }

  private var wholeStarts: [(any Header.Type, Int)] { layers.map { (type(of: $0.header), $0.offset) } }

  private func tokens(_ side: Side, _ starts: [(any Header.Type, Int)]) -> [(layer: Int, token: FlowToken)] {
    let span = bytes.rawSpan
    var tokens: [(Int, FlowToken)] = []
    for (layer, (type, offset)) in starts.enumerated() {
      guard let token = try? type.token(in: span.extracting(offset..<span.byteCount), side) else { continue }
      tokens.append((layer, token))
    }
    return tokens
  }

  /// What stands behind the outermost header, without a trailer.
  var innerOctets: ArraySlice<UInt8> {
    guard let outer = layers.first else { return [] }
    return bytes[min(outer.offset + outer.header.byteCount, outer.end)..<outer.end]
  }

  /// Other octets read from the same layer on.
  func reading(_ octets: [UInt8]) -> Dissection {
    guard let outer = layers.first.map({ type(of: $0.header).announced }) else { return Registry.dissect(octets) }
    if let number = outer.linkType { return Registry.dissect(octets, as: .link(number)) }
    return Registry.dissect(octets, as: outer.ipProtocol.map { .ipProtocol($0) } ?? .ip)
  }
}
