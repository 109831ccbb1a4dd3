internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// What grows with the number of probes, and what must not.
@Suite struct ScaleTests {
  /// Sends `count` probes 0.2 ms apart and answers each `delay` probes later; says how many were known at most.
  private static func peak(_ count: Int, delay: Int, timeout: Duration, linger: Duration) throws -> (Int, Tally) {
    let host = EchoSchedule.Host { turn in
      AnyPacket([
        Hosts.there, ICMPv4.echoRequest(identifier: 1, sequenceNumber: UInt16(truncatingIfNeeded: turn)),
        Payload(octets: Cookie(nonce: 3, probe: turn).octets),
      ])
    }
    let gap = Duration.microseconds(200)
    var session = Session(
      EchoSchedule([host], count: UInt64(count), pace: .interval(gap)), timeout: timeout, linger: linger)
    var out: [[UInt8]] = []
    var peak = 0
    for turn in 0..<count {
      let now = Instant.ms(0) + gap * turn
      guard case .send(let batch) = session.step(at: now) else { break }
      session.took(batch, SendOutcome(count: 1, at: now, wall: 0))
      out.append(try echoReply(to: Registry.dissect(batch[0].bytes)))
      if turn >= delay { session.receive(out[turn - delay], at: now) }
      peak = max(peak, session.knownProbes)
      _ = session.takeEvents()
    }
    session.stop()
    #expect(session.tally.isBalanced)
    return (peak, session.tally)
  }

  /// Answered or not, a probe is forgotten one timeout and one linger after it left.
  @Test(arguments: [0, 550]) func whatIsRememberedIsBoundedByTheRate(_ delay: Int) throws {
    let (peak, tally) = try Self.peak(2000, delay: delay, timeout: .milliseconds(100), linger: .milliseconds(20))
    #expect(peak <= 120 * 5 + 1)
    #expect(tally.answered == (delay == 0 ? 2000 : 0))
    #expect(tally.late == (delay == 0 ? 0 : 2000 - delay))
  }

  /// Equal packets lie in one place, where a search through all of them would never end.
  @Test func tenThousandEqualProbesAreEachAnswered() throws {
    let count = 10_000
    let asked = AnyPacket([Hosts.there, UDP(from: 40000, to: 53)])
    var session = Session(Script([AnyPacket](repeating: asked, count: count)), timeout: .seconds(1))
    #expect(session.send(at: .ms(0)).count == count)
    let reply = try bytes([Hosts.back, UDP(from: 53, to: 40000)])
    for _ in 0..<count { session.receive(reply, at: .ms(1)) }
    let answers = session.takeEvents().answers
    #expect(answers.map(\.probe) == (1...UInt64(count)).map { $0 })
    #expect(answers.allSatisfy { $0.flags.isEmpty })
    _ = session.step(at: .ms(20_000))
    #expect(session.knownProbes == 0)
  }
}
