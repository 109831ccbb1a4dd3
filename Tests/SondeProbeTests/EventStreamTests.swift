internal import Foundation
internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Synchronization
internal import Testing

@Suite struct EventStreamTests {
  private static func schedule(_ count: UInt64?) -> EchoSchedule {
    EchoSchedule(
      [
        EchoSchedule.Host { turn in
          AnyPacket([
            Hosts.there, ICMPv4.echoRequest(identifier: 1, sequenceNumber: UInt16(truncatingIfNeeded: turn)),
          ])
        }
      ], count: count, pace: .interval(.milliseconds(1)))
  }

  private static func onThread(_ work: @escaping @Sendable () -> Void) { Thread { work() }.start() }

  private static func run(_ count: UInt64?, failure: LinkError? = nil, _ feed: EventStream.Feed) throws(LinkError) {
    var session = Session(schedule(count), timeout: .seconds(1))
    var link = TestLink(failingAt: failure.map { (.ms(10), $0) }) { packet, _ in
      (try? echoReply(to: packet)).map { [(.microseconds(300), $0)] } ?? []
    }
    try SondeProbe.run(&session, over: &link, isInterrupted: { feed.isCancelled }, feed.emit)
  }

  @Test func theEventsOfARunComeInOrder() async throws {
    let events = EventStream(start: Self.onThread, interrupt: {}) { (feed) throws(LinkError) in
      try Self.run(200, feed)
    }
    var answered: [UInt64] = []
    for try await case .answer(let answer) in events { answered.append(answer.turn) }
    #expect(answered == (0..<200).map { $0 })
    #expect(events.drops == 0)
  }

  @Test func anErrorEndsTheSequenceAfterTheEventsBeforeIt() async {
    let error = LinkError(operation: "recvmmsg", code: 100, message: "Network is down")
    let events = EventStream(start: Self.onThread, interrupt: {}) { (feed) throws(LinkError) in
      try Self.run(nil, failure: error, feed)
    }
    var count = 0
    await #expect(throws: error) { for try await case .sent in events { count += 1 } }
    #expect(count == 10)
  }

  @Test func aSlowReaderLosesTheOldestAndIsTold() async throws {
    let events = EventStream(bufferingAtMost: 16, start: { $0() }, interrupt: {}) { (feed) throws(LinkError) in
      try Self.run(200, feed)
    }
    var kept: [Event] = []
    for try await event in events { kept.append(event) }
    #expect(kept.count == 16)
    #expect(kept.answers.last?.turn == 199)
    #expect(events.drops == 400 - 16)
  }

  @Test func aReaderWhoLeavesEndsTheRun() async throws {
    let interrupts = InterruptCount()
    let ended = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      let events = EventStream(start: Self.onThread, interrupt: { interrupts.count.add(1, ordering: .relaxed) }) {
        (feed) throws(LinkError) in
        defer { ended.continuation.finish() }
        try Self.run(nil, feed)
      }
      for try await case .answer(let answer) in events where answer.turn == 3 { break }
      // The task is cancelled while it waits for more.
      for try await _ in events {}
    }
    task.cancel()
    for await _ in ended.stream {}
    #expect(interrupts.count.load(ordering: .relaxed) >= 1)
  }
}

private final class InterruptCount: Sendable {
  let count = Atomic(0)
}
