internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// Classic mistakes of the sum itself, each made by arithmetic of its own.
@Suite struct SumDiagnosisTests: SumMistakeSuite {
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
