internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// Each classic mistake, made by arithmetic of its own: words in a list, added one by one.
@Suite struct SumDiagnosisTests {
  /// The words of octets as a machine reads them, an odd last octet with a zero behind it.
  private static func words(_ octets: [UInt8], pad: UInt8 = 0, littleEndian: Bool = false) -> [UInt32] {
    let even = octets.count % 2 == 0 ? octets : octets + [pad]
    return stride(from: 0, to: even.count, by: 2).map {
      littleEndian
        ? UInt32(even[$0 + 1]) * 256 + UInt32(even[$0]) : UInt32(even[$0]) * 256 + UInt32(even[$0 + 1])
    }
  }

  /// Adds words with end-around carry, and complements.
  private static func sum(_ words: [UInt32], complemented: Bool = true) -> UInt16 {
    var sum: UInt32 = 0
    for word in words {
      sum += word
      if sum > 0xffff { sum -= 0xffff }
    }
    return UInt16(complemented ? 0xffff - sum : sum)
  }

  private static func pseudo(_ segment: SummedSegment, length: Int? = nil) -> [UInt8] {
    guard let number = segment.pseudoProtocol, let header = segment.pseudoHeader else { return [] }
    let length = length ?? segment.octets.count
    return octets(header.source) + octets(header.destination)
      + [0, 0, UInt8(length >> 8 & 0xff), UInt8(length & 0xff), 0, number]
  }

  private static func octets(_ address: IPAddress) -> [UInt8] {
    switch address {
    case .v4(let v4): stride(from: 24, through: 0, by: -8).map { UInt8(v4.rawValue >> UInt32($0) & 0xff) }
    case .v6(let v6):
      [v6.high, v6.low].flatMap { half in
        stride(from: 56, through: 0, by: -8).map { UInt8(half >> UInt64($0) & 0xff) }
      }
    }
  }

  private static func zeroed(_ segment: SummedSegment) -> [UInt8] {
    var octets = segment.octets
    octets[segment.fieldOffset] = 0
    octets[segment.fieldOffset + 1] = 0
    return octets
  }

  /// A sum as UDP sends it.
  private static func sent(_ sum: UInt16, _ segment: SummedSegment) -> UInt16 {
    segment.zeroMeansNone && sum == 0 ? 0xffff : sum
  }

  private static func right(_ segment: SummedSegment) -> UInt16 {
    sent(sum(words(pseudo(segment) + zeroed(segment))), segment)
  }

  enum Shape: CaseIterable { case ip, icmp, icmpv6, tcp, tcp6, udp, udp6 }

  /// A segment of random octets.
  private static func segment(_ shape: Shape, _ dice: inout Dice, odd: Bool? = nil) -> SummedSegment {
    let v4 = PseudoHeader(
      source: .v4(IPv4Address(rawValue: .random(in: 1 ... .max, using: &dice))),
      destination: .v4(IPv4Address(rawValue: .random(in: 1 ... .max, using: &dice))))
    let v6 = PseudoHeader(
      source: .v6(IPv6Address(high: dice.next(), low: dice.next())),
      destination: .v6(IPv6Address(high: dice.next(), low: dice.next())))
    func make(
      _ layer: Name, _ field: Int, _ header: Int, _ outer: Int, _ pseudo: PseudoHeader?, _ number: UInt8?
    ) -> SummedSegment {
      var count = layer == "ip" ? 24 : header + 2 + dice.roll(80)
      if let odd, (count % 2 == 1) != odd, layer != "ip" { count += 1 }
      return SummedSegment(
        layer: layer, octets: dice.octets(count), fieldOffset: field, headerByteCount: header, pseudoProtocol: number,
        pseudoHeader: pseudo, zeroMeansNone: layer == "udp", shownProtocol: layer == "icmp" ? 1 : number,
        outerByteCount: outer, beyond: dice.octets(6))
    }
    switch shape {
    case .ip: return make("ip", 10, 24, 0, nil, nil)
    case .icmp: return make("icmp", 2, 8, 20, v4, nil)
    case .icmpv6: return make("icmpv6", 2, 8, 40, v6, 58)
    case .tcp: return make("tcp", 16, 20, 20, v4, 6)
    case .tcp6: return make("tcp", 16, 20, 40, v6, 6)
    case .udp: return make("udp", 6, 8, 20, v4, 17)
    case .udp6: return make("udp", 6, 8, 40, v6, 17)
    }
  }

