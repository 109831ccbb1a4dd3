import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// What a live capture shows of what passes, on the running kernel.
@Suite(.wire, .serialized) struct LiveCaptureWireTests {
  /// A link that sends to the far host without stamps.
  private static func sender(_ door: DoorKind = .cooked) throws -> LinuxLink {
    try LinuxLink.open(.ipv4, door, .icmp, .init(transmitStamp: .none))
  }

  private static func datagrams(_ count: Int) -> [Outgoing] {
    let packet = Crafted.udp(.v4("10.9.0.1"), .v4("10.9.0.2"), (4000, 4001))
    return (0..<count).map { Outgoing(probe: UInt64($0), bytes: packet) }
  }

  /// Sends everything, as often as the link is full.
  private static func send(_ batch: [Outgoing], by link: inout LinuxLink) -> Int {
    var sent = 0
    for _ in 0..<100_000 where sent < batch.count {
      let outcome = link.send(Array(batch[sent..<min(sent + 64, batch.count)]))
      guard outcome.failure == nil else { break }
      sent += outcome.count
    }
    return sent
  }

  @Test func bothDirectionsAreShownWithTheirFacts() throws {
    try WireNetwork.run { network in
      var capture = try LiveCapture.open("near0", "icmp")
      let interface = try NetworkInterface.named("near0")
      #expect(capture.linkType == .ethernet)
      let begin = Clock.wall
      try network.sh("ping -c1 -s 100 10.9.0.2 > /dev/null")
      let frames = try capture.gather(2)
      try #require(frames.count == 2)
      #expect(frames.map(\.facts.kind) == [.outgoing, .host])
      #expect(frames.map { $0.bytes[34] } == [8, 0])
      for frame in frames {
        #expect(frame.facts.interface == interface.index)
        #expect(frame.bytes.count == 142 && frame.facts.originalLength == 142)
        #expect(frame.facts.wall > begin && frame.facts.wall < Clock.wall)
      }
      #expect(frames[0].facts.wall < frames[1].facts.wall)
    }
  }

  @Test func snapLengthCutsAndTheWholeLengthIsTold() throws {
    try WireNetwork.run { network in
      var capture = try LiveCapture.open("near0", "icmp", .init(snapLength: 50))
      try network.sh("ping -c1 -s 1000 10.9.0.2 > /dev/null")
      let frames = try capture.gather(2)
      #expect(frames.map(\.bytes.count) == [50, 50] && frames.map(\.facts.originalLength) == [1042, 1042])
    }
  }

  @Test func aLonePacketIsShownAtOnce() throws {
    try WireNetwork.run { _ in
      var capture = try LiveCapture.open("near0", "udp port 4001")
      var link = try Self.sender()
      try link.prepare([Way(to: .v4("10.9.0.2"))])
      var quickest = Duration.seconds(9)
      for _ in 0..<5 {
        let begin = Clock.monotonic
        #expect(link.send(Self.datagrams(1)).count == 1)
        #expect(try capture.gather(1).count == 1)
        quickest = min(quickest, Clock.monotonic - begin)
      }
      // A machine that is busy with other things may be late, but not five times.
      #expect(quickest < .milliseconds(100))
    }
  }

