import SondeLink
import SondeOctets
import SondeReport
import Testing

/// Laboratories in text and in JSON.
@Suite struct LabReportTests {
  private static let topology = Topology(
    name: "x", hosts: [.init("a"), .init("r10", forwards: true)],
    networks: [
      .init("plain", ends: [.init("a", "eth0", [.init(.v4("192.0.2.1"), prefixLength: 24)])]),
      .init(
        "bad", mtu: 1400,
        ends: [
          .init("a", "eth1", [.init(.v6("2001:db8::1"), prefixLength: 64)]),
          .init("r10", "eth0", linkAddress: "02:00:00:00:00:01", []),
        ], impairment: .init(loss: 0.015, delay: .microseconds(1500), jitter: .milliseconds(2), rate: 64_000)),
    ])
  private static let counts = LabCounts([
    .init(network: "bad", end: 0, values: [9, 8, 1, 0, 0, 0, 0]),
    .init(network: "bad", end: 1, values: [0, 0, 0, 0, 0, 0, 0]),
    .init(network: "gone", end: 0, values: [9, 9, 9, 9, 9, 9, 9]),
    .init(network: "bad", end: 7, values: [9, 9, 9, 9, 9, 9, 9]),
  ])

  @Test func aLabIsToldWithItsHostsAndWhatItsNetworksDid() {
    let lab = LabStatus(
      name: "y", state: .standing, keeper: 7, prefix: "sonde-y", topology: Self.topology, counts: Self.counts)
    #expect(
      LabText.lines(lab) == [
        "y: stands, held by process 7, its hosts are the namespaces sonde-y-HOST of ip netns",
        "  a    eth0 on plain 192.0.2.1/24",
        "       eth1 on bad 2001:db8::1/64",
        "  r10  eth0 on bad 02:00:00:00:00:01",
        "  network bad: mtu 1400, 1.5% lost, 1.5 ms late, spread over 2 ms, 64000 bits a second",
        "    frames to a.eth1: 9 offered, 8 passed, 1 lost",
      ])
  }

  @Test func aLabWhoseKeeperWasKilledSaysWhatHelps() {
    let lab = LabStatus(name: "y", state: .abandoned, topology: Self.topology)
    #expect(LabText.lines(lab) == ["y: its keeper was killed; what is left goes by sonde lab down y"])
    #expect(LabText.lines(LabStatus(name: "y", state: .changing)) == ["y: is being built or taken down"])
  }

  @Test func theObjectHoldsTheSame() {
    let lab = LabStatus(name: "y", state: .standing, keeper: 7, topology: Self.topology, counts: Self.counts)
    let line = LabJSON.object(lab).line
    #expect(line.hasPrefix(#"{"type":"lab","name":"y","state":"standing","keeper":7,"hosts":[{"name":"a","#))
    #expect(line.contains(#""delay_ns":1500000,"jitter_ns":2000000,"loss_ppm":15000,"#))
    #expect(line.contains(#""towards":[{"end":"a.eth1","offered":9,"passed":8,"lost":1,"#))
    let none = LabJSON.object(LabStatus(name: "y", state: .abandoned)).line
    #expect(none == #"{"type":"lab","name":"y","state":"abandoned","keeper":null,"hosts":[],"networks":[]}"#)
  }

  @Test func countsAreReadBackFromTheirFile() {
    #expect(LabCounts(Self.counts.text) == Self.counts)
    #expect(LabCounts("n 0 1 2\nn x 1 2 3 4 5 6 7\n\nn 0 1 2 3 4 5 6 7\n").lines.count == 1)
  }
}
