import SondeOctets
import TestSupport
import Testing

@Suite struct InternetChecksumTests {
  /// RFC 1071 §3.
  @Test func theWorkedExampleComesOut() {
    let octets: [UInt8] = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]
    let sum = checksum(over: [octets])
    #expect(sum.sum == 0xddf2)
    #expect(sum.checksum == 0x220d)
    #expect(InternetChecksum.of(octets.rawSpan) == 0x220d)
    // §3 groups the same octets as 00 | 01 f2 | 03 f4 | f5 f6 | f7 too.
    #expect(checksum(over: [[0x00], [0x01, 0xf2], [0x03, 0xf4], [0xf5, 0xf6], [0xf7]]) == sum)
  }

  @Test func scapyAgrees() throws {
    for line in try vectors("checksum") {
      let octets = line[0] == "-" ? [] : try Hex.octets(line[0])
      #expect(InternetChecksum.of(octets.rawSpan) == UInt16(line[1], radix: 16), "\(line[0])")
    }
  }

  @Test func nothingSumsToZero() {
    #expect(InternetChecksum().sum == 0)
    #expect(InternetChecksum().checksum == 0xffff)
    #expect(checksum(over: [[], []]) == InternetChecksum())
    #expect(InternetChecksum.of([UInt8]().rawSpan) == 0xffff)
  }

  @Test func anOddLastOctetIsPaddedAfterIt() {
    #expect(checksum(over: [[0x12]]).sum == 0x1200)
    #expect(checksum(over: [[0x12, 0x34, 0x56]]).sum == 0x1234 + 0x5600)
  }

  @Test func aZeroGoesOutAsOnesFromUDPAlone() {
    let ones = checksum(over: [[0xff, 0xff]])
    #expect(ones.checksum == 0)
    #expect(ones.udpChecksum == 0xffff)
    let other = checksum(over: [[0xff, 0xfe]])
    #expect(other.checksum == 1)
    #expect(other.udpChecksum == 1)
    #expect(InternetChecksum().udpChecksum == 0xffff)
  }

  @Test func anythingWithItsChecksumInPlaceSumsToOnes() {
    var random = Seeded()
    for _ in 0..<500 {
      var octets = random.octets(2 * Int.random(in: 1...100, using: &random))
      octets.replaceSubrange(0..<2, with: [0, 0])
      let value = InternetChecksum.of(octets.rawSpan)
      octets.replaceSubrange(0..<2, with: [UInt8(value >> 8), UInt8(value & 0xff)])
      #expect(checksum(over: [octets]).sum == 0xffff)
      #expect(InternetChecksum.of(octets.rawSpan) == 0)
    }
  }

  @Test func randomPiecesSumAsTheirWhole() {
    var random = Seeded()
    for round in 0..<10_000 {
      let octets = random.octets(Int.random(in: 0...4096, using: &random))
      var pieces: [[UInt8]] = []
      var rest = octets[...]
      while !rest.isEmpty {
        let largest = round % 8 == 0 ? 9 : rest.count
        let piece = rest.prefix(Int.random(in: 0...largest, using: &random))
        pieces.append(Array(piece))
        rest = rest.dropFirst(piece.count)
      }
      let expected = independentSum(octets)
      guard checksum(over: pieces).sum == expected, checksum(over: [octets]).sum == expected else {
        Issue.record("\(Hex.text(octets)) in pieces of \(pieces.map(\.count))")
        return
      }
    }
  }

  @Test func numbersAddAsTheirOctetsAtAnyParity() {
    var random = Seeded()
    for _ in 0..<2000 {
      var sum = InternetChecksum()
      var octets: [UInt8] = []
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        let number = random.next()
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
          sum.add(UInt16(truncatingIfNeeded: number))
          octets += bigEndian(UInt16(truncatingIfNeeded: number))
        case 1:
          sum.add(UInt32(truncatingIfNeeded: number))
          octets += bigEndian(UInt32(truncatingIfNeeded: number))
        case 2:
          sum.add(number)
          octets += bigEndian(number)
        default:
          let piece = random.octets(Int(number % 8))
          sum.add(piece.rawSpan)
          octets += piece
        }
      }
      #expect(sum.sum == independentSum(octets), "\(Hex.text(octets))")
      #expect(sum == checksum(over: [octets]))
    }
  }

  /// Every length around the steps of the loops, over the octets that carry most.
  @Test func nothingOverflows() {
    let lengths = Array(0...300) + [1 << 16, 1 << 17, 1 << 18].flatMap { ($0 - 65)...($0 + 65) }
    let ones = [UInt8](repeating: 0xff, count: 1 << 19)
    for length in lengths {
      let sum = InternetChecksum.of(ones.rawSpan.extracting(0..<length))
      // Ones are the other zero: added to a last half word, they leave it.
      let expected: UInt16 = length == 0 ? 0 : length % 2 == 0 ? 0xffff : 0xff00
      #expect(~sum == expected, "length \(length)")
    }
    var sum = InternetChecksum()
    for _ in 0..<5 { sum.add(ones.rawSpan) }
    #expect(sum.sum == 0xffff)
  }

  @Test func anyStartInMemoryGivesTheSameSum() {
    var random = Seeded()
    let octets = random.octets(400)
    for start in 0..<70 {
      let bytes = octets.rawSpan.extracting(start..<400)
      #expect(~InternetChecksum.of(bytes) == independentSum(Array(octets[start...])))
    }
  }

  @Test func everySingleBitErrorIsSeen() {
    var random = Seeded()
    var octets = random.octets(211)
    let right = InternetChecksum.of(octets.rawSpan)
    for bit in 0..<octets.count * 8 {
      octets[bit / 8] ^= 1 << (bit % 8)
      #expect(InternetChecksum.of(octets.rawSpan) != right, "bit \(bit)")
      octets[bit / 8] ^= 1 << (bit % 8)
    }
  }

  @Test func swappedWordsAreNotSeen() {
    var random = Seeded()
    let octets = random.octets(100)
    var swapped = octets
    swapped.swapAt(10, 52)
    swapped.swapAt(11, 53)
    #expect(swapped != octets)
    #expect(InternetChecksum.of(swapped.rawSpan) == InternetChecksum.of(octets.rawSpan))
    // Swapped octets are, where they differ.
    var octetsSwapped = octets
    octetsSwapped[20] = octetsSwapped[21] &+ 1
    let before = InternetChecksum.of(octetsSwapped.rawSpan)
    octetsSwapped.swapAt(20, 21)
    #expect(InternetChecksum.of(octetsSwapped.rawSpan) != before)
  }

  @Test func zerosForOnesAreNotSeen() {
    var random = Seeded()
    var octets = random.octets(100)
    octets.replaceSubrange(30..<32, with: [0, 0])
    let before = InternetChecksum.of(octets.rawSpan)
    octets.replaceSubrange(30..<32, with: [0xff, 0xff])
    #expect(InternetChecksum.of(octets.rawSpan) == before)
    // Half a word of ones is.
    octets.replaceSubrange(30..<32, with: [0xff, 0])
    #expect(InternetChecksum.of(octets.rawSpan) != before)
  }

  @Test func equalityIsOfWhatComesNext() {
    #expect(checksum(over: [[0xff, 0xff], [0, 1]]) == checksum(over: [[0, 1]]))
    #expect(checksum(over: [[0xff, 0xff], [0, 1]]).hashValue == checksum(over: [[0, 1]]).hashValue)
    #expect(checksum(over: [[0x12]]) != checksum(over: [[0x12, 0]]))
    #expect(checksum(over: [[0x12, 0x34]]) != checksum(over: [[0x34, 0x12]]))
  }
}

/// The checksum's accumulator after the pieces, one after the other.
func checksum(over pieces: [[UInt8]]) -> InternetChecksum {
  var sum = InternetChecksum()
  for piece in pieces { sum.add(piece.rawSpan) }
  return sum
}

/// The sum by arithmetic instead of by carries: padded to whole words, the octets are one big number
/// to the base 65536, which leaves its digits' sum when divided by 65535. Only a number of nothing
/// but zeros sums to 0; other multiples of 65535 sum to 0xffff.
func independentSum(_ octets: [UInt8]) -> UInt16 {
  let padded = octets.count % 2 == 0 ? octets : octets + [0]
  let remainder = padded.reduce(UInt32(0)) { ($0 * 256 + UInt32($1)) % 65535 }
  return remainder == 0 && octets.contains { $0 != 0 } ? 0xffff : UInt16(remainder)
}

/// The octets of a number in network byte order, by shifts.
func bigEndian<T: FixedWidthInteger & UnsignedInteger>(_ number: T) -> [UInt8] {
  stride(from: T.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
}
