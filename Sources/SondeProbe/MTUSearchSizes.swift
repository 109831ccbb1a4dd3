// What a search for the path MTU asks for, and how often.
extension MTUSearch {
  /// Which sizes are asked for, in octets from the IP header on.
  public struct Sizes: Hashable, Sendable {
    /// The size that shows whether the host answers.
    public var smallest: Int
    /// The largest to try: the outgoing interface's MTU.
    public var largest: Int
    /// Below this no error's MTU is believed: 68, over IPv6 1280.
    public var floor: Int

    public init(smallest: Int, largest: Int, floor: Int) {
      self.smallest = min(smallest, largest)
      self.largest = largest
      self.floor = floor
    }
  }

  /// How often a size is asked for before its silence means something.
  public struct Patience: Hashable, Sendable {
    public var retries: Int
    /// Between the packets of one size, until the host's round-trip time is known.
    public var gap: Duration

    public init(retries: Int, gap: Duration = .milliseconds(300)) {
      self.retries = retries
      self.gap = gap
    }
  }
}
