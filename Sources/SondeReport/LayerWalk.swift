internal import SondeCraft
internal import SondeHeaders
internal import SondeOctets

/// The layers of a packet and those of what it quotes, in the order of their octets.
struct LayerWalk {
  struct Layer {
    var header: any Header
    var place: Outline.Layer
    /// The offset of its first octet in the whole packet.
    var offset: Int
    /// How many quotes it lies in.
    var depth: Int
    /// The header's own octets; of a trailer, all.
    var byteCount: Int
    /// What its checksum is worth; nil where it has none or nobody asked, and in a quote, whose sums are those of the
    /// whole.
    var sum: SumCheck?

    /// Scapy's name in lower case, or the header's own.
    var name: String {
      header.recipeName(isQuoted: depth > 0)?.lowercased() ?? type(of: header).name.rawValue
    }

    var isData: Bool { header is Payload || header is Trailer }

    /// Whether devices compute its checksum (checksum-offloads.rst): ICMP's and IPv4's they do not.
    var isTransport: Bool { header is TCP || header is UDP || header is SCTP }
  }

  /// How many quotes deep layers are told of; what lies deeper is told as octets.
  private static let deepest = 8

  private(set) var layers: [Layer] = []

  init(_ dissection: Dissection) { add(dissection, from: 0, depth: 0) }

  /// The layers with what their sums are worth.
  ///
  /// - Parameter sumsAreUnfinished: whether a device had yet to compute the transport's checksum.
  init(judging dissection: Dissection, sumsAreUnfinished: Bool = false) {
    self.init(dissection)
    for index in layers.indices where layers[index].depth == 0 {
      layers[index].sum = layers[index].place.check(in: dissection.bytes.rawSpan)
      if sumsAreUnfinished, layers[index].isTransport, layers[index].sum?.verdict == .wrong {
        layers[index].sum?.verdict = .offload
      }
    }
  }

  private mutating func add(_ dissection: Dissection, from start: Int, depth: Int) {
    for layer in dissection.layers {
      if layer.header is Quote, depth < Self.deepest, let quoted = dissection.quoted {
        add(quoted, from: start + layer.offset, depth: depth + 1)
        continue
      }
      let count = layer.header is Trailer ? dissection.bytes.count - layer.offset : layer.byteCount
      layers.append(
        Layer(
          header: layer.header, place: layer.place, offset: start + layer.offset, depth: depth,
          byteCount: max(0, count)))
    }
  }
}

extension FieldSpec {
  /// The octets that the field lies in.
  @_lifetime(copy bytes)
  func octets(in bytes: RawSpan, at offset: Int) -> RawSpan {
    let first = min(max(0, offset + bits.lowerBound / 8), bytes.byteCount)
    let end = min(max(first, offset + (bits.upperBound + 7) / 8), bytes.byteCount)
    return bytes.extracting(first..<end)
  }

  /// The value as people read it.
  func text(of header: any Header, in bytes: RawSpan, at offset: Int) -> String {
    if case .structured = form, let value = header.value(of: self) { return value.notation }
    guard form != .octets, form != .structured, let number = number(in: bytes, at: offset) else {
      return form == .ipv6Address ? address(in: bytes, at: offset) : Hex.text(octets(in: bytes, at: offset).octets)
    }
    switch form {
    case .hexadecimal: return Hex.word(number, digits: (bits.count + 3) / 4)
    case .ipv4Address: return IPv4Address(rawValue: UInt32(truncatingIfNeeded: number)).description
    case .macAddress: return MACAddress(rawValue: number).description
    case .flags: return Hex.word(number, digits: (bits.count + 3) / 4)
    default: return String(number)
    }
  }

  /// The sixteen octets of an IPv6 address.
  private func address(in bytes: RawSpan, at offset: Int) -> String {
    let octets = octets(in: bytes, at: offset)
    guard octets.byteCount == 16 else { return Hex.text(octets.octets) }
    return IPv6Address(high: octets.bigEndian(at: 0), low: octets.bigEndian(at: 8)).description
  }
}
