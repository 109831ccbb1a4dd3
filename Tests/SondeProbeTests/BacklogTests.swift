internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// A program that was kept from reading: what came in time was in time.
@Suite struct BacklogTests {
  /// A link that stalls its reader once, after the first send, and hands out what came one frame a call.
  private struct StallingLink: PacketLink {
    private(set) var now = Instant.ms(0)
    private var queue: [Frame] = []
    private var stall: Duration?
    var ownDrops: UInt64 { 0 }
    private let hasKernelStamps: Bool

    init(stall: Duration, hasKernelStamps: Bool) {
      self.stall = stall
      self.hasKernelStamps = hasKernelStamps
    }

    mutating func send(_ batch: [Outgoing]) -> SendOutcome {
      let at = now
      for outgoing in batch {
        guard let reply = try? echoReply(to: Registry.dissect(outgoing.bytes)) else { continue }
        queue.append(
          Frame(
            bytes: reply,
            stamp: Stamp(monotonic: at, kernel: hasKernelStamps ? at + .milliseconds(1) : nil)))
      }
      return SendOutcome(count: batch.count, at: at, wall: 0)
    }

    mutating func receive(until deadline: Instant, into batch: inout [Received]) throws(LinkError) {
      if let stall, queue.count == 3 {
        now = now + stall
        self.stall = nil
        return
      }
      if stall == nil, !queue.isEmpty {
        var frame = queue.removeFirst()
        frame.stamp.monotonic = now
        batch.append(.frame(frame))
        return
      }
      now = max(now, deadline)
    }
  }

  @Test func answersThatCameInTimeAreNotCalledSilentBecauseNobodyRead() throws {
    var session = Pings.session(3)
    var link = StallingLink(stall: .seconds(5), hasKernelStamps: true)
    var events: [Event] = []
    try SondeProbe.run(&session, over: &link) { events.append($0) }
    #expect(events.silences.isEmpty)
    #expect(events.answers.map(\.flags) == [[], [], []])
    #expect(session.tally.answered == 3)
    #expect(session.tally.late == 0)
  }

  @Test func theEndOfTheRunComesAfterWhatCameBeforeIt() throws {
    var session = Pings.session(3)
    var link = StallingLink(stall: .seconds(5), hasKernelStamps: true)
    var events: [Event] = []
    try SondeProbe.run(&session, over: &link, until: .ms(900)) { events.append($0) }
    #expect(session.tally.answered == 3)
    #expect(session.tally.silent == 0)
  }

  @Test func withoutAKernelStampNothingProvesThatItCameInTime() throws {
    var session = Pings.session(3)
    var link = StallingLink(stall: .seconds(5), hasKernelStamps: false)
    try SondeProbe.run(&session, over: &link) { _ in }
    #expect(session.tally.late == 3)
    #expect(session.tally.silent == 3)
    #expect(session.tally.isBalanced)
  }

  /// A link on which something comes at each look must not keep the run from ending.
  private struct ChatteringLink: PacketLink {
    private(set) var now = Instant.ms(0)
    var ownDrops: UInt64 { 0 }

    mutating func send(_ batch: [Outgoing]) -> SendOutcome { SendOutcome(count: batch.count, at: now, wall: 0) }

    mutating func receive(until deadline: Instant, into batch: inout [Received]) throws(LinkError) {
      now = now + .microseconds(50)
      batch.append(.frame(Frame(bytes: [0x45], stamp: Stamp(monotonic: now))))
    }
  }

  @Test func chatterNeitherKeepsFromSendingNorFromEnding() throws {
    var session = Pings.session(5, every: 100)
    var link = ChatteringLink()
    var sent: [Instant] = []
    try SondeProbe.run(&session, over: &link) { if case .sent(let probe) = $0 { sent.append(probe.at) } }
    #expect(session.tally.silent == 5)
    #expect(link.now < .ms(1410))
    for (index, at) in sent.enumerated() { #expect(at - .ms(0) < .milliseconds(100 * index + 6)) }
  }
}
