import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// What a bulk door's packets become on the running kernel.
@Suite(.wire, .serialized) struct BulkDoorWireTests {
  /// Packets that tell their numbers by their identification or flow label's place, and by their payload.
  static func packet(_ number: Int, _ ends: Ends) -> [UInt8] {
    var payload = Crafted.words(UInt16(number >> 16), UInt16(number & 0xffff))
    payload += [UInt8](repeating: UInt8(number & 0xff), count: number % 9)
    return Crafted.udp(ends.near, ends.far, (4000, 4001), payload: payload)
  }

  private static func long(_ count: Int) -> [UInt8] {
    Crafted.udp(Ends.ipv4.near, Ends.ipv4.far, (4000, 4001), payload: [UInt8](repeating: 0, count: count))
  }

  /// Sends everything, and gives how many went and how many were refused.
  static func send(
    _ packets: [[UInt8]], to hop: NextHop, by door: inout LinuxBulkDoor
  ) -> (sent: Int, refused: [LinkError], waits: Int) {
    var (sent, refused, waits) = (0, [LinkError](), 0)
    var batch = PacketBatch(stride: 1500)
    var rest = packets[...]
    while !rest.isEmpty {
      batch.removeAll()
      for packet in rest.prefix(batch.capacity) { batch.append(packet.rawSpan, to: hop) }
      rest = rest.dropFirst(batch.count)
      var first = 0
      while first < batch.count {
        switch door.send(batch, from: first) {
        case .all:
          sent += batch.count - first
          first = batch.count
        case .full(let went):
          sent += went
          first += went
          waits += 1
          door.waitForRoom()
        case .refused(let went, let error):
          sent += went
          first += went + 1
          refused.append(error)
        }
      }
    }
    return (sent, refused, waits)
  }

  static func hop(_ network: WireNetwork, _ kind: BulkDoorKind, _ ends: Ends) throws -> NextHop {
    let near = try NetworkInterface.named("near0")
    let far = try network.onFar { try NetworkInterface.named("far0") }
    return NextHop(
      interface: kind == .raw ? 0 : Int32(near.index), linkAddress: far.linkAddress,
      etherType: ends.family == .ipv4 ? 0x0800 : 0x86dd)
  }

  static func door(_ kind: BulkDoorKind) throws -> LinuxBulkDoor {
    try LinuxBulkDoor(BulkOpening([kind]), kind, on: NetworkInterface.named("near0"))
  }

  @Test(arguments: BulkDoorKind.allCases, Ends.both)
  func packetsArriveAsTheyWereAndInOrder(kind: BulkDoorKind, ends: Ends) throws {
    try WireNetwork.run { network in
      var capture = try network.onFar { try LiveCapture.open("far0", "udp dst port 4001") }
      var door = try Self.door(kind)
      let packets = (0..<1000).map { Self.packet($0, ends) }
      let (sent, refused, _) = Self.send(packets, to: try Self.hop(network, kind, ends), by: &door)
      #expect(sent == 1000 && refused.isEmpty)
      let frames = try capture.gather(1000)
      #expect(frames.map { Array($0.bytes[14...]) } == packets)
      let (near, far) = (try NetworkInterface.named("near0"), try network.onFar { try NetworkInterface.named("far0") })
      let header = far.linkAddress!.octets + near.linkAddress!.octets
      #expect(frames.allSatisfy { Array($0.bytes[..<12]) == header })
    }
  }

  /// A queue of two packets in front of a slow link.
  @Test(arguments: [BulkDoorKind.packet, .raw], Ends.both)
  func whatAFullQueueTurnsAwayIsOfferedAgain(kind: BulkDoorKind, ends: Ends) throws {
    try WireNetwork.run { network in
      try network.sh("tc qdisc add dev near0 root tbf rate 8mbit burst 2k limit 300")
      var capture = try network.onFar { try LiveCapture.open("far0", "udp dst port 4001") }
      var door = try Self.door(kind)
      let packets = (0..<2000).map { Self.packet($0, ends) }
      let (sent, refused, waits) = Self.send(packets, to: try Self.hop(network, kind, ends), by: &door)
      #expect(sent == 2000 && refused.isEmpty && waits > 100)
      let frames = try capture.gather(2000)
      // Each once; what a queue's timer lets go on one processor may overtake what goes on another.
      let numbered = frames.map { Array($0.bytes[14...]) }.sorted { $0.lexicographicallyPrecedes($1) }
      #expect(numbered == packets.sorted { $0.lexicographicallyPrecedes($1) })
    }
  }

  /// A queue that is longer than what the socket lets be under way.
  @Test(arguments: [BulkDoorKind.packet, .raw])
  func aSlowLinkWithALongQueueLosesNothing(kind: BulkDoorKind) throws {
    try WireNetwork.run { network in
      try network.sh("tc qdisc add dev near0 root tbf rate 20mbit burst 2k limit 200k")
      var capture = try network.onFar { try LiveCapture.open("far0", "udp dst port 4001") }
      var door = try Self.door(kind)
      let packets = (0..<5000).map { Self.packet($0, .ipv4) }
      let (sent, refused, _) = Self.send(packets, to: try Self.hop(network, kind, .ipv4), by: &door)
      #expect(sent == 5000 && refused.isEmpty)
      #expect(try capture.gather(5000).count == 5000)
    }
  }

