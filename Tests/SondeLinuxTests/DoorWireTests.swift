import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// What the doors really do, on the running kernel, in namespaces of their own.
@Suite(.wire) struct DoorWireTests {
  @Test(arguments: Ends.both)
  func handSetEchoIdentifierReachesTheWireByTheDatagramDoor(ends: Ends) throws {
    try WireNetwork.run { _ in
      var link = try LinuxLink.open(ends.family, .datagram, .datagram, .init(echoIdentification: 0x0101))
      #expect(link.echoIdentification(ends.family) == 0x0101)
      let packet = Crafted.echo(ends.near, ends.far, id: 0x0101, sequence: 7, hops: 33)
      #expect(link.send([Outgoing(probe: 42, bytes: packet)]).count == 1)
      let received = try link.collect { $0.frames.count >= 1 && $0.departures.count >= 1 }
      let frame = try #require(received.frames.first)
      #expect(frame.isRebuilt)
      #expect(frame.bytes[ends.headerLength] == ends.echoReply)
      #expect(Array(frame.bytes[(ends.headerLength + 4)...]) == Crafted.words(0x0101, 7) + Crafted.payload)
      let fields = try #require(PacketFields(frame.bytes, nil))
      #expect(fields.source == ends.far && fields.destination == ends.near && fields.hopLimit == 64)
      let departure = try #require(received.departures.first)
      #expect(departure.probe == 42)
      let left = try #require(departure.bytes)
      let leftFields = try #require(PacketFields(left, nil))
      #expect(leftFields.hopLimit == 33 && leftFields.destination == ends.far && leftFields.dontFragment)
      #expect(Array(left[(ends.headerLength + 4)...]) == Crafted.words(0x0101, 7) + Crafted.payload)
    }
  }

  @Test(arguments: Ends.both)
  func anotherEchoIdentifierIsRefusedByTheDatagramDoor(ends: Ends) throws {
    try WireNetwork.run { _ in
      var link = try LinuxLink.open(ends.family, .datagram, .datagram, .init(echoIdentification: 0x0101))
      let outcome = link.send([
        Outgoing(probe: 1, bytes: Crafted.echo(ends.near, ends.far, id: 0x0102, sequence: 1))
      ])
      #expect(outcome.count == 0)
      #expect(outcome.failure?.code == 0)
    }
  }

  @Test(arguments: Ends.both, [DoorKind.raw, .cooked])
  func everyOctetLeavesAsWritten(ends: Ends, door: DoorKind) throws {
    try WireNetwork.run { _ in
      var link = try LinuxLink.open(ends.family, door, .icmp)
      let packet = Crafted.echo(ends.near, ends.far, id: 0x0203, sequence: 1, hops: 9)
      let begin = link.now
      #expect(link.send([Outgoing(probe: 5, bytes: packet)]).failure == nil)
      let received = try link.collect { $0.frames.count >= 1 && $0.departures.count >= 1 }
      let took = link.now - begin
      #expect(received.departures.first?.bytes == packet)
      #expect(received.departures.first?.probe == 5)
      let frame = try #require(received.frames.first)
      #expect(received.frames.count == 1)
      #expect(frame.isRebuilt == (ends.family == .ipv6))
      #expect(Array(frame.bytes[(ends.headerLength + 4)...]) == Crafted.words(0x0203, 1) + Crafted.payload)
      let sent = try #require(received.departures.first?.kernel)
      let heard = try #require(frame.stamp.kernel)
      #expect(heard > sent && heard - sent < took)
    }
  }

