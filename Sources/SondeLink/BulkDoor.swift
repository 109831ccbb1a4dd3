/// How far a bulk door took a batch.
public enum BulkOutcome: Hashable, Sendable {
  /// Every packet is on its way.
  case all
  /// So many packets went; there is no room for the next one now. Nothing is lost: it is to be offered again.
  case full(sent: Int)
  /// So many packets went; the next one cannot go, now or later.
  case refused(sent: Int, LinkError)
}

/// A way out for very many packets. It is used by one thread.
public protocol BulkDoor: ~Copyable, Sendable {
  /// The monotonic time.
  var now: Instant { get }
  /// The door's name, as `--door` has it: "packet", "raw", "xdp".
  var name: String { get }

  /// Sends the packets of a batch from the one at `first` on, in order, as many as go without waiting.
  mutating func send(_ batch: borrowing PacketBatch, from first: Int) -> BulkOutcome

  /// Waits until there may be room again after `full`, a millisecond at most.
  mutating func waitForRoom()

  /// Sleeps until `deadline`, as precisely as the system can, or until the run is interrupted.
  mutating func sleep(until deadline: Instant)
}

/// What the kernel told of a packet beside its octets.
@frozen
public struct BulkFacts: Hashable, Sendable {
  /// The index of the interface that it came in by.
  public var interface: Int32
  /// When it came on the monotonic clock of the ear: the kernel's stamp moved there. An ear lends packets in the order in
  /// which they came, and who hears takes it that all before this moment were lent.
  public var at: Instant
  /// The same in real time, in nanoseconds since 1970.
  public var wall: Int64
  /// The transport checksum was still to be computed by a device: a wrong sum is no fault of the sender.
  public var checksumNotReady: Bool
  /// How long the packet was, where the octets were cut short.
  public var length: Int

  @inlinable
  public init(interface: Int32, at: Instant, wall: Int64, checksumNotReady: Bool, length: Int) {
    self.interface = interface
    self.at = at
    self.wall = wall
    self.checksumNotReady = checksumNotReady
    self.length = length
  }
}

/// What came through an ear's filter.
public struct BulkCounts: Hashable, Sendable {
  /// How many packets the filter let through, those included that were then dropped.
  public var seen: UInt64
  /// How many of them were dropped for want of room.
  public var dropped: UInt64

  public init(seen: UInt64 = 0, dropped: UInt64 = 0) {
    self.seen = seen
    self.dropped = dropped
  }
}

/// A way in for very many packets. It is used by one thread.
public protocol BulkEar: ~Copyable, Sendable {
  /// The monotonic time.
  var now: Instant { get }

  /// Lends each packet that has come, from the network header on, at most `limit`; never waits.
  ///
  /// - Returns: how many were lent.
  mutating func drain(limit: Int, _ take: (RawSpan, BulkFacts) -> Void) -> Int

  /// Waits until something came, `deadline` has passed or the run is interrupted.
  mutating func wait(until deadline: Instant)

  /// What came through the filter since the ear was opened.
  mutating func counts() -> BulkCounts

  /// Lets nothing more in; what has come can still be drained, and then `counts` stands still.
  mutating func close()
}
