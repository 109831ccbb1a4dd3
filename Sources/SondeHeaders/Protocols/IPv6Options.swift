public import SondeOctets

/// One option of a Hop-by-Hop or a Destination Options header of IPv6 (RFC 8200 §4.2).
public enum IPv6Option: Hashable, Sendable {
  /// One octet of padding: type 0.
  case pad1
  /// Two and more octets of padding: type 1; its octets behind type and length.
  case padN([UInt8])
  /// Type 5 (RFC 2711).
  case routerAlert(UInt16)
  /// The payload length in octets, of a jumbogram: type 194 (RFC 2675).
  case jumboPayload(UInt32)
  /// The sender's home address: type 201 (RFC 6275 §6.3).
  case homeAddress(IPv6Address)
  /// Any other type, or one of these with another length: its octets behind type and length.
  case option(type: UInt8, data: [UInt8])
  /// Octets that are no option: a length that lies, or none.
  case octets([UInt8])

  /// Its length on the wire in octets.
  public var byteCount: Int {
    switch self {
    case .pad1: 1
    case .padN(let data), .option(_, let data): 2 + data.count
    case .routerAlert: 4
    case .jumboPayload: 6
    case .homeAddress: 18
    case .octets(let octets): octets.count
    }
  }

  /// Its octets on the wire.
  public var octets: [UInt8] {
    switch self {
    case .pad1: [0]
    // The header refuses data that the length octet cannot count.
    case .padN(let data): [1, UInt8(truncatingIfNeeded: data.count)] + data
    case .routerAlert(let value): [5, 2] + Self.octets(value)
    case .jumboPayload(let length): [194, 4] + Self.octets(length)
    case .homeAddress(let address): [201, 16] + address.octets
    case .option(let type, let data): [type, UInt8(truncatingIfNeeded: data.count)] + data
    case .octets(let octets): octets
    }
  }

  static func octets<T: FixedWidthInteger & UnsignedInteger>(_ number: T) -> [UInt8] {
    stride(from: T.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> T($0)) }
  }

  var isPadding: Bool {
    switch self {
    case .pad1, .padN: true
    default: false
    }
  }

  /// How many octets must stand before it where it would begin `offset` octets into the header: its alignment
  /// (RFC 2711 §2.1, RFC 2675 §2, RFC 6275 §6.3).
  private func gap(at offset: Int) -> Int {
    switch self {
    case .routerAlert: Self.gap(ofObject: "RouterAlert", at: offset)
    case .jumboPayload: Self.gap(ofObject: "Jumbo", at: offset)
    case .homeAddress: Self.gap(ofObject: "HAO", at: offset)
    default: 0
    }
  }

  /// The same of the object that a recipe names.
  static func gap(ofObject name: String, at offset: Int) -> Int {
    let alignments = ["RouterAlert": (2, 0), "Jumbo": (4, 2), "HAO": (8, 6)]
    guard let (unit, place) = alignments[name] else { return 0 }
    return ((place - offset) % unit + unit) % unit
  }

  /// So many octets of padding.
  static func padding(_ count: Int) -> [IPv6Option] {
    switch count {
    case ...0: []
    case 1: [.pad1]
    default: [.padN([UInt8](repeating: 0, count: count - 2))]
    }
  }

  /// The options with padding, each where it must stand, up to a multiple of eight octets; the first begins behind the
  /// header's own two.
  static func padded(_ options: [IPv6Option]) -> [IPv6Option] {
    var padded: [IPv6Option] = []
    var offset = 2
    for option in options {
      let gap = option.gap(at: offset)
      padded += padding(gap)
      padded.append(option)
      offset += gap + option.byteCount
    }
    return padded + padding((8 - offset % 8) % 8)
  }

  /// Reads a whole option area; whatever it holds encodes to the same octets again.
  public static func read(_ area: [UInt8]) -> [IPv6Option] {
    var options: [IPv6Option] = []
    let span = area.rawSpan
    var scan = Scan(0..<area.count)
    while let found = scan.next(in: span) {
      options.append(IPv6Option(type: area[found.lowerBound], Array(area[found].dropFirst(2))))
    }
    if scan.offset < area.count { options.append(.octets(Array(area[scan.offset...]))) }
    return options
  }

  private init(type: UInt8, _ data: [UInt8]) {
    func number<T: FixedWidthInteger>(_ octets: ArraySlice<UInt8>) -> T { octets.reduce(0) { $0 << 8 | T($1) } }
    switch (type, data.count) {
    case (0, _): self = .pad1
    case (1, _): self = .padN(data)
    case (5, 2): self = .routerAlert(number(data[...]))
    case (194, 4): self = .jumboPayload(number(data[...]))
    case (201, 16): self = .homeAddress(IPv6Address(high: number(data[..<8]), low: number(data[8...])))
    default: self = .option(type: type, data: data)
    }
  }

  /// Goes from option to option without making any.
  struct Scan {
    /// Where the next option begins.
    private(set) var offset: Int
    private let end: Int

    init(_ area: Range<Int>) {
      offset = area.lowerBound
      end = area.upperBound
    }

    /// The octets of the next option; nil where none is left, or what is left is none.
    mutating func next(in bytes: RawSpan) -> Range<Int>? {
      guard offset < end else { return nil }
      var count = 1
      if bytes[offset] != 0 {
        guard offset + 1 < end, offset + 2 + Int(bytes[offset + 1]) <= end else { return nil }
        count = 2 + Int(bytes[offset + 1])
      }
      defer { offset += count }
      return offset..<offset + count
    }
  }
}
