import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// On loopback every packet is seen twice, and every request by its own sender.
@Suite(.wire) struct LoopbackWireTests {
  static let addresses: [IPAddress] = [.v4("127.0.0.1"), .v6("::1")]

  @Test(arguments: addresses, [DoorKind.datagram, .raw])
  func pingHearsItsReplyOnceAndItsRequestNever(address: IPAddress, door: DoorKind) throws {
    try WireNetwork.run { _ in
      let ear: EarKind = door == .datagram ? .datagram : .icmp
      var link = try LinuxLink.open(address.family, door, ear, .init(echoIdentification: 5))
      let packet = Crafted.echo(address, address, id: 5, sequence: 1)
      #expect(link.send([Outgoing(probe: 1, bytes: packet)]).count == 1)
      var received = try link.collect { !$0.frames.isEmpty && !$0.departures.isEmpty }
      // Delivery on lo happens within the sending call, so what else there is is here already.
      try link.receive(until: link.now, into: &received)
      #expect(received.frames.map { $0.bytes[address.version == 4 ? 20 : 40] } == [address.version == 4 ? 0 : 129])
    }
  }

  @Test(arguments: addresses)
  func thePacketEarHearsEachPacketOnce(address: IPAddress) throws {
    try WireNetwork.run { _ in
      var link = try LinuxLink.open(address.family, .raw, .packet)
      let packet = Crafted.echo(address, address, id: 5, sequence: 1)
      #expect(link.send([Outgoing(probe: 1, bytes: packet)]).count == 1)
      var received = try link.collect { $0.frames.count >= 2 }
      try link.receive(until: link.now, into: &received)
      // The request, come in, and the reply; no outgoing copies.
      let types = received.frames.map { $0.bytes[address.version == 4 ? 20 : 40] }
      #expect(types == (address.version == 4 ? [8, 0] : [128, 129]))
    }
  }

  @Test func theCookedDoorSaysWhatLoopbackWouldNeed() throws {
    try WireNetwork.run { network in
      var link = try LinuxLink.open(.ipv4, .cooked, .icmp)
      let packet = Crafted.echo(.v4("127.0.0.1"), .v4("127.0.0.1"), id: 5, sequence: 1)
      let failure = link.send([Outgoing(probe: 1, bytes: packet)]).failure
      #expect(failure?.message.contains("route_localnet=1 net.ipv4.conf.lo.accept_local=1") == true)
      try network.sh("for f in route_localnet accept_local; do echo 1 > /proc/sys/net/ipv4/conf/lo/$f; done")
      #expect(link.send([Outgoing(probe: 1, bytes: packet)]).failure == nil)
      #expect(try !link.collect { !$0.frames.isEmpty }.frames.isEmpty)
    }
  }

  @Test func theCookedDoorReachesIPv6Loopback() throws {
    try WireNetwork.run { _ in
      var link = try LinuxLink.open(.ipv6, .cooked, .icmp)
      let packet = Crafted.echo(.v6("::1"), .v6("::1"), id: 5, sequence: 1)
      #expect(link.send([Outgoing(probe: 1, bytes: packet)]).failure == nil)
      #expect(try !link.collect { !$0.frames.isEmpty }.frames.isEmpty)
    }
  }

  @Test func anInterruptionEndsTheWaitBeforeAndDuringIt() throws {
    try WireNetwork.run { _ in
      let interrupter = try Interrupter()
      var link = try LinuxLink.open(.ipv4, .raw, .icmp, .init(interrupter: interrupter))
      interrupter.interrupt()
      var received: [Received] = []
      let deadline = link.now + .seconds(60)
      try link.receive(until: deadline, into: &received)
      #expect(link.now < deadline)
      let before = link.now
      try link.receive(until: before + .milliseconds(20), into: &received)
      #expect(link.now - before >= .milliseconds(20), "one interruption ends one wait, and the deadline is kept")
      #expect(received.isEmpty)
    }
  }

  @Test(arguments: addresses, DoorKind.allCases)
  func theKernelsOwnCounterPairsStampsToo(address: IPAddress, door: DoorKind) throws {
    try WireNetwork.run { network in
      try network.sh("for f in route_localnet accept_local; do echo 1 > /proc/sys/net/ipv4/conf/lo/$f; done")
      let ear: EarKind = door == .datagram ? .datagram : .icmp
      var link = try LinuxLink.open(address.family, door, ear, .init(echoIdentification: 5))
      // As on a kernel before 6.13.
      link.ipv4Door?.ledger.fallBack()
      link.ipv6Door?.ledger.fallBack()
      link.cookedDoor?.ledger.fallBack()
      let batch = (1...3).map { number in
        Outgoing(probe: UInt64(number), bytes: Crafted.echo(address, address, id: 5, sequence: UInt16(number)))
      }
      #expect(link.send(batch).count == 3)
      let departures = try link.collect { $0.departures.count >= 3 }.departures
      #expect(departures.map(\.probe) == [1, 2, 3])
      let offset = address.version == 4 ? 27 : 47
      #expect(departures.map { $0.bytes?[offset] } == [1, 2, 3], "the sequence numbers of what left")
    }
  }

  @Test func aBurstOfAThousandLosesNoStamp() throws {
    try WireNetwork.run { _ in
      var link = try LinuxLink.open(.ipv4, .raw, .icmp)
      let batch = (0..<1000).map { sequence in
        Outgoing(
          probe: UInt64(sequence),
          bytes: Crafted.echo(.v4("10.9.0.1"), .v4("10.9.0.2"), id: 5, sequence: UInt16(sequence)))
      }
      #expect(link.send(batch).count == 1000)
      let received = try link.collect { $0.departures.count >= 1000 && $0.frames.count >= 1000 }
      #expect(received.departures.map(\.probe) == Array(0..<1000))
      #expect(UInt64(received.frames.count) + link.ownDrops == 1000)
    }
  }
}
