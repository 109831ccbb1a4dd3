public import SondeOctets

/// The Hop-by-Hop Options header of IPv6 (RFC 8200 §4.3).
public typealias IPv6HopByHop = IPv6OptionsHeader<HopByHop>
/// The Destination Options header of IPv6 (RFC 8200 §4.6).
public typealias IPv6Destination = IPv6OptionsHeader<DestinationOptions>

/// Which of the two headers of options it is.
public protocol IPv6OptionsKind: Hashable, Sendable {
  static var name: Name { get }
  static var number: UInt8 { get }
  static var recipeName: String { get }
  /// Whether a home address among the options stands for the source (RFC 6275 §6.3).
  static var holdsHomeAddress: Bool { get }
}

/// For every node on the way: next header 0.
public enum HopByHop: IPv6OptionsKind {
  public static var name: Name { "ipv6exthdrhopbyhop" }
  public static var number: UInt8 { 0 }
  public static var recipeName: String { "IPv6ExtHdrHopByHop" }
  public static var holdsHomeAddress: Bool { false }
}

/// For the destination: next header 60.
public enum DestinationOptions: IPv6OptionsKind {
  public static var name: Name { "ipv6exthdrdestopt" }
  public static var number: UInt8 { 60 }
  public static var recipeName: String { "IPv6ExtHdrDestOpt" }
  public static var holdsHomeAddress: Bool { true }
}

/// A header of options (RFC 8200 §4.3, §4.6).
///
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |  Next Header  |  Hdr Ext Len  |                               |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+           Options             +
public struct IPv6OptionsHeader<Kind: IPv6OptionsKind>: Header {
  /// Computed: that of the next layer, 59 (none) where it has none.
  public var nextHeader: Field<UInt8>
  /// The Hdr Ext Len field: in units of eight octets, the first eight not counted.
  public var extensionLength: Field<UInt8>
  /// The options; where `isPadded`, without the padding that comes by itself.
  public var options: [IPv6Option]
  /// Whether padding aligns each option and fills the header up to a multiple of eight octets.
  public var isPadded: Bool

  public init(
    _ options: [IPv6Option] = [], isPadded: Bool = true, nextHeader: Field<UInt8> = .auto,
    extensionLength: Field<UInt8> = .auto
  ) {
    self.nextHeader = nextHeader
    self.extensionLength = extensionLength
    self.options = options
    self.isPadded = isPadded
  }

  public static var name: Name { Kind.name }
  public static var announced: Announcement { Announcement(ipProtocol: Kind.number, isIPv6Extension: true) }

  public var fields: [FieldSpec] {
    let fields: [FieldSpec] = .consecutive([
      .init("nextHeader", 8, alias: "nh", isDerived: true), .init("extensionLength", 8, alias: "len", isDerived: true),
      .init("options", (byteCount - 2) * 8, .structured),
    ])
    guard !isPadded else { return fields }
    // A knob of recipes that has no bits of its own.
    var knob = FieldSpec("isPadded", 0, alias: "autopad", .structured)
    knob.bits = byteCount * 8..<byteCount * 8
    return fields + [knob]
  }

  public static var recipeNames: [String] { [Kind.recipeName] }
  public static func blank(_ recipeName: String) -> Self? { Self() }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "nextHeader", "nh": nextHeader = try value.derived(field)
    case "extensionLength", "len": extensionLength = try value.derived(field)
    case "options":
      let (written, aligned) = try IPv6Option.aligned(field, value)
      options = written
      // Scapy aligns by the name of an option, whatever is then written of its type and length.
      if isPadded, aligned != IPv6Option.padded(written) { (options, isPadded) = (aligned, false) }
    case "isPadded", "autopad": isPadded = try value.number(field, UInt8.self) != 0
    default: throw .unknown(field)
    }
  }

  public func value(of field: FieldSpec) -> FieldValue? {
    switch field.name {
    case "options": .list(options.map { .forms([$0.form]) })
    case "isPadded": .number(isPadded ? 1 : 0)
    default: nil
    }
  }

  /// Scapy takes a home address for the source only where no option stands beside it.
  public func recipeName(isQuoted: Bool) -> String? {
    homeAddress != nil && options.count > 1 ? nil : Kind.recipeName
  }

  /// The options as they stand on the wire.
  private var allOptions: [IPv6Option] { isPadded ? IPv6Option.padded(options) : options }

  public var byteCount: Int { 2 + allOptions.reduce(0) { $0 + $1.byteCount } }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    let count = byteCount
    guard let length = UInt8(exactly: (count + 7) / 8 - 1) ?? extensionLength.hand else {
      throw CraftError(layer: Self.name, field: "options", reason: "hold at most 2046 octets, \(count - 2) were given")
    }
    output.append(nextHeader.value(or: around.next.nextHeader ?? IPv6.noNextHeader))
    output.append(extensionLength.value(or: length))
    for option in allOptions {
      if case .padN(let data) = option { try check(data) }
      if case .option(_, let data) = option { try check(data) }
      output.append(octets: option.octets)
    }
  }

  private func check(_ data: [UInt8]) throws(CraftError) {
    guard data.count > 255 else { return }
    throw CraftError(layer: Self.name, field: "options", reason: "hold at most 255 octets each, one has \(data.count)")
  }

  /// The home address stands for the source, as it does once the receiver has read it (RFC 6275 §9.3.1, §11.3.1).
  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? {
    guard let homeAddress, var pseudoHeader = outer else { return outer }
    pseudoHeader.source = .v6(homeAddress)
    return pseudoHeader
  }

  private var homeAddress: IPv6Address? {
    guard Kind.holdsHomeAddress else { return nil }
    for case .homeAddress(let address) in options { return address }
    return nil
  }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(8)
    nextHeader = .set(try reader.read())
    let length: UInt8 = try reader.read()
    extensionLength = .set(length)
    let area = try reader.read(count: Int(length) * 8 + 6)
    options = IPv6Option.read(area)
    isPadded = false
    // Padding that comes by itself is not listed: a recipe need not say it.
    let bare = options.filter { !$0.isPadding }
    guard IPv6Option.padded(bare) == options else { return }
    options = bare
    isPadded = true
  }

  public var following: Following { nextHeader.hand.map { Following(.nextHeader($0)) } ?? .payload }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    try Reader(bytes, at: offset).require(8)
    let count = Int(bytes[offset + 1]) * 8 + 8
    try Reader(bytes, at: offset + 2).require(count - 2)
    var extent = Extent(byteCount: count, following: Following(.nextHeader(bytes[offset])), pseudoHeader: outer)
    guard Kind.holdsHomeAddress, outer != nil else { return extent }
    var scan = IPv6Option.Scan(offset + 2..<offset + count)
    while let option = scan.next(in: bytes) {
      guard bytes[option.lowerBound] == 201, option.count == 18 else { continue }
      let (high, low) = (option.lowerBound + 2, option.lowerBound + 10)
      extent.pseudoHeader?.source = .v6(
        IPv6Address(high: bytes.bigEndian(at: high), low: bytes.bigEndian(at: low)))
      break
    }
    return extent
  }

  public func freed(before next: Announcement) -> Self {
    var copy = self
    copy.extensionLength = .auto
    if next.nextHeader != nil { copy.nextHeader = .auto }
    return copy
  }
}
