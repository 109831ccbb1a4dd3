import SondeHeaders
import SondeLink
import SondeOctets
import SondeSim
import Testing

@Suite struct LinkTests {
  private let failure = LinkError(operation: "sendto", code: 105, message: "no buffer space available")

  @Test func receivingJumpsToTheNextEventOrTheDeadline() throws {
    var link = SimulatedLink([SimulatedHost(.v4(them), roundTrip: .milliseconds(30))])
    var batch: [Received] = []
    _ = link.send([Outgoing(probe: 1, bytes: try echo())])
    try link.receive(until: .milliseconds(29), into: &batch)
    #expect(link.now == .milliseconds(29))
    #expect(batch.isEmpty)
    try link.receive(until: .milliseconds(500), into: &batch)
    #expect(link.now == .milliseconds(30))
    #expect(batch.count == 1)
    // A deadline that has passed is a look, and moves no time.
    try link.receive(until: .milliseconds(1), into: &batch)
    #expect(link.now == .milliseconds(30))
  }

  @Test func aThousandVirtualSecondsTakeNoTime() throws {
    var link = SimulatedLink([SimulatedHost(.v4(them))])
    var batch: [Received] = []
    let clock = ContinuousClock()
    let took = try clock.measure {
      for second in Int64(0)..<1000 {
        _ = link.send([Outgoing(probe: UInt64(second), bytes: try echo())])
        let end = Instant.milliseconds((second + 1) * 1000)
        while link.now < end { try link.receive(until: end, into: &batch) }
      }
    }
    #expect(link.now == .milliseconds(1_000_000))
    #expect(batch.count == 1000)
    #expect(took < .seconds(1000))
  }

  @Test func waitingForeverForNothingThrows() throws {
    var link = SimulatedLink([SimulatedHost(.v4(them))])
    var batch: [Received] = []
    #expect(throws: LinkError.self) { try link.receive(until: .distantFuture, into: &batch) }
    #expect(link.now == .milliseconds(0))
    _ = link.send([Outgoing(probe: 1, bytes: try echo())])
    try link.receive(until: .distantFuture, into: &batch)
    #expect(batch.count == 1)
  }

