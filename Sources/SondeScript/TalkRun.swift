public import SondeLink

/// What a run of a talk shows.
public enum TalkPassage: Sendable {
  case event(TalkEvent)
  case outcome(TalkOutcome)
}

/// What whoever attends to a talk has done, or waits for.
public enum TalkAttention: Sendable {
  /// Something was begun: the talk moves on, and attention is asked for again at once.
  case begun
  /// There is nothing to do before something happens, or before an instant.
  case waits(until: Instant = .distantFuture)
}

/// Runs a talk over a link until it is over.
///
/// One thread does it all: it sends, waits, receives, and hands out what passes in order.
///
/// - Parameters:
///   - end: when the talk is given up at the latest.
///   - attend: called before each wait, to begin instructions that are due, and to end the talk.
///   - show: called with each event and each outcome as it becomes known.
/// - Throws: `LinkError` when the link can be read no more.
public func run<Performer: TalkPerformer, Link: PacketLink & ~Copyable>(
  _ performer: inout Performer, over link: inout Link, until end: Instant = .distantFuture,
  attend: (inout Performer, inout Link) -> TalkAttention, show: (TalkPassage) -> Void
) throws(LinkError) {
  var received: [Received] = []
  var waiting: [Outgoing] = []
  while true {
    if end <= link.now { performer.abort(at: link.now) }
    let attention = attend(&performer, &link)
    let wasBusy = performer.isBusy
    var deadline = proceed(&performer, over: &link, &waiting, show) ?? .distantFuture
    if performer.isOver, waiting.isEmpty { return }
    switch attention {
    case .begun: deadline = link.now
    // An instruction that has just ended makes way for the next.
    case .waits where wasBusy && !performer.isBusy: deadline = link.now
    case .waits(let until): deadline = min(deadline, until)
    }
    // A full link takes more in a moment.
    if !waiting.isEmpty { deadline = min(deadline, link.now + .milliseconds(1)) }
    received.removeAll(keepingCapacity: true)
    try link.receive(until: min(deadline, end), into: &received)
    for item in received {
      performer.receive(item, at: link.now)
      // After each, so that each segment of data has its own acknowledgment.
      _ = proceed(&performer, over: &link, &waiting, show)
    }
  }
}

/// Does what is due, sends it, and shows what passed; gives when to come back.
private func proceed<Performer: TalkPerformer, Link: PacketLink & ~Copyable>(
  _ performer: inout Performer, over link: inout Link, _ waiting: inout [Outgoing], _ show: (TalkPassage) -> Void
) -> Instant? {
  let next = performer.step(at: link.now)
  waiting += performer.takePackets()
  if !waiting.isEmpty {
    let outcome = link.send(waiting)
    waiting.removeFirst(outcome.count)
    if let failure = outcome.failure, !waiting.isEmpty {
      waiting.removeFirst()
      performer.failed(failure, at: outcome.at)
    }
  }
  for event in performer.takeEvents() { show(.event(event)) }
  for outcome in performer.takeOutcomes() { show(.outcome(outcome)) }
  return next
}

extension TalkPerformance {
  /// Does commands one after the other over a link, and ends the connection in order.
  ///
  ///     var talk = TalkPerformance(.calls(from: own, to: Talk.End(peer, 7))) { _ in Talk(from: 4000, …) }
  ///     let failure = try talk.run(try TalkInstruction.list("connect; write hello; read 5"), over: &link)
  ///
  /// - Parameters:
  ///   - end: when the talk is given up at the latest.
  ///   - show: called with each event and each outcome as it becomes known.
  /// - Returns: why a command could not be done, which ends the talk by a reset; nil where all were.
  /// - Throws: `LinkError` when the link can be read no more.
  public mutating func run<Link: PacketLink & ~Copyable>(
    _ commands: [TalkInstruction], over link: inout Link, until end: Instant = .distantFuture,
    show: (TalkPassage) -> Void = { _ in }
  ) throws(LinkError) -> String? {
    var rest = commands[...]
    var failure: String?
    try SondeScript.run(&self, over: &link, until: end) { talk, link in
      if failure != nil {
        talk.abort(at: link.now)
        return .waits()
      }
      guard !talk.isBusy, !talk.isEnding else { return .waits() }
      if let next = rest.popFirst() {
        talk.begin(next, at: link.now)
      } else {
        talk.finish(at: link.now)
      }
      return .begun
    } show: { passage in
      if case .outcome(.failed(let why)) = passage, failure == nil { failure = why }
      show(passage)
    }
    return failure
  }
}
