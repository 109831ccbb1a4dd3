import SondeCraft
import SondeHeaders
import SondeLink
import SondeOctets
import SondeScript
import SondeSim
import Testing

@Suite struct LinkStageTests {
  private func link() -> SimulatedLink { SimulatedLink([SimulatedHost(.v4("192.0.2.7"), tcp: [80: .answer])]) }

  @Test func anExchangeIsWrittenInSwift() throws {
    var link = link()
    let exchange = Exchange {
      Send {
        IPv4(from: "192.0.2.1", to: "192.0.2.7")
        TCP(from: 61000, to: 80, flags: .syn, sequenceNumber: 0xffff_ffff)
      }
      Expect(within: .milliseconds(100)) {
        IPv4(from: "192.0.2.7")
        TCP(flags: [.syn, .ack])
      } unless: {
        TCP(flags: .rst)
      }
      for port in [81, 82] as [UInt16] {
        Send {
          IPv4(from: "192.0.2.1", to: "192.0.2.7")
          TCP(from: 61000, to: port, flags: .syn, sequenceNumber: 7)
        }
        Expect {
          TCP(from: port, flags: [.rst, .ack], acknowledgmentNumber: 8)
        }
      }
      Wait(.seconds(1))
      Nothing(within: .seconds(1)) { TCP() }
    }
    let outcomes = try exchange.run(over: &link)
    #expect(outcomes.count == 8)
    #expect(link.now - Instant(nanoseconds: 0) == .milliseconds(2003))
  }

  @Test func aFailureTellsFieldByField() throws {
    var link = link()
    let exchange = try Exchange {
      try Send("IP(src='192.0.2.1', dst='192.0.2.7')/TCP(sport=61000, dport=81, seq=$mine, flags='S')")
      try Expect("IP(src='192.0.2.7')/TCP(flags='SA', ack=$mine+2)", within: .milliseconds(10))
    }
    let failure = #expect(throws: ExchangeFailure.self) { try exchange.run(over: &link) }
    let text = failure?.description ?? ""
    #expect(text.contains("TCP.flags: expected 'SA', seen 'RA'"))
    #expect(text.contains("($mine+2), seen"))
    // The link is whole, and time has passed on it.
    #expect(link.now - Instant(nanoseconds: 0) == .milliseconds(10))
  }

  @Test func aRefusedPacketCannotBeTried() throws {
    var link = link()
    link.script([.fail(LinkError(operation: "sendto", code: 1, message: "not permitted"))])
    let exchange = Exchange {
      Send {
        IPv4(to: "192.0.2.7"); UDP(to: 9)
      }
    }
    let failure = #expect(throws: ExchangeFailure.self) { try exchange.run(over: &link) }
    #expect(failure?.outcomes.first?.verdict == .impossible)
    #expect(failure?.description.contains("not permitted") == true)
  }

  @Test func aFileRunsOverASimulatedNetwork() throws {
    let scenario = try Scenario(
      text: """
        # Closed and open
        send IP(src="192.0.2.1", dst="192.0.2.7")/TCP(sport=61000, dport=80, seq=$mine, flags="S")
        expect within 10ms IP(src="192.0.2.7")/TCP(sport=80, flags="SA", ack=$mine+1) unless TCP(flags="R")
        send IP(src="192.0.2.1", dst="192.0.2.7")/UDP(sport=61000, dport=9)/"hello"
        expect within 10ms ICMP(type=3, code=3)/IPerror(dst="192.0.2.7")/UDPerror(dport=9)/"hello"
        nothing within 1s IP()
        check count(ICMP()) == 1
        """, name: "sim")
    var stage = LinkStage(link())
    var failures: [String] = []
    let outcome = scenario.run(over: &stage, emit: { if !$0.isMet { failures.append($0.message) } })
    #expect(outcome.isMet, "\(failures)")
  }
}
