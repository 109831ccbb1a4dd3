/// What was asked of a link and why it did not happen.
public struct LinkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The operation in the kernel's words: `sendto`, `bind`, `socket(AF_PACKET)`.
  public var operation: String
  /// The system's error number (errno(3)); 0 where the link itself refused.
  public var code: Int32
  /// One sentence a person can read.
  public var message: String

  public init(operation: String, code: Int32, message: String) {
    self.operation = operation
    self.code = code
    self.message = message
  }

  public var description: String { "\(operation): \(message)" }
}

/// How far a batch went.
public struct SendOutcome: Hashable, Sendable {
  /// How many packets of the batch were taken, from its start.
  public var count: Int
  /// Why the next one was not; nil if all were taken, or if the link is merely full for now.
  public var failure: LinkError?
  /// The monotonic instant before the call that took them.
  public var at: Instant
  /// The real time at `at`, in nanoseconds since 1970.
  public var wall: Int64

  public init(count: Int, failure: LinkError? = nil, at: Instant, wall: Int64) {
    self.count = count
    self.failure = failure
    self.at = at
    self.wall = wall
  }
}

/// A way for packets out and in. It owns the clock: whoever holds a link asks it for the time and
/// reads none elsewhere, so that a simulated link brings simulated time.
public protocol PacketLink: ~Copyable {
  /// The link's monotonic time.
  var now: Instant { get }

  /// Sends packets in order, as many as go without waiting.
  ///
  /// A failure belongs to the packet after the last one taken; the caller decides whether to drop it and go
  /// on. Nothing is thrown: a packet that cannot go is an outcome.
  mutating func send(_ batch: [Outgoing]) -> SendOutcome

  /// Waits until something came in or `deadline` has passed, and appends what came to `batch`.
  ///
  /// Returns early, with nothing, when the wait was interrupted (a signal, a cancellation): callers
  /// look at the clock and at their own flags after each call.
  ///
  /// - Throws: `LinkError` when the link can be read no more.
  mutating func receive(until deadline: Instant, into batch: inout [Received]) throws(LinkError)

  /// How many received frames were dropped on this side, for want of room, since the link was opened.
  var ownDrops: UInt64 { get }
}
