internal import SondeLink
@testable import SondeProbe
@testable import SondeReport
import Testing

@Suite struct PortProgressTests {
  private let second: Int64 = 1_000_000_000

  /// What is known of a host that sent an error as often as this.
  private func limit(_ interval: Duration?) -> ErrorRate {
    var rate = ErrorRate()
    guard let interval else { return rate }
    rate.measure()
    for turn in 0..<3 {
      let at = Instant(nanoseconds: 0) + interval * turn
      rate.asked(at: at)
      rate.asked(at: at + .milliseconds(1))
      rate.error(askedAt: at + .milliseconds(1))
    }
    return rate
  }

  private func host(_ name: String, _ settled: Int, of ports: Int, _ interval: Duration? = nil) -> PortProgress.Host {
    PortProgress.Host(
      name: name, standing: PortSchedule.Standing(ports: ports, settled: settled), limit: interval.map { limit($0) })
  }

  @Test func itTellsTheLimitAndWhatItCosts() {
    let progress = PortProgress(at: 0)
    #expect(
      progress.line([host("192.0.2.7", 43, of: 200, .seconds(1))], at: second)
        == "192.0.2.7 sends 1 ICMP error a second: 43 of 200 ports, 2:41 left")
    #expect(
      progress.line([host("2001:db8::7", 43, of: 200, .milliseconds(100))], at: second)
        == "2001:db8::7 sends 10 ICMP errors a second: 43 of 200 ports, 0:17 left")
    #expect(
      progress.line([host("192.0.2.7", 0, of: 65_535, .seconds(2))], at: second)
        == "192.0.2.7 sends 1 ICMP error in 2.0 s: 0 of 65535 ports, 37:08:12 left")
    var unknown = host("192.0.2.7", 7, of: 200)
    unknown.limit = ErrorRate()
    #expect(progress.line([unknown], at: second) == "192.0.2.7 limits its ICMP errors: 7 of 200 ports")
  }

  @Test func whereThereIsNoRoomForTheReasonTheNumbersStay() {
    let hosts = [host("192.0.2.7", 43, of: 200, .seconds(1))]
    let whole = "192.0.2.7 sends 1 ICMP error a second: 43 of 200 ports, 2:41 left"
    #expect(PortProgress(at: 0).line(hosts, at: second, room: whole.count) == whole)
    #expect(PortProgress(at: 0).line(hosts, at: second, room: whole.count - 1) == "43 of 200 ports, 2:41 left")
  }

  @Test func ofManyHostsTheOneThatTakesLongestIsNamed() {
    let hosts = [
      host("192.0.2.7", 10, of: 60, .milliseconds(100)), host("192.0.2.8", 50, of: 60, .seconds(1)),
      host("192.0.2.9", 1, of: 60), host("192.0.2.10", 60, of: 60, .seconds(2)),
    ]
    let line = PortProgress(at: 0).line(hosts, at: second)
    #expect(line == "192.0.2.8 sends 1 ICMP error a second: 50 of 60 ports, 0:11 left")
  }

  @Test func withoutALimitThePaceSoFarIsToldAndNoReason() {
    let progress = PortProgress(at: second)
    let hosts = [host("192.0.2.7", 100, of: 300), host("192.0.2.8", 100, of: 100)]
    #expect(progress.line(hosts, at: 11 * second) == "200 of 400 ports, 0:10 left")
    #expect(progress.line([host("192.0.2.7", 0, of: 1)], at: 2 * second) == "0 of 1 port")
    #expect(progress.line([host("192.0.2.7", 9, of: 9, .seconds(1))], at: 2 * second) == "9 of 9 ports, 0:00 left")
  }

  @Test(arguments: [0, 1, 10, 40, 60, 80, 400]) func aNarrowTerminalCutsIt(width: Int) throws {
    var line = ProgressLine(at: 0)
    let text = PortProgress(at: 0).line([host("192.0.2.7", 43, of: 200, .seconds(1))], at: second)
    let drawn = try #require(line.draw(at: second, width: width) { _ in text })
    #expect(drawn == "\r" + text.prefix(max(width - 1, 0)) + "\u{1b}[K")
  }

  @Test(
    arguments: [
      (0, "0:00"), (1, "0:01"), (59_000_000_000, "0:59"), (59_000_000_001, "1:00"), (157_000_000_000, "2:37"),
      (3_600_000_000_000, "1:00:00"), (360_000_000_000_000, "100:00:00"),
    ] as [(Int64, String)])
  func timesAreMinutesAndSeconds(nanoseconds: Int64, text: String) { #expect(PortProgress.time(nanoseconds) == text) }
}
