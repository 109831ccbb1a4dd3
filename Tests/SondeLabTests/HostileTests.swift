import LabSupport
import SondeHeaders
import SondeOctets
import Testing

/// The lies of the hostile hosts are the ones that they claim, judged by the readers that are tested on their own.
@Suite struct HostileTests {
  fileprivate static let data = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345".utf8)

  /// A question to a behaviour, as the prober would send it.
  fileprivate func question(_ name: String, _ version: Int, _ inner: any Header) throws -> [UInt8] {
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

extension HostileTests {
  @Test(arguments: [4, 6]) func swappedWordsKeepTheSumAndNotTheData(version: Int) throws {
    for (right, lie) in zip(try said("honest", version).prefix(2), try said("swapped words", version)) {
      #expect(lie[0].sums().allSatisfy { $0.verdict == .valid })
      #expect(lie[0].payload != right[0].payload)
      #expect(lie[0].payload.sorted() == right[0].payload.sorted())
    }
  }

  @Test(arguments: [4, 6]) func whatIsAskedDecidesWhatIsAnswered(version: Int) throws {
    let (echo, datagram, segment) = (
      try said("honest", version)[0][0], try said("honest", version)[1][0], try said("honest", version)[2][0]
    )
    #expect(echo.payload == Self.data && datagram.payload == Self.data)
    #expect(datagram.first(UDP.self)?.sourcePort == 4000 && datagram.first(UDP.self)?.destinationPort == 40000)
    #expect(segment.first(TCP.self)?.flags == [.syn, .ack])
    #expect(segment.first(TCP.self)?.acknowledgmentNumber == 4243)
  }

  /// What the kernel says on its own to what a hostile host sent must not be answered again, or it went on for ever.
  @Test(arguments: [4, 6]) func nothingIsSaidToAnAnswer(version: Int) throws {
    for name in ["honest", "reflected", "syn"] {
      let inner: [any Header] = [
        TCP(from: 40000, to: 4000, flags: .rst, sequenceNumber: 4242),
        version == 4 ? ICMPv4(type: 0) : ICMPv6(type: 129),
        version == 4 ? ICMPv4.destinationUnreachable(code: 3) : ICMPv6.destinationUnreachable(code: 4),
      ]
      for header in inner {
        #expect(Behaviour.reactions(to: try question(name, version, header)).isEmpty, "\(name) \(header)")
      }
    }
  }

  @Test func noOctetsUpsetIt() throws {
    let whole = try questions("honest", 4) + questions("labels", 6) + questions("cut payload", 4)
    for octets in whole {
      for count in 0...octets.count { _ = Behaviour.reactions(to: Array(octets.prefix(count))) }
      for behaviour in Behaviour.blocks.flatMap(\.behaviours) {
        guard let address = IPAddress(Behaviour.address(behaviour.name)), case .v4(let to) = address else { continue }
        // TCP headers whose data offset lies, and datagrams of eight octets.
        for offset: UInt8 in [0, 4, 15] {
          let header = TCP(to: 80, dataOffset: .set(offset))
          _ = Behaviour.reactions(to: try AnyPacket([IPv4(to: to), header]).encoded().bytes)
        }
        _ = Behaviour.reactions(to: try AnyPacket([IPv4(to: to), UDP()]).encoded().bytes)
        _ = Behaviour.reactions(to: try AnyPacket([IPv4(to: to), ICMPv4(type: 8)]).encoded().bytes)
      }
    }
    for round in 0..<2000 {
      let octets = (0..<60).map { UInt8(truncatingIfNeeded: (round &* 60 &+ $0) &* 2_654_435_761 >> 13) }
      _ = Behaviour.reactions(to: octets)
      _ = Neighbour.reactions(to: octets)
    }
  }

  @Test func fragmentsAreThePiecesOfTheAnswer() throws {
    func pieces(_ name: String) throws -> [[UInt8]] {
      Behaviour.reactions(to: try questions(name, 4)[1]).map(\.octets)
    }
    /// Behind the UDP header, whatever the pieces' order.
    func data(_ pieces: [[UInt8]]) -> [UInt8] { Array(pieces.flatMap { $0.dropFirst(20) }.dropFirst(8)) }
    #expect(try pieces("fragments").map { [$0[6], $0[7]] } == [[0x20, 0], [0x20, 2], [0, 4]])
    #expect(try data(pieces("fragments")) == Self.data)
    #expect(try data(pieces("fragments last first").reversed()) == Self.data)
    #expect(try data(pieces("fragment missing")) == Array(Self.data.prefix(24)))
  }

  @Test func neighboursAnswerTheirAddressesAndNoOther() throws {
    #expect(Set(Neighbour.all.map(\.name)).count == Neighbour.all.count)
    func frame(_ target: IPv4Address) throws -> [UInt8] {
      let ours: MACAddress = "02:00:00:00:00:01"
      let request = ARP(
        operation: 1, senderHardwareAddress: ours.octets, senderProtocolAddress: [10, 77, 210, 1],
        targetHardwareAddress: MACAddress.zero.octets, targetProtocolAddress: target.octets)
      return try AnyPacket([Ethernet(from: ours, to: .broadcast), request]).encoded().bytes
    }
    for neighbour in Neighbour.all where !["silent", "truncated", "other length"].contains(neighbour.name) {
      let address = try #require(IPv4Address(Neighbour.address(neighbour.name)))
      let said = Neighbour.reactions(to: try frame(address))
      #expect(!said.isEmpty, "\(neighbour.name)")
      for reaction in said {
        #expect(Registry.dissect(reaction.octets, as: .link(1)).first(ARP.self) != nil, "\(neighbour.name)")
      }
    }
    #expect(Neighbour.reactions(to: try frame("10.77.210.1")).isEmpty)
    #expect(Neighbour.reactions(to: try frame("10.77.210.250")).isEmpty)
    #expect(Neighbour.reactions(to: try frame("10.77.211.11")).isEmpty)
  }
}
