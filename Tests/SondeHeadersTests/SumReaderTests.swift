internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// Sums of whole packets as Scapy makes them, broken by hand.
@Suite struct SumReaderTests {
  private static let sctp =
    "45000038000100004084f63dc0000201c00002029c409c4100000007 4e04fe80 00000018 000000000000000000000000 68656c6c6f313233"
  private static let routed =
    "6000000000212b4020010db800000000000000000000000120010db8000000000000000000000005 1102000100000000"
    + "20010db8000000000000000000000009 9c409c410009f3dd78"
  private static let tcp = "45000028000100004006f6cbc0000201c0000202 9c409c41000000000000000050022000d35c0000"

  private static func sums(_ text: String) -> [ExplainedSum] {
    var reader = SumReader()
    reader.read(Vectors.octets(text).rawSpan, as: .ip)
    return reader.sums
  }

  /// The other sums are Python's zlib's, of the same octets with the field zero.
  @Test(arguments: [
    ("80fe044e", SumMistake.bytesSwapped), ("b1fb017f", .complementForgotten), ("00000000", .neverComputed),
    ("4c3d0483", .otherCheck(.adler32)), ("68396c40", .otherCheck(.crc32)), ("406c3968", .otherCheck(.crc32)),
  ])
  func aWrongCRCIsNamed(found: String, mistake: SumMistake) throws {
    #expect(Self.sums(Self.sctp).map(\.check.verdict) == [.valid, .valid])
    let sum = try #require(Self.sums(Self.sctp.replacing("4e04fe80", with: found)).last)
    #expect(sum.check.verdict == .wrong && sum.check.expected == 0x4e04_fe80 && sum.check.byteCount == 4)
    #expect(sum.mistakes == [mistake] && sum.why?.hasSuffix("(RFC 9260 §6.8)") == true, "\(sum)")
    let nearly = try #require(Self.sums(Self.sctp.replacing("4e04fe80", with: found.dropLast() + "5")).last)
    #expect(nearly.mistakes.isEmpty && nearly.why == "no classic mistake gives this (RFC 9260 §6.8)")
  }

  @Test func theFinalDestinationIsSummedAndTheNextOneNamed() throws {
    #expect(Self.sums(Self.routed).map(\.check.verdict) == [.valid])
    let sum = try #require(Self.sums(Self.routed.replacing("f3dd", with: "f3e1")).first)
    #expect(sum.mistakes.first == .shownDestination(.v6("2001:db8::5")), "\(sum.mistakes)")
    let other = try #require(Self.sums(Self.routed.replacing("f3dd", with: "f3e2")).first)
    #expect(other.mistakes.isEmpty)
  }

  @Test func paddingThatWasSummedIsNamed() throws {
    // The word behind the packet, and the same with the sum over it.
    let padded = Self.tcp + "1234"
    #expect(Self.sums(padded).map(\.check.verdict) == [.valid, .valid])
    #expect(Self.sums(padded.replacing("d35c", with: "c128")).last?.mistakes == [.readOn(2)])
    #expect(Self.sums(Self.tcp.replacing("d35c", with: "c128")).last?.mistakes == [])
  }

  @Test func anAddressThatChangedAfterBothSumsIsSeenInBoth() {
    let changed = Self.sums(Self.tcp.replacing("c0000201c0000202", with: "c0000201c6336407"))
    #expect(changed.map(\.mistakes) == [[.addressChanged], [.addressChanged]])
    // The transport's sum alone: no address that only it knows.
    let repaired = Self.sums(
      Self.tcp.replacing("c0000201c0000202", with: "c0000201c6336407").replacing("f6cb", with: "8e93"))
    #expect(repaired.map(\.check.verdict) == [.valid, .wrong] && repaired.last?.mistakes == [], "\(repaired)")
    #expect(repaired.last?.why?.contains("(NAT)") == true)
    // Both wrong, by different differences.
    let apart = Self.sums(Self.tcp.replacing("f6cb", with: "f5cc").replacing("d35c", with: "d25e"))
    #expect(apart.allSatisfy { !$0.mistakes.contains(.addressChanged) })
  }

  @Test func aSegmentIsJudgedHoweverLongItsHeaderClaimsToBe() {
    // A data offset of 15 where there are 20 octets: the sum covers them all the same (RFC 9293 §3.1).
    let long = Self.sums(Self.tcp.replacing("5002", with: "f002"))
    #expect(long.map(\.check.verdict) == [.valid, .wrong] && long.last?.check.expected == 0x335c)
    #expect(Self.sums(Self.tcp.replacing("5002", with: "f002").replacing("d35c", with: "335c")).last?.isBad == false)
    // One that is shorter than any header cannot be read, and nobody knows what its sum was to cover.
    let short = Self.sums(Self.tcp.replacing("5002", with: "4002"))
    #expect(short.map(\.check.verdict) == [.valid, .unverifiable])
    #expect(short.last?.isUnread == true && short.last?.isCutOff == false && short.last?.check.found == 0xd35c)
  }

  @Test func sumsThatNobodyCanVerifySayWhy() {
    let fragment = Self.tcp.replacing("00010000", with: "00012000").replacing("f6cb", with: "d6cb")
    #expect(Self.sums(fragment).map(\.why) == [nil, "a fragment: the sum covers the whole datagram"])
    let cut = Self.tcp.replacing("45000028", with: "45000030").replacing("f6cb", with: "f6c3")
    #expect(Self.sums(cut).map(\.why) == [nil, "not all octets that the headers count are there"])
    let nothing = Self.sums("00")
    #expect(nothing.map(\.check.verdict) == [.unverifiable] && nothing.map(\.isCutOff) == [true])
    #expect(nothing.map(\.why) == ["ip cannot be read: version 0 at offset 0: 4 or 6"])
    // Without a header that has a sum there is nothing to tell: IPv6, of one octet.
    #expect(Self.sums("60").isEmpty)
  }

  /// Whatever the octets are, each sum lies within them, and is explained unless it is valid.
  @Test func anyOctetsAreRead() {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(state: seed)
    var reader = SumReader()
    let texts = [Self.sctp, Self.routed, Self.tcp]
    for _ in 0..<20_000 {
      var octets = Vectors.octets(texts[dice.roll(3)])
      for _ in 0..<dice.roll(4) { octets[dice.roll(octets.count)] = UInt8(truncatingIfNeeded: dice.next()) }
      if dice.roll(4) == 0 { octets.removeLast(dice.roll(octets.count)) }
      if dice.roll(4) == 0 { octets += dice.octets(dice.roll(40)) }
      reader.read(octets.rawSpan, as: .ip, withSegments: true)
      for sum in reader.sums {
        #expect(sum.check.layerOffset < octets.count || sum.isCutOff, "seed \(seed)")
        #expect((sum.why == nil) == (sum.check.verdict == .valid), "seed \(seed) \(sum)")
      }
    }
  }
}
