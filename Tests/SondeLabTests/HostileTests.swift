import LabSupport
import SondeHeaders
import SondeOctets
import Testing

/// The lies of the hostile hosts are the ones that they claim, judged by the readers that are tested on their own.
@Suite struct HostileTests {
  private static let data = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345".utf8)

  /// A question to a behaviour, as the prober would send it.
  private func question(_ name: String, _ version: Int, _ inner: any Header) throws -> [UInt8] {
    let address = try #require(IPAddress(Behaviour.address(name, version)))
    let outer: any Header
    switch address {
    case .v4(let address): outer = IPv4(from: IPv4Address(10, 77, 199, 1), to: address, identification: 77)
    case .v6(let address): outer = IPv6(from: "fd77:199::1", to: address)
    }
    let payload = inner is TCP ? [] : Self.data
    return try AnyPacket([outer, inner, Payload(octets: payload)]).encoded().bytes
  }

  fileprivate func questions(_ name: String, _ version: Int) throws -> [[UInt8]] {
    let echo: any Header =
      version == 4
      ? ICMPv4(type: 8, restOfHeader: 0x1234_0001) : ICMPv6(type: 128, restOfHeader: 0x1234_0001)
    return try [
      question(name, version, echo), question(name, version, UDP(from: 40000, to: 4000)),
      question(name, version, TCP(from: 40000, to: 4000, sequenceNumber: 4242)),
    ]
  }

  @Test func everyBehaviourHasANameAndAnAddressOfItsOwn() {
    let all = Behaviour.blocks.flatMap(\.behaviours)
    #expect(Set(all.map(\.name)).count == all.count)
    #expect(Behaviour.blocks.allSatisfy { $0.behaviours.count < 250 })
    for version in [4, 6] {
      for behaviour in all {
        let address = Behaviour.address(behaviour.name, version)
        #expect(IPAddress(address).flatMap(Behaviour.at)?.name == behaviour.name, "\(address)")
      }
    }
  }
}

extension HostileTests {
  /// The reactions to an echo request, a datagram and a SYN, each dissected.
  private func said(_ name: String, _ version: Int) throws -> [[Dissection]] {
    try questions(name, version).map { Behaviour.reactions(to: $0).map { Registry.dissect($0.octets) } }
  }

  /// What each of them says but the sums that are the lie.
  @Test(arguments: [4, 6]) func sumsAreRightUnlessTheyAreTheLie(version: Int) throws {
    // Of these a sum, a length or a fragment is the lie, or the packet is cut.
    let liars: Set = [
      "wrong checksum", "zero checksum", "cut header", "ip checksum", "truncated", "wrong then right",
      "wrong error checksum", "udp length 0", "udp length 7", "udp length longer", "offset 4", "offset 15",
      "fragments overlap", "malformed ip options", "wrong labels",
    ]
    for behaviour in Behaviour.blocks.flatMap(\.behaviours) where !liars.contains(behaviour.name) {
      for octets in try questions(behaviour.name, version).flatMap({ Behaviour.reactions(to: $0) }).map(\.octets) {
        let wrong = Registry.dissect(octets).sums().filter { $0.verdict == .wrong || $0.verdict == .illegal }
        #expect(wrong.isEmpty, "\(behaviour.name): \(wrong) \(Hex.text(octets))")
      }
    }
    for name in ["wrong checksum", "wrong error checksum"] {
      for packet in try said(name, version).compactMap(\.first) {
        #expect(packet.sums().contains { $0.verdict == .wrong }, "\(name)")
      }
    }
  }
}
