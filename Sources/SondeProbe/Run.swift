public import SondeLink

/// Runs a session over a link until it is finished.
///
/// One thread does it all: it sends, waits, receives, and hands out events in order.
///
/// - Parameters:
///   - end: when the run ends at the latest, as if it had come to its end.
///   - isInterrupted: asked after each wait; true ends the run as if it had come to its end.
///   - emit: called with each event as it becomes known.
/// - Throws: `LinkError` when the link can be read no more; the books are closed before.
public func run<Plan: Schedule, Link: PacketLink & ~Copyable>(
  _ session: inout Session<Plan>, over link: inout Link, until end: Instant = .distantFuture,
  isInterrupted: () -> Bool = { false },
  _ emit: (Event) -> Void
) throws(LinkError) {
  var received: [Received] = []
  while true {
    if end <= link.now { session.stop() }
    let step = session.step(at: link.now)
    for event in session.takeEvents() { emit(event) }
    let deadline: Instant
    switch step {
    case .finished: return
    case .send(let batch):
      session.took(batch, link.send(batch))
      // Look for answers between sends without waiting, so that no queue overflows on our side.
      deadline = link.now
    case .wait(let until): deadline = until
    }
    received.removeAll(keepingCapacity: true)
    do throws(LinkError) {
      try link.receive(until: min(deadline, end), into: &received)
    } catch {
      session.stop()
      for event in session.takeEvents() { emit(event) }
      throw error
    }
    if !received.isEmpty {
      let now = link.now
      for item in received { session.receive(item, at: now) }
    }
    if isInterrupted() { session.stop() }
  }
}
