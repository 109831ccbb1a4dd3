import SondeLink
import SondeOctets
import SondeScript
import Testing

@Suite struct ScenarioTests {
  @Test func aTopologyKnowsTheInterfacesOfAHost() throws {
    let address = try #require(IPAddress("192.0.2.1"))
    let end = Topology.End("a", "eth0", [Topology.InterfaceAddress(address, prefixLength: 24)])
    let topology = Topology(name: "one", hosts: [Topology.Host("a")], networks: [Topology.Network("net", ends: [end])])
    #expect(topology.address(of: "a") == address)
    #expect(topology.address(of: "a", version: 6) == nil)
    #expect(topology.ends(of: "b").isEmpty)
  }
}
