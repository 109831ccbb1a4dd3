import Foundation
import SondeHeaders
import SondeLink
import SondeOctets
import SondeReport
import Testing

@testable import SondeProbe

@Suite struct TraceTextTests {
  private static let near: IPAddress = "198.51.100.1"
  private static let other: IPAddress = "198.51.100.2"

  /// A trace of three queries a hop; each is an answer, or nil for silence.
  private func trace(_ hops: [[Answer?]], queries: Int = 3) -> Trace {
    var trace = Trace(to: Happening.host, ttls: 1...hops.count, queries: queries, isOneFlow: true)
    for (hop, answers) in hops.enumerated() {
      for (query, answer) in answers.enumerated() {
        let target = trace.target(hop: hop, query: query)
        trace.settle(Happening.settlement(target, answer?.verdict ?? .timeout, answer))
      }
    }
    return trace
  }

  private func exceeded(_ from: IPAddress, _ milliseconds: Int64 = 1, flags: [AnswerFlag] = []) -> Answer {
    Happening.answer(
      1, .timeExceeded, by: .icmpError, from: from, rtt: milliseconds * 1_000_000, flags: flags,
      report: ErrorReport(version: 4, type: 11, code: 0, name: "ttl-exceeded", verdict: .timeExceeded))
  }

  private func unreachable(_ from: IPAddress, _ code: UInt8, _ name: String, version: Int = 4) -> Answer {
    var report = Happening.unreachable(code, name)
    if version == 6 { (report.version, report.type) = (6, 1) }
    return Happening.answer(1, .unreachable, by: .icmpError, from: from, report: report)
  }

  private func line(_ trace: Trace, _ hop: Int = 0, names: [IPAddress: String] = [:]) -> String {
    TraceText.line(trace, hop: hop) { names[$0] }
  }

