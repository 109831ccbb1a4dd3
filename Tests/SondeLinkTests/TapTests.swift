import SondeLink
import Testing

@Suite struct TapTests {
  /// What a sink saw.
  final class Log {
    var events: [TapEvent] = []
  }

  @Test func takenPacketsAreSentAndTheRefusedOneFailed() {
    let log = Log()
    var base = ScriptedLink()
    base.room = 2
    base.failure = outOfBuffers
    var tap = Tap(base) { log.events.append($0) }
    let outcome = tap.send([packet(1), packet(2), packet(3), packet(4)])
    #expect(outcome.count == 2)
    let start = Instant.milliseconds(0)
    #expect(
      log.events == [
        .sent(packet(1), at: start, wall: 1_000_000), .sent(packet(2), at: start, wall: 1_000_000),
        .failed(outOfBuffers, probe: 3),
      ])
  }

  @Test func fullLinkIsNoFailure() {
    let log = Log()
    var base = ScriptedLink()
    base.room = 1
    var tap = Tap(base) { log.events.append($0) }
    _ = tap.send([packet(1), packet(2)])
    #expect(log.events == [.sent(packet(1), at: .milliseconds(0), wall: 1_000_000)])
  }

  @Test func everythingThatComesInIsShownInOrderAndUnchanged() throws {
    let log = Log()
    var base = ScriptedLink()
    let received: [Received] = [
      .departure(Departure(probe: 1, kernel: .milliseconds(5), wall: 5, bytes: [9])), .frame(frame(4)),
      .failure(outOfBuffers, probe: nil),
    ]
    base.arrivals = received.map { (.milliseconds(1), $0) }
    var tap = Tap(base) { log.events.append($0) }
    var batch: [Received] = [.frame(frame(0))]
    try tap.receive(until: .milliseconds(9), into: &batch)
    #expect(batch == [.frame(frame(0))] + received)
    #expect(
      log.events == [
        .left(Departure(probe: 1, kernel: .milliseconds(5), wall: 5, bytes: [9])), .received(frame(4)),
        .failed(outOfBuffers, probe: nil),
      ])
    #expect(tap.now == .milliseconds(1))
    #expect(tap.ownDrops == 7)
  }

  @Test func whatCameBeforeTheEndIsShownBeforeTheEnd() {
    let log = Log()
    var base = ScriptedLink()
    base.arrivals = [(.milliseconds(1), .frame(frame(4)))]
    base.end = outOfBuffers
    var tap = Tap(base) { log.events.append($0) }
    var batch: [Received] = []
    #expect(throws: outOfBuffers) { try tap.receive(until: .milliseconds(9), into: &batch) }
    #expect(log.events == [.received(frame(4)), .failed(outOfBuffers, probe: nil)])
  }

  @Test func eventsTellDirectionBytesAndTimes() {
    let sent = TapEvent.sent(packet(3), at: .milliseconds(2), wall: 77)
    #expect(sent.direction == .outgoing)
    #expect(sent.bytes == [3])
    #expect(sent.monotonic == .milliseconds(2))
    #expect(sent.kernel == nil)
    #expect(sent.wall == 77)
    #expect(sent.probe == 3)

    let bare = TapEvent.left(Departure(probe: 3, kernel: .milliseconds(8), wall: 9))
    #expect(bare.direction == .outgoing)
    #expect(bare.bytes == nil)
    #expect(bare.linkType == nil)
    #expect(bare.kernel == .milliseconds(8))
    #expect(bare.monotonic == nil)
    #expect(bare.wall == 9)
    #expect(TapEvent.left(Departure(probe: 3, kernel: .milliseconds(8), wall: 9, bytes: [1])).linkType == .raw)

    var rebuilt = frame(1, at: .milliseconds(4), kernel: .milliseconds(3), wall: 6)
    rebuilt.isRebuilt = true
    #expect(TapEvent.received(rebuilt).isRebuilt)
    #expect(TapEvent.received(rebuilt).kernel == .milliseconds(3))
    #expect(TapEvent.received(rebuilt).wall == 6)
    #expect(TapEvent.received(rebuilt).direction == .incoming)
    #expect(TapEvent.received(rebuilt).probe == nil)
    #expect(!TapEvent.received(frame(1)).isRebuilt)
    #expect(TapEvent.failed(outOfBuffers, probe: 2).direction == nil)
  }

  @Test func tapsComeOff() {
    let tap = Tap(ScriptedLink()) { _ in }
    let base = tap.removed()
    #expect(base.ownDrops == 7)
  }
}
