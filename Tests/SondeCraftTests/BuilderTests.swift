import SondeCraft
import SondeHeaders
import SondeOctets
import Testing

private let here: IPv4Address = "198.51.100.7"
private let there: IPv4Address = "192.0.2.1"

@Suite struct BuilderTests {
  @Test func layersComeOutAsScapyWritesThem() throws {
    let tcp = Packet {
      IPv4(from: here, to: there, ttl: 3)
      TCP(to: 80, flags: .syn, options: [.mss(1460), .sackPermitted])
      "hello"
    }
    #expect(try tcp.encoded().bytes == Golden.tcp)
    let udp = Packet {
      IPv4(from: here, to: there, typeOfService: 0xb8, identification: 7, flags: .dontFragment)
      UDP(from: 40000, to: 33434)
      "odd"
    }
    #expect(try udp.encoded().bytes == Golden.oddUDP)
    let echo = Packet {
      IPv4(from: here, to: there)
      ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 1)
      Array(0..<16)
    }
    #expect(try echo.encoded().bytes == Golden.echo)
  }

  @Test func layersOverIPv6ComeOutAsScapyWritesThem() throws {
    let udp = Packet {
      IPv6(from: "2001:db8::2", to: "2001:db8::1", hopLimit: 9, trafficClass: 1, flowLabel: 0xabcde)
      UDP(from: 1, to: 2)
      "six"
    }
    #expect(try udp.encoded().bytes == Golden.udpOverIPv6)
    let echo = Packet {
      IPv6(from: "2001:db8::2", to: "2001:db8::1")
      ICMPv6.echoRequest(identifier: 5, sequenceNumber: 6)
      "xyz"
    }
    #expect(try echo.encoded().bytes == Golden.echoOverIPv6)
  }

  @Test func optionsInBracesAreThoseOfTheArray() throws {
    let packet = Packet {
      IPv4(from: here, to: there)
      TCP(flags: [.syn, .ack], sequenceNumber: 1, acknowledgmentNumber: 2) {
        MSS(1460)
        SACKPermitted()
        Timestamps(value: 1, echoReply: 2)
        NoOperation()
        WindowScale(7)
        EndOfList()
      }
    }
    #expect(try packet.encoded().bytes == Golden.tcpOptions)
    #expect(
      packet.layers.inner.options == [
        .mss(1460), .sackPermitted, .timestamps(value: 1, echoReply: 2), .noOperation, .windowScale(7), .endOfList,
      ])
  }

  @Test(arguments: [false, true]) func optionsInBracesKnowConditionsAndLoops(isLong: Bool) {
    let tcp = TCP(to: 443) {
      if isLong { MSS(1460) }
      if isLong { WindowScale(1) } else { TCPOption.option(kind: 253, data: [1]) }
      for _ in 0..<2 { NoOperation() }
      [.sackPermitted, .endOfList]
      SACK([TCPOption.SACKBlock(left: 1, right: 2)])
    }
    let head: [TCPOption] = isLong ? [.mss(1460), .windowScale(1)] : [.option(kind: 253, data: [1])]
    let block = TCPOption.SACKBlock(left: 1, right: 2)
    #expect(tcp.options == head + [.noOperation, .noOperation, .sackPermitted, .endOfList, .sack([block])])
    #expect(tcp.destinationPort == 443)
  }

  @Test func handSetFieldsReachTheWire() throws {
    let packet = Packet {
      IPv4(from: here, to: there, checksum: 0xdead)
      UDP(length: 9, checksum: 0)
      "x"
    }
    #expect(try packet.encoded().bytes == Golden.handSet)
  }

  @Test func quotesAreCutAfterTheyAreSummed() throws {
    func error(_ message: ICMPv4, cut: Int?) -> AnyPacket {
      Packet {
        IPv4(from: "203.0.113.9", to: here)
        message
        Quote(cut: cut) {
          IPv4(from: here, to: there, ttl: 1)
          UDP(from: 40000, to: 33434)
          "abcdefgh"
        }
      }.erased
    }
    #expect(try error(.timeExceeded(), cut: 28).encoded().bytes == Golden.quoteCut)
    #expect(try error(.destinationUnreachable(code: 3), cut: nil).encoded().bytes == Golden.quoteWhole)
    #expect(try error(.destinationUnreachable(code: 3), cut: 36).encoded().bytes == Golden.quoteWhole)
    #expect(try error(.destinationUnreachable(code: 3), cut: 37).encoded().bytes == Golden.quoteWhole)
    #expect(try error(.destinationUnreachable(code: 3), cut: 35).encoded().bytes != Golden.quoteWhole)
    #expect(error(.timeExceeded(), cut: 0).byteCount == 28)
    #expect(error(.timeExceeded(), cut: -1).byteCount == 28)
  }

  @Test func aPacketMadeBeforeStandsInAnother() throws {
    let inner = Packet {
      IPv4(from: "198.51.100.8", to: "203.0.113.9", identification: 2)
      UDP(from: 5, to: 6)
      "in"
    }
    let outer = Packet {
      IPv4(from: here, to: there)
      inner
    }
    #expect(try outer.encoded().bytes == Golden.ipInIP)
    let erased = Packet {
      IPv4(from: here, to: there)
      inner.erased
    }
    #expect(try erased.encoded().bytes == Golden.ipInIP)
    let listed = Packet {
      LayerList([IPv4(from: here, to: there)])
      Packet { inner }
    }
    #expect(try listed.encoded().bytes == Golden.ipInIP)
  }

  @Test func oneLayerIsAPacket() throws {
    let packet = Packet { IPv4(from: here, to: there) }
    #expect(type(of: packet) == Packet<IPv4>.self)
    #expect(try packet.encoded().bytes == Golden.alone)
  }

  @Test func emptyBracesAreNoOctets() throws {
    let packet = Packet {}
    #expect(try packet.encoded().bytes.isEmpty)
  }
}

