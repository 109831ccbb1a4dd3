import SondeCapture
import SondeHeaders
import SondeLink
import SondeOctets
import SondeScript
import Testing

@Suite struct ReplayStageTests {
  private let echo = "IP(src='192.0.2.1', dst='192.0.2.2')/ICMP()"
  private let reply = "IP(src='192.0.2.2', dst='192.0.2.1')/ICMP(type=0)"

  /// A file of two hosts' interfaces, with the packets out of order.
  private func file() throws -> [UInt8] {
    var writer = PcapngWriter()
    var octets = writer.sectionHeader()
    let a = writer.interfaceDescription(
      linkType: 101, name: "a/eth0", description: "ping: 02:00:00:00:00:01 192.0.2.1 2001:db8::1")
    let b = writer.interfaceDescription(linkType: 101, name: "b/eth0", description: "ping: ")
    octets += a.octets + b.octets
    func packet(_ interface: Int, _ time: Int64, _ recipe: String, _ way: CaptureRecord.Direction, _ comment: String?)
      throws -> [UInt8]
    {
      writer.packet(
        interface: interface, timestamp: 1_000_000_000 + time, bytes: try SondeScriptTests.octets(recipe),
        comment: comment, direction: way)
    }
    octets += try packet(a.number, 0, echo, .outbound, "sent by the scenario")
    octets += try packet(a.number, 3000, reply, .inbound, nil)
    octets += try packet(b.number, 1000, echo, .inbound, nil)
    octets += try packet(b.number, 2000, reply, .outbound, nil)
    return octets
  }

  @Test func framesAreSeenInTheOrderOfTheirTimesWhereTheFileSays() throws {
    var stage = try ReplayStage(try file())
    #expect(stage.isRecorded)
    #expect(stage.hosts.map(\.name) == ["a", "b"])
    #expect(stage.hosts[0].interfaces[0].linkAddress == "02:00:00:00:00:01")
    #expect(stage.hosts[0].interfaces[0].addresses.map(\.description) == ["192.0.2.1", "2001:db8::1"])
    let seen = try stage.all(for: .seconds(1))
    #expect(seen.map(\.place) == ["a ours", "b in", "b out", "a in"])
    #expect(seen.map(\.frame.stamp.monotonic.nanoseconds) == [0, 1000, 2000, 3000])
    #expect(seen[0].frame.stamp.wall == 1_000_000_000)
  }

  @Test func theClockStandsUntilSomethingIsWaitedFor() throws {
    var stage = try ReplayStage(try file())
    var seen: [Sighting] = []
    try stage.receive(until: Instant(nanoseconds: 1500), into: &seen)
    #expect(seen.count == 1 && stage.now.nanoseconds == 0)
    try stage.receive(until: Instant(nanoseconds: 1500), into: &seen)
    #expect(seen.count == 2 && stage.now.nanoseconds == 1000)
    try stage.receive(until: Instant(nanoseconds: 1500), into: &seen)
    #expect(seen.count == 2 && stage.now.nanoseconds == 1500)
  }

  @Test func aCaptureWithoutHostsIsSeenByAllHostsOfTheScenario() throws {
    var writer = PcapngWriter()
    var octets = writer.sectionHeader()
    octets += writer.interfaceDescription(linkType: 101, name: "eth0").octets
    octets += writer.packet(interface: 0, timestamp: 5, bytes: try SondeScriptTests.octets(echo))
    var stage = try ReplayStage(octets, topology: try pair())
    #expect(try stage.all(for: .seconds(1)).map(\.place) == ["a out", "b in"])
    var alone = try ReplayStage(octets)
    #expect(try alone.all(for: .seconds(1)).map(\.place) == ["\(ReplayStage.onlyHost) unknown"])
  }

  @Test func ofSeveralScenariosTheNamedOneIsTaken() throws {
    let octets = try file()
    var stage = try ReplayStage(octets + octets, scenario: "ping")
    #expect(try stage.all(for: .seconds(1)).count == 8)
    #expect(throws: StageError("the capture is of ping, and not of pong")) {
      _ = try ReplayStage(octets, scenario: "pong")
    }
  }

  @Test func whatIsNoCaptureAndWhatIsOfOthersIsRefused() throws {
    #expect(throws: StageError.self) { _ = try ReplayStage([1, 2, 3, 4, 5]) }
    var topology = try pair()
    for index in topology.hosts.indices { topology.hosts[index].name = "x\(index)" }
    #expect(throws: StageError("the capture is of other hosts than the scenario's: a, b")) {
      _ = try ReplayStage(try file(), topology: topology)
    }
  }

  @Test func nothingHappensInARecord() throws {
    var stage = try ReplayStage(try file())
    #expect(throws: StageError.self) { _ = try stage.start(StageCommand(["true"]), on: "a") }
    #expect(throws: StageError.self) { try stage.send(Outgoing(probe: 1, bytes: []), from: "a", by: nil) }
    try stage.hold(.tcp, port: 80, on: "b")
  }
}
