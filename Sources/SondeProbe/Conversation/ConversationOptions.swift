extension Conversation {
  /// What a conversation offers to its peer, and how patient it is.
  public struct Options: Hashable, Sendable {
    /// The maximum segment size announced in the SYN, in octets (RFC 9293 §3.7.1); nil leaves the option out.
    public var mss: UInt16? = 1460
    /// The most octets of options and data that one segment sent may hold, whatever the peer announces:
    /// the route's MTU without the IP and TCP headers.
    public var largestSegment: Int = 1460
    /// The shift of our windows, 14 at most (RFC 7323 §2.3); nil leaves the option out, and with it the peer's.
    public var windowScale: UInt8? = 7
    /// Whether SACK-permitted is sent (RFC 2018 §2).
    public var sackPermitted = true
    /// Whether timestamps are sent (RFC 7323 §3).
    public var timestamps = true
    /// What is added to the clock, in milliseconds, to make timestamp values.
    public var timestampOffset: UInt32 = 0
    /// How many octets received in order wait to be read before the window is closed.
    public var receiveBuffer = 65_535
    /// How many octets written wait to be acknowledged before `write` takes no more.
    public var sendBuffer = 1 << 20
    /// How long an acknowledgment of data may wait for company (RFC 9293 §3.8.6.3); zero: until the next `step`.
    public var acknowledgmentDelay: Duration = .zero
    /// Whether a small segment waits while data is unacknowledged (Nagle's algorithm, RFC 9293 §3.7.4).
    public var isNagle = false
    /// The retransmission timeout before any round trip was measured (RFC 6298 §2.1).
    public var initialTimeout: Duration = .seconds(1)
    /// The least retransmission timeout. RFC 6298 §2.4 asks for a second; Linux, and so this, takes 200 ms.
    public var leastTimeout: Duration = .milliseconds(200)
    /// The greatest retransmission timeout, back-off included (RFC 6298 §2.5).
    public var greatestTimeout: Duration = .seconds(60)
    /// How often a SYN is sent, the first included, before the peer counts as silent.
    public var connectAttempts = 6
    /// How often a segment of data or a FIN is sent, the first included, before the peer counts as silent.
    public var attempts = 15
    /// How long TIME-WAIT lasts. RFC 9293 §3.4.1 asks for twice the segment lifetime, four minutes, to protect
    /// later connections of the same ports; a program that ends, and takes random ports, has few of those, so
    /// it waits just long enough to acknowledge a FIN that is sent again.
    public var timeWait: Duration = .seconds(1)
    /// How long FIN-WAIT-2 lasts once nobody will read any more (after `close`), as on Linux.
    public var finWait: Duration = .seconds(60)
    /// What an urgent pointer points at, in segments sent and received.
    public var urgentReading = UrgentReading.following
    /// What is sent to ask whether a closed window has opened.
    public var windowProbe = WindowProbe.octet

    public init() {}
  }

  /// The two readings of the urgent pointer.
  public enum UrgentReading: Hashable, Sendable {
    /// It points at the octet behind the last urgent one (RFC 9293 §3.8.5, RFC 6093 §4; BSD and Linux).
    case following
    /// It points at the last urgent octet itself (RFC 1122 §4.2.2.4).
    case last
  }

  /// The two ways of probing a closed window.
  public enum WindowProbe: Hashable, Sendable {
    /// One octet of new data (RFC 9293 §3.8.6.1).
    case octet
    /// No data, one number before the first that is not acknowledged, as Linux does.
    case old
  }
}