  @Test func impossibleHeadersLeaveByTheCookedDoorOnly() throws {
    try WireNetwork.run { _ in
      let message = Crafted.summed(Crafted.words(0x0800, 0, 1, 1) + Crafted.payload, at: 2)
      let wrong = Crafted.ipv4(
        "10.9.0.1", "10.9.0.2", 1, message, identification: 0, flags: 0, totalLength: 99, checksum: 0xdead)
      var cooked = try LinuxLink.open(.ipv4, .cooked, .icmp)
      #expect(cooked.send([Outgoing(probe: 1, bytes: wrong)]).failure == nil)
      #expect(try cooked.collect { $0.departures.count >= 1 }.departures.first?.bytes == wrong)
      var raw = try LinuxLink.open(.ipv4, .raw, .icmp)
      #expect(raw.send([Outgoing(probe: 1, bytes: wrong)]).failure == nil)
      let left = try #require(try raw.collect { $0.departures.count >= 1 }.departures.first?.bytes)
      #expect(left.count == wrong.count)
      #expect(left[2..<4] == Crafted.words(UInt16(wrong.count))[...], "the raw door rewrites the total length")
      #expect(left[10..<12] != wrong[10..<12], "the raw door rewrites the checksum")
    }
  }

  @Test(arguments: Ends.both, [DoorKind.datagram, .raw])
  func routersErrorsComeAsPackets(ends: Ends, door: DoorKind) throws {
    try WireNetwork.run { _ in
      let ear: EarKind = door == .datagram ? .datagram : .icmp
      var link = try LinuxLink.open(ends.family, door, ear, .init(echoIdentification: 0x0304))
      // Time exceeded from the far host, and host unreachable from it.
      let sent = [
        Crafted.echo(ends.near, ends.beyond, id: 0x0304, sequence: 1, hops: 1),
        Crafted.echo(ends.near, ends.unreachable, id: 0x0304, sequence: 2),
      ]
      var frames: [Frame] = []
      for packet in sent {
        #expect(link.send([Outgoing(probe: 1, bytes: packet)]).failure == nil)
        frames += try link.collect { !$0.frames.isEmpty }.frames
      }
      let wanted: [[UInt8]] = ends.family == .ipv4 ? [[11, 0], [3, 1]] : [[3, 0], [1, 0]]
      try #require(frames.count == 2, "\(frames.map { Array($0.bytes[ends.headerLength...].prefix(2)) })")
      for (index, frame) in frames.enumerated() {
        let fields = try #require(PacketFields(frame.bytes, nil))
        #expect(fields.source == ends.far && fields.destination == ends.near)
        let error = Array(frame.bytes[ends.headerLength...])
        #expect(Array(error[..<2]) == wanted[index])
        #expect(frame.isRebuilt == (door == .datagram || ends.family == .ipv6))
        let quote = Array(error[8...])
        let quoted = try #require(PacketFields(quote, nil))
        #expect(quoted.source == ends.near && quoted.destination == [ends.beyond, ends.unreachable][index])
        // The datagram door's own checksum is the right one, so all octets agree.
        #expect(Array(quote[ends.headerLength...]).starts(with: sent[index][ends.headerLength...]))
      }
    }
  }

  @Test(arguments: Ends.both)
  func thePacketEarHearsAnswersAndErrorsAndNothingOfOurOwn(ends: Ends) throws {
    try WireNetwork.run { network in
      let filter = PacketFilter(flows: [.init(protocolNumber: 6, destinationPorts: [45000...45000])])
      var link = try LinuxLink.open(ends.family, .raw, .packet, .init(filter: filter))
      let packets = [
        Crafted.syn(ends.near, ends.far, (45000, 9)), Crafted.syn(ends.near, ends.far, (45001, 9)),
        Crafted.udp(ends.near, ends.far, (45000, 9)),
      ]
      let outcome = link.send(packets.enumerated().map { Outgoing(probe: UInt64($0.offset), bytes: $0.element) })
      #expect(outcome.count == 3 && outcome.failure == nil)
      let received = try link.collect {
        $0.frames.count { $0.bytes[6] != 0 || $0.bytes[0] >> 4 == 4 } >= 2 && $0.departures.count >= 3
      }
      #expect(received.departures.map(\.probe) == [0, 1, 2])
      // Multicast listener reports, behind a hop-by-hop header, pass the filter.
      let kinds = received.frames.map { $0.bytes[ends.family == .ipv4 ? 9 : 6] }.filter { $0 != 0 }
      #expect(kinds.sorted() == [6, ends.icmp].sorted())
      #expect(received.frames.allSatisfy { $0.stamp.kernel != nil && $0.interface != nil && !$0.isRebuilt })
      #expect(link.ownDrops == 0)
    }
  }

