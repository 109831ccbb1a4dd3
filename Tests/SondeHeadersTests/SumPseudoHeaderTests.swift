internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// Classic mistakes with the pseudo-header, each made by arithmetic of its own.
@Suite struct SumPseudoHeaderTests: SumMistakeSuite {
  @Test func pseudoHeaderForgotten() {
    expect(
      .pseudoHeaderForgotten, of: Self.pseudoShapes,
      making: { Self.sent(Self.sum(Self.words(Self.zeroed($0))), $0) },
      nearly: {
        // The addresses alone forgotten.
        Self.sent(Self.sum(Self.words(Self.pseudo($0).suffix(6) + Self.zeroed($0))), $0)
      })
  }

  @Test func partsOfThePseudoHeaderForgotten() {
    func without(_ range: Range<Int>) -> (inout SummedSegment) -> UInt16 {
      { segment in
        var pseudo = Self.pseudo(segment)
        let ends = range.lowerBound < 0 ? pseudo.count + range.lowerBound..<pseudo.count + range.upperBound : range
        for index in ends { pseudo[index] = 0 }
        return Self.sent(Self.sum(Self.words(pseudo + Self.zeroed(segment))), segment)
      }
    }
    expect(.pseudoHeaderWithout(.source), of: [.tcp, .udp], making: without(0..<4), nearly: without(0..<3))
    expect(.pseudoHeaderWithout(.destination), of: [.tcp, .udp], making: without(4..<8), nearly: without(5..<8))
    expect(.pseudoHeaderWithout(.addresses), of: [.tcp6, .icmpv6], making: without(0..<32), nearly: without(0..<31))
    expect(
      .pseudoHeaderWithout(.length), of: Self.pseudoShapes, making: without(-4 ..< -2), nearly: without(-4..<0))
    expect(
      .pseudoHeaderWithout(.protocolNumber), of: Self.pseudoShapes, making: without(-2..<0), nearly: without(-4..<0))
    expect(
      .pseudoHeaderWithout(.lengthAndProtocolNumber), of: Self.pseudoShapes, making: without(-4..<0),
      nearly: without(-2..<0))
  }

  @Test func pseudoHeaderAddedToICMP() {
    func added(_ number: UInt8) -> (inout SummedSegment) -> UInt16 {
      { segment in
        var with = segment
        with.pseudoProtocol = number
        return Self.sum(Self.words(Self.pseudo(with) + Self.zeroed(segment)))
      }
    }
    expect(.pseudoHeaderAdded, of: [.icmp], making: added(1), nearly: added(58))
  }

  @Test func anotherLengthInThePseudoHeader() {
    func length(_ count: @escaping (SummedSegment) -> Int) -> (inout SummedSegment) -> UInt16 {
      { Self.sent(Self.sum(Self.words(Self.pseudo($0, length: count($0)) + Self.zeroed($0))), $0) }
    }
    expect(
      .otherLength(.wholePacket), of: Self.pseudoShapes, making: length { $0.octets.count + $0.outerByteCount },
      nearly: length { $0.octets.count + $0.outerByteCount + 1 })
    expect(
      .otherLength(.dataAlone), of: Self.pseudoShapes, making: length { $0.octets.count - $0.headerByteCount },
      nearly: length { $0.octets.count - $0.headerByteCount + 1 })
    expect(
      .numberSwapped(.length), of: Self.pseudoShapes, making: length { $0.octets.count << 8 },
      nearly: length { $0.octets.count << 4 })
  }

  @Test func anotherProtocolInThePseudoHeader() {
    func number(_ word: UInt32) -> (inout SummedSegment) -> UInt16 {
      { segment in
        segment.shownProtocol = 43
        let words = Self.words(Self.pseudo(segment).dropLast(2) + Self.zeroed(segment)) + [word]
        return Self.sent(Self.sum(words), segment)
      }
    }
    expect(.otherProtocol(43), of: [.tcp6, .udp6, .icmpv6], making: number(43), nearly: number(44))
    expect(.numberSwapped(.protocolNumber), of: [.tcp, .tcp6], making: number(0x600), nearly: number(0x606))
  }

  @Test func theNextHopInsteadOfTheFinalDestination() {
    let hop = IPAddress.v6(IPv6Address(high: 0x2001_0db8_0000_0000, low: 0x99))
    func towards(_ address: IPAddress) -> (inout SummedSegment) -> UInt16 {
      { segment in
        segment.shownDestination = hop
        var wrong = segment
        wrong.pseudoHeader?.destination = address
        return Self.sent(Self.sum(Self.words(Self.pseudo(wrong) + Self.zeroed(segment))), segment)
      }
    }
    expect(
      .shownDestination(hop), of: [.tcp6, .udp6, .icmpv6], making: towards(hop),
      nearly: towards(.v6(IPv6Address(high: 0x2001_0db8_0000_0000, low: 0x9a))))
  }
}
