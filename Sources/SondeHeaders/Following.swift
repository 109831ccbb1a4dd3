/// What stands behind a header on the wire.
public struct Following: Sendable {
  public enum Kind: Sendable, Equatable {
    /// Application data, or what has no header here.
    case payload
    /// The protocol that IP knows by this number.
    case ipProtocol(UInt8)
    /// The same inside IPv6, whose extension headers have such numbers too.
    case nextHeader(UInt8)
    /// The protocol that the link knows by this number.
    case etherType(UInt16)
    /// A header of this very type: where the outer header alone decides, as with the options of a message.
    case layer(any Header.Type)
    /// The start of the packet that an ICMP error is about, and perhaps extensions.
    case quote(QuoteExtent)

    public static func == (left: Kind, right: Kind) -> Bool {
      switch (left, right) {
      case (.payload, .payload): true
      case (.ipProtocol(let left), .ipProtocol(let right)): left == right
      case (.nextHeader(let left), .nextHeader(let right)): left == right
      case (.etherType(let left), .etherType(let right)): left == right
      case (.layer(let left), .layer(let right)): left == right
      case (.quote(let left), .quote(let right)): left == right
      default: false
      }
    }
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

/// How far a header reaches, and what it says of what follows.
public struct Extent: Sendable {
  /// The header's own octets.
  public var byteCount: Int
  public var following: Following
  /// For the layers inside; see `Header.pseudoHeader(within:)`.
  public var pseudoHeader: PseudoHeader?
  public var isFragment: Bool

  public init(byteCount: Int, following: Following, pseudoHeader: PseudoHeader? = nil, isFragment: Bool = false) {
    self.byteCount = byteCount
    self.following = following
    self.pseudoHeader = pseudoHeader
    self.isFragment = isFragment
  }
}
