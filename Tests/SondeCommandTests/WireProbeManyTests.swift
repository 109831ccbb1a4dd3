import Testing
import WireSupport

/// A probe of very many ports, whose first round asks all of them as a sweep does.
@Suite(.wire) struct WireProbeManyTests {
  private func settled(_ outcome: Outcome) throws -> (ports: [Int: [String: Any]], summary: [String: Any]) {
    let lines = try objects(outcome)
    let ports = lines.filter { $0["port"] != nil }
    #expect(Set(ports.map { $0.number("port") }).count == ports.count, "one line a port")
    let summary = try #require(lines.of("summary").first, "\(outcome)")
    let (sent, answered) = (summary.number("sent"), summary.number("answered") ?? 0)
    #expect(sent == answered + (summary.number("silent") ?? 0) + (summary.number("send_failed") ?? 0), "\(summary)")
    return (Dictionary(ports.map { ($0.number("port") ?? 0, $0) }) { first, _ in first }, summary)
  }

  @Test func aLimitOfErrorsHidesNoClosedPortOfManyAndNoSilentOne() throws {
    try WireNetwork.run { network in
      try network.onFar {
        try network.sh("echo 6168 > /proc/sys/net/ipv4/icmp_ratemask; echo 5 > /proc/sys/net/ipv4/icmp_ratelimit")
      }
      try network.withServices {
        let (ports, _) = try settled(sonde("probe --json --udp --data hello -p 7071-7073,8100-9199 10.9.0.2"))
        #expect(ports.count == 1103)
        #expect(ports[7071]?.text("verdict") == "open" && ports[7072]?.text("verdict") == "open|filtered")
        let others = ports.filter { $0.key != 7071 && $0.value.text("verdict") != "closed" }
        #expect(others.count == 1, "\(others.keys.sorted().prefix(20))")
      }
    }
  }

  @Test(arguments: ["1", "4"]) func whoIsInterruptedTellsOfWhatWasAskedAndOfNothingElse(_ seconds: String) throws {
    try WireNetwork.run { network in
      try network.filterAtFar("tcp dport 20000-65535 drop")
      let outcome = try Shell.run("exec timeout -s INT \(seconds) \"$SONDE\" probe --json -p- 10.9.0.2")
      let (ports, summary) = try settled(outcome)
      let closed = ports.values.count { $0.text("verdict") == "closed" }
      let filtered = ports.values.filter { $0.text("verdict") == "filtered" }
      #expect(closed > 0 && !filtered.isEmpty && closed + filtered.count == ports.count)
      #expect(ports.allSatisfy { ($0.key < 20_000) == ($0.value.text("verdict") == "closed") || $0.key < 20_000 })
      #expect(filtered.contains { $0.text("why") == "no answer to 1 probe, and the run was stopped" }, "\(summary)")
      #expect(ports.count <= summary.number("sent") ?? 0)
    }
  }

  @Test func aPortThatIsToBeAskedOnceIsAskedOnce() throws {
    try WireNetwork.run { network in
      try network.filterAtFar("tcp dport 8000-9999 drop")
      let (ports, summary) = try settled(sonde("probe --json -p 7000-9999 --retries 0 -W 500ms 10.9.0.2"))
      #expect(ports.count == 3000 && summary.number("sent") == 3000)
    }
  }
}
