import SondeLink
import SondeLinux
import SondeOctets
import SondeSweep
import Testing
import WireSupport

/// Whole ways of packets, over a link between two namespaces.
@Suite(.wire) struct NeighbourWireTests {
  /// One echo request to each address, as a sweep would send it.
  struct Asking: ~Copyable {
    private var door: LinuxBulkDoor
    private var neighbours: SweepNeighbours<NeighbourEar>
    private var batch = PacketBatch(stride: 128)
    private let ways: [BulkWay]
    private(set) var sent = 0
    private(set) var never: [IPAddress: String] = [:]

    init(_ ranges: [ClosedRange<UInt128>], _ family: Family) throws {
      let opening = try BulkOpening([.packet, .raw], families: [family])
      let ways = try RoutePieces.find(ranges, family)
      let near = try NetworkInterface.named("near0")
      let door = try LinuxBulkDoor(opening, .packet, on: near)
      var book = family == .ipv4 ? NeighbourBook(ipv4: ways) : NeighbourBook(ipv4: [], ipv6: ways)
      for router in book.routerAddresses {
        let linkAddress = try Neighbour.resolve(router.address, interface: Int(router.interface))
        book.seed(
          router.address, linkAddress: linkAddress, interface: router.interface, isPermanent: false,
          at: Clock.monotonic)
      }
      for known in try Neighbour.table(interface: near.index) where known.isFresh {
        book.seed(
          known.address, linkAddress: known.linkAddress, interface: Int32(near.index), isPermanent: known.isPermanent,
          at: Clock.monotonic)
      }
      var ear = try book.asksHosts ? NeighbourEar() : .deaf()
      try ear.listen(on: Int32(near.index), [family])
      self.door = door
      self.ways = ways
      neighbours = SweepNeighbours(book, hearing: ear)
    }

    var requests: UInt64 { neighbours.book.requests }

    /// Asks all, those that wait again and again.
    mutating func run(_ targets: [IPAddress]) {
      var pending = targets
      let end = Clock.monotonic + .seconds(30)
      while !pending.isEmpty || batch.count > 0, Clock.monotonic < end {
        _ = neighbours.attend(&batch, room: batch.capacity, at: Clock.monotonic)
        var waiting: [IPAddress] = []
        for target in pending {
          guard !batch.isFull else {
            waiting.append(target)
            continue
          }
          switch neighbours.hop(to: target, at: Clock.monotonic) {
          case .ready(let hop): ask(target, hop)
          case .wait: waiting.append(target)
          case .never(let why): never[target] = why.message
          }
        }
        pending = waiting
        flush()
        // As a sweep at its pace would.
        door.sleep(until: Clock.monotonic + .milliseconds(1))
      }
    }

    private mutating func ask(_ target: IPAddress, _ hop: NextHop) {
      let octets = echo(target)
      batch.append(octets.rawSpan, to: hop)
      sent += 1
    }

    private func echo(_ target: IPAddress) -> [UInt8] {
      switch (ways.first { $0.addresses.contains(Neighbourhood.number(target)) }?.source, target) {
      case (.v4(let source), .v4(let target)): Self.echo(source, target)
      case (.v6(let source), .v6(let target)): Self.echo(source, target)
      default: []
      }
    }

    private mutating func flush() {
      var next = 0
      while next < batch.count {
        switch door.send(batch, from: next) {
        case .all: next = batch.count
        case .full(let count):
          next += count
          door.waitForRoom()
        case .refused(let count, let error):
          Issue.record("\(error)")
          next += count + 1
        }
      }
      batch.removeAll()
    }

    private static func echo(_ source: IPv4Address, _ target: IPv4Address) -> [UInt8] {
      var octets: [UInt8] = [0x45, 0, 0, 28, 0x12, 0x34, 0x40, 0, 64, 1, 0, 0] + source.octets + target.octets
      octets += [8, 0, 0, 0, 0x53, 0x4e, 0, 1]
      write(InternetChecksum.of(Array(octets[..<20]).rawSpan), at: 10, of: &octets)
      write(InternetChecksum.of(Array(octets[20...]).rawSpan), at: 22, of: &octets)
      return octets
    }

    private static func echo(_ source: IPv6Address, _ target: IPv6Address) -> [UInt8] {
      let message: [UInt8] = [128, 0, 0, 0, 0x53, 0x4e, 0, 1]
      var octets: [UInt8] = [0x60, 0, 0, 0, 0, 8, 58, 64] + source.octets + target.octets + message
      NeighbourWaysTests.mend(&octets)
      return octets
    }

    private static func write(_ value: UInt16, at offset: Int, of octets: inout [UInt8]) {
      octets[offset] = UInt8(value >> 8)
      octets[offset + 1] = UInt8(value & 0xff)
    }
  }