  @Test func whatCannotGoIsRefusedAndTheRestGoes() throws {
    try WireNetwork.run { network in
      var door = try Self.door(.raw)
      let far = try Self.hop(network, .raw, .ipv4)
      let lost = Crafted.udp(.v4("10.9.0.1"), .v4("203.0.113.1"), (4000, 4001))
      let long = Self.long(1440)
      try network.sh("ip link set near0 mtu 1400")
      let packets = [Self.packet(0, .ipv4), lost, long, Self.packet(1, .ipv4), lost, Self.packet(2, .ipv6)]
      let (sent, refused, waits) = Self.send(packets, to: far, by: &door)
      #expect(sent == 3 && waits == 0)
      #expect(refused.map(\.code) == [101, 90, 101])
    }
  }

  @Test(arguments: [BulkDoorKind.packet, .xdp])
  func aPacketLongerThanTheDoorTakesIsRefused(kind: BulkDoorKind) throws {
    try WireNetwork.run { network in
      try network.sh("ip link set near0 mtu 1280")
      var door = try Self.door(kind)
      let long = Self.long(1400)
      let (sent, refused, _) = Self.send(
        [Self.packet(0, .ipv4), long, Self.packet(1, .ipv4)], to: try Self.hop(network, kind, .ipv4), by: &door)
      #expect(sent == 2 && refused.map(\.code) == [90])
    }
  }

  /// The kernel would take packets for a link without a carrier, and a driver would turn frames away for ever.
  @Test(arguments: [BulkDoorKind.packet, .xdp]) func aDeadLinkRefusesInsteadOfWaitingForEver(kind: BulkDoorKind) throws
  {
    try WireNetwork.run { network in
      let hop = try Self.hop(network, kind, .ipv4)
      var door = try Self.door(kind)
      try network.onFar { try network.sh("ip link set far0 down") }
      try Shell.until("ip link show near0 | grep -q 'state [LD]O'")
      let begin = door.now
      let (sent, refused, _) = Self.send((0..<20).map { Self.packet($0, .ipv4) }, to: hop, by: &door)
      #expect(sent == 0 && refused.count == 20)
      #expect(door.now - begin < .seconds(10))
      try network.onFar { try network.sh("ip link set far0 up") }
      try Shell.until("ip link show near0 | grep -q 'state UP'")
      door.sleep(until: door.now + .milliseconds(150))
      #expect(Self.send([Self.packet(1, .ipv4)], to: hop, by: &door).sent == 1)
    }
  }

  @Test(arguments: Ends.both) func thisMachineItselfIsReachedByTheRawDoor(ends: Ends) throws {
    try WireNetwork.run { _ in
      var capture = try LiveCapture.open("lo", "udp dst port 4001")
      let opening = try BulkOpening([.packet, .raw])
      var door = try LinuxBulkDoor(opening, .packet, on: NetworkInterface.named("near0"))
      let loopback: IPAddress = ends.family == .ipv4 ? .v4("127.0.0.1") : .v6("::1")
      let own = NextHop(interface: 0, linkAddress: nil, etherType: 0x0800)
      let packets = [loopback, ends.near].map { Crafted.udp($0, $0, (4000, 4001)) }
      #expect(Self.send(packets, to: own, by: &door).sent == 2)
      #expect(try capture.gather(2).map { Array($0.bytes[14...]) } == packets)
    }
  }

  @Test func theFastDoorIsPreferredOnlyWhereNothingQueues() throws {
    try WireNetwork.run { network in
      #expect(BulkDoorKind.preferred(on: try NetworkInterface.named("near0")) == .xdp)
      #expect(BulkDoorKind.preferred(on: try NetworkInterface.named("near0"), packets: 1000) == .packet)
      #expect(BulkDoorKind.preferred(on: try NetworkInterface.named("lo")) == .raw)
      try network.sh("tc qdisc add dev near0 root tbf rate 8mbit burst 2k limit 3k")
      #expect(BulkDoorKind.preferred(on: try NetworkInterface.named("near0")) == .packet)
      try network.sh("ip link add link near0 name upper0 type macvlan mode bridge")
      #expect(BulkDoorKind.preferred(on: try NetworkInterface.named("upper0")) == .packet)
    }
  }

  @Test func aSleepEndsOnTime() throws {
    var rest = BulkRest(nil)
    var late: [Int64] = []
    for _ in 0..<50 {
      let deadline = Clock.monotonic + .microseconds(300)
      rest.sleep(until: deadline)
      late.append((Clock.monotonic - deadline).nanoseconds)
    }
    #expect(late.allSatisfy { $0 >= 0 })
    // A busy machine may be late now and then.
    #expect(late.sorted()[10] < 200_000)
  }
}
