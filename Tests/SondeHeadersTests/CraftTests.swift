internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// Typed stacks encode to the bytes that Scapy gives for the same fields (`Vectors/craft.txt`).
@Suite struct CraftTests {
  private static let ours: IPv4Address = "192.0.2.1"
  private static let theirs: IPv4Address = "198.51.100.7"
  private static let ours6: IPv6Address = "2001:db8::1"
  private static let theirs6: IPv6Address = "2001:db8:7::7"
  private static let hello: Payload = "hello"
  private static let ports = UDP(from: 1, to: 2)

  /// One crafted packet: its bytes when encoded as typed, and with its layers' types erased.
  private struct Crafted: Sendable {
    var encoded: @Sendable () throws -> [UInt8]
    var erased: @Sendable () throws -> [UInt8]

    init(_ layers: some LayerStack) {
      encoded = { try Packet(layers: layers).encoded().bytes }
      erased = { try Packet(layers: layers).erased.encoded().bytes }
    }
  }

  private static func ip(_ inner: some LayerStack, _ change: (inout IPv4) -> Void = { _ in }) -> Crafted {
    var header = IPv4(from: ours, to: theirs)
    change(&header)
    return Crafted(Joined(header, inner))
  }

  private static func ip6(_ inner: some LayerStack, _ change: (inout IPv6) -> Void = { _ in }) -> Crafted {
    var header = IPv6(from: ours6, to: theirs6)
    change(&header)
    return Crafted(Joined(header, inner))
  }

  private static let quoted = AnyPacket([
    IPv4(from: theirs, to: ours), UDP(from: 5, to: 6, checksum: .auto), Payload("data"),
  ])

  private static let routerAlert = IPv4Option.option(kind: 148, data: [0, 0])
  private static let looseRoute = IPv4Option.option(kind: 131, data: [4, 203, 0, 113, 1, 203, 0, 113, 9])

