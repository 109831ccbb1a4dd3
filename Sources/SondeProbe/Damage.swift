public import SondeHeaders
public import SondeLink
internal import SondeOctets

extension Dissection {
  /// Why the packet must not be believed: a checksum that is wrong, where none had still to be computed, octets that
  /// never came, or a transport's length that cannot be true, under which no checksum can be right.
  public func damage(of frame: Frame) -> String? {
    if frame.isRebuilt { return nil }
    // Damaged extensions are passed over, and what is quoted before them stands (RFC 4884 §7).
    let end = offset(of: Quote.self) ?? bytes.count
    for check in sums() where check.layerOffset < end {
      if frame.isTakenIn, check.layerOffset == 0, isOfHeaderAlone(check) { continue }
      switch check.verdict {
      case .valid, .absent, .unverifiable, .offload: break
      case .wrong where frame.checksumNotReady && !isOfHeaderAlone(check): break
      case .wrong:
        return "\(check.layer) checksum is \(Hex.word(check.found)), not \(Hex.word(check.expected ?? 0))"
      case .illegal: return "\(check.layer) checksum is 0, which IPv6 forbids"
      }
    }
    return missingOctets ?? zip(layers, layers.dropFirst()).lazy.compactMap(falseLength).first
  }

  /// How much less came than the IP header promises: a packet that every host drops (RFC 1122 §3.2.1.2 f). What is
  /// heard is never cut by the hearing.
  private var missingOctets: String? {
    guard let layer = layers.first(where: \.isCut), !isTransport(layer), let count = layer.header.following.byteCount
    else { return nil }
    let stated = layer.header.byteCount + count
    return "\(type(of: layer.header).name) length is \(stated), but only \(bytes.count - layer.offset) octets came"
  }

  private func isTransport(_ layer: Layer) -> Bool {
    type(of: layer.header).sumRule.map { $0.coverage != .header } ?? false
  }

  /// Why the length that `layer`, a transport inside `outer`, states cannot be true. A fragment does not hold
  /// all that its length counts.
  private func falseLength(_ outer: Layer, _ layer: Layer) -> String? {
    guard isTransport(layer), !layer.isFragment, !outer.isCut else { return nil }
    let name = type(of: layer.header).name
    let following = layer.header.following
    if following.isMisstated { return "\(name) length does not even count its header" }
    guard let count = following.byteCount else { return nil }
    let stated = layer.header.byteCount + count
    let available = outer.end - layer.offset
    return stated > available ? "\(name) length is \(stated), but the packet has room for \(available)" : nil
  }

  /// Whether the sum is that of a header alone, which no device completes: the kernel always finishes it
  /// (checksum-offloads.rst).
  private func isOfHeaderAlone(_ check: SumCheck) -> Bool {
    layers.contains { $0.offset == check.layerOffset && type(of: $0.header).sumRule?.coverage == .header }
  }
}
