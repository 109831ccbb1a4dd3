import SondeCraft
import SondeHeaders
import SondeOctets
import Testing

private let here: IPv4Address = "198.51.100.7"
private let there: IPv4Address = "192.0.2.1"

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
