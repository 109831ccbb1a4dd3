import SondeCraft
import SondeHeaders
import SondeLink
import SondeOctets
import SondeProbe
import SondeReport
import SondeSweep
import Testing

@Suite struct SweepTextTests {
  private func subject(onlyOpen: Bool = false, isVerbose: Bool = false) -> SweepSubject {
    SweepSubject(
      proto: "tcp", asksPorts: true, start: Instant(nanoseconds: 0), onlyOpen: onlyOpen, isVerbose: isVerbose)
  }

  private func line(_ text: inout SweepText, _ event: SweepEvent, _ packet: [UInt8] = []) -> String {
    var octets = TextOctets()
    text.append(event, packet.rawSpan, to: &octets)
    return String(decoding: octets.octets, as: UTF8.self)
  }

  private func openPort(_ asked: inout Asked, window: UInt16 = 64_240) throws -> [UInt8] {
    let syn = try #require(asked.question(SweepAnswers.target).first(TCP.self))
    return try AnyPacket([
      SweepAnswers.ip(false),
      TCP(
        from: 80, to: syn.sourcePort, flags: [.syn, .ack], sequenceNumber: 9,
        acknowledgmentNumber: syn.sequenceNumber &+ 1, window: window, options: [.mss(1460)]),
    ]).encoded().bytes
  }

  @Test func anOpenPortIsALineAndAClosedOneNone() throws {
    var asked = try SweepAnswers.syn()
    var text = SweepText(subject(), asked.questions)
    let open = try openPort(&asked)
    #expect(
      line(&text, try asked.event(open), open)
        == "192.0.2.7       80/tcp    open     0.081 ms    SYN-ACK that acknowledges our SYN, ttl 57\n")
    let closed = try SweepAnswers.reset(&asked)
    #expect(line(&text, try asked.event(closed), closed).isEmpty)
    #expect(line(&text, asked.silent(SweepAnswers.target, .filtered)).isEmpty)
    #expect(line(&text, try asked.event(open, flags: [.duplicate]), open).isEmpty)
    #expect(line(&text, try asked.event(open, flags: [.late]), open).hasSuffix("ttl 57 [late]\n"))
  }

  @Test func whatIsOddIsSaid() throws {
    var asked = try SweepAnswers.syn()
    var text = SweepText(subject(), asked.questions)
    let shut = try openPort(&asked, window: 0)
    let line = line(&text, try asked.event(shut), shut)
    #expect(line.contains("its window is 0") && line.hasSuffix(" [zero-window]\n"), "\(line)")
  }

  @Test func allIsToldIfAskedFor() throws {
    var asked = try SweepAnswers.syn()
    var text = SweepText(subject(isVerbose: true), asked.questions)
    let closed = try SweepAnswers.reset(&asked)
    #expect(
      line(&text, try asked.event(closed), closed)
        == "192.0.2.7       80/tcp    closed        0.081 ms    RST that acknowledges our segment, ttl 57\n")
    #expect(
      line(&text, asked.silent(SweepAnswers.target, .filtered))
        == "192.0.2.7       80/tcp    filtered      -           no answer to 1 probe\n")
    var open = SweepText(subject(onlyOpen: true, isVerbose: true), asked.questions)
    #expect(line(&open, try asked.event(closed), closed).isEmpty)
  }

  @Test func commaSeparatedValuesAreQuotedWhereTheyMustBe() throws {
    var asked = try SweepAnswers.syn()
    var csv = SweepCSV(subject(), asked.questions)
    var octets = TextOctets()
    let closed = try SweepAnswers.reset(&asked)
    csv.append(try asked.event(closed), closed.rawSpan, to: &octets)
    let none: [UInt8] = []
    csv.append(asked.silent(SweepAnswers.target, .filtered), none.rawSpan, to: &octets)
    let shut = try openPort(&asked, window: 0)
    csv.append(try asked.event(shut), shut.rawSpan, to: &octets)
    let lines = String(decoding: octets.octets, as: UTF8.self).split(separator: "\r\n").map(String.init)
    #expect(
      lines.prefix(2) == [
        "2023-11-14T22:13:20.123456789Z,192.0.2.7,tcp,80,closed,tcp-reset,192.0.2.7,81234,57,,,,"
          + "RST that acknowledges our segment",
        ",192.0.2.7,tcp,80,filtered,,,,,,,,no answer to 1 probe",
      ])
    #expect(lines.count == 3 && lines[2].contains(",zero-window,"), "\(lines)")
    for line in lines.prefix(2) {
      #expect(line.count { $0 == "," } == SweepCSV.header.count { $0 == "," })
    }
  }

  @Test func percentilesAreWithinAHundredth() {
    var times = RTTHistogram()
    #expect(times.percentile(50) == 0 && times.mean == 0)
    for time in 1...100_000 as ClosedRange<Int64> { times.add(time * 10) }
    #expect(times.count == 100_000 && times.min == 10 && times.max == 1_000_000 && times.mean == 500_005)
    for percent in [1, 50, 90, 99] {
      let exact = Double(percent) * 10_000
      #expect(abs(Double(times.percentile(percent)) - exact) <= exact / 100)
    }
    #expect(times.percentile(100) == 1_000_000)
    var extremes = RTTHistogram()
    for time in [-5, 0, 3, .max] as [Int64] { extremes.add(time) }
    #expect(extremes.min == 0 && extremes.max == .max && extremes.percentile(50) == 0 && extremes.percentile(75) == 3)
  }

  @Test func progressTellsRateAndTimeLeft() {
    var progress = SweepProgressLine(at: 0)
    let standing = SweepProgressLine.Standing(
      asked: 12_000, questions: 100_000, sent: 12_000, answered: 1234, silent: 56, ownDrops: 0, isCoolingDown: false)
    #expect(
      progress.line(standing, at: 1_200_000_000) == "12.0 %  10,000/s  1,234 answered  56 lost  0:09 left")
    var end = standing
    end.ownDrops = 3
    end.isCoolingDown = true
    end.asked = 100_000
    #expect(
      progress.line(end, at: 1_300_000_000)
        == "100.0 %  10,000/s  1,234 answered  56 lost  3 dropped here  waiting for late answers")
  }
}
