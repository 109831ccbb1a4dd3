internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What contradicts itself in a packet that answers all the same.
@Suite struct OddityTests {
  private func flags(_ layers: [any Header]) throws -> [AnswerFlag] {
    Registry.dissect(try AnyPacket(layers).encoded().bytes).oddities.map(\.flag)
  }

  @Test(
    arguments: [
      ([.mss(1460), .sackPermitted], false), ([.octets([2, 9, 5, 0])], true), ([.octets([254, 0, 0, 0])], true),
      ([.noOperation, .octets([8, 40, 0])], true), ([.endOfList, .octets([9, 9, 9])], false),
      ([.option(kind: 2, data: [1])], true), ([.option(kind: 254, data: [1])], false),
      ([.option(kind: 5, data: [1])], true), ([.octets([3])], true), ([.endOfList], false), ([], false),
    ] as [([TCPOption], Bool)])
  func tcpOptionsAreReadToTheirEnd(_ options: [TCPOption], _ isMalformed: Bool) throws {
    // Padding behind octets that are none would belong to them: fill the header up.
    let reply = TCP(from: 80, to: 4000, flags: [.syn, .ack], options: options)
    #expect(try flags([Hosts.back, reply]) == (isMalformed ? [.malformedOption] : []))
  }

  @Test(
    arguments: [
      ([.routerAlert(0)], false), ([.octets([7, 200, 4, 0])], true), ([.octets([7, 0, 4, 0])], true),
      ([.option(kind: 7, data: [4, 1, 2])], true), ([.option(kind: 200, data: [1, 2])], false),
      ([.endOfList, .octets([1, 2, 3])], false), ([.option(kind: 130, data: [1])], false),
    ] as [([IPv4Option], Bool)])
  func ipv4OptionsAreReadToTheirEnd(_ options: [IPv4Option], _ isMalformed: Bool) throws {
    var ip = Hosts.back
    ip.options = options
    #expect(try flags([ip, UDP(from: 53, to: 4000)]) == (isMalformed ? [.malformedOption] : []))
  }

  @Test(
    arguments: [
      ([.routerAlert(0)], false), ([.octets([5, 200, 0, 0, 0, 0])], true), ([.octets([5])], true),
      ([.option(type: 5, data: [1])], true), ([.option(type: 0x1e, data: [1])], false),
    ] as [([IPv6Option], Bool)])
  func ipv6OptionsAreReadToTheirEnd(_ options: [IPv6Option], _ isMalformed: Bool) throws {
    let isWhole = options.reduce(2) { $0 + $1.byteCount } % 8 == 0 || options.count > 1
    let padded = isWhole || !isMalformed || options[0].byteCount > 1
    let header = IPv6Destination(
      padded ? options : [.padN([0, 0, 0])] + options, isPadded: !isMalformed || options[0].byteCount < 6 && padded)
    #expect(try flags([Hosts.back6, header, UDP(from: 53, to: 4000)]) == (isMalformed ? [.malformedOption] : []))
    let hop = IPv6HopByHop(header.options, isPadded: header.isPadded)
    #expect(try flags([Hosts.back6, hop, UDP(from: 53, to: 4000)]) == (isMalformed ? [.malformedOption] : []))
  }

  @Test func optionsInAQuoteAreNotTheErrors() throws {
    var quoted = Hosts.there
    quoted.options = [.octets([7, 0, 4, 0])]
    let quote = Quote(AnyPacket([quoted, UDP(from: 1, to: 2)]))
    #expect(try flags([IPv4(from: Hosts.router, to: Hosts.us), ICMPv4.timeExceeded(), quote]) == [])
  }

  @Test func aUDPLengthThatLeavesOctetsOverContradictsIP() throws {
    for ip in [Hosts.back, Hosts.back6] as [any Header] {
      func datagram(_ length: Field<UInt16>) -> [any Header] {
        [ip, UDP(from: 53, to: 4000, length: length), Payload("abcdef")]
      }
      #expect(try flags(datagram(.auto)) == [])
      #expect(try flags(datagram(14)) == [])
      #expect(try flags(datagram(13)) == [.inconsistent])
      #expect(try flags(datagram(8)) == [.inconsistent])
      // These cannot be true, and are damage.
      #expect(try flags(datagram(7)) == [])
      #expect(try flags(datagram(15)) == [])
    }
    // Link padding belongs to nobody.
    #expect(try flags([Hosts.back, UDP(from: 53, to: 4000), Payload("a"), Trailer(octets: [0, 0])]) == [])
  }

