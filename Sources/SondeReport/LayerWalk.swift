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

    var isPayload: Bool { type(of: header) == Payload.self }

    /// Whether it has octets alone, and no fields.
    var isData: Bool {
      // Types are compared sooner than values are cast.
      let type: any Header.Type = type(of: header)
      return type == Payload.self || type == Trailer.self
    }

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
    var text = TextOctets()
    append(of: header, in: bytes, at: offset, to: &text)
    return String(decoding: text.octets, as: UTF8.self)
  }

  /// Appends what `text` is.
  func append(of header: any Header, in bytes: RawSpan, at offset: Int, to text: inout TextOctets) {
    switch form {
    case .structured: if let value = header.value(of: self) { return text += value.notation }
    case .ipv6Address:
      let octets = octets(in: bytes, at: offset)
      if octets.byteCount == 16 {
        return text.append(ipv6: IPv6Address(high: octets.bigEndian(at: 0), low: octets.bigEndian(at: 8)))
      }
    case .octets: break
    case .number, .hexadecimal, .flags, .ipv4Address, .macAddress:
      if let number = number(in: bytes, at: offset) { return append(number, to: &text) }
    }
    for octet in octets(in: bytes, at: offset).octets { text.append(hex: UInt64(octet), digits: 2) }
  }

  private func append(_ number: UInt64, to text: inout TextOctets) {
    switch form {
    case .hexadecimal, .flags:
      text += "0x"
      text.append(hex: number, digits: (bits.count + 3) / 4)
    case .ipv4Address: text.append(ipv4: UInt32(truncatingIfNeeded: number))
    case .macAddress: text.append(mac: number)
    default: text.append(decimal: number)
    }
  }
}
