import SondeHeaders
import SondeLink
import SondeOctets
import SondeScript
import Testing

@Suite struct SimulatedStageTests {
  @Test func anEchoIsSeenAtBothEndsOfTheWayAndBack() throws {
    var stage = try SimulatedStage(try pair())
    let seen = try stage.exchange("IP(src='192.0.2.1', dst='192.0.2.2')/ICMP(id=0x0101, seq=0x0202)", from: "a")
    // The first packet waits for the link address; the target has learned the asker's.
    #expect(
      seen.map(\.place) == ["a out", "b in", "b out", "a in", "a ours", "b in", "b out", "a in"])
    #expect(seen.map(\.interface) == ["right", "left", "left", "right", "right", "left", "left", "right"])
    #expect(seen.prefix(4).map { $0.packet.first(ARP.self)?.operation } == [1, 1, 2, 2])
    #expect(seen.allSatisfy { $0.frame.linkType == .ethernet })
    #expect(seen.last?.packet.first(ICMPv4.self)?.type == .echoReply)
    let times = seen.map(\.frame.stamp.monotonic)
    #expect(times == times.sorted() && times[0] < times[1])
    let again = try stage.exchange("IP(src='192.0.2.1', dst='192.0.2.2')/ICMP(id=0x0101, seq=0x0202)", from: "a")
    #expect(again.map(\.place) == ["a ours", "b in", "b out", "a in"])
  }

  @Test func aHostThatIsNotThereIsAskedForThreeTimesAndNothingLeaves() throws {
    var stage = try SimulatedStage(try pair())
    let seen = try stage.exchange("IP(src='192.0.2.1', dst='192.0.2.77')/ICMP()", from: "a", for: .seconds(10))
    #expect(seen.map(\.place) == ["a out", "b in", "a out", "b in", "a out", "b in"])
    #expect(seen.allSatisfy { $0.packet.first(ARP.self)?.operation == ARP.request })
  }

  @Test func framesReachWhomTheyAreForAndPassTheOthersBy() throws {
    var stage = try SimulatedStage(try pair())
    let link = try #require(stage.hosts[1].interfaces[0].linkAddress)
    func frame(_ link: MACAddress, _ rest: String) throws -> Outgoing {
      let recipe = "Ether(src='02:00:00:00:00:01', dst='\(link)')/\(rest)"
      return Outgoing(probe: 1, bytes: try octets(recipe), linkType: .ethernet)
    }
    let who = "ARP(op=1, hwsrc='02:00:00:00:00:01', psrc='192.0.2.1', pdst='192.0.2.2')"
    try stage.send(try frame(.broadcast, who), from: "a", by: nil)
    #expect(try stage.all(for: .seconds(1)).map(\.place) == ["a ours", "b in", "b out", "a in"])
    let echo = "IP(src='192.0.2.1', dst='192.0.2.2')/ICMP()"
    try stage.send(try frame(link, echo), from: "a", by: nil)
    #expect(try stage.all(for: .seconds(1)).map(\.place) == ["a ours", "b in", "b out", "a in"])
    try stage.send(try frame("02:00:00:00:00:99", echo), from: "a", by: nil)
    #expect(try stage.all(for: .seconds(1)).map(\.place) == ["a ours", "b passing"])
  }

  @Test func whatStaysOnAHostIsSeenOnce() throws {
    var stage = try SimulatedStage(try pair())
    let seen = try stage.exchange("IP(src='192.0.2.1', dst='192.0.2.1')/ICMP()", from: "a")
    #expect(seen.map(\.place) == ["a ours", "a in"])
    #expect(seen.allSatisfy { $0.interface == "lo" })
  }

  @Test func aClosedPortIsRefused() throws {
    var stage = try SimulatedStage(try pair())
    let seen = try stage.exchange(
      "IP(src='192.0.2.1', dst='192.0.2.2')/UDP(sport=34611, dport=32784)/'hello'", from: "a")
    let error = try #require(seen.last?.packet.first(ICMPv4.self))
    #expect(error.type == .destinationUnreachable && error.code == 3)
  }

  @Test func aHeldPortIsLeftToTheScenario() throws {
    var stage = try SimulatedStage(try pair())
    try stage.hold(.tcp, port: 80, on: "b")
    let syn = "IP(src='192.0.2.1', dst='192.0.2.2')/TCP(sport=4000, dport=80, flags='S', seq=7)"
    #expect(try stage.exchange(syn, from: "a").map(\.place).suffix(2) == ["a ours", "b in"])
    // The port from which a speaks is held by itself: no reset answers what it did not ask for.
    let answer = "IP(src='192.0.2.2', dst='192.0.2.1')/TCP(sport=80, dport=4000, flags='SA', seq=9, ack=8)"
    #expect(try stage.exchange(answer, from: "b").map(\.place) == ["b ours", "a in"])
    // Near misses: another port of b, and one of a from which nothing was sent.
    let other = "IP(src='192.0.2.1', dst='192.0.2.2')/TCP(sport=4000, dport=81, flags='S', seq=7)"
    #expect(try stage.exchange(other, from: "a").last?.packet.first(TCP.self)?.flags == [.rst, .ack])
    let stray = "IP(src='192.0.2.2', dst='192.0.2.1')/TCP(sport=80, dport=4001, flags='SA', seq=9, ack=8)"
    #expect(try stage.exchange(stray, from: "b").last?.packet.first(TCP.self)?.flags == .rst)
  }

  @Test func routersLowerTheTTLAndSayWhereItEnds() throws {
    var stage = try SimulatedStage(try chain(["a", "r", "b"], mtus: [1500, 1400]))
    _ = try stage.exchange("IP(src='192.0.2.1', dst='192.0.3.2')/ICMP()", from: "a")
    let through = try stage.exchange("IP(src='192.0.2.1', dst='192.0.3.2', ttl=9)/ICMP()", from: "a")
    #expect(
      through.map(\.place) == ["a ours", "r in", "r out", "b in", "b out", "r in", "r out", "a in"])
    #expect(through[3].packet.first(IPv4.self)?.timeToLive == 8)
    #expect(through.allSatisfy { $0.packet.sums().allSatisfy { $0.verdict == .valid } })
    let expired = try stage.exchange("IP(src='192.0.2.1', dst='192.0.3.2', ttl=1)/ICMP()", from: "a")
    #expect(expired.map(\.place) == ["a ours", "r in", "r out", "a in"])
    #expect(expired.last?.packet.first(ICMPv4.self)?.type == .timeExceeded)
  }

  @Test func aRouterNamesTheMTUOfItsLink() throws {
    var stage = try SimulatedStage(try chain(["a", "r", "b"], mtus: [1500, 1400]))
    let data = String(repeating: "x", count: 1400)
    let bytes = try octets("IP(src='192.0.2.1', dst='192.0.3.2', flags='DF')/UDP(sport=1, dport=2)/'\(data)'")
    try stage.send(Outgoing(probe: 1, bytes: bytes), from: "a", by: nil)
    let error = try #require(try stage.all(for: .seconds(1)).last?.packet.errorReport)
    #expect(error.mtu == 1400)
  }

  @Test func whatTheSimulationCannotDoItNames() throws {
    var topology = try pair()
    topology.networks[0].impairment.loss = 0.01
    #expect(throws: StageError.self) { _ = try place(topology) }
    topology.networks[0].impairment = .init(delay: .milliseconds(10))
    _ = try place(topology)
    topology.hosts[0].settings = [Topology.Setting("ipv4/tcp_sack", "0")]
    #expect(throws: StageError("host a: the simulation knows no setting ipv4/tcp_sack 0")) { _ = try place(topology) }
    topology.hosts[0].settings = [Topology.Setting("ipv4/icmp_ratelimit", "0")]
    _ = try place(topology)
    topology.hosts[1].rules = "chain in { }"
    #expect(throws: StageError("host b: the simulation has no packet filter")) { _ = try place(topology) }
  }

  private func place(_ topology: Topology) throws(StageError) -> Int { try SimulatedStage(topology).hosts.count }

  @Test func commandsAndStrangersAreRefusedByName() throws {
    var stage = try SimulatedStage(try pair())
    #expect(throws: StageError("the simulation runs no commands")) {
      _ = try stage.start(StageCommand(["true"]), on: "a")
    }
    let frame = Outgoing(probe: 1, bytes: try octets("Ether()/ARP()"), linkType: .ethernet)
    #expect(throws: StageError("a has no interface eth7")) { try stage.send(frame, from: "a", by: "eth7") }
    let away = Outgoing(probe: 1, bytes: try octets("IP(src='192.0.2.1', dst='198.51.100.1')/ICMP()"))
    #expect(throws: StageError("a has no route to 198.51.100.1")) { try stage.send(away, from: "a", by: nil) }
  }

  @Test func aDelayIsThatOfTheNetwork() throws {
    var topology = try pair()
    topology.networks[0].impairment.delay = .milliseconds(10)
    var stage = try SimulatedStage(topology)
    _ = try stage.exchange("IP(src='192.0.2.1', dst='192.0.2.2')/ICMP()", from: "a")
    let seen = try stage.exchange("IP(src='192.0.2.1', dst='192.0.2.2')/ICMP()", from: "a")
    let trip = seen[3].frame.stamp.monotonic - seen[0].frame.stamp.monotonic
    #expect(trip >= .milliseconds(20) && trip < .milliseconds(21))
  }
}
