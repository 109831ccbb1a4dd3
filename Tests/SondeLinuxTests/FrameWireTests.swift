import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// A header field of IPv4 that a hand has set wrong.
private struct Mistake: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var wish: Wishes.Wish
  var change: @Sendable (inout [UInt8]) -> Void

  static let checksum = Mistake(testDescription: "checksum", wish: .headerChecksum) { $0[10...11] = [0xde, 0xad] }
  static let totalLength = Mistake(testDescription: "total length", wish: .totalLength) { $0[2...3] = [0, 99] }
  static let shortHeader = Mistake(testDescription: "IHL 3", wish: .impossibleHeaderLength) { $0[0] = 0x43 }
  static let longHeader = Mistake(testDescription: "IHL 15", wish: .impossibleHeaderLength) { $0[0] = 0x4f }
  static let version = Mistake(testDescription: "version", wish: .version) { $0[0] = 0x75 }
  static let all = Mistake(testDescription: "all", wish: [.headerChecksum, .totalLength, .impossibleHeaderLength]) {
    $0[0] = 0xf2
    $0[2...3] = [0, 7]
    $0[4...7] = [0, 0, 0, 0]
    $0[10...11] = [0xbe, 0xef]
  }
  static let every = [checksum, totalLength, shortHeader, longHeader, version, all]
}

/// Whole frames out and in, and what the kernel leaves of hand-set fields, at the other end of the wire.
@Suite(.wire) struct FrameWireTests {
  @Test(arguments: Mistake.every, [DoorKind.cooked, .packet])
  fileprivate func wrongHeadersArriveAsWritten(mistake: Mistake, door: DoorKind) throws {
    try WireNetwork.run { network in
      var packet = Crafted.udp(.v4("10.9.0.1"), .v4("10.9.0.2"), (4000, 4001))
      mistake.change(&packet)
      let dumped = try network.onFar { try WireCapture("far0", "ether proto 0x0800") }
      var capture = try network.onFar { try LiveCapture.open("far0", "ether proto 0x0800") }
      var link = try LinuxLink.open(.ipv4, door, .icmp)
      let outgoing = Outgoing(probe: 7, bytes: packet, way: Way(to: .v4("10.9.0.2")))
      #expect(link.send([outgoing]).failure == nil)
      let heard = try capture.gather(1)
      #expect(heard.map { Array($0.bytes.dropFirst(14)) } == [packet])
      try dumped.finish(atLeast: 1)
      let read = try dumped.octets(of: "frame").map { String($0.dropFirst(28)) }
      #expect(read == [Hex.text(packet)])
      let departure = try #require(try link.collect { !$0.departures.isEmpty }.departures.first)
      #expect(departure.changes(from: outgoing) == [] && departure.probe == 7)
    }
  }

  @Test(arguments: Mistake.every)
  fileprivate func theRawDoorIsNotPlannedForWhatItChanges(mistake: Mistake) throws {
    let wishes = Wishes(family: .ipv4, isEchoRequest: false, wishes: mistake.wish, packetLength: 44, mtu: 1500)
    let first = try SendPlan.ranking(for: wishes, purpose: .probe).first?.door
    let error = refusal { _ = try SendPlan.ranking(for: wishes, purpose: .probe, door: .raw) }
    #expect(first == (mistake.wish == .version ? .raw : .cooked))
    #expect((error == nil) == (mistake.wish == .version))
    // The raw door does to the wire what the plan says of it.
    try WireNetwork.run { network in
      var packet = Crafted.udp(.v4("10.9.0.1"), .v4("10.9.0.2"), (4000, 4001))
      mistake.change(&packet)
      var capture = try network.onFar { try LiveCapture.open("far0", "ether proto 0x0800") }
      var link = try LinuxLink.open(.ipv4, .raw, .icmp)
      let outgoing = Outgoing(probe: 7, bytes: packet, way: Way(to: .v4("10.9.0.2")))
      let failure = link.send([outgoing]).failure
      #expect((failure != nil) == mistake.wish.contains(.impossibleHeaderLength), "\(failure?.description ?? "")")
      guard failure == nil else { return }
      // An error that the far host sends back may follow.
      let heard = try #require(try capture.gather(1).first.map { Array($0.bytes.dropFirst(14)) })
      let departure = try #require(try link.collect { !$0.departures.isEmpty }.departures.first)
      #expect(heard == departure.bytes)
      let changes = try #require(departure.changes(from: outgoing))
      switch mistake.wish {
      case .headerChecksum: #expect(!changes.isEmpty && changes.allSatisfy { (80..<96).contains($0.lowerBound) })
      case .totalLength:
        #expect(changes.contains { (16..<32).contains($0.lowerBound) })
        #expect(changes.allSatisfy { (16..<32).contains($0.lowerBound) || (80..<96).contains($0.lowerBound) })
      // The kernel sums the header that it sends, so the sum of the right one is rewritten.
      default: #expect(changes.allSatisfy { (80..<96).contains($0.lowerBound) } && heard[0] == 0x75)
      }
    }
  }