  @Test func kernelStampsAreVirtualTimeAndOffset() throws {
    let options = SimulatedLink.Options(
      realTime: 1_000_000_000_000, kernelOffset: .zero, departureDelay: .microseconds(50))
    var link = SimulatedLink([SimulatedHost(.v4(them), roundTrip: .milliseconds(8))], options: options)
    link.advance(by: .milliseconds(1))
    let asked = try echo()
    _ = link.send([Outgoing(probe: 9, bytes: asked)])
    var batch: [Received] = []
    try link.receive(until: .milliseconds(100), into: &batch)
    #expect(link.now == Instant(nanoseconds: 1_050_000))
    #expect(batch == [.departure(Departure(probe: 9, kernel: .milliseconds(1), wall: 1_000_001_000_000, bytes: asked))])
    batch = []
    // The program comes late: its own clock shows that, the kernel's does not.
    link.advance(by: .milliseconds(50))
    try link.receive(until: .milliseconds(100), into: &batch)
    let stamp = frames(batch).first?.stamp
    #expect(
      stamp == Stamp(monotonic: Instant(nanoseconds: 51_050_000), kernel: .milliseconds(9), wall: 1_000_009_000_000))
  }

  @Test func kernelStampsMayFallOutOfTheBracket() throws {
    let options = SimulatedLink.Options(kernelOffset: .seconds(-2))
    var link = SimulatedLink([SimulatedHost(.v4(them))], options: options, from: .milliseconds(5000))
    _ = link.send([Outgoing(probe: 9, bytes: try echo())])
    let stamp = frames(try listen(&link)).first?.stamp
    #expect(stamp?.monotonic == .milliseconds(5001))
    #expect(stamp?.kernel == .milliseconds(3001))
  }

  @Test func withoutAKernelClockThereAreNoStamps() throws {
    var link = SimulatedLink([SimulatedHost(.v4(them))])
    _ = link.send([Outgoing(probe: 9, bytes: try echo())])
    let received = try listen(&link)
    #expect(received.count == 1)
    #expect(frames(received).first?.stamp == Stamp(monotonic: .milliseconds(1), wall: 1_000_000))
  }

  @Test func whatTheKernelRewritesIsSentAndReported() throws {
    let options = SimulatedLink.Options(
      kernelOffset: .zero, rewrite: { bytes in (try? Registry.dissect(bytes).packet.freed().encoded().bytes) ?? bytes })
    var link = SimulatedLink([SimulatedHost(.v4(them))], options: options)
    let asked = try bytes(IPv4(from: us, to: them, checksum: 0xdead), ICMPv4.echoRequest())
    _ = link.send([Outgoing(probe: 1, bytes: asked)])
    let received = try listen(&link)
    #expect(frames(received).count == 1)
    guard case .departure(let departure) = received.first else {
      Issue.record("no departure came")
      return
    }
    #expect(departure.bytes == (try bytes(IPv4(from: us, to: them), ICMPv4.echoRequest())))
  }

  @Test(arguments: [ChecksumOffload.flagged, .unflagged])
  func offloadedSumsAreThePseudoHeadersAndOnlyThere(offload: ChecksumOffload) throws {
    let host = SimulatedHost(.v4(them), tcp: [80: .answer], udp: [7: .answer])
    var link = SimulatedLink([host], options: .init(offload: offload))
    let asked = [
      try segment(TCP(from: 40000, to: 80)), try datagram(to: 7), try segment(TCP(from: 40000, to: 81)),
      try datagram(to: 9), try echo(),
    ]
    _ = link.send(asked.map { Outgoing(probe: 0, bytes: $0) })
    let received = frames(try listen(&link))
    let verdicts = received.map { Registry.dissect($0.bytes).sums().map(\.verdict) }
    #expect(
      verdicts == [[.valid, .offload], [.valid, .offload], [.valid, .valid], [.valid, .valid], [.valid, .valid]])
    let flags = received.map(\.checksumNotReady)
    #expect(flags == (offload == .flagged ? [true, true, false, false, false] : Array(repeating: false, count: 5)))
  }

  @Test func sendsFollowTheScript() throws {
    var link = SimulatedLink([SimulatedHost(.v4(them))])
    link.script([.take(2), .fail(failure), .full, .take(1), .full])
    let batch = try (0..<4).map { Outgoing(probe: $0, bytes: try echo()) }
    let start = Instant.milliseconds(0)
    #expect(link.send(batch) == SendOutcome(count: 2, failure: failure, at: start, wall: 0))
    #expect(link.send(batch) == SendOutcome(count: 0, at: start, wall: 0))
    #expect(link.send(batch) == SendOutcome(count: 1, at: start, wall: 0))
    #expect(link.send(batch) == SendOutcome(count: 4, at: start, wall: 0))
    #expect(link.counts.sent == 7)
  }

  @Test func framesThatAreNotIPAreRefused() throws {
    var link = SimulatedLink()
    let outcome = link.send([Outgoing(probe: 1, bytes: [1, 2, 3], linkType: .ethernet)])
    #expect(outcome.count == 0)
    #expect(outcome.failure?.operation == "send")
  }

  @Test func whatATestReportsComesInItsTurn() throws {
    var link = SimulatedLink()
    link.report(.failure(failure, probe: 4), after: .milliseconds(5))
    link.inject([1, 2, 3], after: .milliseconds(3), checksumNotReady: true)
    link.endReceiving(failure, after: .milliseconds(7))
    var batch: [Received] = []
    for _ in 0..<2 { try link.receive(until: .milliseconds(100), into: &batch) }
    let stamp = Stamp(monotonic: .milliseconds(3), wall: 3_000_000)
    #expect(
      batch == [
        .frame(Frame(bytes: [1, 2, 3], stamp: stamp, checksumNotReady: true)), .failure(failure, probe: 4),
      ])
    #expect(throws: failure) { try link.receive(until: .milliseconds(100), into: &batch) }
    #expect(link.now == .milliseconds(7))
  }

  @Test func whatFindsNoRoomIsOurOwnDrop() throws {
    var link = SimulatedLink([SimulatedHost(.v4(them))], options: .init(room: 3))
    _ = link.send(try (0..<5).map { Outgoing(probe: $0, bytes: try echo()) })
    #expect(frames(try listen(&link)).count == 3)
    #expect(link.ownDrops == 2)
  }

  @Test func answersToForeignSourcesDoNotComeBack() throws {
    var link = SimulatedLink([SimulatedHost(.v4(them))], options: .init(addresses: [.v4(us)]))
    let spoofed = try bytes(IPv4(from: "192.0.2.99", to: them), ICMPv4.echoRequest())
    _ = link.send([Outgoing(probe: 0, bytes: spoofed), Outgoing(probe: 1, bytes: try echo())])
    #expect(frames(try listen(&link)).count == 1)
    #expect(link.counts.spoofed == 1)
    #expect(link.counts.delivered == 2)
  }
}