  private static let crafted: [String: Crafted] = [
    "udp": ip(Joined(UDP(from: 5000, to: 53), hello)),
    "udp odd": ip(Joined(UDP(from: 5000, to: 53), Payload("odd"))),
    "udp empty": ip(UDP(from: 5000, to: 53)),
    "udp length": ip(Joined(UDP(from: 1, to: 2, length: 99), hello)),
    "udp short length": ip(Joined(UDP(from: 1, to: 2, length: 9), hello)),
    "udp checksum": ip(Joined(UDP(from: 1, to: 2, checksum: 0xdead), hello)),
    "udp no checksum": ip(Joined(UDP(from: 1, to: 2, checksum: 0), hello)),
    "udp alone": Crafted(Joined(ports, hello)),
    "udp in udp": ip(Joined(ports, Joined(UDP(from: 3, to: 4), Payload("in")))),
    "tcp": ip(
      Joined(
        TCP(
          from: 40000, to: 443, flags: [.syn, .ack], sequenceNumber: 1, acknowledgmentNumber: 2, window: 3), hello)),
    "tcp defaults": ip(TCP()),
    "tcp data offset": ip(Joined(TCP(dataOffset: 9), hello)),
    "tcp data offset and options": ip(TCP(options: [.mss(1460)], dataOffset: 5)),
    "tcp checksum": ip(TCP(checksum: 0xbeef)),
    "tcp reserved": ip(TCP(flags: TCP.Flags(rawValue: 0x1ff), urgentPointer: 7, reserved: 5)),
    "tcp options": ip(
      TCP(options: [.mss(1460), .sackPermitted, .timestamps(value: 9, echoReply: 8), .noOperation, .windowScale(7)])),
    "tcp padded options": ip(TCP(options: [.windowScale(7)])),
    "tcp sack": ip(
      TCP(
        flags: .ack,
        options: [.noOperation, .noOperation, .sack([.init(left: 1, right: 2), .init(left: 3, right: 4)])])),
    "tcp unknown option": ip(TCP(options: [.option(kind: 254, data: Array("abc".utf8))])),
    "tcp alone": Crafted(TCP()),
    "total length over": ip(Joined(TCP(), hello)) { $0.totalLength = 99 },
    "total length under": ip(Joined(TCP(), hello)) { $0.totalLength = 41 },
    "total length 0": ip(Joined(ports, hello)) { $0.totalLength = 0 },
    "total length and header length": ip(Joined(ports, hello)) {
      $0.totalLength = 50
      $0.headerLength = 6
    },
    "header length": ip(Joined(ports, hello)) { $0.headerLength = 15 },
    "ip checksum": ip(ports) { $0.checksum = 0x1234 },
    "version": ip(ports) { $0.version = 7 },
    "protocol": ip(Joined(ports, Payload("x"))) { $0.protocol = 99 },
    "raw": ip(Payload("raw")),
    "ip alone": Crafted(IPv4(from: ours, to: theirs)),
    "ip fields": ip(Payload("x")) {
      $0.typeOfService = 0xb9
      $0.identification = 0xabcd
      $0.flags = [.reserved, .moreFragments]
      $0.fragmentOffset = 0x1fff
      $0.timeToLive = 0
    },
    "router alert": ip(ports) { $0.options = [routerAlert] },
    "padded ip options": ip(TCP()) { $0.options = [.noOperation] },
    "loose route": ip(ports) { $0.options = [looseRoute] },
    "options and total length": ip(Joined(ports, Payload("x"))) {
      $0.options = [routerAlert]
      $0.totalLength = 60
    },
    "echo": ip(Joined(ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 7), hello)),
    "echo checksum": ip(Joined(ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 7, checksum: 1), hello)),
    "echo reply": ip(Joined(ICMPv4.echoReply(identifier: 1, sequenceNumber: 2), Payload("odd"))),
    "timestamp": ip(
      ICMPv4.timestampRequest(identifier: 1, sequenceNumber: 2, originate: 3, receive: 4, transmit: 5)),
    "fragmentation needed": ip(ICMPv4.destinationUnreachable(code: 4, nextHopMTU: 1400)),
    "redirect": ip(ICMPv4.redirect(gateway: "203.0.113.1")),
    "parameter problem": ip(ICMPv4.parameterProblem(pointer: 20)),
    "port unreachable": ip(Joined(ICMPv4.destinationUnreachable(code: 3), Quote(quoted))),
    "ipv6 udp": ip6(Joined(ports, hello)),
    "ipv6 tcp": ip6(Joined(TCP(options: [.mss(1440)]), Payload("odd"))),
    "ipv6 payload length": ip6(Joined(ports, hello)) { $0.payloadLength = 99 },
    "ipv6 payload length, tcp": ip6(Joined(TCP(), hello)) { $0.payloadLength = 3 },
    "ipv6 fields": ip6(Payload("x")) {
      $0.trafficClass = 0xb9
      $0.flowLabel = 0xabcde
      $0.hopLimit = 1
      $0.nextHeader = 99
      $0.version = 5
    },
    "ipv6 alone": Crafted(IPv6(from: ours6, to: theirs6)),
    "ipv6 echo": ip6(Joined(ICMPv6.echoRequest(identifier: 0x1234, sequenceNumber: 7), hello)),
    "ipv6 echo checksum": ip6(
      Joined(ICMPv6.echoRequest(identifier: 0x1234, sequenceNumber: 7, checksum: 2), hello)),
    "ipv6 too big": ip6(ICMPv6.packetTooBig(mtu: 1280)),
    "ipv4 in ipv4": ip(Joined(IPv4(from: "203.0.113.1", to: "203.0.113.9"), Joined(ports, Payload("in")))),
    "ipv6 in ipv4": ip(Joined(IPv6(from: ours6, to: theirs6), TCP())),
  ]

  @Test(arguments: Vectors.file("craft"))
  func typedStacksEncodeToScapysBytes(_ vector: Vector) throws {
    let crafted = try #require(Self.crafted[vector.name])
    #expect(Hex.text(try crafted.encoded()) == Hex.text(vector.bytes), "\(vector.summary)")
    #expect(Hex.text(try crafted.erased()) == Hex.text(vector.bytes), "\(vector.summary)")
  }

  @Test func everyCraftedStackHasItsVector() {
    #expect(Set(Self.crafted.keys) == Set(Vectors.file("craft").map(\.name)))
  }

  @Test func handSetChecksumReachesTheWire() throws {
    let bytes = try Packet(layers: Joined(IPv4(checksum: 0xdead), UDP(checksum: 0xbeef))).encoded().bytes
    #expect(bytes[10...11] == [0xde, 0xad])
    #expect(bytes[26...27] == [0xbe, 0xef])
  }

  @Test func branchesLoopsAndAbsentLayersEncodeAsTheLayersThatTheyAre() throws {
    let plain = try Packet(layers: Joined(IPv4(), Joined(Self.ports, Self.hello))).encoded().bytes
    let either: Either<UDP, TCP> = .first(Self.ports)
    let absent: IPv6?? = nil
    let twice: Either<UDP, TCP>? = either
    let nested = Joined(absent, Joined(IPv4(), Joined(twice, Joined([Payload("hel"), Payload("lo")], absent))))
    #expect(try Packet(layers: nested).encoded().bytes == plain)
    #expect(try Packet(layers: nested).erased.encoded().bytes == plain)
    #expect(try Packet(layers: Joined([Optional<IPv6>.none], Joined([IPv4()], twice))).encoded().bytes.count == 28)
  }

  @Test func aLayerThatIsThereHidesTheAddressesHoweverItCame() throws {
    let inner = Joined(UDP(from: 3, to: 4), Payload("in"))
    let there: UDP? = Self.ports
    let plain = try Packet(layers: Joined(IPv4(), Joined(Self.ports, inner))).encoded().bytes
    #expect(try Packet(layers: Joined(IPv4(), Joined(there, inner))).encoded().bytes == plain)
    #expect(
      try Packet(layers: Joined(IPv4(), Joined(Either<UDP, TCP>.first(Self.ports), inner))).encoded().bytes == plain)
    #expect(plain[34...35] == [0, 0], "no IP layer stands just outside, so there is no right sum")
  }

  @Test func aTrailerBelongsToNoLength() throws {
    let packet = Packet(layers: Joined(IPv4(), Joined(Self.ports, Joined(Self.hello, Trailer(octets: [0, 0, 0])))))
    let bytes = try packet.encoded().bytes
    #expect(bytes.count == 36)
    #expect(bytes[2...3] == [0, 33])
    #expect(Registry.dissect(bytes).sums().map(\.verdict) == [.valid, .valid])
    #expect(Registry.dissect(bytes).first(Trailer.self)?.octets == [0, 0, 0])
  }

  @Test func aTrailerOutsideIsWrittenWhereItStands() throws {
    let plain = Joined(IPv4(), Joined(Self.ports, Self.hello))
    let odd = Packet(layers: Joined(Trailer(octets: [1, 2, 3]), plain))
    #expect(try odd.encoded().bytes == [1, 2, 3] + Packet(layers: plain).encoded().bytes)
    #expect(try odd.erased.encoded().bytes == odd.encoded().bytes)
  }

  @Test(arguments: [-1, 0, 7, 8, 28, 31, 32, 33, 1000, Int.max, Int.min])
  func aQuoteKeepsTheLengthsAndSumsOfTheWhole(_ cut: Int) throws {
    let whole = try Self.quoted.encoded().bytes
    let bytes = try AnyPacket([IPv4(), ICMPv4.timeExceeded(), Quote(Self.quoted, cut: cut)]).encoded().bytes
    #expect(Array(bytes[28...]) == Array(whole.prefix(min(max(cut, 0), 32))))
  }

  /// The used-up route's destination is the address that the header shows; tshark agrees on the sum.
  @Test func theSumUnderASourceRouteIsMadeForItsEnd() throws {
    for name in ["loose route", "strict route", "loose route used up"] {
      let vector = try #require(Vectors.file("ip").first { $0.name == name })
      #expect(try Registry.dissect(vector.bytes).packet.freed().encoded().bytes == vector.bytes, "\(name)")
    }
    #expect(IPv4(to: Self.theirs, options: [Self.looseRoute]).finalDestination == "203.0.113.9")
    let odd = IPv4Option.option(kind: 131, data: [4, 203, 0])
    #expect(IPv4(to: Self.theirs, options: [odd, Self.routerAlert]).finalDestination == Self.theirs)
  }
}