  @Test(arguments: Ends.both)
  func tooLongAPacketIsRefusedOnce(ends: Ends) throws {
    try WireNetwork.run { _ in
      for door in [DoorKind.raw, .cooked] {
        var link = try LinuxLink.open(ends.family, door, .icmp)
        let long = Crafted.udp(ends.near, ends.far, (1, 9), payload: [UInt8](repeating: 0, count: 1600))
        let short = Crafted.udp(ends.near, ends.far, (1, 9))
        let outcome = link.send([Outgoing(probe: 1, bytes: long), Outgoing(probe: 2, bytes: short)])
        #expect(outcome.count == 0)
        #expect(outcome.failure?.code == 90)
        #expect(link.send([Outgoing(probe: 2, bytes: short)]).count == 1)
        let received = try link.collect { !$0.departures.isEmpty }
        #expect(received.departures.map(\.probe) == [2])
        #expect(!received.contains { if case .failure = $0 { true } else { false } })
      }
    }
  }

  @Test(arguments: Ends.both, [DoorKind.datagram, .raw])
  func aFirewallsRefusalIsCalledThat(ends: Ends, door: DoorKind) throws {
    try WireNetwork.run { network in
      try network.sh("nft add table inet t && nft 'add chain inet t o { type filter hook output priority 0; }'")
      try network.sh("nft 'add rule inet t o meta l4proto { icmp, ipv6-icmp } meta length 60-70 drop'")
      let ear: EarKind = door == .datagram ? .datagram : .icmp
      var link = try LinuxLink.open(ends.family, door, ear, .init(echoIdentification: 9))
      let length = 64 - ends.headerLength - 8
      let refused = Crafted.echo(
        ends.near, ends.far, id: 9, sequence: 1, payload: [UInt8](repeating: 0, count: length))
      let failure = link.send([Outgoing(probe: 1, bytes: refused)]).failure
      // An ICMPv6 datagram socket does not pass the refusal on: Linux 6.18 says that it was sent.
      let isTold = ends.family == .ipv4 || door == .raw
      #expect((failure?.code == 1) == isTold && (failure?.message.contains("firewall") == true) == isTold)
      let passed = Crafted.echo(ends.near, ends.far, id: 9, sequence: 2, payload: [UInt8](repeating: 0, count: 99))
      #expect(link.send([Outgoing(probe: 2, bytes: passed)]).failure == nil)
      let received = try link.collect { !$0.frames.isEmpty && !$0.departures.isEmpty }
      #expect(received.departures.map(\.probe) == [2], "the refused send's number is not mixed up")
    }
  }

  @Test func aLinkOfBothFamiliesServesBoth() throws {
    try WireNetwork.run { _ in
      let plan = SendPlan(door: .datagram, ear: .datagram)
      var link = try LinuxLink(Openings.open([.ipv4: [plan], .ipv6: [plan]]))
      var batch: [Outgoing] = []
      for ends in Ends.both {
        let bound = link.echoIdentification(ends.family)
        let id = try #require(bound)
        #expect(id != 0)
        batch.append(
          Outgoing(probe: UInt64(ends.family.rawValue), bytes: Crafted.echo(ends.near, ends.far, id: id, sequence: 1)))
      }
      #expect(link.send(batch).count == 2)
      let received = try link.collect { $0.frames.count >= 2 && $0.departures.count >= 2 }
      #expect(Set(received.departures.map(\.probe)) == [4, 6])
      #expect(Set(received.frames.map { $0.bytes[0] >> 4 }) == [4, 6])
    }
  }
}
