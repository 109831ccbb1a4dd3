import Foundation
import SondeHeaders
import SondeOctets
import SondeReport
import Testing

@testable import SondeProbe

@Suite struct EventJSONTests {
  private func ping(printsSent: Bool = false) -> EventJSON {
    EventJSON([.init(host: "example.com")], firstSequenceNumber: 65_535, printsSent: printsSent, door: { _ in "raw" })
  }

  /// The one line of an event; nil where it has none.
  private func one(_ json: inout EventJSON, _ event: Event) -> String? {
    let lines = json.lines(event)
    #expect(lines.count <= 1)
    return lines.first
  }

  private func read(_ line: String?) throws -> [String: Any] {
    let line = try #require(line)
    #expect(!line.contains("\n"))
    return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  @Test func anAnswerSaysWhatIsKnown() throws {
    var json = ping()
    #expect(one(&json, Happening.sent(1)) == nil)
    let line = try read(one(&json, .answer(Happening.answer(1, flags: [.late, .local], milliseconds: 3))))
    #expect(line["type"] as? String == "answer" && line["verdict"] as? String == "reply")
    #expect(line["by"] as? String == "echo-reply" && line["from"] as? String == "192.0.2.7")
    #expect(line["rtt_ns"] as? Int == 1_234_567 && line["rtt_clock"] as? String == "kernel")
    #expect(
      line["flags"] as? [String] == ["late", "local"] && line["icmp"] is NSNull && line["why"] as? String == "because")
    #expect(line["seq"] as? Int == 65_535 && line["id"] as? Int == 7 && line["ttl"] as? Int == 57)
    #expect(
      line["length"] as? Int == 64 && line["host"] as? String == "example.com" && line["at_ns"] as? Int == 3_000_000)
    #expect(line["time"] as? String == "2023-11-14T22:13:20.123456789Z")
    let recipe = try #require(line["recipe"] as? String)
    #expect(recipe.hasPrefix("IP(src='192.0.2.7', dst='192.0.2.1', ttl=57)/ICMP(type=0, id=7, seq=1)/Raw(load=b'\\x00"))
    let next = try read(one(&json, .silence(Happening.silence(2))))
    #expect(next["seq"] as? Int == 0, "sequence numbers wrap")
    #expect(next["type"] as? String == "silence" && next["verdict"] as? String == "timeout")
  }

  @Test func aConflictBeforeTheLastWordIsTheLastWordsAlone() throws {
    var json = EventJSON([.init(host: "example.com", proto: "tcp", port: 80)], settles: true, door: { _ in "raw" })
    let open = Happening.answer(1, .open, by: .tcpSYNACK, flags: [.conflict])
    #expect(one(&json, .answer(Happening.answer(1, .closed, by: .tcpReset))) == nil)
    #expect(one(&json, .answer(open)) == nil)
    let line = try read(one(&json, .settled(Happening.settlement(0, .open, open))))
    #expect(line["verdict"] as? String == "open" && line["flags"] as? [String] == ["conflict"])
    // One that comes later is a line of its own.
    let late = try read(one(&json, .answer(Happening.answer(1, .closed, by: .tcpReset, flags: [.conflict]))))
    #expect(late["verdict"] as? String == "closed")
  }

  @Test func aLateAnswerBehindTheLastWordIsALineOfItsOwn() throws {
    var json = EventJSON([.init(host: "example.com", proto: "tcp", port: 80)], settles: true, door: { _ in "raw" })
    let late = Happening.answer(1, .open, by: .tcpSYNACK, flags: [.late])
    // Before it the answer is what settles the port.
    #expect(one(&json, .answer(late)) == nil)
    _ = one(&json, .settled(Happening.settlement(0, .filtered, nil)))
    let line = try read(one(&json, .answer(late)))
    #expect(line["type"] as? String == "answer" && line["flags"] as? [String] == ["late"])
  }

  @Test func anErrorIsSpelledOut() throws {
    var json = ping()
    let report = ErrorReport(version: 4, type: 3, code: 4, name: "fragmentation-needed", verdict: .tooBig, mtu: 1300)
    let line = try read(one(&json, .answer(Happening.answer(1, .tooBig, by: .icmpError, report: report))))
    let icmp = try #require(line["icmp"] as? [String: Any])
    #expect(icmp["type"] as? Int == 3 && icmp["code"] as? Int == 4 && icmp["mtu"] as? Int == 1300)
    #expect(icmp["name"] as? String == "fragmentation-needed" && icmp["pointer"] is NSNull)
    #expect(icmp["quoted"] is NSNull, "an echo reply quotes nothing")
    #expect(icmp["extensions"] as? [String] == [])
  }

  @Test func anErrorTellsWhatItQuotes() throws {
    var json = ping()
    let asked = Happening.bytes(IPv4(from: "192.0.2.1", to: "192.0.2.7", ttl: 1), ICMPv4.echoRequest(identifier: 7))
    let bytes = Happening.bytes(
      IPv4(from: "203.0.113.1", to: "192.0.2.1"), ICMPv4.timeExceeded(), Quote(Registry.dissect(asked).packet))
    var answer = Happening.answer(1, .timeExceeded, by: .icmpError)
    answer.reply = Registry.dissect(bytes)
    answer.report = answer.reply?.errorReport
    let line = try read(one(&json, .answer(answer)))
    let quoted = "(src='192.0.2.1', dst='192.0.2.7', ttl=1)/ICMP"
    #expect((line["icmp"] as? [String: Any])?["quoted"] as? String == "IP\(quoted)(id=7)")
    #expect(
      line["recipe"] as? String
        == "IP(src='203.0.113.1', dst='192.0.2.1')/ICMP(type=11)/IPerror\(quoted)error(id=7)")
  }

  @Test func anErrorTellsItsExtensions() throws {
    var json = ping()
    let asked = Happening.bytes(IPv4(from: "192.0.2.1", to: "192.0.2.7", ttl: 1), ICMPv4.echoRequest(identifier: 7))
    let bytes = Happening.bytes(
      IPv4(from: "203.0.113.1", to: "192.0.2.1"), ICMPv4.timeExceeded(length: 32),
      Quote(Registry.dissect(asked).packet, fill: 128), ExtensionStructure(),
      ExtensionObject.mplsLabelStack([MPLSLabel(label: 24_000, timeToLive: 1)]))
    var answer = Happening.answer(1, .timeExceeded, by: .icmpError)
    answer.reply = Registry.dissect(bytes)
    answer.report = answer.reply?.errorReport
    let line = try read(one(&json, .answer(answer)))
    let extensions = try #require((line["icmp"] as? [String: Any])?["extensions"] as? [String])
    #expect(extensions.count == 1)
    #expect(extensions.first?.contains("24000") == true, "\(extensions)")
  }

  @Test func anErrorOfThisMachineHasNoRecipe() throws {
    var json = ping()
    var answer = Happening.answer(1, .unreachable, by: .localError, from: nil)
    answer.reply = nil
    #expect(try read(one(&json, .answer(answer)))["recipe"] is NSNull)
  }

  @Test func sentProbesAreLinesOnlyWhereAskedFor() throws {
    var json = ping(printsSent: true)
    _ = one(&json, Happening.sent(1, milliseconds: 5))
    let line = try read(one(&json, Happening.sent(2, milliseconds: 1005)))
    #expect(line["at_ns"] as? Int == 1_000_000_000 && line["door"] as? String == "raw")
    #expect((line["bytes"] as? String)?.hasPrefix("45000") == true)
    #expect(line["recipe"] as? String == "IP(src='192.0.2.1', dst='192.0.2.7')/ICMP(id=7, seq=2)")
  }

  @Test func noiseIsAtMostAHundredLinesASecond() {
    var json = ping()
    let lines = (0..<300).map { one(&json, Happening.noise(at: Int64($0) * 1_000_000)) }
    #expect(lines.count { $0 != nil } == 100)
    #expect(one(&json, Happening.noise(at: 1_000_000_000)) != nil)
    #expect(lines[0] == #"{"type":"noise","probe":null,"from":"198.51.100.9","why":"carries id 8, not our 7"}"#)
  }

  @Test func aVerbOfPortsPrintsEachTargetsLastWordAndItsDuplicates() throws {
    var json = EventJSON([.init(host: "h", proto: "tcp", port: 80)], settles: true, door: { _ in "raw" })
    let first = Happening.answer(1, .open, by: .tcpSYNACK)
    #expect(one(&json, .answer(first)) == nil && one(&json, .silence(Happening.silence(1))) == nil)
    let settled = try read(one(&json, .settled(Happening.settlement(0, .open, first))))
    #expect(
      settled["port"] as? Int == 80 && settled["proto"] as? String == "tcp" && settled["verdict"] as? String == "open")
    let again = try read(one(&json, .answer(Happening.answer(1, .open, by: .tcpSYNACK, flags: [.duplicate]))))
    #expect(again["flags"] as? [String] == ["duplicate"])
    let silent = try read(one(&json, .settled(Happening.settlement(0, .filtered))))
    #expect(silent["type"] as? String == "silence" && silent["why"] as? String == "no answer to 1 probe")
  }

  @Test func theSummaryCountsAll() throws {
    var tally = Tally()
    tally.sent = 3
    tally.answered = 1
    tally.silent = 2
    let empty = try read(EventJSON.summary(tally, ownDrops: 4))
    #expect(empty["sent"] as? Int == 3 && empty["own_drops"] as? Int == 4 && empty["rtt_ns"] is NSNull)
    for time in (1...100 as ClosedRange<Int64>).reversed() { tally.rtt.add(time) }
    let full = try read(EventJSON.summary(tally, ownDrops: 0, ports: [(.open, 1), (.openOrFiltered, 2)]))
    #expect(full["ports"] as? [String: Int] == ["open": 1, "open|filtered": 2])
    #expect(
      full["rtt_ns"] as? [String: Int]
        == ["min": 1, "p50": 50, "p90": 90, "p99": 99, "max": 100, "mean": 50, "mdev": 28])
  }
}