  /// 40 segments of each shape that has the mistake: what it gives is named by it. The near-miss, a mistake of
  /// the same kind that gives something else, is not.
  private func expect(
    _ mistake: SumMistake, of shapes: [Shape] = Shape.allCases, odd: Bool? = nil,
    making: (inout SummedSegment) -> UInt16, nearly: (inout SummedSegment) -> UInt16,
    _ location: SourceLocation = #_sourceLocation
  ) {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(state: seed)
    var made = 0
    for shape in shapes {
      for _ in 0..<40 {
        var segment = Self.segment(shape, &dice, odd: odd)
        var other = segment
        let value = making(&segment)
        let right = Self.right(segment)
        #expect(segment.checksum == right, "seed \(seed)", sourceLocation: location)
        let fits = segment.mistakes(giving: value)
        if value != right {
          made += 1
          #expect(fits.contains(mistake), "seed \(seed) \(shape) \(fits)", sourceLocation: location)
          #expect(segment.explanation(of: value).contains(mistake.sentence(in: segment)) || fits.count > 3)
        } else {
          #expect(fits.isEmpty)
        }
        let near = nearly(&other)
        if near != value { #expect(!other.mistakes(giving: near).contains(mistake), "seed \(seed)") }
      }
    }
    #expect(made >= shapes.count * 15, "seed \(seed): the mistake hardly ever shows", sourceLocation: location)
  }

  private static let pseudoShapes: [Shape] = [.icmpv6, .tcp, .tcp6, .udp, .udp6]

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

  @Test func fieldNotZeroedFirst() {
    func holding(_ value: @escaping (SummedSegment) -> UInt16) -> (inout SummedSegment) -> UInt16 {
      { segment in
        var octets = segment.octets
        let held = value(segment)
        octets[segment.fieldOffset] = UInt8(held >> 8)
        octets[segment.fieldOffset + 1] = UInt8(held & 0xff)
        return Self.sent(Self.sum(Self.words(Self.pseudo(segment) + octets)), segment)
      }
    }
    expect(.fieldNotZeroed(.rightSum), making: holding { Self.right($0) }, nearly: holding { Self.right($0) ^ 0x100 })
    expect(
      .fieldNotZeroed(.pseudoHeaderSum), of: Self.pseudoShapes,
      making: holding { Self.sum(Self.words(Self.pseudo($0)), complemented: false) },
      nearly: holding { Self.sum(Self.words(Self.pseudo($0))) })
  }

  @Test func aFieldThatWasNeverFilledInHoldsZero() {
    expect(.neverComputed, of: [.ip, .icmp, .icmpv6, .tcp, .tcp6], making: { _ in 0 }, nearly: { _ in 1 })
    // Over zeros the right sum is 0xffff, and zero is no more right.
    let zeros = SummedSegment(
      layer: "icmp", octets: [UInt8](repeating: 0, count: 8), fieldOffset: 2, headerByteCount: 8)
    #expect(zeros.checksum == 0xffff && zeros.mistakes(giving: 0) == [.neverComputed])
  }

  @Test func zeroSentInsteadOfOnes() {
    expect(
      .zeroForOnes, of: [.udp, .udp6],
      making: { segment in
        // The last even word takes what is missing to a sum of zero.
        segment.octets.removeLast(segment.octets.count % 2)
        segment.octets[8] = 0
        segment.octets[9] = 0
        let missing = Self.sum(Self.words(Self.pseudo(segment) + Self.zeroed(segment)))
        segment.octets[8] = UInt8(missing >> 8)
        segment.octets[9] = UInt8(missing & 0xff)
        return 0
      },
      nearly: { _ in 0 })
  }

  @Test func bytesSwapped() {
    expect(
      .bytesSwapped, making: { Self.right($0).byteSwapped },
      nearly: { segment in
        // Its nibbles swapped instead.
        let right = Self.right(segment)
        return (right & 0x0f0f) << 4 | (right & 0xf0f0) >> 4
      })
  }

  @Test func complementForgotten() {
    expect(
      .complementForgotten, making: { ~Self.right($0) },
      // Negated instead of complemented.
      nearly: { ~Self.right($0) &+ 1 })
  }

  @Test func oddOctetOnTheWrongSide() {
    let shapes = Shape.allCases.filter { $0 != .ip }
    func last(_ padded: @escaping (UInt8, SummedSegment) -> [UInt32]) -> (inout SummedSegment) -> UInt16 {
      { segment in
        let even = Self.zeroed(segment).dropLast()
        let words = Self.words(Self.pseudo(segment) + even) + padded(segment.octets.last ?? 0, segment)
        return Self.sent(Self.sum(words), segment)
      }
    }
    expect(
      .oddOctetPaddedInFront, of: shapes, odd: true, making: last { octet, _ in [UInt32(octet)] },
      nearly: last { _, _ in [] })
    expect(
      .oddOctetLeftOut, of: shapes, odd: true, making: last { _, _ in [] }, nearly: last { octet, _ in [UInt32(octet)] }
    )
    expect(
      .oddOctetReadOn, of: shapes, odd: true, making: last { [UInt32($0) * 256 + UInt32($1.beyond[0])] },
      nearly: last { [UInt32($0) * 256 + UInt32($1.beyond[0] ^ 0x55)] })
  }

  @Test func endAroundCarryDropped() {
    func exact(_ segment: SummedSegment, littleEndian: Bool) -> UInt32 {
      Self.words(Self.pseudo(segment) + Self.zeroed(segment), littleEndian: littleEndian).reduce(0, +)
    }
    func dropped(littleEndian: Bool, folds: Int) -> (inout SummedSegment) -> UInt16 {
      { segment in
        var sum = exact(segment, littleEndian: littleEndian)
        for _ in 0..<folds { sum = sum % 65_536 + sum / 65_536 }
        let checksum = ~UInt16(truncatingIfNeeded: sum)
        return Self.sent(littleEndian ? checksum.byteSwapped : checksum, segment)
      }
    }
    // One carry too many instead of too few.
    let near: (inout SummedSegment) -> UInt16 = { segment in
      let sum = exact(segment, littleEndian: false)
      return ~UInt16(truncatingIfNeeded: sum % 65_536 + sum / 65_536 + 1)
    }
    expect(.carryDropped(.all), making: dropped(littleEndian: false, folds: 0), nearly: near)
    expect(.carryDropped(.allLittleEndian), making: dropped(littleEndian: true, folds: 0), nearly: near)
  }

  /// A sum whose first fold carries once more, which random octets hardly ever have.
  @Test func theCarryOfTheFoldDropped() {
    var octets = [UInt8](repeating: 0xff, count: 8)
    octets[2] = 0
    octets[3] = 0
    octets += [0x00, 0x02]
    let segment = SummedSegment(layer: "icmp", octets: octets, fieldOffset: 2, headerByteCount: 8)
    // 0xffff + 0xffff + 0xffff + 2 = 0x2ffff; folded 0x10001, and again 0x0002.
    #expect(segment.checksum == 0xfffd)
    #expect(segment.mistakes(giving: 0xfffe).contains(.carryDropped(.last)))
    #expect(!segment.mistakes(giving: 0xfffc).contains(.carryDropped(.last)))
    #expect(segment.mistakes(giving: 0x0000) == [.neverComputed, .fieldNotZeroed(.rightSum)])
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

  @Test func theSumEndsTooLateOrTooEarly() {
    func upTo(_ change: @escaping (SummedSegment) -> [UInt8]) -> (inout SummedSegment) -> UInt16 {
      { Self.sent(Self.sum(Self.words(Self.pseudo($0) + change($0))), $0) }
    }
    expect(
      .readOn(6), making: upTo { Self.zeroed($0) + $0.beyond }, nearly: upTo { Self.zeroed($0) + $0.beyond.dropLast() })
    expect(
      .restForgotten, making: upTo { Array(Self.zeroed($0)[..<($0.layer == "ip" ? 20 : $0.headerByteCount)]) },
      nearly: upTo { Array(Self.zeroed($0)[..<($0.layer == "ip" ? 22 : $0.headerByteCount + 2)]) })
  }

  @Test func aTimeToLiveCountedDownWithoutTheSum() {
    func before(_ ttl: UInt8, at offset: Int = 8) -> (inout SummedSegment) -> UInt16 {
      { segment in
        segment.octets[8] = 60
        segment.octets[9] = 6
        var old = Self.zeroed(segment)
        old[offset] = ttl
        return Self.sum(Self.words(old))
      }
    }
    // Near: the protocol beside it changed instead.
    expect(.timeToLiveChanged(from: 61), of: [.ip], making: before(61), nearly: before(7, at: 9))
    expect(.timeToLiveChanged(from: 64), of: [.ip], making: before(64), nearly: before(65))
    expect(.timeToLiveChanged(from: 1), of: [.ip], making: before(1), nearly: before(2))
  }

  @Test func aHopThatSumsOverTheOldSum() {
    func over(_ ttl: UInt8) -> (inout SummedSegment) -> UInt16 {
      { segment in
        segment.octets[8] = 60
        var old = Self.zeroed(segment)
        old[8] = ttl
        return Self.sum(Self.words(Self.zeroed(segment)) + [UInt32(Self.sum(Self.words(old)))])
      }
    }
    expect(.fieldNotZeroed(.sumBeforeHop), of: [.ip], making: over(61), nearly: over(63))
  }

  @Test func aReplyWithItsRequestsSum() {
    func from(_ request: UInt8) -> (inout SummedSegment) -> UInt16 {
      { segment in
        segment.octets[0] = segment.layer == "icmp" ? 0 : 129
        var old = Self.zeroed(segment)
        old[0] = request
        return Self.sum(Self.words(Self.pseudo(segment) + old))
      }
    }
    expect(.typeChanged(from: 8), of: [.icmp], making: from(8), nearly: from(9))
    expect(.typeChanged(from: 128), of: [.icmpv6], making: from(128), nearly: from(127))
  }

  @Test func anAddressThatChangedAfterBothSums() {
    func off(by difference: UInt16, other: UInt16?) -> (inout SummedSegment) -> UInt16 {
      { segment in
        segment.otherShortfall = other
        return ~Self.sum([UInt32(~Self.right(segment)), UInt32(difference)], complemented: false)
      }
    }
    expect(
      .addressChanged, of: [.ip, .tcp], making: off(by: 0x1357, other: 0x1357), nearly: off(by: 0x1357, other: 0x1358))
    expect(
      .addressChanged, of: [.ip, .tcp], making: off(by: 0x1357, other: 0x1357), nearly: off(by: 0x1357, other: nil))
  }

  @Test func sumsLeftToADeviceOtherwiseThanItExpects() {
    expect(
      .offloaded(.withoutLength), of: Self.pseudoShapes,
      making: { Self.sum(Self.words(Self.pseudo($0, length: 0)), complemented: false) },
      nearly: { Self.sum(Self.words(Self.pseudo($0, length: 1)), complemented: false) })
    expect(
      .offloaded(.complemented), of: Self.pseudoShapes, making: { Self.sum(Self.words(Self.pseudo($0))) },
      nearly: { Self.sum(Self.words(Self.pseudo($0, length: 1))) })
  }

  @Test func damageIsNoClassicMistake() {
    let segment = SummedSegment(
      layer: "tcp", octets: Array(1...40), fieldOffset: 16, headerByteCount: 20, pseudoProtocol: 6,
      pseudoHeader: PseudoHeader(source: .v4("192.0.2.1"), destination: .v4("192.0.2.2")), otherShortfall: 0)
    let found = segment.checksum &- 0x1234
    #expect(segment.mistakes(giving: found).isEmpty)
    #expect(segment.explanation(of: found).hasPrefix("no classic mistake gives this"))
    #expect(segment.explanation(of: found).contains("0x1234") && segment.explanation(of: found).contains("(NAT)"))
  }
}
