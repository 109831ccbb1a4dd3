internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// The arithmetic of sums for tests, made otherwise than in the sources: words in a list, added one by one; and
/// segments of random octets to make mistakes with.
protocol SumMistakeSuite {}

enum Shape: CaseIterable { case ip, icmp, icmpv6, tcp, tcp6, udp, udp6 }

extension SumMistakeSuite {
  /// The words of octets as a machine reads them, an odd last octet with a zero behind it.
  static func words(_ octets: [UInt8], pad: UInt8 = 0, littleEndian: Bool = false) -> [UInt32] {
    let even = octets.count % 2 == 0 ? octets : octets + [pad]
    return stride(from: 0, to: even.count, by: 2).map {
      littleEndian
        ? UInt32(even[$0 + 1]) * 256 + UInt32(even[$0]) : UInt32(even[$0]) * 256 + UInt32(even[$0 + 1])
    }
  }

  /// Adds words with end-around carry, and complements.
  static func sum(_ words: [UInt32], complemented: Bool = true) -> UInt16 {
    var sum: UInt32 = 0
    for word in words {
      sum += word
      if sum > 0xffff { sum -= 0xffff }
    }
    return UInt16(complemented ? 0xffff - sum : sum)
  }

  static func pseudo(_ segment: SummedSegment, length: Int? = nil) -> [UInt8] {
    guard let number = segment.pseudoProtocol, let header = segment.pseudoHeader else { return [] }
    let length = length ?? segment.octets.count
    return octets(header.source) + octets(header.destination)
      + [0, 0, UInt8(length >> 8 & 0xff), UInt8(length & 0xff), 0, number]
  }

  static func octets(_ address: IPAddress) -> [UInt8] {
    switch address {
    case .v4(let v4): stride(from: 24, through: 0, by: -8).map { UInt8(v4.rawValue >> UInt32($0) & 0xff) }
    case .v6(let v6):
      [v6.high, v6.low].flatMap { half in
        stride(from: 56, through: 0, by: -8).map { UInt8(half >> UInt64($0) & 0xff) }
      }
    }
  }

  static func zeroed(_ segment: SummedSegment) -> [UInt8] {
    var octets = segment.octets
    octets[segment.fieldOffset] = 0
    octets[segment.fieldOffset + 1] = 0
    return octets
  }

  /// A sum as UDP sends it.
  static func sent(_ sum: UInt16, _ segment: SummedSegment) -> UInt16 {
    segment.zeroMeansNone && sum == 0 ? 0xffff : sum
  }

  static func right(_ segment: SummedSegment) -> UInt16 {
    sent(sum(words(pseudo(segment) + zeroed(segment))), segment)
  }

  /// A segment of random octets.
  static func segment(_ shape: Shape, _ dice: inout Dice, odd: Bool? = nil) -> SummedSegment {
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
  func expect(
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
        if value == 0, ![.neverComputed, .zeroForOnes, .fieldNotZeroed(.rightSum)].contains(mistake) {
          // A zero that came about by chance stands for too many things: what zeros are for is named alone.
          #expect(fits.first == .neverComputed || fits == [.zeroForOnes] || value == right, "seed \(seed) \(fits)")
        } else if value != right {
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

  static var pseudoShapes: [Shape] { [.icmpv6, .tcp, .tcp6, .udp, .udp6] }
}
