import SondeCraft
import SondeHeaders
import SondeLink
import SondeOctets
import Testing

@testable import SondeSweep

@Suite struct SweepQuestionsTests {
  private static let targets = [
    SweepTarget(address: .v4(Hosts.asked), port: 80), SweepTarget(address: .v6(Hosts.asked6), port: 53),
    SweepTarget(address: .v4(Hosts.other), port: 161), SweepTarget(address: .v6(Hosts.other6), port: 443),
  ]

  @Test(arguments: Way.allCases) func sumsAndAddressesAreRight(_ way: Way) throws {
    let questions = try way.questions()
    for target in Self.targets where questions.asks(target.address) {
      for attempt in 0..<2 as Range<UInt8> {
        let question = Registry.dissect(questions.question(target, attempt: attempt))
        #expect(question.sums().allSatisfy { $0.verdict == .valid })
        #expect(question.stopped == nil)
        #expect(question.destination == target.address)
        #expect(question.bytes.count <= questions.longest)
        #expect(question.packet.freed().octets == question.bytes)
      }
    }
  }

  @Test(arguments: Way.allCases) func whatAHandHasSetStays(_ way: Way) throws {
    let questions = try way.questions()
    for target in Self.targets where questions.asks(target.address) {
      let question = Registry.dissect(questions.question(target))
      if let ip = question.first(IPv4.self) {
        #expect(ip.timeToLive == 60 && ip.typeOfService == 0x28 && ip.flags == .dontFragment)
        #expect(ip.source == Hosts.us && ip.identification != 0)
      }
      if let ip = question.first(IPv6.self) {
        #expect(ip.hopLimit == 60 && ip.trafficClass == 0x28 && ip.flowLabel == 0x12345 && ip.source == Hosts.us6)
      }
      if let tcp = question.first(TCP.self), let written = way.packets[0].first(TCP.self) {
        #expect(tcp.flags == written.flags && tcp.window == written.window && tcp.destinationPort == target.port)
        #expect(way == .ack || tcp.acknowledgmentNumber == written.acknowledgmentNumber)
        #expect(tcp.options == written.options)
      }
      if let data = way.packets[0].first(Payload.self) { #expect(question.payload == data.octets) }
    }
  }

  @Test func aFieldThatIsKeptIsNotFilled() throws {
    let target = SweepTarget(address: .v4(Hosts.asked), port: 80)
    let packet = AnyPacket([
      IPv4(from: Hosts.us, identification: 77), TCP(sequenceNumber: 99, checksum: .set(0xbeef)),
    ])
    let kept = try SweepQuestions([packet], key: SweepKey(1, 2), keeping: [.sequenceNumber, .identification])
    let question = Registry.dissect(kept.question(target))
    #expect(question.first(IPv4.self)?.identification == 77)
    #expect(question.first(TCP.self)?.sequenceNumber == 99)
    #expect(question.first(TCP.self)?.checksum == .set(0xbeef))
    let acknowledging = try Way.ack.questions(keeping: .acknowledgmentNumber).question(target)
    #expect(Registry.dissect(acknowledging).first(TCP.self)?.acknowledgmentNumber == 0x0102_0304)
    let filled = try SweepQuestions([packet], key: SweepKey(1, 2))
    #expect(Registry.dissect(filled.question(target)).first(TCP.self)?.sequenceNumber != 99)
  }

  @Test func attemptsDifferWhereAnswersTell() throws {
    let target = SweepTarget(address: .v4(Hosts.asked), port: 80)
    let tcp = try Way.syn.questions(sourcePorts: 40_000...40_003, attempts: 4)
    let ports = (0..<4).compactMap { attempt in
      Registry.dissect(tcp.question(target, attempt: UInt8(attempt))).first(TCP.self)?.sourcePort
    }
    #expect(Set(ports) == [40_000, 40_001, 40_002, 40_003])
    #expect(ports[1] == (ports[0] == 40_003 ? 40_000 : ports[0] + 1))
    let echo = try Way.echo.questions()
    let numbers = (0..<2).compactMap { attempt in
      Registry.dissect(echo.question(target, attempt: UInt8(attempt))).first(ICMPv4.self)
    }
    #expect(numbers[1].sequenceNumber == numbers[0].sequenceNumber &+ 1)
    #expect(numbers[1].identifier == numbers[0].identifier)
  }

  @Test func aPortAloneIsFixed() throws {
    let tcp = try Way.syn.questions(sourcePorts: 12_345...12_345)
    for port in 1...50 as ClosedRange<UInt16> {
      let question = Registry.dissect(tcp.question(SweepTarget(address: .v4(Hosts.asked), port: port), attempt: 1))
      #expect(question.first(TCP.self)?.sourcePort == 12_345)
    }
  }

  /// A sum of 0 goes out as 0xffff (RFC 768); of so many datagrams some have one.
  @Test func noDatagramLooksAsIfItHadNoChecksum() throws {
    var questions = try Way.udp.questions()
    var found = 0
    for port in 0...UInt16.max {
      let target = SweepTarget(address: .v4(Hosts.asked), port: port)
      for attempt in 0..<2 as Range<UInt8> {
        questions.write(target, attempt: attempt, at: Instant(nanoseconds: 0)) { question in
          let checksum: UInt16 = question.bigEndian(at: 26)
          if checksum == 0 { Issue.record("port \(port) is asked without a checksum") }
          if checksum == 0xffff { found += 1 }
        }
      }
    }
    // The key is always the same, and so are the questions.
    #expect(found > 0)
  }

  @Test func anEchosSumDoesNotDependOnTheTime() throws {
    let echo = try Way.echo.questions()
    let target = SweepTarget(address: .v4(Hosts.asked), port: 0)
    let early = Registry.dissect(echo.question(target, at: Instant(nanoseconds: 1)))
    let late = Registry.dissect(echo.question(target, at: Instant(nanoseconds: 987_654_321_012)))
    #expect(early.bytes != late.bytes)
    #expect(early.first(ICMPv4.self)?.checksum == late.first(ICMPv4.self)?.checksum)
  }

  @Test func whatAsksNothingIsRefused() {
    let key = SweepKey(1, 2)
    #expect(throws: SweepFormError.nothing) { try SweepQuestions([], key: key) }
    #expect(throws: SweepFormError.asksNothing) { try SweepQuestions([AnyPacket([TCP()])], key: key) }
    #expect(throws: SweepFormError.asksNothing) {
      try SweepQuestions([AnyPacket([IPv4(), ICMPv4.timeExceeded()])], key: key)
    }
    let (syn, udp) = (AnyPacket([IPv4(), TCP()]), AnyPacket([IPv6(), UDP()]))
    #expect(throws: SweepFormError.twoOfOneFamily) { try SweepQuestions([syn, syn], key: key) }
    #expect(throws: SweepFormError.differentKinds) { try SweepQuestions([syn, udp], key: key) }
  }

  @Test func silenceSaysWhatItSaysOfAProbe() throws {
    #expect(try Way.syn.questions().silence == .filtered)
    #expect(try Way.fin.questions().silence == .openOrFiltered)
    #expect(try Way.services.questions().silence == .openOrFiltered)
    #expect(try Way.echo.questions().silence == .timeout)
  }
}
