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
    var walk = Walk(bytes: bytes)
    switch start {
    case .ip, .quote: walk.read(walk.ipHeader)
    case .ipProtocol(let number): walk.read(byIPProtocol[number])
    case .etherType(let number): walk.read(byEtherType[number])
    }
    return Dissection(bytes: bytes, layers: walk.layers, stopped: walk.stopped)
  }

  static let byIPProtocol = Dictionary(
    known.compactMap { type in type.announced.ipProtocol.map { ($0, type) } }, uniquingKeysWith: { first, _ in first })
  static let byEtherType = Dictionary(
    known.compactMap { type in type.announced.etherType.map { ($0, type) } }, uniquingKeysWith: { first, _ in first })

  /// One reading, from the outermost layer in.
  private struct Walk {
    let bytes: [UInt8]
    var layers: [Dissection.Layer] = []
    var stopped: Dissection.Stop?
    var offset = 0
    /// The end of what belongs to the layers still to be read.
    var end: Int
    var isCut = false
    var isFragment = false
    var pseudoHeader: PseudoHeader?

    init(bytes: [UInt8]) {
      self.bytes = bytes
      end = bytes.count
    }

    /// The IP version that the next octet announces.
    var ipHeader: (any Header.Type)? {
      guard offset < end else { return nil }
      switch bytes[offset] >> 4 {
      case 4: return IPv4.self
      case 6: return IPv6.self
      default: return nil
      }
    }

    /// Reads a header of `type` and all that follows it; without a type the rest is payload.
    mutating func read(_ type: (any Header.Type)?) {
      var next = type
      while let type = next, end > offset || layers.isEmpty {
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
      let header = try Walk.header(type, in: bytes, offset..<end)
      let start = offset
      offset += header.byteCount
      let following = header.following
      if let count = following.byteCount {
        if count > end - offset { isCut = true }
        end = min(end, offset + count)
      }
      append(header, from: start)
      pseudoHeader = header.pseudoHeader(within: pseudoHeader)
      if header.isFragment { isFragment = true }
      switch following.kind {
      case .payload: return nil
      case .ipProtocol(let number): return Registry.byIPProtocol[number]
      case .etherType(let number): return Registry.byEtherType[number]
      case .quote: return Quote.self
      }
    }

    private mutating func append(_ header: some Header, from start: Int) {
      layers.append(
        Dissection.Layer(
          header: header, offset: start, end: max(end, start), isCut: isCut, isFragment: isFragment,
          pseudoHeader: pseudoHeader))
    }

    private static func header(
      _ type: any Header.Type, in bytes: [UInt8], _ range: Range<Int>
    ) throws(ParseError) -> any Header {
      let span = bytes.rawSpan
      var reader = Reader(span.extracting(0..<range.upperBound), at: range.lowerBound)
      return try type.init(from: &reader)
    }
  }
}
