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

  /// The names by which recipes know it: Scapy's, the one inside a quote second ("UDP", "UDPerror").
  /// Empty where no recipe names it.
  static var recipeNames: [String] { get }
  /// The header that a recipe means by one of `recipeNames` with every field left out; nil for any other name.
  static func blank(_ recipeName: String) -> Self?
  /// Sets a field by its name or alias to what a recipe says; none of a derived field means computed.
  ///
  /// An argument called `type` is set first, for what other fields are depends on it; in ICMPv6 and its options last,
  /// for there the name of the recipe says what they are.
  ///
  /// - Throws: `FieldError` where there is no such field, or it does not take such a value.
  mutating func set(_ field: String, to value: FieldValue) throws(FieldError)
  /// The layers that some of a recipe's arguments mean, which are the header's own in Scapy and stand behind it
  /// here: the data of an ICMPv6 echo. `set` is called with these arguments too, and takes of them what is its own.
  ///
  /// - Throws: `FieldError` where such an argument does not take its value.
  static func innerLayers(for form: FieldValue.Form) throws(FieldError) -> [any Header]
  /// The fields as recipes write them, which tile the header too: Scapy's, where it cuts them otherwise than `fields`.
  var recipeFields: [FieldSpec] { get }
  /// What a recipe means by leaving out a field, known by its name, of the header of type `outer` right outside this
  /// one; nil where this header changes nothing.
  func usual(_ field: String, in outer: any Header.Type) -> UInt64?
  /// The value of a field of `structured` form; nil for any other, which its bits tell.
  func value(of field: FieldSpec) -> FieldValue?
  /// The name that a recipe prints; nil where no recipe of this notation makes this very header.
  func recipeName(isQuoted: Bool) -> String?
  /// Gives the fields that a recipe left out what its notation means by them in front of this inner layer.
  mutating func settle(_ context: RecipeContext)

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
  /// What `init(from:)`, `following` and `isFragment` would tell, without making the header: for whole captures.
  /// `bytes` ends where the layer outside says that this one ends.
  ///
  /// - Throws: `ParseError` as `init(from:)` does.
  static func extent(of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?) throws(ParseError) -> Extent

  /// The octets that name the flow: a bucket in which to look, not a proof. `bytes` starts with this
  /// header and may be cut. Nil where such a header is not asked, answered or quoted.
  ///
  /// - Throws: `ParseError` with reason `short` where the token itself is cut off.
  static func token(in bytes: RawSpan, _ side: Side) throws(ParseError) -> FlowToken?
  /// The strict half for a direct answer; self was sent. Nil where `exchange.reply` has nothing that
  /// could answer this layer.
  func judge(reply exchange: ReplyExchange) -> Judgement?
  /// The strict half for an ICMP error; self was sent, `exchange.quoted` is what the error quotes.
  /// Nil where the quote holds nothing of this layer; a quote that ends before the layer's token is
  /// refused.
  func judge(quote exchange: QuoteExchange) -> Judgement?
  /// What it means that nothing answered; nil where this layer has no opinion.
  var silence: Verdict? { get }
  /// What this header says if it is an ICMP error; nil for all else.
  var errorReport: ErrorReport? { get }

  /// Where what it carries belongs, if that is only a part of a datagram, which has no whole checksum; else nil.
  var fragmentPlace: FragmentPlace? { get }

  /// The same header with every derivable field back to `.auto`; `next` announces the layer inside it,
  /// and where that has no number the number written here stays.
  func freed(before next: Announcement) -> Self
}

extension Header {
  public static var announced: Announcement { .none }
  public static var sumRule: SumRule? { nil }
  public static func token(in bytes: RawSpan, _ side: Side) throws(ParseError) -> FlowToken? { nil }
  public static var recipeNames: [String] { [] }
  public static func blank(_ recipeName: String) -> Self? { nil }
  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) { throw .unknown(field) }
  public static func innerLayers(for form: FieldValue.Form) throws(FieldError) -> [any Header] { [] }
  public var recipeFields: [FieldSpec] { fields }
  public func usual(_ field: String, in outer: any Header.Type) -> UInt64? { nil }
  public func value(of field: FieldSpec) -> FieldValue? { nil }
  public func recipeName(isQuoted: Bool) -> String? {
    isQuoted && Self.recipeNames.count > 1 ? Self.recipeNames[1] : Self.recipeNames.first
  }
  public mutating func settle(_ context: RecipeContext) {}

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    var reader = Reader(bytes, at: offset)
    let header = try Self(from: &reader)
    return Extent(
      byteCount: header.byteCount, following: header.following, pseudoHeader: header.pseudoHeader(within: outer),
      isFragment: header.isFragment)
  }

  @inlinable
  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {}
  @inlinable
  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? { outer }
  public func judge(reply exchange: ReplyExchange) -> Judgement? { nil }
  public func judge(quote exchange: QuoteExchange) -> Judgement? { nil }
  public var silence: Verdict? { nil }
  public var errorReport: ErrorReport? { nil }
  public var fragmentPlace: FragmentPlace? { nil }
  /// Whether it carries only a part of a datagram.
  public var isFragment: Bool { fragmentPlace != nil }
  public func freed(before next: Announcement) -> Self { self }
  public var following: Following { .payload }

  // A header is a stack of one.
  @inlinable
  public var leading: Announcement? { Self.announced }
  @inlinable
  public var trailerByteCount: Int { 0 }
  public func appendLayers(to layers: inout [any Header]) { layers.append(self) }
}
