import SondeOctets
import TestSupport
import Testing

@Suite struct ChecksumUpdateTests {
  /// RFC 1624 §4: all other words sum to 0xcd7a, and a word goes from 0x5555 to 0x3285. Equation 2
  /// of RFC 1141 gives 0xffff here, which no computation of a header gives.
  @Test func theCornerCaseComesOutAsZero() {
    let before: [UInt8] = [0xcd, 0x7a, 0x55, 0x55]
    let after: [UInt8] = [0xcd, 0x7a, 0x32, 0x85]
    #expect(InternetChecksum.of(before.rawSpan) == 0xdd2f)
    #expect(InternetChecksum.of(after.rawSpan) == 0x0000)
    #expect(InternetChecksum.update(0xdd2f, from: 0x5555, to: 0x3285) == 0x0000)
    #expect(InternetChecksum.update(0x0000, from: 0x3285, to: 0x5555) == 0xdd2f)
  }

  @Test func noChangeLeavesTheChecksum() {
    for checksum: UInt16 in [0, 1, 0x220d, 0xfffe] {
      #expect(InternetChecksum.update(checksum, from: 0x1234, to: 0x1234) == checksum)
      #expect(InternetChecksum.update(checksum, from: 0, to: 0) == checksum)
      #expect(InternetChecksum.update(checksum, from: UInt64.max, to: UInt64.max) == checksum)
    }
  }

  @Test func aLowerTimeToLiveRaisesTheChecksumByAWord() {
    #expect(InternetChecksum.update(0xb1e6, from: UInt8(64), to: UInt8(63)) == 0xb2e6)
    #expect(InternetChecksum.update(0xffe6, from: UInt8(64), to: UInt8(63)) == 0x00e7)
  }

  /// What the change alone cannot tell: from ones to nothing but zeros.
  @Test func onlyAllZerosDifferFromAFreshSum() {
    #expect(InternetChecksum.of([0xff, 0xff].rawSpan) == 0)
    #expect(InternetChecksum.update(0, from: 0xffff, to: 0) == 0)
    #expect(InternetChecksum.of([0, 0].rawSpan) == 0xffff)
  }

  @Test func anUpdateIsAFreshSum() {
    var random = Seeded()
    for _ in 0..<5000 {
      let before = random.octets(Int.random(in: 40...200, using: &random))
      let old = InternetChecksum.of(before.rawSpan)
      let offset = Int.random(in: 0..<24, using: &random)
      let isOdd = offset % 2 == 1
      switch Int.random(in: 0..<5, using: &random) {
      case 0: expectUpdate(UInt8.self, of: before, at: offset, &random)
      case 1: expectUpdate(UInt16.self, of: before, at: offset, &random)
      case 2: expectUpdate(UInt32.self, of: before, at: offset, &random)
      case 3: expectUpdate(UInt64.self, of: before, at: offset, &random)
      default:
        let length = Int.random(in: 0...16, using: &random)
        let field = random.octets(length)
        var after = before
        after.replaceSubrange(offset..<offset + length, with: field)
        let updated = InternetChecksum.update(
          old, from: before.rawSpan.extracting(offset..<offset + length), to: field.rawSpan, atOddOffset: isOdd)
        #expect(updated == ~independentSum(after), "\(length) octets at \(offset) of \(Hex.text(before))")
      }
    }
  }

  private func expectUpdate<T: FixedWidthInteger & UnsignedInteger>(
    _ type: T.Type, of before: [UInt8], at offset: Int, _ random: inout Seeded
  ) {
    let end = offset + T.bitWidth / 8
    let old = before[offset..<end].reduce(T(0)) { T(truncatingIfNeeded: UInt64($0) << 8 | UInt64($1)) }
    // Fields of nothing but zeros or ones are the corners.
    let new = [T.zero, T.max, T.random(in: 0...T.max, using: &random)].randomElement(using: &random) ?? 0
    var after = before
    after.replaceSubrange(offset..<end, with: bigEndian(new))
    let updated = InternetChecksum.update(
      InternetChecksum.of(before.rawSpan), from: old, to: new, atOddOffset: offset % 2 == 1)
    #expect(updated == ~independentSum(after), "\(T.self) \(new) at \(offset) of \(Hex.text(before))")
  }
}
