public import SondeLink
internal import Synchronization

/// The events of a run as an asynchronous sequence for one reader, who may be slower than the wire.
///
/// The run itself blocks a thread of the caller's; it waits for no reader, and all its times are taken there.
/// When more events wait than the buffer holds, the oldest are dropped and counted.
///
/// ```swift
/// let events = EventStream(start: { work in Thread { work() }.start() }, interrupt: interrupter.wake) {
///   (feed) throws(LinkError) in
///   try run(&session, over: &link, isInterrupted: { feed.isCancelled }, feed.emit)
/// }
/// for try await event in events { … }
/// ```
public struct EventStream: AsyncSequence, Sendable {
  public typealias Element = Event
  public typealias Failure = LinkError

  /// What the run writes to.
  public struct Feed: Sendable {
    fileprivate let state: State
    fileprivate let continuation: AsyncStream<Event>.Continuation

    /// Whether nobody reads any more.
    public var isCancelled: Bool { state.isCancelled.load(ordering: .acquiring) }

    /// Hands an event to the reader; never waits.
    public func emit(_ event: Event) {
      if case .dropped = continuation.yield(event) { state.drops.add(1, ordering: .relaxed) }
    }
  }

  fileprivate final class State: Sendable {
    let isCancelled = Atomic(false)
    let drops = Atomic<UInt64>(0)
    let failure = Mutex<LinkError?>(nil)
  }

  private let state = State()
  private let stream: AsyncStream<Event>

  /// Starts a run.
  ///
  /// - Parameters:
  ///   - limit: how many events wait for the reader at most.
  ///   - start: runs the closure given to it on a thread that may block; called once, at once.
  ///   - interrupt: called from any thread when the reader is gone or its task cancelled, after `isCancelled`
  ///     has become true; wakes the link's wait.
  ///   - work: the blocking run. An error that it throws ends the sequence, after the events before it.
  public init(
    bufferingAtMost limit: Int = 1024, start: (@escaping @Sendable () -> Void) -> Void,
    interrupt: @escaping @Sendable () -> Void, _ work: @escaping @Sendable (Feed) throws(LinkError) -> Void
  ) {
    let (stream, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(limit))
    self.stream = stream
    let state = state
    continuation.onTermination = { reason in
      guard case .cancelled = reason else { return }
      state.isCancelled.store(true, ordering: .releasing)
      interrupt()
    }
    start {
      do throws(LinkError) {
        try work(Feed(state: state, continuation: continuation))
      } catch {
        state.failure.withLock { $0 = error }
      }
      continuation.finish()
    }
  }

  /// How many events were dropped because the reader was too slow.
  public var drops: UInt64 { state.drops.load(ordering: .relaxed) }

  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(base: stream.makeAsyncIterator(), state: state)
  }

  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var base: AsyncStream<Event>.AsyncIterator
    fileprivate let state: State

    /// The next event; nil when the run is over.
    ///
    /// - Throws: the `LinkError` that ended the run, once.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(LinkError) -> Event? {
      if let event = await base.next(isolation: actor) { return event }
      if let failure = state.failure.withLock({ $0.take() }) { throw failure }
      return nil
    }
  }
}
