@testable import SondeReport
import Testing

@Suite struct ProgressBarTests {
  private let second: Int64 = 1_000_000_000

  @Test func nothingShowsInTheFirstSecond() {
    var line = ProgressLine(at: 5)
    #expect(line.draw(at: second + 4, width: 80) { _ in "10" } == nil && line.clear() == nil)
    #expect(line.draw(at: second + 5, width: 80) { _ in "10" } == "\r10\u{1b}[K")
  }

  @Test func itIsDrawnAtMostTenTimesASecond() {
    var line = ProgressLine(at: 0)
    let drawn = (0...3_000_000).filter { line.draw(at: Int64($0) * 1000, width: 80) { _ in "" } != nil }
    #expect(drawn.count == 21 && drawn.first == 1_000_000)
  }

  @Test func itTellsShareSizeRateAndTime() {
    let bar = ProgressBar(total: 24_000_000, at: 0)
    #expect(
      bar.line(done: 12_000_000, at: 2 * second, room: 79)
        == "[##########          ]  50 %  12.0 MB of 24.0 MB  6.0 MB/s  2 s left")
    #expect(
      bar.line(done: 24_000_000, at: 2 * second, room: 79)
        == "[####################]  100 %  24.0 MB of 24.0 MB  12.0 MB/s")
  }

  @Test func withoutATotalItTellsWhatIsKnown() {
    #expect(ProgressBar(total: nil, at: 0).line(done: 3000, at: 2 * second, room: 79) == "  3.0 kB  1.5 kB/s")
  }

  @Test(arguments: [0, 1, 5, 20, 40, 60, 79, 200])
  func itNeverWraps(width: Int) throws {
    let bar = ProgressBar(total: 1 << 40, at: 0)
    var line = ProgressLine(at: 0)
    let drawn = try #require(
      line.draw(at: 5 * second, width: width) { bar.line(done: 1 << 30, at: 5 * second, room: $0) })
    #expect(drawn.dropFirst().dropLast(3).count <= max(width - 1, 0))
  }

  @Test func clearingTakesItAwayOnce() {
    var line = ProgressLine(at: 0)
    let text = line.draw(at: second, width: 40) { _ in "x" }
    #expect(text?.hasPrefix("\r") == true && text?.hasSuffix("\u{1b}[K") == true)
    #expect(line.clear() == "\r\u{1b}[K" && line.clear() == nil)
  }

  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_951, "1.0 MB"), (2.5e12, "2.5 TB"),
    (9e15, "9000.0 TB"),
  ])
  func sizesAreOfFourDigits(octets: Double, text: String) { #expect(ProgressBar.size(octets) == text) }

  @Test(arguments: [(0.2, "1 s"), (59, "59 s"), (60, "01:00"), (3599.5, "1:00:00"), (1e12, "99:59:59")])
  func timesAreRoundedUp(seconds: Double, text: String) { #expect(ProgressBar.time(seconds) == text) }
}
