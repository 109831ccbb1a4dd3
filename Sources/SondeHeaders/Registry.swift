internal import SondeOctets

/// The one list of protocols, and the walk that reads bytes by it.
public enum Registry {
  /// Every protocol there is. Adding one is its file and a word here.
  public static let known: [any Header.Type] = [
    IPv4.self, IPv6.self, ICMPv4.self, ICMPv6.self, UDP.self, TCP.self, Quote.self, Payload.self, Trailer.self,
  ]

  /// How the first octet of some bytes is read.
  public enum Start: Hashable, Sendable {
    /// An IPv4 or an IPv6 header, told apart by its version.
    case ip
    /// The start of a packet as an ICMP error quotes it: like `ip`, but cut anywhere.
    case quote
    /// The protocol with this IP number.
    case ipProtocol(UInt8)
    /// The protocol with this EtherType.
    case etherType(UInt16)
  }

  /// Reads bytes as layers, as far as they go.
  public static func dissect(_ bytes: [UInt8], as start: Start = .ip) -> Dissection {
    dissect(bytes, as: start, depth: start == .quote ? 1 : 0)
  }

  /// `depth` counts the quotes around `bytes`.
  private static func dissect(_ bytes: [UInt8], as start: Start, depth: Int) -> Dissection {
    var walk = Walk(bytes: bytes, depth: depth)
    switch start {
    case .ip, .quote: walk.readIP()
    case .ipProtocol(let number): walk.read(byIPProtocol[Int(number)])
    case .etherType(let number): walk.read(byEtherType[number])
    }
    return Dissection(bytes: bytes, layers: walk.layers, stopped: walk.stopped)
  }

  /// The first protocol of each IP number.
  static let byIPProtocol: [(any Header.Type)?] = {
    var types = [(any Header.Type)?](repeating: nil, count: 256)
    for type in known.reversed() { if let number = type.announced.ipProtocol { types[Int(number)] = type } }
    return types
  }()
  static let byEtherType = Dictionary(
    known.compactMap { type in type.announced.etherType.map { ($0, type) } }, uniquingKeysWith: { first, _ in first })

  /// One reading, from the outermost layer in.
  private struct Walk {
    /// How many quotes deep a quote is still read as layers.
    static let deepest = 8

    let bytes: [UInt8]
    /// How many quotes stand around `bytes`.
    let depth: Int
    var layers: [Dissection.Layer] = []
    var stopped: Dissection.Stop?
    var offset = 0
    /// The end of what belongs to the layers still to be read.
    var end: Int
    /// How far the quote that is to be read reaches.
    var quoteExtent = QuoteExtent.whole
    var isCut = false
    var isFragment = false
    var isMisstated = false
    var pseudoHeader: PseudoHeader?

    init(bytes: [UInt8], depth: Int) {
      self.bytes = bytes
      self.depth = depth
      end = bytes.count
    }

    /// Reads an IP header of the version that the first octet announces, and all that follows it.
    mutating func readIP() {
      switch bytes.first.map({ $0 >> 4 }) {
      case 4: return read(IPv4.self)
      case 6: return read(IPv6.self)
      case let version:
        let reason: ParseError.Reason =
          version.map { .illegal(field: "version", value: UInt64($0), limit: "4 or 6") }
          ?? .short(needed: 1, available: 0)
        stopped = Dissection.Stop(layer: IPv4.name, offset: 0, error: ParseError(reason, at: 0))
        read(nil)
      }
    }

    /// Reads a header of `type` and all that follows it; without a type the rest is payload.
    mutating func read(_ type: (any Header.Type)?) {
      var next = type
      while let type = next {
        do throws(ParseError) {
          next = try step(type)
        } catch {
          stopped = Dissection.Stop(layer: type.name, offset: offset, error: error)
          next = nil
        }
      }
      if offset < end { append(Payload(octets: Array(bytes[offset..<end])), from: offset) }
      if end < bytes.count { append(Trailer(octets: Array(bytes[end...])), from: end) }
    }

    /// Reads one header, and says what the next is.
    private mutating func step(_ type: any Header.Type) throws(ParseError) -> (any Header.Type)? {
      let header = try header(type, offset..<end)
      let start = offset
      offset += header.byteCount
      let following = header.following
      if let count = following.byteCount {
        if count > end - offset { isCut = true }
        end = min(end, offset + count)
      }
      if following.isMisstated { isMisstated = true }
      append(header, from: start)
      pseudoHeader = header.pseudoHeader(within: pseudoHeader)
      if header.isFragment { isFragment = true }
      switch following.kind {
      case .payload: return nil
      case .ipProtocol(let number): return Registry.byIPProtocol[Int(number)]
      case .etherType(let number): return Registry.byEtherType[number]
      // An error that quotes nothing has no quote; and quotes in quotes, which RFC 1122 §3.2.2 forbids
      // to send, are read only so deep that hostile bytes do not exhaust the stack.
      case .quote(let extent):
        quoteExtent = extent
        return offset < end && depth < Walk.deepest ? Quote.self : nil
      }
    }

    private mutating func append(_ header: some Header, from start: Int) {
      layers.append(
        Dissection.Layer(
          header: header, offset: start, end: max(end, start), isCut: isCut, isFragment: isFragment,
          isMisstated: isMisstated, pseudoHeader: pseudoHeader))
    }

    private func header(_ type: any Header.Type, _ range: Range<Int>) throws(ParseError) -> any Header {
      let span = bytes.rawSpan
      if type == Quote.self {
        // What is not quoted, the extensions, stays as payload behind the quote.
        let count = quoteExtent.byteCount(of: span.extracting(range))
        let quoted = Array(bytes[range].prefix(count))
        return Quote(Registry.dissect(quoted, as: .quote, depth: depth + 1).packet)
      }
      var reader = Reader(span.extracting(0..<range.upperBound), at: range.lowerBound)
      return try type.init(from: &reader)
    }
  }
}