  /// RFC 9868: a checksum over the octets left over and their number, one's complement, at an even place.
  @Test func transportOptionsOfUDPContradictNothing() throws {
    func datagram(_ data: Int, _ rest: [UInt8]) throws -> [AnswerFlag] {
      let datagram = UDP(from: 53, to: 4000, length: Field.set(UInt16(8 + data)))
      return try flags([Hosts.back, datagram, Payload(octets: [UInt8](repeating: 0x61, count: data) + rest)])
    }
    // NOP and end of list: 4 octets, 0xffff - 0x0004 - 0x0100 = 0xfefb.
    #expect(try datagram(6, [0xfe, 0xfb, 1, 0]) == [])
    #expect(try datagram(6, [0xfe, 0xfa, 1, 0]) == [.inconsistent])
    #expect(try datagram(6, [0, 0, 1, 0]) == [.inconsistent])
    // Behind an odd number of octets a zero comes first: 5 octets, 0xffff - 0x0005 - 0x0100 = 0xfefa.
    #expect(try datagram(5, [0, 0xfe, 0xfa, 1, 0]) == [])
    #expect(try datagram(5, [1, 0xfe, 0xfa, 1, 0]) == [.inconsistent])
    #expect(try datagram(5, [0]) == [.inconsistent])
    #expect(try datagram(6, [0xff]) == [.inconsistent])
  }

  // Control bits.

  @Test(
    arguments: [
      ([.syn, .ack], .open, false), ([.syn, .ack, .fin], .open, true), ([.rst, .ack], .closed, false),
      ([.rst, .ack, .syn], .closed, true), ([.rst, .ack, .fin], .closed, true),
      ([.syn, .ack, .psh, .ece], .open, false),
      (.syn, .open, false), ([.syn, .fin], .open, true),
    ] as [(TCP.Flags, Verdict, Bool)])
  func controlBitsThatContradictEachOtherAreTold(
    _ flags: TCP.Flags, _ verdict: Verdict, _ isInconsistent: Bool
  ) throws {
    let asked: [any Header] = [Hosts.there, TCP(from: 4000, to: 80, sequenceNumber: 7)]
    let reply = TCP(from: 80, to: 4000, flags: flags, sequenceNumber: 99, acknowledgmentNumber: 8, window: 5)
    guard case .answer(let found, _, let odd) = try Outcome(asked, [Hosts.back, reply]) else {
      Issue.record("\(flags) is no answer")
      return
    }
    #expect(found == verdict)
    #expect(odd == (isInconsistent ? [.inconsistent] : []))
  }

  @Test func aWindowOfZeroIsToldOfAnOpenPortAlone() throws {
    let asked: [any Header] = [Hosts.there, TCP(from: 4000, to: 80, sequenceNumber: 7)]
    func reply(_ flags: TCP.Flags, _ window: UInt16) -> [any Header] {
      [Hosts.back, TCP(from: 80, to: 4000, flags: flags, acknowledgmentNumber: 8, window: window)]
    }
    #expect(try Outcome(asked, reply([.syn, .ack], 0)) == .answer(.open, .tcpSYNACK, [.zeroWindow]))
    #expect(try Outcome(asked, reply([.syn, .ack], 1)) == .answer(.open, .tcpSYNACK, []))
    #expect(try Outcome(asked, reply([.rst, .ack], 0)) == .answer(.closed, .tcpReset, []))
  }

  @Test func ourOwnSegmentSentBackIsNoise() throws {
    let syn = TCP(from: 4000, to: 80, sequenceNumber: 7)
    func outcome(_ seq: UInt32) throws -> Outcome {
      try Outcome([Hosts.there, syn], [Hosts.back, TCP(from: 80, to: 4000, sequenceNumber: seq)])
    }
    #expect(try outcome(7) == .noise("is our own SYN sent back, sequence number 7"))
    #expect(try outcome(8) == .answer(.open, .tcpSYN, []))
  }
}
