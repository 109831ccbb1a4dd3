public import SondeOctets

/// One protocol's header: its bytes both ways, and what counts as an answer to it.
///
/// A type that conforms and stands in `Registry.known` is crafted, dissected, matched and printed
/// like every other; nothing else need know of it.
public protocol Header: LayerStack, Hashable {
  /// "tcp": in recipes, errors and reports.
  static var name: Name { get }
  /// How the layer below names it.
  static var announced: Announcement { get }
  /// Where its checksum stands and what it covers; nil where it has none.
  static var sumRule: SumRule? { get }

  /// The fields of this very header, which tile its `byteCount` octets: no gap, no overlap.
  var fields: [FieldSpec] { get }
  /// The header's own length in octets.
  var byteCount: Int { get }

  /// Appends `byteCount` octets, with a computed checksum still zero.
  func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError)
  /// Completes what could only be computed over the finished inner octets. `bytes` starts with this
  /// header; `around.innerByteCount` octets behind it are its inner ones, and a trailer may follow.
  @_lifetime(bytes: copy bytes)
  func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError)
  /// The pseudo-header that layers inside this one sum over: an IP header's own; nil inside a
  /// transport; any other hands on the one from outside.
  func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader?

  /// Reads the header; derivable fields come out `.set`.
  ///
  /// - Throws: `ParseError` where the octets end inside it, or break a rule that its length depends on.
  init(from reader: inout Reader) throws(ParseError)
  /// What follows this header on the wire.
  var following: Following { get }

  /// The octets that name the flow: a bucket in which to look, not a proof. `bytes` starts with this
  /// header and may be cut. Nil where such a header is not asked, answered or quoted.
  ///
  /// - Throws: `ParseError` with reason `short` where the token itself is cut off.
  static func token(in bytes: RawSpan, _ side: Side) throws(ParseError) -> FlowToken?
  /// The strict half for a direct answer; self was sent. Nil where `exchange.reply` has nothing that
  /// could answer this layer.
  func judge(reply exchange: Exchange) -> Judgement?
  /// The strict half for an ICMP error; self was sent, `exchange.quoted` is what the error quotes.
  /// Nil where the quote holds nothing of this layer; a quote that ends before the layer's token is
  /// refused.
  func judge(quote exchange: QuoteExchange) -> Judgement?
  /// What it means that nothing answered; nil where this layer has no opinion.
  var silence: Verdict? { get }
  /// What this header says if it is an ICMP error; nil for all else.
  var errorReport: ErrorReport? { get }

  /// Whether it carries only a part of a datagram, so that what it carries has no whole checksum.
  var isFragment: Bool { get }

  /// The same header with every derivable field back to `.auto`; `next` announces the layer inside it,
  /// and where that has no number the number written here stays.
  func freed(before next: Announcement) -> Self
}

extension Header {
  public static var announced: Announcement { .none }
  public static var sumRule: SumRule? { nil }
  public static func token(in bytes: RawSpan, _ side: Side) throws(ParseError) -> FlowToken? { nil }

  @inlinable
  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {}
  @inlinable
  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? { outer }
  public func judge(reply exchange: Exchange) -> Judgement? { nil }
  public func judge(quote exchange: QuoteExchange) -> Judgement? { nil }
  public var silence: Verdict? { nil }
  public var errorReport: ErrorReport? { nil }
  public var isFragment: Bool { false }
  public func freed(before next: Announcement) -> Self { self }
  public var following: Following { .payload }

  // A header is a stack of one.
  @inlinable
  public var leading: Announcement? { Self.announced }
  @inlinable
  public var trailerByteCount: Int { 0 }
  public func appendLayers(to layers: inout [any Header]) { layers.append(self) }
}

/// What stands behind a header on the wire.
public struct Following: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// Application data, or what has no header here.
    case payload
    /// The protocol that IP knows by this number.
    case ipProtocol(UInt8)
    /// The protocol that the link knows by this number.
    case etherType(UInt16)
    /// The start of the packet that an ICMP error is about, and perhaps extensions.
    case quote(QuoteExtent)
  }
  public var kind: Kind
  /// How many octets belong to the inner layers, where the header says so; the rest is a trailer.
  public var byteCount: Int?
  /// Whether the length that the header states cannot be true (it does not even count the header),
  /// so that nobody can say where the packet ends, nor whether its sums are right.
  public var isMisstated: Bool

  public init(_ kind: Kind, byteCount: Int? = nil, isMisstated: Bool = false) {
    self.kind = kind
    self.byteCount = byteCount
    self.isMisstated = isMisstated
  }

  /// What stands behind a header of `headerByteCount` octets whose length field, which counts the
  /// header too, says `stated`. Less than the header counts nothing: then all that is there follows.
  public init(_ kind: Kind, stated: Int?, headerByteCount: Int) {
    let inner = stated.map { $0 - headerByteCount }
    self.init(kind, byteCount: inner.flatMap { $0 < 0 ? nil : $0 }, isMisstated: inner.map { $0 < 0 } ?? false)
  }

  public static let payload = Following(.payload)
}