  @Test func aHopIsOneLineTheTTLFirst() {
    let trace = trace([[exceeded(Self.near), exceeded(Self.near, 2), exceeded(Self.near, 30)]])
    #expect(line(trace) == " 1  198.51.100.1  1.00 ms  2.00 ms  30.0 ms")
    #expect(
      line(trace, names: [Self.near: "gate.example.com"])
        == " 1  198.51.100.1 (gate.example.com)  1.00 ms  2.00 ms  30.0 ms")
  }

  @Test func eachAddressStandsBeforeItsTimes() {
    let trace = trace([[exceeded(Self.near), exceeded(Self.other, 2), exceeded(Self.other, 3)]])
    #expect(line(trace) == " 1  198.51.100.1  1.00 ms  198.51.100.2  2.00 ms  3.00 ms")
  }

  @Test func silenceIsNamed() {
    #expect(line(trace([[nil, nil, nil]])) == " 1  no answer")
    #expect(
      line(trace([[nil, exceeded(Self.near), nil]]))
        == " 1  *  198.51.100.1  1.00 ms  *  [no answer to 2 of 3: a rate limit, or loss]")
  }

  @Test func whatAStopCutShortIsNoSilence() {
    var trace = Trace(to: Happening.host, ttls: 1...3, queries: 2, isOneFlow: true)
    trace.settle(Happening.settlement(0, .timeExceeded, exceeded(Self.near)))
    for target in [1, 2] { trace.settle(Happening.settlement(target, .timeout, isCutShort: true)) }
    #expect(line(trace) == " 1  198.51.100.1  1.00 ms  *  [no answer yet to 1 of 2]")
    #expect(line(trace, 1) == " 2  no answer yet")
    #expect(TraceJSON.line(trace, hop: 0) { _ in nil }.hasSuffix(#""notes":["partly-no-answer-yet"]}"#))
    #expect(TraceJSON.line(trace, hop: 1) { _ in nil }.hasSuffix(#""notes":["no-answer-yet"]}"#))
    #expect(TraceText.conclusion(trace) == "192.0.2.7 was not reached before the run was stopped")
    trace.settle(Happening.settlement(4, .reply, Happening.answer(3)))
    #expect(TraceText.conclusion(trace) == "192.0.2.7 is at most 3 hops away, and the run was stopped")
  }

  @Test func loopsAndLateAnswersAreNamed() {
    let trace = trace(
      [[exceeded(Self.near)], [exceeded(Self.other)], [exceeded(Self.near, 1, flags: [.late])]], queries: 1)
    #expect(line(trace, 2) == " 3  198.51.100.1  1.00 ms  [loop: met before; late]")
  }

  @Test func unreachablesHaveTheLettersOfTracerouteAndTheirNames() {
    for (code, name, letters) in [
      (0, "net-unreachable", "!N"), (1, "host-unreachable", "!H"), (2, "protocol-unreachable", "!P"),
      (3, "port-unreachable", "!p"), (5, "source-route-failed", "!S"), (13, "communication-prohibited", "!X"),
      (7, "host-unknown", "!<7>"),
    ] as [(UInt8, String, String)] {
      let trace = trace([[unreachable(Self.near, code, name)]], queries: 1)
      #expect(line(trace) == " 1  198.51.100.1  1.23 ms \(letters)  [\(name)]")
      #expect(TraceText.conclusion(trace) == "192.0.2.7 was not reached: it ends at hop 1")
    }
    let six = trace([[unreachable("2001:db8::1", 3, "address-unreachable", version: 6)]], queries: 1)
    #expect(line(six) == " 1  2001:db8::1  1.23 ms !H  [address-unreachable]")
  }

  @Test func arrivalAndItsWantAreTold() {
    let there = trace([[exceeded(Self.near)], [Happening.answer(2)]], queries: 1)
    #expect(TraceText.conclusion(there) == "192.0.2.7 is 2 hops away")
    #expect(line(there, 1) == " 2  192.0.2.7  1.23 ms")
    let lost = trace([[exceeded(Self.near)], [nil]], queries: 1)
    #expect(TraceText.conclusion(lost) == "192.0.2.7 was not reached with TTLs up to 2")
  }

  @Test func anExplanationNamesItsHops() {
    let hops = (1...4).map { [exceeded(Self.near, Int64($0)), exceeded(Self.other)] } + [[Happening.answer(5), nil]]
    let trace = trace(hops, queries: 2)
    let sentences = [0: "A.", 1: "A.", 2: "A.", 3: "B.", 4: "A.", 7: "A.", 8: "C."]
    #expect(TraceText.explanations(trace, sentences) == ["TTL 1-4: A.", "TTL 2: B.", "TTL 5: C."])
    #expect(
      TraceText.explanations(trace, [0: "A.", 4: "A.", 6: "A."]) == ["TTL 1, 3-4: A."])
    let line = TraceJSON.line(trace, hop: 1, explain: sentences) { _ in nil }
    #expect(line.contains(#""reply_ttl":57,"explain":"A."}"#) && line.contains(#""explain":"B."}"#))
    #expect(!TraceJSON.line(trace, hop: 1) { _ in nil }.contains("explain"))
  }

  @Test func theObjectOfAHopHasTheKeysThatAreDocumented() throws {
    let trace = trace([[exceeded(Self.near), nil, exceeded(Self.other)]])
    let text = TraceJSON.line(trace, hop: 0) { _ in nil }
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(text.hasPrefix(#"{"type":"hop","ttl":1,"queries":3,"silent":1,"answers":[{"from":"198.51.100.1""#))
    #expect(object["notes"] as? [String] == ["partly-silent"])
    let answers = try #require(object["answers"] as? [[String: Any]])
    #expect(answers.map { $0["query"] as? Int } == [1, 3])
    #expect(answers.map { $0["rtt_ns"] as? Int } == [1_000_000, 1_000_000])
    #expect((answers[0]["icmp"] as? [String: Any])?["name"] as? String == "ttl-exceeded")
    #expect(TraceJSON.summary(trace, Tally(), ownDrops: 0).hasSuffix(#","reached":false,"hops":null}"#))
  }
}