  private func count<S: Sequence>(_ values: S) -> [String: Int] where S.Element == String {
    values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private func neighbours() throws -> Int {
    try Shell.run("ip neigh show dev near0; ip -6 neigh show dev near0").lines.filter { !$0.isEmpty }.count
  }

  @Test func liveHostsAreAskedOnceDeadOnesThreeTimesAndTheKernelsTableStaysSmall() throws {
    try WireNetwork.run { network in
      let live = (10..<40).map { "10.9.0.\($0)" }
      try network.onFar {
        try network.sh("for i in \(live.joined(separator: " ")); do ip addr add $i/24 dev far0; done")
      }
      let far = try network.onFar { try NetworkInterface.named("far0").linkAddress.map(\.description) } ?? ""
      // A link address that was written down for ever goes to nobody, but goes there.
      try network.sh("ip neigh replace 10.9.0.50 lladdr 02:00:00:00:00:50 dev near0 nud permanent")
      let before = try neighbours()
      let wire = try WireCapture("near0", "arp or icmp", options: "-s 128 -B 16384")
      let loop = try WireCapture("lo", "icmp")
      let lan = Neighbourhood.range(.v4("10.9.0.0"), .v4("10.9.0.255"))
      let behind = Neighbourhood.range(.v4("10.9.2.0"), .v4("10.9.2.15"))
      var asking = try Asking([lan, behind], .ipv4)
      asking.run(
        ((0x0a09_0000 as UInt32)...0x0a09_00ff).map { .v4(IPv4Address(rawValue: $0)) }
          + (0x0a09_0200...0x0a09_020f).map { .v4(IPv4Address(rawValue: $0)) })
      // Not asked: ourselves, the broadcast address, the router that the kernel knows, and the one written down.
      let dead = (0..<255).map { "10.9.0.\($0)" }.filter {
        !live.contains($0) && !["10.9.0.1", "10.9.0.2", "10.9.0.50"].contains($0)
      }
      // The kernel knows of its own network's first address by its routes: nobody has it.
      #expect(asking.requests == UInt64(live.count + 3 * dead.count))
      try wire.finish(atLeast: live.count + 3 * dead.count + 2 * live.count + 30)
      try loop.finish(atLeast: 2)
      #expect(asking.never.count == dead.count + 1)
      #expect(asking.never[.v4("10.9.0.255")] == "that address names many hosts")
      #expect(asking.never[.v4("10.9.0.77")] == "no answer on the link (ARP)")

      let ours = try NetworkInterface.named("near0").linkAddress.map(\.description) ?? ""
      let requests = try wire.fields(
        "eth.dst", "arp.dst.proto_ipv4", where: "arp.opcode == 1 && eth.src == \(ours) && eth.dst == ff:ff:ff:ff:ff:ff")
      let asked = count(requests.map { String($0.split(separator: "\t")[1]) })
      #expect(live.allSatisfy { asked[$0] == 1 } && dead.allSatisfy { asked[$0] == 3 })
      #expect(asked["10.9.0.1"] == nil && asked["10.9.0.50"] == nil && asked["10.9.0.255"] == nil)
      #expect(asked["10.9.2.1"] == nil)

      let echoes = try wire.fields(
        "eth.dst", "ip.dst", where: "icmp.type == 8 && icmp.ident == 0x534e && !(icmp.type == 3)")
      var expected = count(live.map { "\(far)\t\($0)" } + (0..<16).map { "\(far)\t10.9.2.\($0)" })
      expected["\(far)\t10.9.0.2"] = 1
      expected["02:00:00:00:00:50\t10.9.0.50"] = 1
      #expect(count(echoes) == expected)
      let answered = try wire.fields("ip.src", where: "icmp.type == 0 && icmp.ident == 0x534e")
      #expect(Set(answered) == Set(live + ["10.9.0.2"]))
      // Our own address was reached through lo.
      #expect(try loop.fields("ip.dst", where: "icmp.type == 8 && icmp.ident == 0x534e") == ["10.9.0.1"])
      // The far kernel may ask for us from a few of its addresses meanwhile, which ours then notes.
      #expect(try neighbours() <= before + 8)
    }
  }

  @Test func fourThousandHostsOfALinkAreMoreThanTheKernelsTableHoldsAndAllAreReached() throws {
    try WireNetwork.run { network in
      try network.sh("ip addr add 10.20.240.1/16 dev near0")
      try network.onFar {
        try network.sh("ip addr add 10.20.240.2/16 dev far0; ip route add local 10.20.0.0/20 dev lo")
      }
      let wire = try WireCapture("near0", "arp or icmp", options: "-s 128 -B 65536")
      var asking = try Asking([Neighbourhood.range(.v4("10.20.0.0"), .v4("10.20.15.255"))], .ipv4)
      let targets = ((0x0a14_0000 as UInt32)...0x0a14_0fff).map { IPAddress.v4(IPv4Address(rawValue: $0)) }
      let start = Clock.monotonic
      asking.run(targets)
      print("\(targets.count) hosts on the link: \(Clock.monotonic - start)")
      #expect(asking.sent == targets.count && asking.never.isEmpty, "\(asking.sent), \(asking.never.count) never")
      #expect(asking.requests == UInt64(targets.count))
      try wire.finish(atLeast: 4 * targets.count)
      let far = try network.onFar { try NetworkInterface.named("far0").linkAddress.map(\.description) } ?? ""
      let echoes = try wire.fields("ip.dst", where: "icmp.type == 8 && eth.dst == \(far)")
      #expect(Set(echoes).count == targets.count && echoes.count == targets.count)
      #expect(Set(try wire.fields("ip.src", where: "icmp.type == 0")).count == targets.count)
      #expect(try neighbours() < 10)
    }
  }

  @Test func aRouterThatGetsAnotherLinkAddressIsFollowedWithoutAnEar() throws {
    try WireNetwork.run { network in
      func linkAddress() throws -> MACAddress? { try network.onFar { try NetworkInterface.named("far0").linkAddress } }
      let near = try NetworkInterface.named("near0")
      let router: IPAddress = .v4("10.9.0.2")
      var book = NeighbourBook(
        ipv4: try RoutePieces.find([Neighbourhood.range(.v4("10.9.2.0"), .v4("10.9.2.255"))], .ipv4))
      let start = Clock.monotonic
      book.seed(
        router, linkAddress: try Neighbour.resolve(router, interface: near.index), interface: Int32(near.index),
        isPermanent: false, at: start)
      var neighbours = SweepNeighbours(book, hearing: NeighbourEar.deaf())
      func hop(_ neighbours: inout SweepNeighbours<NeighbourEar>) -> MACAddress? {
        neighbours.hop(to: .v4("10.9.2.9"), at: start).linkAddress
      }
      let first = try linkAddress()
      #expect(hop(&neighbours) == first)
      try network.onFar { try network.sh("ip link set far0 address 02:00:00:00:be:ef") }
      // The kernel believes another answer a second after the last (arp(7), locktime); the book's time is ours.
      try network.sh("sleep 1.2")
      var door = PacketBulkDoor(try BulkOpening([.packet]))
      var batch = PacketBatch(stride: 128)
      #expect(neighbours.attend(&batch, room: 9, at: start + .seconds(30)) == start + .seconds(31))
      #expect(batch.count == 1 && door.send(batch, from: 0) == .all)
      batch.removeAll()
      try Shell.until("ip neigh show 10.9.0.2 dev near0 | grep -q be:ef")
      _ = neighbours.attend(&batch, room: 9, at: start + .seconds(31))
      #expect(hop(&neighbours) == "02:00:00:00:be:ef" && batch.count == 0)
    }
  }

  @Test func neighboursOfIPv6AreSolicitedOnceWhereTheyLiveAndThriceWhereNot() throws {
    try WireNetwork.run { network in
      let live = (0x10..<0x20).map { "fd09::\(String($0, radix: 16))" }
      try network.onFar {
        try network.sh("for i in \(live.joined(separator: " ")); do ip addr add $i/64 dev far0 nodad; done")
      }
      let far = try network.onFar { try NetworkInterface.named("far0").linkAddress.map(\.description) } ?? ""
      let before = try neighbours()
      let wire = try WireCapture("near0", "icmp6", options: "-s 128 -B 16384")
      let lan = Neighbourhood.range(.v6("fd09::"), .v6("fd09::1f"))
      let behind = Neighbourhood.range(.v6("fd09:2::"), .v6("fd09:2::3"))
      var asking = try Asking([lan, behind], .ipv6)
      let targets = (0..<0x20 as Range<UInt64>).map { IPAddress.v6(IPv6Address(high: 0xfd09 << 48, low: $0)) }
      asking.run(targets + (0..<4 as Range<UInt64>).map { .v6(IPv6Address(high: 0xfd09_0002 << 32, low: $0)) })
      try wire.finish(atLeast: 3 * 13 + 16 * 4)
      let echoes = try wire.fields("eth.dst", "ipv6.dst", where: "icmpv6.type == 128 && !(icmpv6.type == 1)")
      // fd09::3 to fd09::f; routers answer for a network's first address (RFC 4291 §2.6.1).
      #expect(asking.never.count == 13, "\(asking.never)")
      let ours = try NetworkInterface.named("near0").linkAddress.map(\.description) ?? ""
      let asked = count(
        try wire.fields(
          "icmpv6.nd.ns.target_address",
          where:
            "icmpv6.type == 135 && eth.src == \(ours) && ipv6.hlim == 255 && icmpv6.opt.linkaddr == \(ours) && eth.dst[0:2] == 33:33"
        ))
      #expect(live.allSatisfy { asked[$0] == 1 })
      #expect((3..<16).allSatisfy { asked["fd09::\(String($0, radix: 16))"] == 3 })
      #expect(live.allSatisfy { echoes.contains("\(far)\t\($0)") })
      #expect((0..<4).allSatisfy { echoes.contains("\(far)\tfd09:2::\($0 == 0 ? "" : String($0))") })
      let answered = Set(try wire.fields("ipv6.src", where: "icmpv6.type == 129"))
      #expect(answered.isSuperset(of: live))
      #expect(try neighbours() <= before + 8)
    }
  }
}
