public import SondeLink

/// Runs a session over a link until it is finished.
///
/// One thread does it all: it sends, waits, receives, and hands out events in order.
///
/// - Parameters:
///   - end: when the run ends at the latest, as if it had come to its end.
///   - isInterrupted: asked after each wait; true ends the run as if it had come to its end.
///   - watch: shown the session before each wait: for what is no event, as how far it has come.
///   - emit: called with each event as it becomes known.
/// - Throws: `LinkError` when the link can be read no more; the books are closed before.
public func run<Plan: Schedule, Link: PacketLink & ~Copyable>(
  _ session: inout Session<Plan>, over link: inout Link, until end: Instant = .distantFuture,
  isInterrupted: () -> Bool = { false }, watch: (borrowing Session<Plan>) -> Void = { _ in },
  _ emit: (Event) -> Void
) throws(LinkError) {
  var received: [Received] = []
  // Up to when all that came has been read: nobody is silent before that was looked for.
  var heard = link.now
  while true {
    if end <= heard { session.stop() }
    let now = link.now
    let step = heard < end && end <= now ? .wait(until: now) : session.step(at: now, heardUntil: heard)
    for event in session.takeEvents() { emit(event) }
    watch(session)
    let deadline: Instant
    switch step {
    case .finished: return
    case .send(let batch):
      session.took(batch, link.send(batch))
      // Look for answers between sends without waiting, so that no queue overflows on our side.
      deadline = link.now
    case .wait(let until): deadline = until
    }
    do throws(LinkError) {
      heard = try listen(&session, to: &link, until: min(deadline, end), heard: heard, &received)
    } catch {
      session.stop()
      for event in session.takeEvents() { emit(event) }
      throw error
    }
    if isInterrupted() { session.stop() }
  }
}

/// Waits until `deadline` for what comes, and reads on until there is no more, or for so long that sending
/// would suffer. Gives the instant up to which all that came has been read.
private func listen<Plan: Schedule, Link: PacketLink & ~Copyable>(
  _ session: inout Session<Plan>, to link: inout Link, until deadline: Instant, heard: Instant,
  _ received: inout [Received]
) throws(LinkError) -> Instant {
  var heard = heard
  var deadline = deadline
  var end: Instant?
  while true {
    let start = link.now
    received.removeAll(keepingCapacity: true)
    try link.receive(until: deadline, into: &received)
    if received.isEmpty { return max(heard, start) }
    let now = link.now
    for item in received {
      session.receive(item, at: now)
      // They are read in the order in which they came.
      if case .frame(let frame) = item { heard = max(heard, min(frame.stamp.kernel ?? frame.stamp.monotonic, now)) }
    }
    if let end, end <= now { return heard }
    end = end ?? now + .milliseconds(5)
    deadline = now
  }
}
