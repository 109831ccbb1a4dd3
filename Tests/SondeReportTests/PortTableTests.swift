import SondeHeaders
import SondeReport
import Testing

@testable import SondeProbe

@Suite struct PortTableTests {
  private func port(_ number: Int, _ verdict: Verdict, _ by: Basis? = nil) -> PortTable.Port {
    let answer = by.map { Happening.answer(UInt64(number), verdict, by: $0, target: number) }
    return PortTable.Port(
      port: UInt16(number), proto: "tcp", settlement: Happening.settlement(number, verdict, answer))
  }

  @Test func portsStandInOrderWithStateTimeAndReason() {
    let table = PortTable([port(443, .filtered), port(22, .open, .tcpSYNACK), port(80, .closed, .tcpReset)])
    #expect(
      table.lines() == [
        "PORT     STATE    RTT        WHY",
        "22/tcp   open     1.23 ms    because, ttl 57",
        "80/tcp   closed   1.23 ms    because, ttl 57",
        "443/tcp  filtered -          no answer to 1 probe",
      ])
  }

  @Test func manyAlikeAreCountedButOpenOnesNever() {
    let closed = (1...26).map { port($0, .closed, .tcpReset) }
    #expect(PortTable(closed).lines() == ["not listed: 26 closed (tcp-reset)"])
    #expect(PortTable(Array(closed.dropLast())).lines().count == 26, "25 are listed, with a headline")
    #expect(PortTable(closed, listsAll: true).lines().count == 27)
    #expect(PortTable((1...26).map { port($0, .open, .tcpSYNACK) }).lines().count == 27)
    let mixed = closed + (27...80).map { port($0, .filtered) } + [port(100, .open, .tcpSYNACK)]
    #expect(
      PortTable(mixed).lines().suffix(2) == [
        "not listed: 54 filtered (no answer)", "not listed: 26 closed (tcp-reset)",
      ])
    #expect(PortTable(mixed, onlyOpen: true).lines().count == 2)
  }

  @Test func colorsSurroundTheStateAlone() {
    let line = PortTable([port(22, .open, .tcpSYNACK)], color: true).lines().last
    #expect(line == "22/tcp   \u{1b}[32mopen   \u{1b}[0m1.23 ms    because, ttl 57")
  }

  @Test func anErrorNamesItsSenderAndFlagsStandInBrackets() {
    let answer = Happening.answer(
      1, .filtered, by: .icmpError, from: "198.51.100.1", flags: [.thirdParty], report: Happening.unreachable(13, "x"))
    let table = PortTable([.init(port: 1, proto: "udp", settlement: Happening.settlement(0, .filtered, answer))])
    #expect(table.lines().last?.hasSuffix("because, from 198.51.100.1, ttl 57 [third-party]") == true)
  }

  @Test func countsAreTheMostFrequentFirst() {
    let settlements = [(Verdict.open), .closed, .closed].map { Happening.settlement(0, $0) }
    #expect(PortTable.counts(settlements).map { "\($0.0) \($0.1)" } == ["closed 2", "open 1"])
    #expect(PortTable([]).lines().isEmpty)
  }
}
