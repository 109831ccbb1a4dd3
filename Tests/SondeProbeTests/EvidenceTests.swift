internal import SondeHeaders
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// What else an answer must bear: a sum that holds, and our payload where it echoes one.
@Suite struct EvidenceTests {
  private static let text = Payload("abcdefghijklmnop")
  private static let asked: [any Header] = [Hosts.there, UDP(from: 40000, to: 53), text]
  private static let asked6: [any Header] = [Hosts.there6, UDP(from: 40000, to: 53), text]
  private static let open = Outcome.answer(.open, .udp, [])

  private func udp(_ checksum: Field<UInt16>, ip: Field<UInt16> = .auto) throws -> [UInt8] {
    try bytes([
      IPv4(from: Hosts.asked, to: Hosts.us, checksum: ip), UDP(from: 53, to: 40000, checksum: checksum), Self.text,
    ])
  }

  private func udp6(_ checksum: Field<UInt16>) throws -> [UInt8] {
    try bytes([Hosts.back6, UDP(from: 53, to: 40000, checksum: checksum), Self.text])
  }

  @Test func aWrongChecksumIsNoiseThatNamesIt() throws {
    #expect(try Outcome(asking: Self.asked, hearing: udp(.auto)) == Self.open)
    #expect(try Outcome(asking: Self.asked, hearing: udp(0x1234)).why.hasPrefix("udp checksum is 0x1234, not 0x"))
    #expect(try Outcome(asking: Self.asked, hearing: udp(.auto, ip: 0xdead)).why.hasPrefix("ip checksum is 0xdead"))
    #expect(try Outcome(asking: Self.asked6, hearing: udp6(0x1234)).why.hasPrefix("udp checksum is 0x1234"))
    let tcp: [any Header] = [Hosts.there, TCP(from: 40000, to: 80)]
    let reply = TCP(from: 80, to: 40000, flags: [.syn, .ack], acknowledgmentNumber: 1, checksum: 7)
    #expect(try Outcome(asking: tcp, hearing: [Hosts.back, reply]).why.hasPrefix("tcp checksum is 0x0007"))
    let echo: [any Header] = [Hosts.there, ICMPv4.echoRequest(identifier: 1, sequenceNumber: 1)]
    var echoReply = ICMPv4.echoReply(identifier: 1, sequenceNumber: 1)
    echoReply.checksum = 0xbeef
    #expect(try Outcome(asking: echo, hearing: [Hosts.back, echoReply]).why.hasPrefix("icmp checksum is 0xbeef"))
    var timeExceeded = ICMPv4.timeExceeded()
    timeExceeded.checksum = 0xbeef
    #expect(
      try Outcome(asking: echo, hearing: [Hosts.onTheWay, timeExceeded, Quote(AnyPacket(echo))]).why
        .hasPrefix("icmp checksum"))
  }

  @Test func aPacketShorterThanItsTotalLengthIsNoise() throws {
    let whole = try udp(.auto)
    for count in 28..<whole.count {
      #expect(
        try Outcome(asking: Self.asked, hearing: Array(whole.prefix(count))).why
          == "ip length is \(whole.count), but only \(count) octets came")
    }
    let whole6 = try udp6(.auto)
    #expect(
      try Outcome(asking: Self.asked6, hearing: Array(whole6.dropLast(4))).why.hasPrefix("ipv6 length is 64, but"))
    // Octets behind the end are a link's padding.
    #expect(try Outcome(asking: Self.asked, hearing: whole + [0, 0]) == Self.open)
    #expect(try Outcome(asking: Self.asked6, hearing: whole6 + [0]) == Self.open)
  }

  @Test func aReplyWithoutAWholeHeaderIsNoise() throws {
    let segment: [any Header] = [Hosts.there, TCP(from: 40000, to: 80)]
    let ports = Payload(octets: [0, 80, 0x9c, 0x40])
    var back = Hosts.back
    for (number, asked) in [(6, segment), (17, Self.asked)] as [(UInt8, [any Header])] {
      back.protocol = .set(number)
      #expect(try Outcome(asking: asked, hearing: [back, ports]).why.hasPrefix("has no whole "))
    }
    for words: UInt8 in [0, 4, 6, 15] {
      let reply = TCP(
        from: 80, to: 40000, flags: [.syn, .ack], acknowledgmentNumber: 1, dataOffset: .set(words))
      #expect(try Outcome(asking: segment, hearing: [Hosts.back, reply]).why.hasPrefix("has no whole tcp header"))
    }
    let whole = TCP(from: 80, to: 40000, flags: [.syn, .ack], acknowledgmentNumber: 1, dataOffset: 5)
    #expect(try Outcome(asking: segment, hearing: [Hosts.back, whole]) == .answer(.open, .tcpSYNACK, []))
  }

  @Test func aSumStillToBeComputedIsNoFault() throws {
    #expect(try Outcome(asking: Self.asked, hearing: udp(0x1234), checksumNotReady: true) == Self.open)
    #expect(try Outcome(asking: Self.asked6, hearing: udp6(0x1234), checksumNotReady: true) == Self.open)
    // The IP header's own sum is never left to a device.
    #expect(
      try Outcome(asking: Self.asked, hearing: udp(.auto, ip: 0xdead), checksumNotReady: true).why.hasPrefix("ip"))
  }

  @Test func theHeaderThatTheKernelTookInAndWroteIntoIsNoFault() throws {
    // A Record Route into which this machine has put its own address, after it had verified the sum.
    #expect(try Outcome(asking: Self.asked, hearing: udp(.auto, ip: 0xdead), isTakenIn: true) == Self.open)
    #expect(
      try Outcome(asking: Self.asked, hearing: udp(0x1234, ip: 0xdead), isTakenIn: true).why.hasPrefix("udp checksum"))
  }

  @Test func theFoldedPseudoHeaderSumIsNoFault() throws {
    for (ip, asked) in [(Hosts.back as any Header, Self.asked), (Hosts.back6, Self.asked6)] {
      let pseudoHeader = try #require(ip.pseudoHeader(within: nil))
      var sum = InternetChecksum()
      pseudoHeader.add(to: &sum, protocol: 17, length: 24)
      let offloaded = UDP(from: 53, to: 40000, checksum: .set(sum.sum))
      #expect(try Outcome(asking: asked, hearing: [ip, offloaded, Self.text]) == Self.open)
      let near = UDP(from: 53, to: 40000, checksum: .set(sum.sum &+ 1))
      #expect(try Outcome(asking: asked, hearing: [ip, near, Self.text]).why.hasPrefix("udp checksum"))
    }
  }

  @Test func zeroMeansNoSumInIPv4AndIsForbiddenInIPv6() throws {
    #expect(try Outcome(asking: Self.asked, hearing: udp(0)) == Self.open)
    #expect(try Outcome(asking: Self.asked6, hearing: udp6(0)).why == "udp checksum is 0, which IPv6 forbids")
  }

  @Test func aLengthThatLiesIsNoiseThatNamesIt() throws {
    func outcome(_ length: Field<UInt16>, _ checksum: Field<UInt16> = 0x1234, ip: any Header = Hosts.back) throws
      -> Outcome
    {
      let asked = ip is IPv6 ? Self.asked6 : Self.asked
      return try Outcome(
        asking: asked, hearing: [ip, UDP(from: 53, to: 40000, length: length, checksum: checksum), Self.text])
    }
    for ip in [Hosts.back, Hosts.back6] as [any Header] {
      for length in [0, 4, 7] as [UInt16] {
        #expect(try outcome(.set(length), ip: ip).why == "udp length does not even count its header")
      }
      for length in [25, 400, .max] as [UInt16] {
        #expect(try outcome(.set(length), ip: ip).why == "udp length is \(length), but the packet has room for 24")
      }
      #expect(try outcome(24, .auto, ip: ip) == Self.open)
      #expect(try outcome(24, ip: ip).why.hasPrefix("udp checksum"))
      #expect(try outcome(8, ip: ip).why.hasPrefix("udp checksum"))
    }
    // That no sum was computed excuses no length.
    for length in [7, 25] as [UInt16] { #expect(try outcome(.set(length), 0).why.hasPrefix("udp length")) }
    #expect(try outcome(24, 0) == Self.open)
  }

  @Test func theLengthOfAFragmentedDatagramIsNoLie() throws {
    let fragment = IPv4(from: Hosts.asked, to: Hosts.us, flags: .moreFragments)
    let first: [any Header] = [fragment, UDP(from: 53, to: 40000, length: 400, checksum: 0x1234), Self.text]
    #expect(try Outcome(asking: Self.asked, hearing: first) == .answer(.open, .udp, [.fragmented]))
    let unfragmented: [any Header] = [Hosts.back] + first.dropFirst()
    #expect(try Outcome(asking: Self.asked, hearing: unfragmented).why.hasPrefix("udp length is 400"))
    #expect(try Outcome(asking: Self.asked, hearing: bytes(unfragmented), isRebuilt: true) == Self.open)
  }

  @Test func aRebuiltFrameHasNoSumsToCheck() throws {
    #expect(try Outcome(asking: Self.asked, hearing: udp(0x1234, ip: 0xdead), isRebuilt: true) == Self.open)
    #expect(try Outcome(asking: Self.asked6, hearing: udp6(0), isRebuilt: true) == Self.open)
  }

  // Payloads.

  private func echoed(_ payload: [UInt8], asking: [UInt8]) throws -> Outcome {
    try Outcome(
      asking: [Hosts.there, ICMPv4.echoRequest(identifier: 1, sequenceNumber: 1), Payload(octets: asking)],
      hearing: [Hosts.back, ICMPv4.echoReply(identifier: 1, sequenceNumber: 1), Payload(octets: payload)])
  }

  private static let cookie = Cookie(nonce: 0xfeed_f00d, probe: 7).octets + [1, 2, 3, 4, 5, 6, 7, 8]

  @Test func anotherPayloadIsStillTheAnswerAndFlagged() throws {
    let same = Outcome.answer(.reply, .echoReply, [])
    let differs = Outcome.answer(.reply, .echoReply, [.dataMismatch])
    #expect(try echoed(Self.cookie, asking: Self.cookie) == same)
    #expect(try echoed([], asking: []) == same)
    #expect(try echoed(Self.cookie + [0], asking: Self.cookie) == differs)
    #expect(try echoed(Self.cookie.dropLast(), asking: Self.cookie) == differs)
    #expect(try echoed([], asking: Self.cookie) == differs)
    for index in Self.cookie.indices {
      var altered = Self.cookie
      altered[index] ^= 0x40
      #expect(try echoed(altered, asking: Self.cookie) == differs, "octet \(index)")
    }
    // The sum of swapped words is the same.
    var swapped = Self.cookie
    swapped.swapAt(16, 18)
    swapped.swapAt(17, 19)
    #expect(try echoed(swapped, asking: Self.cookie) == differs)
  }

  @Test func anotherWholeCookieIsNoise() throws {
    let rest = Self.cookie.dropFirst(Cookie.byteCount)
    for foreign in [Cookie(nonce: 0xfeed_f00e, probe: 7), Cookie(nonce: 0xfeed_f00d, probe: 8)] {
      #expect(try echoed(foreign.octets + rest, asking: Self.cookie).why.contains("cookie"))
      #expect(try echoed(foreign.octets + rest, asking: [9, 9, 9]).why.contains("cookie"))
      // A cookie with a broken check is no cookie, only an altered payload.
      var broken = foreign.octets
      broken[15] ^= 1
      #expect(try echoed(broken + rest, asking: Self.cookie) == .answer(.reply, .echoReply, [.dataMismatch]))
    }
  }

  @Test func aCookieReadsBackOnlyWhole() {
    let cookie = Cookie(nonce: 0x0102_0304, probe: 0x1_0000_0005)
    #expect(cookie.octets.count == Cookie.byteCount)
    #expect(cookie.probe == 5)
    #expect(Cookie(startOf: cookie.octets + [0, 0]) == cookie)
    #expect(Cookie(startOf: cookie.octets.dropLast()) == nil)
    #expect(Cookie(startOf: []) == nil)
    for bit in 0..<128 {
      var octets = cookie.octets
      octets[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Cookie(startOf: octets) == nil, "bit \(bit)")
    }
  }
}
