import SondeHeaders
import SondeLink
import SondeOctets
import SondeProbe
import SondeScript
import Testing

@Suite struct TalkPerformanceTests {
  @Test func aConversationIsOpenedSpokenAndEndedInOrder() throws {
    var pair = TalkPair()
    try pair.say("connect; write hello; wait acknowledged")
    #expect(pair.client.tookPlace && pair.serverData == Array("hello".utf8))
    try pair.answer("write welcome")
    try pair.say("read 7; shutdown out; wait 1ms")
    try pair.answer("close")
    try pair.say("wait closed; quit")
    #expect(pair.failures.isEmpty, "\(pair.failures)")
    #expect(pair.data == Array("welcome".utf8))
    #expect(pair.client.isOver && pair.client.status.ending == .closed)
  }

  @Test func handSetFieldsReachTheSegmentsOfTheirWriteAlone() throws {
    var pair = TalkPair()
    try pair.say(
      #"connect; write "one"; wait acknowledged; write "two" urgptr=7 IP.tos=4; wait acknowledged; write "x""#)
    let data = pair.sent.filter { !$0.payload.isEmpty }
    #expect(data.map { $0.first(TCP.self)?.urgentPointer } == [0, 7, 0])
    #expect(data.map { $0.first(IPv4.self)?.typeOfService } == [0, 4, 0])
    #expect(pair.serverData == Array("onetwox".utf8))
  }

  @Test func aSpoiledSegmentIsSentAgainAsItOughtToBe() throws {
    var pair = TalkPair()
    try pair.say(#"connect; write "x" chksum=0; wait acknowledged"#)
    let data = pair.sent.filter { !$0.payload.isEmpty }
    #expect(data.count == 2 && data[0].first(TCP.self)?.checksum == .set(0))
    #expect(data[1].sums().allSatisfy { $0.verdict == .valid })
    #expect(pair.serverData == [0x78] && pair.failures.isEmpty)
  }

  @Test func theOpeningAndTheEndTakeFieldsToo() throws {
    var pair = TalkPair()
    try pair.say("connect window=1234; close IP.ttl=9; wait 10ms")
    #expect(pair.sent.first?.first(TCP.self)?.window == 1234)
    let end = pair.sent.first { $0.first(TCP.self)?.flags.contains(.fin) == true }
    #expect(end?.first(IPv4.self)?.timeToLive == 9)
    #expect(pair.sent.filter { $0.first(IPv4.self)?.timeToLive == 9 }.count == 1)
  }

  /// What no packet of any talk can take is known before; this one is of the other family alone.
  @Test func aFieldThatThesePacketsDoNotHaveIsRefusedByNameAndNothingIsSent() throws {
    var pair = TalkPair(isInteractive: true)
    try pair.say(#"connect; wait established; wait 5ms; write "x" IPv6.hlim=1; reset IPv6.hlim=1"#)
    #expect(pair.failures.count == 2 && pair.failures.allSatisfy { $0.contains("hlim") }, "\(pair.failures)")
    #expect(!pair.client.isBusy && !pair.client.isOver && pair.sent.count == 2)
    try pair.say(#"write "y" IP.ttl=9; wait acknowledged"#)
    #expect(pair.serverData == [0x79] && pair.failures.count == 2)
  }

  @Test(arguments: [true, false])
  func aFaultThatOnlyTheCallerMakesKnownEndsAScriptAndNobodyWhoSitsThere(isInteractive: Bool) throws {
    var pair = TalkPair()
    var manner = TalkPerformance.Manner()
    manner.isInteractive = isInteractive
    pair.server = TalkPerformance(.listens, manner) { _ in
      Talk(from: 7, initialSequenceNumber: 5000, identification: 1, Talk.Settings())
    }
    pair.server.begin(try TalkInstruction.list("accept IPv6.hlim=1")[0], at: pair.now)
    try pair.say("connect")
    let faults = pair.serverOutcomes.compactMap { if case .failed(let why) = $0 { why } else { nil } }
    #expect(faults.count == 1 && faults.allSatisfy { $0.contains("hlim") }, "\(faults)")
    #expect(pair.server.isOver == !isInteractive)
    // The SYN-ACK leaves as it ought to when its time has come, or a reset leaves in its place.
    #expect(pair.client.status.state == (isInteractive ? .established : .closed))
    let received = pair.events.compactMap { if case .received(let packet) = $0 { packet } else { nil } }.count
    #expect(received > 0 && pair.server.status.numbers.segmentsSent == received)
  }

  @Test func whatIsThereAlreadyIsSaid() throws {
    var pair = TalkPair(isInteractive: true)
    func remarks() -> [String] {
      pair.outcomes.compactMap { if case .remark(let words) = $0 { words } else { nil } }
    }
    try pair.say("connect; wait 5ms; read; connect")
    #expect(remarks() == ["nothing has come", "already connected"])
    try pair.answer("write hello")
    try pair.say("read; read")
    #expect(remarks().suffix(2) == ["nothing more has come than is shown above", "nothing has come"])
    #expect(pair.failures.isEmpty && pair.sent.filter { $0.first(TCP.self)?.flags == .syn }.count == 1)
  }

  @Test func aWindowThatIsSetBeforeSomebodyCallsIsTheOneThatHeSees() throws {
    var pair = TalkPair()
    try pair.answer("window 256")
    try pair.say("connect; write '\(String(repeating: "x", count: 50))'; wait acknowledged")
    #expect(pair.client.status.numbers.sendWindow == 256)
    var usual = TalkPair()
    try usual.say("connect; write '\(String(repeating: "x", count: 50))'; wait acknowledged")
    #expect(usual.client.status.numbers.sendWindow > 60_000)
  }

  @Test func anEmptyWriteIsAnAcknowledgmentAlone() throws {
    var pair = TalkPair()
    try pair.say(#"connect; wait 5ms; write "" flags="AU"; wait 5ms"#)
    #expect(pair.sent.last?.first(TCP.self)?.flags == [.ack, .urg] && pair.sent.last?.payload == [])
  }

  @Test func whatIsNotReadClosesTheWindow() throws {
    var pair = TalkPair(readsAtOnce: false, window: 2000)
    try pair.say("connect; wait 1ms")
    try pair.answer(#"write "y"*9000"#)
    try pair.say("wait 5s")
    #expect(pair.data.isEmpty && pair.client.status.numbers.receiveWindow < 200)
    #expect(pair.sent.contains { ($0.first(TCP.self)?.window ?? 1) == 0 })
    try pair.say("read 9000")
    #expect(pair.data.count == 9000 && pair.failures.isEmpty, "\(pair.failures)")
  }

  @Test func readingMoreThanThePeerSendsFailsAndJustEnoughDoesNot() throws {
    var pair = TalkPair()
    try pair.say("connect; wait 1ms")
    try pair.answer(#"write "abc"; shutdown out"#)
    try pair.say("read 3")
    #expect(pair.failures.isEmpty)
    try pair.say("read 1")
    #expect(pair.failures == ["the peer has ended its stream"])
    // Without a number the end is what there is.
    try pair.say("read")
    #expect(pair.failures.count == 1)
  }

  @Test func whatNeverComesIsWaitedForSoLong() throws {
    var pair = TalkPair(patience: .seconds(3))
    try pair.say("connect; wait data")
    #expect(pair.failures == ["its time is up"])
    #expect(pair.now >= Instant(nanoseconds: 3_000_000_000) && pair.now < Instant(nanoseconds: 3_100_000_000))
  }

  @Test func anUrgentOctetIsHandedOutByItself() throws {
    var pair = TalkPair()
    try pair.say("connect; wait 1ms")
    try pair.answer(#"usend "ab!""#)
    try pair.say("urecv")
    let urgent = pair.outcomes.compactMap { if case .urgent(let octet) = $0 { octet } else { nil } }
    #expect(urgent == [0x21] && pair.failures.isEmpty)
  }

  @Test func aResetEndsWhatIsWaitedFor() throws {
    var pair = TalkPair()
    try pair.say("connect; wait 1ms")
    try pair.answer("reset")
    try pair.say("wait data")
    #expect(pair.failures == ["reset by the peer"] && pair.client.status.ending == .reset)
    try pair.say("write x")
    #expect(pair.failures.count == 2)
  }

  @Test func aPortWhereNobodyListensFailsTheOpening() throws {
    var pair = TalkPair()
    pair.passes = { $0.source != TalkPair.far }
    try pair.say("connect")
    #expect(pair.failures == ["the peer is silent"] && !pair.client.tookPlace)
  }

  @Test func aConnectionCanBeOpenedAgainFromAnotherPort() throws {
    var pair = TalkPair(isInteractive: true)
    try pair.say("connect; wait established; reset; wait 5ms; connect; wait 5ms")
    let ports = pair.sent.filter { $0.first(TCP.self)?.flags == .syn }.map { $0.first(TCP.self)?.sourcePort }
    #expect(ports.first == 4000 && ports.dropFirst().first == 4001, "\(ports)")
  }

  @Test func wordsOfTheOtherKindAreRefused() throws {
    var pair = TalkPair()
    try pair.say("accept; sendto hello; write x")
    #expect(pair.failures.count == 3, "\(pair.failures)")
  }

  @Test func whoeverIsNotThePeerIsPassedOver() throws {
    var pair = TalkPair()
    try pair.say("connect; wait 1ms")
    let stranger = AnyPacket([
      IPv4(from: "192.0.2.9", to: "192.0.2.1"),
      TCP(from: 7, to: 4000, flags: [.rst, .ack], sequenceNumber: 0xffff_fff1, acknowledgmentNumber: 101),
    ])
    let frame = Frame(bytes: try stranger.encoded().bytes, stamp: Stamp(monotonic: pair.now))
    pair.client.receive(.frame(frame), at: pair.now)
    #expect(pair.client.status.state == .established)
    let seen = pair.client.takeEvents()
    #expect(seen.contains { if case .stranger = $0 { true } else { false } })
  }

  @Test func aWrongChecksumIsDroppedUnlessADeviceHadYetToComputeIt() throws {
    var pair = TalkPair()
    try pair.say("connect; wait 1ms")
    let reset = AnyPacket([
      IPv4(from: "192.0.2.2", to: "192.0.2.1"),
      TCP(
        from: 7, to: 4000, flags: [.rst, .ack], sequenceNumber: 0xffff_fff1, acknowledgmentNumber: 101,
        checksum: .set(0x1234)),
    ])
    var frame = Frame(bytes: try reset.encoded().bytes, stamp: Stamp(monotonic: pair.now))
    pair.client.receive(.frame(frame), at: pair.now)
    #expect(pair.client.status.state == .established)
    frame.checksumNotReady = true
    pair.client.receive(.frame(frame), at: pair.now)
    #expect(pair.client.status.ending == .reset)
  }

  @Test func anErrorAboutOurSegmentEndsTheOpeningAndOneAboutAnothersDoesNot() throws {
    for (port, isOurs) in [(UInt16(4000), true), (4999, false)] {
      var pair = TalkPair()
      pair.passes = { _ in false }
      pair.client.begin(TalkInstruction(.connect), at: pair.now)
      _ = pair.client.step(at: pair.now)
      let error = AnyPacket([
        IPv4(from: "192.0.2.7", to: "192.0.2.1"), ICMPv4(type: .destinationUnreachable, code: 1),
        Quote(
          AnyPacket([
            IPv4(from: "192.0.2.1", to: "192.0.2.2"),
            TCP(from: port, to: 7, flags: .syn, sequenceNumber: 100),
          ])),
      ])
      let frame = Frame(bytes: try error.encoded().bytes, stamp: Stamp(monotonic: pair.now))
      pair.client.receive(.frame(frame), at: pair.now)
      #expect((pair.client.status.ending != nil) == isOurs)
    }
  }
}