@Suite struct BuilderTypeTests {
  @Test func everyLayerKeepsItsType() {
    let packet = Packet {
      IPv4()
      TCP()
      "hello"
    }
    #expect(type(of: packet) == Packet<Joined<Joined<IPv4, TCP>, Payload>>.self)
    let literal = Packet {
      IPv6()
      UDP()
      [1, 2, 3]
    }
    #expect(type(of: literal) == Packet<Joined<Joined<IPv6, UDP>, Payload>>.self)
    #expect(literal.layers.inner.octets == [1, 2, 3])
  }

  @Test func formsOfAStackKeepTheirTypes() {
    let (isOn, count) = (true, 2)
    let conditional = Packet {
      IPv4()
      if isOn { UDP() }
    }
    #expect(type(of: conditional) == Packet<Joined<IPv4, UDP?>>.self)
    let either = Packet {
      IPv4()
      if isOn { UDP() } else { TCP() }
    }
    #expect(type(of: either) == Packet<Joined<IPv4, Either<UDP, TCP>>>.self)
    let repeated = Packet {
      for _ in 0..<count { IPv4() }
      UDP()
    }
    #expect(type(of: repeated) == Packet<Joined<[IPv4], UDP>>.self)
    let optional: Payload? = nil
    let given = Packet {
      UDP()
      optional
    }
    #expect(type(of: given) == Packet<Joined<UDP, Payload?>>.self)
  }

  @Test func onlyWhatIsMadeAtRunTimeIsErased() {
    let packet = Packet {
      IPv4()
      LayerList([UDP()])
    }
    #expect(type(of: packet) == Packet<Joined<IPv4, LayerList>>.self)
  }

  @Test func layersAreEditedInPlace() throws {
    var packet = Packet {
      IPv4(from: here, to: there)
      UDP()
    }
    packet.layers.outer.timeToLive = 1
    packet.layers.inner.destinationPort = 7
    var erased = packet.erased
    #expect(erased[IPv4.self]?.timeToLive == 1)
    #expect(erased[UDP.self]?.destinationPort == 7)
    #expect(erased[TCP.self] == nil)
    erased[IPv4.self]?.timeToLive = 2
    erased[TCP.self]?.window = 1
    #expect(erased[IPv4.self]?.timeToLive == 2)
    #expect(erased.layers.layers.count == 2)
    erased[UDP.self] = nil
    #expect(erased.layers.layers.count == 1)
  }
}

@Suite struct BuilderControlFlowTests {
  /// The flat stack of the layers that a form should make.
  private func flat(_ layers: any Header...) throws -> [UInt8] { try AnyPacket(layers).encoded().bytes }

