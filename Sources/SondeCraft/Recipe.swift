public import SondeHeaders
internal import SondeOctets

extension Packet {
  /// The packet on one line, in Scapy's notation: `IP(src='192.0.2.1', dst='192.0.2.7')/UDP(dport=53)`.
  ///
  /// Scapy 2.5 evaluates it to the octets that the packet encodes to. See `Dissection.recipe`.
  ///
  /// - Throws: `CraftError` where a value does not fit its field.
  public var recipe: String {
    get throws(CraftError) {
      let packet = erased
      let bytes = try packet.encoded().bytes
      let outermost = packet.layers.layers.first.map { type(of: $0) }
      return Registry.dissect(bytes, as: start(outermost)).recipe
    }
  }

  private func start(_ outermost: (any Header.Type)?) -> Registry.Start {
    if let number = outermost?.announced.etherType { return .etherType(number) }
    if let number = outermost?.announced.ipProtocol { return .ipProtocol(number) }
    // Octets in front of everything are data, whatever they look like; no layer has the EtherType 0.
    return outermost == Quote.self ? .quote : .etherType(0)
  }
}

extension Dissection {
  /// The packet on one line, in Scapy's notation, which Scapy 2.5 evaluates to the same octets.
  ///
  /// A field is left out where Scapy gives it the value that it has: a length, a sum or a protocol
  /// number that is right, and any other at its default; addresses are always written. What has no
  /// layer, or one that cannot make these octets, is `Raw`; what no IP length counts is `Padding`.
  public var recipe: String { RecipeText(of: self).line }
}

/// A packet about to be printed: its layers as far as Scapy can make them, and the octets behind.
struct RecipeText {
  /// One layer with a form in Scapy.
  struct Layer {
    var header: any Header
    var offset: Int
    /// How many octets the form makes: more or fewer than the header has where Scapy draws the line
    /// elsewhere.
    var byteCount: Int
    var isQuoted: Bool
    /// Whether the form writes the IP total length, which transport sums then believe.
    var writesLength = false
  }

  /// More layers than any honest packet has; Python evaluates a longer line only so far.
  static let deepest = 32

  let bytes: [UInt8]
  /// The end of what the outermost IP header counts.
  private(set) var end: Int
  private(set) var layers: [Layer] = []

  init(of dissection: Dissection) {
    bytes = dissection.bytes
    end = bytes.count
    if let first = dissection.layers.first, first.header is IPv4 || first.header is IPv6 {
      end = min(max(first.end, first.offset + first.header.byteCount), bytes.count)
    }
    var offset = 0
    place(dissection.layers.map(\.header), from: &offset, isQuoted: false)
  }

  /// Takes headers up to the first without a form; false if there was one.
  private mutating func place(_ headers: [any Header], from offset: inout Int, isQuoted: Bool) {
    for header in headers {
      if let quote = header as? Quote {
        return place(quote.packet.layers.layers, from: &offset, isQuoted: true)
      }
      guard layers.count < Self.deepest, let count = formByteCount(header, at: offset), offset + count <= end else {
        return
      }
      layers.append(Layer(header: header, offset: offset, byteCount: count, isQuoted: isQuoted))
      offset += count
    }
  }

  /// How many octets a header's form in Scapy makes; nil where it has none.
  private func formByteCount(_ header: any Header, at offset: Int) -> Int? {
    switch header {
    case is IPv4, is IPv6, is UDP: header.byteCount
    case let header as TCP: 20 + TCPOptionForms(header).byteCount
    case let header as ICMPv4: ICMPv4Form(header).byteCount
    // Scapy's echo messages hold their data themselves.
    case let header as ICMPv6:
      switch header.type {
      case .echoRequest, .echoReply: max(8, end - offset)
      case .destinationUnreachable, .packetTooBig, .timeExceeded, .parameterProblem: 8
      default: nil
      }
    default: nil
    }
  }

  var line: String {
    var text = self
    var parts = layers.indices.map { text.form(of: $0) }
    let rest = layers.last.map { $0.offset + $0.byteCount } ?? 0
    if rest < end || parts.isEmpty { parts.append("Raw(load=\(pythonLiteral(bytes[rest..<max(rest, end)])))") }
    if end < bytes.count { parts.append("Padding(load=\(pythonLiteral(bytes[end...])))") }
    return parts.joined(separator: "/")
  }

  private mutating func form(of index: Int) -> String {
    switch layers[index].header {
    case let header as IPv4: form(header, index)
    case let header as IPv6: form(header, index)
    case let header as UDP: form(header, index)
    case let header as TCP: form(header, index)
    case let header as ICMPv4: form(header, index)
    case let header as ICMPv6: form(header, index)
    default: "Raw(load=\(pythonLiteral(bytes[range(of: index)])))"
    }
  }

  mutating func setWritesLength(_ index: Int) { layers[index].writesLength = true }

  /// The octets that a layer's form makes, without what it carries.
  func range(of index: Int) -> Range<Int> {
    layers[index].offset..<layers[index].offset + layers[index].byteCount
  }
}

/// Octets as Python prints them.
func pythonLiteral(_ octets: some Collection<UInt8>) -> String {
  let quote: UInt8 = octets.contains(0x27) && !octets.contains(0x22) ? 0x22 : 0x27
  var text = quote == 0x22 ? "b\"" : "b'"
  for octet in octets {
    switch octet {
    case 0x09: text += "\\t"
    case 0x0a: text += "\\n"
    case 0x0d: text += "\\r"
    case 0x5c, quote: text += "\\" + String(UnicodeScalar(octet))
    case 0x20..<0x7f: text.unicodeScalars.append(UnicodeScalar(octet))
    default: text += "\\x" + Hex.text(CollectionOfOne(octet))
    }
  }
  return text + (quote == 0x22 ? "\"" : "'")
}
