public import SondeOctets

/// A router on the way to a simulated host: it lowers the TTL, and says where a packet ended.
public struct SimulatedRouter: Sendable {
  /// Where its errors come from; a router without an address of a packet's family drops in silence.
  public var addresses: [IPAddress]
  /// From a packet's departure to the arrival of this router's error.
  public var roundTrip: Duration
  /// Whether it reports expired and too big packets.
  public var isSilent: Bool
  /// The largest packet that it passes on, in octets; nil for any. A larger one is refused with
  /// fragmentation needed (RFC 1191 §4) or packet too big (RFC 4443 §3.2), but an IPv4 packet that may be
  /// fragmented passes whole: the simulation does not fragment.
  public var mtu: Int?
  /// How much of a packet its errors quote.
  public var quoting: QuoteLength
  /// Whether an expired packet's quote shows TTL 0, as some routers leave it, rather than the 1 of those
  /// that look before they count down (Linux).
  public var countsDownBeforeQuoting: Bool
  /// How often it sends errors to one address; nil for always.
  public var errorLimit: RateLimit?

  public init(
    _ addresses: IPAddress..., roundTrip: Duration = .milliseconds(1), isSilent: Bool = false, mtu: Int? = nil,
    quoting: QuoteLength = .whole, countsDownBeforeQuoting: Bool = false, errorLimit: RateLimit? = nil
  ) {
    self.addresses = addresses
    self.roundTrip = roundTrip
    self.isSilent = isSilent
    self.mtu = mtu
    self.quoting = quoting
    self.countsDownBeforeQuoting = countsDownBeforeQuoting
    self.errorLimit = errorLimit
  }
}

/// How much of a packet an ICMP error quotes.
public enum QuoteLength: Hashable, Sendable {
  /// As much as keeps the error within 576 octets (RFC 1812 §4.3.2.3) or 1280 (RFC 4443 §2.4 c).
  case whole
  /// The IP header and this many octets behind it: RFC 792 asks for 8.
  case behindHeader(Int)
}