  @Test(arguments: [false, true]) func conditionsAddOrLeaveOut(isOn: Bool) throws {
    let optional = Packet {
      IPv4(to: there)
      if isOn {
        IPv4(to: here)
      }
      UDP()
      "x"
    }
    let expected =
      isOn
      ? try flat(IPv4(to: there), IPv4(to: here), UDP(), "x" as Payload)
      : try flat(IPv4(to: there), UDP(), "x" as Payload)
    #expect(try optional.encoded().bytes == expected)
    let either = Packet {
      IPv4(to: there)
      if isOn {
        TCP()
        "tcp"
      } else {
        UDP()
      }
    }
    let chosen = isOn ? try flat(IPv4(to: there), TCP(), "tcp" as Payload) : try flat(IPv4(to: there), UDP())
    #expect(try either.encoded().bytes == chosen)
  }

  @Test(arguments: 0..<4) func switchesChoose(kind: Int) throws {
    let packet = Packet {
      IPv4(to: there)
      switch kind {
      case 0: UDP()
      case 1: TCP()
      case 2: ICMPv4.echoRequest()
      default: "raw"
      }
    }
    let inner: [any Header] = [UDP(), TCP(), ICMPv4.echoRequest(), "raw" as Payload]
    #expect(try packet.encoded().bytes == AnyPacket([IPv4(to: there), inner[kind]]).encoded().bytes)
  }

  @Test(arguments: [0, 1, 3]) func loopsNest(count: Int) throws {
    let packet = Packet {
      for hop in 0..<count { IPv4(to: there, ttl: UInt8(hop)) }
      IPv6()
      UDP()
    }
    let layers: [any Header] = (0..<count).map { IPv4(to: there, ttl: UInt8($0)) } + [IPv6(), UDP()]
    #expect(try packet.encoded().bytes == AnyPacket(layers).encoded().bytes)
  }

  @Test func limitedAvailabilityIsErasedAndEncodes() throws {
    let packet = Packet {
      IPv4(to: there)
      if #available(macOS 26, *) { UDP() }
      "x"
    }
    #expect(try packet.encoded().bytes == flat(IPv4(to: there), UDP(), "x" as Payload))
  }

  @Test func statementsMayDeclare() throws {
    let packet = Packet {
      let port: UInt16 = 7
      IPv4(to: there)
      UDP(to: port)
    }
    #expect(try packet.encoded().bytes == flat(IPv4(to: there), UDP(to: 7)))
  }
}

@Suite struct BuilderErrorTests {
  private struct Refusal: Error, Equatable {}
  private func port(_ isGiven: Bool) throws(Refusal) -> UInt16 {
    guard isGiven else { throw Refusal() }
    return 7
  }

  @Test func whatTheBracesThrowComesOut() throws {
    #expect(throws: Refusal()) {
      try Packet { UDP(to: try port(false)) }
    }
    #expect(throws: Refusal()) {
      try Quote { UDP(to: try port(false)) }
    }
    #expect(throws: Refusal()) {
      try TCP { MSS(try port(false)) }
    }
    let packet = try Packet { UDP(to: try port(true)) }
    #expect(packet.layers.destinationPort == 7)
  }

  @Test func theErrorKeepsItsType() {
    do throws(Refusal) {
      _ = try Packet { () throws(Refusal) in UDP(to: try port(false)) }
      Issue.record("nothing was thrown")
    } catch {
      #expect(error == Refusal())
    }
  }

  @Test func whatDoesNotFitIsThrownWhenEncoded() {
    let options = [TCPOption](repeating: .mss(1), count: 11)
    let error = CraftError(layer: "tcp", field: "options", reason: "hold at most 40 octets, 44 were given")
    #expect(throws: error) { try Packet { TCP(options: options) }.encoded() }
    #expect(throws: Never.self) { try Packet { TCP(options: options.dropLast()) }.encoded() }
    #expect(throws: CraftError.self) {
      try Packet {
        IPv4()
        [UInt8](repeating: 0, count: 65516)
      }.encoded()
    }
    #expect(throws: Never.self) {
      try Packet {
        IPv4()
        [UInt8](repeating: 0, count: 65515)
      }.encoded()
    }
  }
}
