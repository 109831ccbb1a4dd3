import Foundation
import Testing
import WireSupport

/// Replies that come late, many times, out of order, or after the numbers have wrapped.
@Suite(.wire) struct WireLateTests {
  /// Runs `body` while Scripts/echoer.py answers in the far kernel's place.
  private func withEchoer(_ how: String, _ body: () throws -> Void) throws {
    try WireNetwork.run { network in
      try network.filterAtFar("icmp type echo-request drop; icmpv6 type echo-request drop")
      let folder = try TemporaryFolder()
      let child = try network.onFar {
        try network.start("exec \(script("echoer.py")) far0 \(how) > \(folder.path)/log 2>&1")
      }
      defer { network.stop(child) }
      try Shell.until("grep -q ready \(folder.path)/log")
      try body()
    }
  }

  private func summary(_ lines: [[String: Any]]) throws -> [String: Any] { try #require(lines.of("summary").first) }

  @Test(arguments: Side.both, ["datagram", "raw"])
  func aReplyAfterItsTimeIsLateWithItsTrueTime(side: Side, door: String) throws {
    try withEchoer("late=700") {
      let outcome = try sonde("ping --json --door \(door) -c 6 -i 300ms -W 400ms \(side.far)")
      let lines = try objects(outcome)
      let late = lines.of("answer")
      // The last ones come after the run.
      #expect(late.count >= 3 && late.allSatisfy { $0.flags.contains("late") }, "\(outcome)")
      #expect(late.allSatisfy { (690_000_000..<1_500_000_000).contains($0.number("rtt_ns") ?? 0) }, "\(outcome)")
      #expect(late.map { $0.number("seq") } == Array(1...late.count))
      // What was said of a probe stands: all are silent, none is answered.
      #expect(lines.of("silence").compactMap { $0.number("seq") } == Array(1...6), "\(outcome)")
      let books = try summary(lines)
      #expect(books.number("silent") == 6 && books.number("answered") == 0 && books.number("noise") == 0)
      #expect(books.number("late") == late.count && books.number("duplicates") == 0)
    }
  }

  @Test(arguments: Side.both, ["datagram", "raw"])
  func aHundredCopiesAreOneAnswer(side: Side, door: String) throws {
    try withEchoer("copies=100") {
      let outcome = try sonde("ping --json --door \(door) -c 3 -i 500ms \(side.far)")
      let books = try summary(objects(outcome))
      #expect(books.number("sent") == 3 && books.number("answered") == 3 && books.number("silent") == 0)
      // Those of the last one come after the run has ended.
      #expect((198...297).contains(books.number("duplicates") ?? 0), "\(books)")
      #expect(books.number("noise") == 0 && books.number("late") == 0)
      let text = try sonde("ping -q --door \(door) -c 3 -i 500ms \(side.far)")
      #expect(text.output.contains("3 packets transmitted, 3 received, +"), "\(text)")
      #expect(text.output.contains(" duplicates, 0% packet loss"), "\(text)")
    }
  }

  @Test(arguments: Side.both, ["datagram", "raw"])
  func repliesInTheWrongOrderHaveEachItsOwnTime(side: Side, door: String) throws {
    try withEchoer("backwards=5") {
      let outcome = try sonde("ping --json --door \(door) -c 10 -i 100ms \(side.far)")
      let answers = try objects(outcome).of("answer")
      #expect(answers.map { $0.number("seq") } == [5, 4, 3, 2, 1, 10, 9, 8, 7, 6], "\(outcome)")
      for answer in answers {
        // The first of five waited for four more, the last for none.
        let waited = (5 - ((answer.number("seq") ?? 0) - 1) % 5 - 1) * 100_000_000
        #expect((waited - 50_000_000..<waited + 90_000_000).contains(answer.number("rtt_ns") ?? 0), "\(answer)")
        #expect(answer.flags.contains("out-of-order") == (waited > 0), "\(answer)")
      }
      #expect(try summary(objects(outcome)).number("answered") == 10)
    }
  }

  @Test(arguments: Side.both, ["datagram", "raw"])
  func sequenceNumbersWrap(side: Side, door: String) throws {
    try WireNetwork.run { _ in
      let outcome = try sonde("ping --json --door \(door) --seq 65530 -c 20 -i 10ms \(side.far)")
      let lines = try objects(outcome)
      #expect(lines.of("answer").map { $0.number("seq") } == Array(65_530...65_535) + Array(0...13), "\(outcome)")
      #expect(lines.of("answer").allSatisfy { $0.flags.isEmpty })
      let books = try summary(lines)
      #expect(books.number("answered") == 20 && books.number("silent") == 0 && books.number("duplicates") == 0)
    }
  }
}
