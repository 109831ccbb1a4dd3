import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// What the kernel's tables say, in namespaces whose tables are known.
@Suite(.wire) struct RoutingWireTests {
  @Test(arguments: Ends.both)
  func aRouteNamesSourceInterfaceAndNextHop(ends: Ends) throws {
    try WireNetwork.run { _ in
      let direct = try Route.lookup(ends.far)
      #expect(direct.source == ends.near && direct.interface.name == "near0" && direct.nextHop == nil)
      #expect(direct.kind == .unicast && direct.mtu == 1500)
      #expect(try Route.lookup(ends.beyond).nextHop == ends.far)
      let own = try Route.lookup(ends.near)
      #expect(own.kind == .local && own.interface.isLoopback && own.interface.name == "lo")
    }
  }

  @Test func anUnknownNetworkHasNoRoute() throws {
    try WireNetwork.run { _ in
      for address in ["192.0.2.1", "2001:db8::1"] {
        let destination = try #require(IPAddress(address))
        #expect(refusal { _ = try Route.lookup(destination) }?.code == 101)
      }
    }
  }

  @Test func aRouteThatLetsNothingPassSaysOfWhichTypeItIs() throws {
    try WireNetwork.run { network in
      for (type, code, words) in [
        ("blackhole", 22 as Int32, "a blackhole route takes what goes there"),
        ("prohibit", 13, "a prohibit route refuses what goes there"),
        ("unreachable", 113, "an unreachable route refuses what goes there"),
      ] {
        for prefix in ["198.51.100.0/24", "2001:db8:51::/48"] {
          try network.sh("ip route replace \(type) \(prefix)")
          let destination = try #require(IPAddress(prefix.hasPrefix("1") ? "198.51.100.1" : "2001:db8:51::1"))
          let error = refusal { _ = try Route.lookup(destination) }
          #expect(error?.code == code && error?.message == words, "\(type) \(prefix): \(String(describing: error))")
          try network.sh("ip route del \(type) \(prefix)")
        }
      }
      // A throw route leaves it to the other tables, of which none knows the way.
      try network.sh("ip route add throw 198.51.100.0/24")
      #expect(refusal { _ = try Route.lookup(.v4("198.51.100.1")) }?.code == 101)
    }
  }

  @Test func broadcastAndMulticastAreToldApart() throws {
    try WireNetwork.run { _ in
      let near = try NetworkInterface.named("near0").index
      #expect(try Route.lookup(.v4("10.9.0.255")).kind == .broadcast)
      #expect(try Route.lookup(.v4("224.0.0.1"), interface: near).kind == .multicast)
      #expect(try Route.lookup(.v6("ff02::1"), interface: near).kind == .multicast)
    }
  }

  @Test func interfacesHaveTheirAddresses() throws {
    try WireNetwork.run { _ in
      let near = try NetworkInterface.named("near0")
      #expect(near.hardwareType == 1 && near.isUp && !near.isLoopback && near.linkAddress != nil)
      #expect(near.addresses.contains(.init(address: .v4("10.9.0.1"), prefixLength: 24)))
      #expect(near.addresses.contains(.init(address: .v6("fd09::1"), prefixLength: 64)))
      #expect(try NetworkInterface.at(near.index) == near)
      #expect(refusal { _ = try NetworkInterface.named("far0") }?.code == 19)
    }
  }

  @Test(arguments: Ends.both)
  func aNeighbourIsFoundOutAndAMissingOneGivesUp(ends: Ends) throws {
    try WireNetwork.run { network in
      let near = try NetworkInterface.named("near0").index
      let wanted = try network.onFar { try NetworkInterface.named("far0").linkAddress }
      try network.sh("ip neigh flush dev near0")
      #expect(try Neighbour.known(ends.far, interface: near) == nil)
      #expect(try Neighbour.resolve(ends.far, interface: near) == wanted)
      #expect(try Neighbour.known(ends.far, interface: near) == wanted)
      let absent: IPAddress = ends.family == .ipv4 ? .v4("10.9.0.77") : .v6("fd09::77")
      #expect(refusal { _ = try Neighbour.resolve(absent, interface: near, within: .milliseconds(50)) }?.code == 113)
    }
  }

  @Test func zonesAreInterfaces() throws {
    try WireNetwork.run { _ in
      let near = try NetworkInterface.named("near0").index
      let named = try Resolver.resolve("fe80::1%near0")
      #expect(named == [ScopedAddress(address: .v6("fe80::1"), zone: near)])
      #expect(named.first?.description == "fe80::1%near0")
      #expect(try Resolver.resolve("fe80::1%\(near)") == named)
      let message = refusal { _ = try Resolver.resolve("fe80::1%far0") }?.message ?? ""
      #expect(message.contains("far0") && message.contains("near0"))
    }
  }

  @Test func aLinkLocalNeighbourAnswersInItsZone() throws {
    try WireNetwork.run { network in
      let near = try NetworkInterface.named("near0")
      let isLinkLocal = { (address: IPAddress) in
        if case .v6(let address) = address { address.isLinkLocal } else { false }
      }
      try network.sh("ip addr add fe80::99/64 dev near0 nodad")
      try network.onFar { try network.sh("ip addr add fe80::98/64 dev far0 nodad") }
      for door in DoorKind.allCases {
        let ear: EarKind = door == .datagram ? .datagram : .icmp
        var link = try LinuxLink.open(
          .ipv6, door, ear, .init(echoIdentification: 3))
        let packet = Crafted.echo(.v6("fe80::99"), .v6("fe80::98"), id: 3, sequence: 1)
        #expect(
          link.send([Outgoing(probe: 1, bytes: packet, way: Way(to: .v6("fe80::98"), interface: near.index))]).failure
            == nil)
        let replies = try link.collect { $0.frames.contains { $0.bytes[40] == 129 } }.frames
        #expect(replies.contains { $0.bytes[40] == 129 && $0.interface == near.index })
      }
      #expect(near.addresses.contains { isLinkLocal($0.address) })
    }
  }
}
