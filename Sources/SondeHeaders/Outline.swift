public import SondeOctets

/// Where the layers of some bytes lie, as far as they can be read: a `Dissection` without its headers, for whole
/// captures. One outline is read again and again and keeps its room.
public struct Outline: Sendable {
  /// One layer's place.
  public struct Layer: Sendable {
    public var type: any Header.Type
    /// The offset of the header's first octet.
    public var offset: Int
    /// The header's own octets.
    public var byteCount: Int
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

  /// Outermost first.
  public private(set) var layers: [Layer] = []
  public private(set) var stopped: Stop?

  /// How many quotes deep a quote is still read as layers.
  private static let deepest = 8

  // The state of a reading.
  private var offset = 0
  /// The end of what belongs to the layers still to be read.
  private var end = 0
  /// How far the quote that is to be read reaches.
  private var quoteExtent = QuoteExtent.whole
  private var isCut = false
  private var isFragment = false
  private var isMisstated = false
  private var pseudoHeader: PseudoHeader?

  public init() {}

  /// Reads bytes as layers, in place of what was read before.
  public mutating func read(_ bytes: RawSpan, as start: Registry.Start) {
    read(bytes, as: start, depth: start == .quote ? 1 : 0)
  }

  /// `depth` counts the quotes around `bytes`.
  mutating func read(_ bytes: RawSpan, as start: Registry.Start, depth: Int) {
    layers.removeAll(keepingCapacity: true)
    stopped = nil
    offset = 0
    end = bytes.byteCount
    (isCut, isFragment, isMisstated) = (false, false, false)
    pseudoHeader = nil
    var next: (any Header.Type)?
    do throws(ParseError) {
      next = try Registry.type(start, bytes)
    } catch {
      stopped = Stop(layer: IPv4.name, offset: 0, error: error)
    }
    while let type = next {
      do throws(ParseError) {
        next = try step(type, bytes, depth)
      } catch {
        stopped = Stop(layer: type.name, offset: offset, error: error)
        next = nil
      }
    }
    if offset < end { append(Payload.self, from: offset, end - offset) }
    if end < bytes.byteCount { append(Trailer.self, from: end, 0) }
  }

  /// Reads one header's extent, and says what the next is.
  private mutating func step(
    _ type: any Header.Type, _ bytes: RawSpan, _ depth: Int
  ) throws(ParseError) -> (any Header.Type)? {
    let start = offset
    if type == Quote.self {
      let message = bytes.extracting(offset..<end)
      let count = quoteExtent.byteCount(of: message)
      offset += count
      append(type, from: start, count)
      return QuoteExtent.isStructure(bytes.extracting(offset..<end)) ? ExtensionStructure.self : nil
    }
    let extent = try type.extent(of: bytes.extracting(0..<end), at: offset, within: pseudoHeader)
    offset += extent.byteCount
    let following = extent.following
    if let count = following.byteCount {
      if count > end - offset { isCut = true }
      end = min(end, offset + count)
    }
    if following.isMisstated { isMisstated = true }
    append(type, from: start, extent.byteCount)
    pseudoHeader = extent.pseudoHeader
    if extent.isFragment { isFragment = true }
    switch following.kind {
    case .payload: return nil
    case .ipProtocol(let number): return Registry.byIPProtocol[Int(number)]
    case .nextHeader(let number): return Registry.byNextHeader[Int(number)]
    case .etherType(let number): return Registry.byEtherType[number]
    case .layer(let type): return offset < end ? type : nil
    // An error that quotes nothing has no quote; and quotes in quotes, which RFC 1122 §3.2.2 forbids
    // to send, are read only so deep that hostile bytes do not exhaust the stack.
    case .quote(let extent):
      quoteExtent = extent
      return offset < end && depth < Self.deepest ? Quote.self : nil
    }
  }

  private mutating func append(_ type: any Header.Type, from start: Int, _ byteCount: Int) {
    layers.append(
      Layer(
        type: type, offset: start, byteCount: byteCount, end: max(end, start), isCut: isCut, isFragment: isFragment,
        isMisstated: isMisstated, pseudoHeader: pseudoHeader))
  }
}