  @Test func loopbackShowsEachPacketOnce() throws {
    try WireNetwork.run { network in
      for name in ["lo", nil] {
        var capture = try LiveCapture.open(name, "icmp or (ip6[6] = 58 and (ip6[40] = 128 or ip6[40] = 129))")
        try network.sh("ping -c1 127.0.0.1 > /dev/null; ping -c1 ::1 > /dev/null; ping -c1 10.9.0.2 > /dev/null")
        let onLoopback = name == "lo"
        let frames = try capture.gather(onLoopback ? 4 : 6)
        let later = capture.now + .milliseconds(60)
        try capture.receive(until: later) { _, _ in
          Issue.record("shown twice")
          return true
        }
        #expect(frames.count == (onLoopback ? 4 : 6))
        #expect(frames.prefix(4).allSatisfy { $0.facts.kind == .host })
        if onLoopback { #expect(frames.map { $0.bytes[12] } == [0x08, 0x08, 0x86, 0x86]) }
      }
    }
  }

  /// A frame with a tag of VLAN 7 around a datagram to port 4001 of the far host.
  private static func tagged(by network: WireNetwork) throws -> Outgoing {
    let near = try NetworkInterface.named("near0")
    let far = try network.onFar { try NetworkInterface.named("far0") }
    let from = try #require(near.linkAddress)
    let to = try #require(far.linkAddress)
    let payload = Crafted.words(0x6007, 0x0800) + datagrams(1)[0].bytes
    return Outgoing(
      probe: 1, bytes: Framed.ethernet(to, from, 0x8100, payload), linkType: .ethernet,
      way: Way(to: .v4("10.9.0.2"), interface: near.index))
  }

  @Test func allInterfacesTogetherHaveTheHeaderThatOthersRead() throws {
    try WireNetwork.run { network in
      // What a tag holds is beyond "udp".
      let echo = "(ip6[6] = 58 and (ip6[40] = 128 or ip6[40] = 129))"
      let filter = "\(echo) or udp port 4001 or ether proto 0x8100"
      var capture = try LiveCapture.open(nil, filter)
      #expect(capture.linkType == .linuxCookedV2)
      var onFar = try network.onFar { try LiveCapture.open(nil, filter) }
      try network.sh("ping -c1 ::1 > /dev/null; ping -c1 fd09::2 > /dev/null")
      var cooked = try Self.sender()
      #expect(cooked.send(Self.datagrams(1)).failure == nil)
      var frames = try LinuxLink(Openings.open([:], frames: true))
      #expect(frames.send([try Self.tagged(by: network)]).failure == nil)
      let near = try NetworkInterface.named("near0")
      let own = try #require(near.linkAddress).description
      var lines: [[Substring]] = []
      for captured in [try capture.gather(6), try onFar.gather(4)] {
        let folder = try TemporaryFolder()
        try Framed.write(captured, .linuxCookedV2, to: folder.path + "/any.pcap")
        let fields =
          "-e sll.ifindex -e sll.pkttype -e sll.hatype -e sll.src.eth -e icmpv6.type -e vlan.id -e udp.dstport"
        let read = try Shell.run("tshark -n -r \(folder.path)/any.pcap -T fields \(fields) -e _ws.malformed")
        #expect(!read.output.contains("Malformed"))
        lines.append(read.lines.filter { !$0.isEmpty })
      }
      #expect(lines[0].contains { $0.hasPrefix("1\t0\t772\t00:00:00:00:00:00\t128") }, "\(lines)")
      #expect(lines[0].contains { $0.hasPrefix("\(near.index)\t4\t1\t\(own)\t128") }, "\(lines)")
      #expect(lines[0].contains { $0.hasPrefix("\(near.index)\t0\t1\t") && $0.contains("\t129") }, "\(lines)")
      #expect(lines[1].contains { $0.contains("\t7\t4001") }, "the tag that the kernel took out: \(lines)")
      #expect(lines[1].contains { $0.contains("\t\t4001") }, "\(lines)")
    }
  }

  @Test func tagsAreBackInTheFrame() throws {
    try WireNetwork.run { network in
      let expressions = ["vlan 7 and udp", "udp", "vlan 8", "vlan"]
      var captures: [(String, [Captured])] = []
      let outgoing = try Self.tagged(by: network)
      var link = try LinuxLink(Openings.open([:], frames: true))
      for expression in expressions {
        var capture = try network.onFar { try LiveCapture.open("far0", expression) }
        // The plain one afterwards tells that the first has passed.
        var plain = try network.onFar { try LiveCapture.open("far0", "udp") }
        var cooked = try Self.sender()
        #expect(link.send([outgoing]).failure == nil && cooked.send(Self.datagrams(1)).failure == nil)
        #expect(try plain.gather(1).map { $0.bytes[12] } == [0x08])
        captures.append((expression, try capture.gather(["vlan 8": 0][expression] ?? 1)))
      }
      for (expression, frames) in captures {
        switch expression {
        case "vlan 8": #expect(frames.isEmpty)
        case "udp": #expect(frames.map { Array($0.bytes[12..<14]) } == [Crafted.words(0x0800)])
        default:
          #expect(frames.map(\.bytes) == [outgoing.bytes], "\(expression)")
          #expect(frames.first?.facts.originalLength == outgoing.bytes.count)
        }
      }
    }
  }

  @Test func aBurstIsCapturedWithoutLoss() throws {
    try WireNetwork.run { network in
      let count = 20_000
      var capture = try network.onFar { try LiveCapture.open("far0", "udp port 4001") }
      var link = try Self.sender()
      #expect(Self.send(Self.datagrams(count), by: &link) == count)
      #expect(try capture.gather(count).count == count)
      let statistics = try capture.statistics()
      #expect(statistics.seen == UInt64(count) && statistics.dropped == 0)
    }
  }

  @Test func aTinyRingsDropsAreCounted() throws {
    try WireNetwork.run { network in
      let count = 2000
      var capture = try network.onFar {
        try LiveCapture.open("far0", "udp port 4001", .init(ringSize: 8192))
      }
      var link = try Self.sender()
      #expect(Self.send(Self.datagrams(count), by: &link) == count)
      let first = try capture.statistics()
      var shown = 0
      // What was kept is there at once.
      while try capture.receive(until: capture.now + .milliseconds(100), { _, _ in true }) > 0 { shown += 1 }
      let statistics = try capture.statistics()
      #expect(statistics.seen == UInt64(count) && first.dropped > 0 && statistics.dropped == first.dropped)
      #expect(statistics.dropped < UInt64(count) && shown > 0)
    }
  }

  @Test func aSlowTakerMayStopAndGoOn() throws {
    try WireNetwork.run { _ in
      var capture = try LiveCapture.open("near0", "udp port 4001")
      var link = try Self.sender()
      #expect(Self.send(Self.datagrams(50), by: &link) == 50)
      var calls = 0
      while calls < 50 {
        guard try capture.receive(until: capture.now + .seconds(10), { _, _ in false }) == 1 else { break }
        calls += 1
      }
      #expect(calls == 50)
      #expect(try capture.receive(until: capture.now) { _, _ in true } == 0)
    }
  }

  @Test func anInterrupterEndsTheWait() throws {
    try WireNetwork.run { _ in
      let interrupter = try Interrupter()
      var capture = try LiveCapture.open("near0", "udp port 4001", .init(interrupter: interrupter))
      interrupter.interrupt()
      #expect(try capture.receive(until: .distantFuture) { _, _ in true } == 0)
      let begin = Clock.monotonic
      #expect(try capture.receive(until: begin + .milliseconds(30)) { _, _ in true } == 0)
      #expect(Clock.monotonic - begin >= .milliseconds(30), "one interruption ends one wait")
    }
  }

  @Test func interfacesThatAreDownOrGoAreToldOf() throws {
    try WireNetwork.run { network in
      try network.sh("ip link add idle0 type veth peer name idle1 && ip link set idle1 up")
      let down = refusal { _ = try LiveCapture.open("idle0") }
      #expect(down?.description == "capture on idle0: the interface is down")
      try network.sh("ip link set idle0 up")
      var capture = try LiveCapture.open("idle0")
      try network.sh("ip link set idle0 down")
      for _ in 0..<100 {
        do {
          try capture.receive(until: capture.now + .seconds(1)) { _, _ in true }
        } catch {
          #expect((error as? LinkError)?.description == "capture on idle0: the interface is down")
          return
        }
      }
      Issue.record("never told of")
    }
  }

  @Test func linksWithoutAHeaderAreShownFromTheIPHeaderOn() throws {
    try WireNetwork.run { network in
      try network.sh("ip tuntap add mode tun name tun9 && ip addr add 10.99.0.1/30 dev tun9 && ip link set tun9 up")
      // Without a program at its other end the link has no carrier and sends nothing.
      let hold = "f=os.open(\"/dev/net/tun\",2); fcntl.ioctl(f,0x400454ca,struct.pack(\"16sH\",b\"tun9\",0x1001))"
      let child = try network.start("exec python3 -c 'import os,fcntl,struct,time; \(hold); time.sleep(60)'")
      defer { network.stop(child) }
      try Shell.until("ip link show tun9 | grep -q LOWER_UP")
      var capture = try LiveCapture.open("tun9", "udp port 4009")
      #expect(capture.linkType == .raw)
      try network.sh("bash -c 'printf x > /dev/udp/10.99.0.2/4009'")
      let frame = try #require(try capture.gather(1).first)
      #expect(frame.bytes.count == 29 && frame.bytes[0] == 0x45 && frame.facts.kind == .outgoing)
      let index = try NetworkInterface.named("tun9").index
      var link = try LinuxLink(Openings.open([:], frames: true), .init(interface: index))
      let failure = link.send([Outgoing(probe: 1, bytes: frame.bytes, linkType: .ethernet)]).failure
      #expect(failure?.message == "interface tun9 has no Ethernet header; only Ethernet frames leave by it")
    }
  }

  @Test func promiscuousModeIsOnlyForWhoAsks() throws {
    try WireNetwork.run { network in
      let shows = "ip -d link show near0 | grep -q 'promiscuity 1'"
      let plain = try LiveCapture.open("near0")
      #expect(try Shell.run(shows).status == 1)
      let promiscuous = try LiveCapture.open("near0", nil, .init(isPromiscuous: true))
      #expect(try Shell.run(shows).status == 0)
      #expect(plain.linkType == promiscuous.linkType)
    }
  }

  @Test func aFilterOfAnotherLinkTypeIsRefused() throws {
    try WireNetwork.run { _ in
      let filter = try CaptureFilter("tcp", linkType: .raw)
      let error = refusal {
        _ = try LiveCapture(LiveCapture.Opening(NetworkInterface.named("near0")), .init(filter: filter))
      }
      #expect(error?.message == "it was compiled for link type 101, and this capture's is 1")
    }
  }
}