  @Test(arguments: Ends.both, [DoorKind.raw, .cooked, .packet])
  func departuresCarryThePacketOverVethAndLoopback(ends: Ends, door: DoorKind) throws {
    try WireNetwork.run { network in
      try network.sh("cd /proc/sys/net/ipv4/conf/lo && echo 1 > route_localnet && echo 1 > accept_local")
      let loopback: IPAddress = ends.family == .ipv4 ? .v4("127.0.0.1") : .v6("::1")
      var link = try LinuxLink.open(ends.family, door, .icmp)
      for (number, (from, to)) in [(ends.near, ends.far), (loopback, loopback)].enumerated() {
        let packet = Crafted.echo(from, to, id: 0x0405, sequence: UInt16(number))
        let outgoing = Outgoing(probe: UInt64(number), bytes: packet)
        #expect(link.send([outgoing]).failure == nil)
        let received = try link.collect { !$0.departures.isEmpty && !$0.frames.isEmpty }
        #expect(received.departures.map(\.probe) == [UInt64(number)] && received.departures.first?.linkType == .raw)
        #expect(received.departures.first?.changes(from: outgoing) == [])
        #expect(received.frames.first?.bytes[ends.headerLength] == ends.echoReply)
      }
    }
  }

  @Test func anARPFrameIsAnsweredAndHeard() throws {
    try WireNetwork.run { network in
      let near = try NetworkInterface.named("near0")
      let own = try #require(near.linkAddress)
      let far = try #require(try network.onFar { try NetworkInterface.named("far0") }.linkAddress)
      let filter = PacketFilter(from: [.v4("10.9.0.2")], etherTypes: [0x0806])
      var link = try LinuxLink(Openings.open([:], frames: true), .init(interface: near.index, filter: filter))
      let request = Framed.request(own, "10.9.0.1", "10.9.0.2")
      let outgoing = Outgoing(probe: 3, bytes: request, linkType: .ethernet)
      #expect(link.send([outgoing]).failure == nil)
      let received = try link.collect { !$0.departures.isEmpty && !$0.frames.isEmpty }
      #expect(received.departures.first?.changes(from: outgoing) == [])
      #expect(received.departures.first?.linkType == .ethernet)
      let reply = try #require(received.frames.first)
      #expect(reply.linkType == .ethernet && reply.interface == near.index && !reply.isRebuilt)
      let addresses = far.octets + Framed.octets("10.9.0.2") + own.octets + Framed.octets("10.9.0.1")
      #expect(
        reply.bytes.starts(with: Framed.ethernet(own, far, 0x0806, Crafted.words(1, 0x0800, 0x0604, 2) + addresses)))
      #expect(reply.stamp.wall != nil)
    }
  }

  @Test func anAnswerToAMadeUpAddressIsHeardWhereItIsAskedFor() throws {
    try WireNetwork.run { network in
      let near = try NetworkInterface.named("near0")
      let made: MACAddress = MACAddress(rawValue: 0x0000_5e00_5399)
      let request = Framed.request(made, "10.9.0.1", "10.9.0.2")
      var filter = PacketFilter(from: [], etherTypes: [0x0806])
      for isAsked in [true, false] {
        filter.passesOtherHosts = isAsked
        var link = try LinuxLink(Openings.open([:], frames: true), .init(interface: near.index, filter: filter))
        var capture = try LiveCapture.open("near0", "arp[6:2] = 2 and ether dst \(made)")
        #expect(link.send([Outgoing(probe: 3, bytes: request, linkType: .ethernet)]).failure == nil)
        #expect(try capture.gather(1).first?.facts.kind == .otherHost)
        var received: [Received] = []
        let end = link.now + .milliseconds(20)
        while link.now < end { try link.receive(until: end, into: &received) }
        // The far host's kernel may ask about our address meanwhile.
        let answers = received.frames.filter { $0.bytes.starts(with: made.octets) }
        #expect(answers.count == (isAsked ? 1 : 0))
        #expect(try Shell.run("ip -d link show near0 | grep -c 'promiscuity 0'").status == (isAsked ? 1 : 0))
      }
    }
  }

  @Test(arguments: Ends.both)
  func theFrameEarHearsEveryKindOfAnswer(ends: Ends) throws {
    try WireNetwork.run { network in
      let near = try NetworkInterface.named("near0")
      let filter = PacketFilter(from: [ends.far])
      let plan = SendPlan(door: .raw, ear: .packet)
      var link = try LinuxLink(
        Openings.open([ends.family: [plan]], frames: true), .init(interface: near.index, filter: filter))
      #expect(link.plans[ends.family]?.ear == .frame)
      // Port unreachable, reset, echo reply, a reply in fragments, and an error of a router for another address.
      let payload = [UInt8](repeating: 0x5a, count: 1400)
      let packets = [
        Crafted.udp(ends.near, ends.far, (4000, 9)), Crafted.syn(ends.near, ends.far, (4001, 9)),
        Crafted.echo(ends.near, ends.far, id: 1, sequence: 1, payload: payload),
        Crafted.echo(ends.near, ends.unreachable, id: 1, sequence: 2),
      ]
      let type = ends.family == .ipv4 ? Crafted.words(0x0800) : Crafted.words(0x86dd)
      var kinds: [[UInt8]] = []
      for packet in packets {
        #expect(link.send([Outgoing(probe: 1, bytes: packet)]).failure == nil)
        let frames = try link.collect { !$0.frames.isEmpty }.frames
        let frame = try #require(frames.first)
        #expect(frame.linkType == .ethernet && Array(frame.bytes[12..<14]) == type)
        let fields = try #require(PacketFields(Array(frame.bytes.dropFirst(14)), nil))
        #expect(fields.source == ends.far && fields.destination == ends.near)
        let number = frame.bytes[14 + (ends.family == .ipv4 ? 9 : 6)]
        kinds.append([number, frame.bytes[14 + ends.headerLength]])
      }
      let expected: [[UInt8]] =
        ends.family == .ipv4 ? [[1, 3], [6, 0], [1, 0], [1, 3]] : [[58, 1], [6, 0], [58, 129], [58, 1]]
      #expect(kinds == expected)
    }
  }

  @Test(arguments: Ends.both)
  func portsAreFilteredInFramesToo(ends: Ends) throws {
    try WireNetwork.run { network in
      // The packets that come in have the ports and types of the probes' answers.
      let filter = PacketFilter(flows: [.init(protocolNumber: 6, destinationPorts: [45000...45010])])
      let plan = SendPlan(door: .raw, ear: .packet)
      var link = try LinuxLink(Openings.open([ends.family: [plan]], frames: true), .init(filter: filter))
      let probes = [45011, 44999, 45000, 45010].map { Crafted.syn(ends.near, ends.far, (UInt16($0), 9)) }
      let last = Crafted.echo(ends.near, ends.far, id: 1, sequence: 1)
      let datagram = Crafted.udp(ends.near, ends.far, (45000, 9))
      for packet in probes + [datagram, last] {
        #expect(link.send([Outgoing(probe: 1, bytes: packet)]).failure == nil)
      }
      let frames = try link.collect { $0.frames.count >= 4 }.frames.map { Array($0.bytes.dropFirst(14)) }
      let upper = frames.map { Array($0.dropFirst(ends.headerLength).prefix(4)) }
      let unreachable: [UInt8] = ends.family == .ipv4 ? [3, 3] : [1, 4]
      try #require(upper.count == 4)
      #expect(upper[0] == Crafted.words(9, 45000) && upper[1] == Crafted.words(9, 45010))
      #expect(Array(upper[2][..<2]) == unreachable && upper[3][0] == ends.echoReply)
    }
  }

  @Test func theFrameEarPutsTagsBackAndSkipsWhatIsNotAskedFor() throws {
    try WireNetwork.run { network in
      let near = try NetworkInterface.named("near0")
      let far = try network.onFar { try NetworkInterface.named("far0") }
      let to = try #require(far.linkAddress)
      let from = try #require(near.linkAddress)
      let tagged = Framed.ethernet(
        to, from, 0x8100, Crafted.words(7, 0x0800) + Crafted.udp(.v4("10.9.0.1"), .v4("10.9.0.2"), (1, 2)))
      let own = Framed.ethernet(to, from, 0x88b5, [UInt8](repeating: 9, count: 50))
      let filters = [(PacketFilter.allFrames, [tagged, own]), (PacketFilter(from: [.v4("10.9.0.1")]), [tagged])]
      for (filter, expected) in filters {
        var sender = try LinuxLink(Openings.open([:], frames: true), .init(interface: near.index))
        var ear = try network.onFar {
          try LinuxLink(Openings.open([:], frames: true), .init(filter: filter))
        }
        let batch = [tagged, own].map { Outgoing(probe: 1, bytes: $0, linkType: .ethernet) }
        #expect(sender.send(batch).count == 2)
        let frames = try ear.collect { $0.frames.count >= expected.count }.frames
        #expect(frames.map(\.bytes) == expected)
      }
    }
  }

  @Test func framesThatCannotGoAreRefusedInOneLine() throws {
    try WireNetwork.run { _ in
      var link = try LinuxLink(Openings.open([:], frames: true))
      let frame = [UInt8](repeating: 0, count: 60)
      func failure(_ bytes: [UInt8], _ interface: Int?, _ linkType: LinkType = .ethernet) -> LinkError? {
        let way = interface.map { Way(to: .v4("192.0.2.1"), interface: $0) }
        return link.send([Outgoing(probe: 1, bytes: bytes, linkType: linkType, way: way)]).failure
      }
      #expect(
        failure(frame, nil)?.description
          == "door packet: a packet that begins with a link header needs an interface to leave by")
      #expect(failure(frame, 99)?.description == "interface 99: there is no such interface")
      let near = try NetworkInterface.named("near0").index
      #expect(failure([UInt8](repeating: 0, count: 13), near)?.code == 22, "shorter than its header")
      #expect(failure([UInt8](repeating: 0, count: 1515 + 4), near)?.code == 90, "longer than the MTU")
      #expect(failure(frame, near, LinkType(rawValue: 113))?.message == "frames of link type 113 cannot be sent")
      #expect(failure(frame, near) == nil)
      var raw = try LinuxLink.open(.ipv4, .raw, .icmp, .init(interface: near))
      let closed = raw.send([Outgoing(probe: 1, bytes: frame, linkType: .ethernet)]).failure
      #expect(closed?.message == "the packet door, by which whole frames leave, is not open")
    }
  }
}
