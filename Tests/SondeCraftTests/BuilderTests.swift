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
