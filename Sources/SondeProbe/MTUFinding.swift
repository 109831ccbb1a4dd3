public import SondeHeaders
public import SondeOctets

/// What a search for the path MTU knows.
public struct MTUFinding: Hashable, Sendable {
  /// What keeps larger packets from getting through.
  public enum Limit: Hashable, Sendable {
    /// Nothing on the way: the largest size that was to be tried got through.
    case interface
    /// A router named exactly this MTU.
    case router(IPAddress)
    /// A router said that the next size is too big, and named no MTU that can be believed.
    case refuser(IPAddress)
    /// The next size is lost without a word: a black hole (RFC 2923 §2.1).
    case silence
    /// This machine itself does not send the next size: why.
    case local(String)
    /// The search ended before this was known.
    case unknown
  }

  /// An error whose MTU is not believed.
  public struct Oddity: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
      /// Routers older than RFC 1191 leave the field zero.
      case zero
      /// Less than every link must carry: 68 octets (RFC 791), over IPv6 1280 (RFC 8200 §5).
      case belowFloor
      /// Not smaller than the packet that was too big.
      case notSmaller
      /// A packet that large, or the very one that was called too big, was answered.
      case refuted
    }

    public var from: IPAddress?
    /// What it named.
    public var mtu: UInt32
    /// The size of the packet that it quotes, in octets.
    public var size: Int
    public var reason: Reason

    public init(from: IPAddress?, mtu: UInt32, size: Int, reason: Reason) {
      self.from = from
      self.mtu = mtu
      self.size = size
      self.reason = reason
    }
  }

  /// The largest size that was answered, in octets from the IP header on; nil if none was.
  public var mtu: Int?
  public var limit: Limit
  /// The smallest size that is known not to get through, refused or lost; nil if there is none.
  public var refused: Int?
  /// Whether the run was stopped before the search had come to its end.
  public var isStopped: Bool
  /// Whether it is the MTU of an IPv6 path.
  public var isIPv6: Bool
  public var oddities: [Oddity]
  /// The smallest size whose answer came in fragments: the way back carries less whole.
  public var fragmentedFrom: Int?
  /// Where the next size is lost without a word, if that could be found out.
  public var hole: Hole?
  /// The first answer, other than too big, that did not come from the host asked: why the search is without an end.
  public var obstacle: Answered?

  /// The stretch of the way that swallows packets.
  public struct Hole: Hashable, Sendable {
    /// The last router that they reach; nil where it is the first link that loses them.
    public var behind: IPAddress?
    /// Whom only smaller ones reach: the next router, or the host.
    public var before: IPAddress

    public init(behind: IPAddress?, before: IPAddress) {
      self.behind = behind
      self.before = before
    }
  }

  /// Whether the number stands: it was answered, and what limits it is known.
  public var isProved: Bool { mtu != nil && limit != .unknown }

  public init(
    mtu: Int?, limit: Limit, isIPv6: Bool, refused: Int? = nil, isStopped: Bool = false, oddities: [Oddity] = [],
    fragmentedFrom: Int? = nil, hole: Hole? = nil, obstacle: Answered? = nil
  ) {
    self.mtu = mtu
    self.limit = limit
    self.isIPv6 = isIPv6
    self.refused = refused
    self.isStopped = isStopped
    self.oddities = oddities
    self.fragmentedFrom = fragmentedFrom
    self.hole = hole
    self.obstacle = obstacle
  }

  /// Who said what of a probe.
  public struct Answered: Hashable, Sendable {
    public var from: IPAddress?
    public var verdict: Verdict
    public var why: String
  }
}
