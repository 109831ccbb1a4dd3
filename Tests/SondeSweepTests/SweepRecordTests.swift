import SondeHeaders
import SondeSweep
import TestSupport
import Testing

@Suite struct SweepRecordTests {
  private func identity(
    _ kind: String = "tcp", _ addresses: ClosedRange<UInt128> = 0xc000_0200...0xc000_02ff, ports: [UInt16] = [80, 443],
    seed: UInt64 = 7, shard: Shard = Shard(index: 1, of: 3)
  ) throws -> SweepIdentity {
    let space = try #require(SweepSpace(ipv4: AddressRanges([addresses]), ports: ports))
    return SweepIdentity(kind: kind, space: space, seed: seed, shard: shard)
  }

  private static let ones: UInt64 = 0x5555_5555_5555_5555

  private func record() throws -> SweepRecord {
    var counts = SweepCounts()
    (counts.sent, counts.sendFailed, counts.answered, counts.silent) = (163, 1, 140, 20)
    (counts.duplicates, counts.late, counts.noise, counts.errors) = (3, 4, 5, 6)
    (counts.ownDrops, counts.frames) = (7, 159)
    counts.verdicts = [.open: 5, .closed: 135, .filtered: 20, .sendFailed: 1]
    let state = SweepState(
      settled: 10, head: 170, standings: [Self.ones, Self.ones, 0x1_2345_6789, 0, 0, 0], counts: counts)
    return SweepRecord(identity: try identity(), state: state, serial: 41)
  }

  private let text = """
    sonde sweep 1
    serial 41
    kind tcp
    targets 03ffc1f5a9aec98b
    ports 0000000000000000
    questions 512
    seed 7
    shard 2/3
    settled 10
    head 170
    sent 163
    send-failed 1
    answered 140
    silent 20
    duplicates 3
    late 4
    noise 5
    errors 6
    own-drops 7
    frames 159
    verdict closed 135
    verdict filtered 20
    verdict open 5
    verdict send-failed 1
    standing 2x5555555555555555 123456789 3x0
    end 

    """

  /// The hashes beside, which other tests hold to Python's.
  private func unhashed(_ text: String) -> [String] {
    text.split(separator: "\n").map { line in
      ["targets ", "ports ", "end "].first { line.hasPrefix($0) } ?? String(line)
    }
  }

  @Test func theTextIsAWordAndAValueOnEachLine() throws {
    let record = try record()
    #expect(unhashed(String(decoding: record.octets, as: UTF8.self)) == unhashed(text))
    #expect(try SweepRecord(record.octets) == record)
    let empty = SweepRecord(identity: try identity(), state: SweepState())
    #expect(try SweepRecord(empty.octets) == empty)
  }

  private func random(_ random: inout Seeded) throws -> SweepRecord {
    let shard = Shard(index: .random(in: 0...4, using: &random), of: 5)
    let size = UInt128.random(in: 1...100_000, using: &random)
    let identity = try identity(
      "udp", 0...size, ports: [1], seed: random.next(), shard: shard)
    let head = UInt64.random(in: 0...identity.share, using: &random)
    let settled = UInt64.random(in: 0...head, using: &random)
    let start = settled & ~31
    var standings: [UInt64] = []
    while UInt64(standings.count + 2) * 32 <= identity.share - start, Int.random(in: 0...200, using: &random) > 0 {
      standings +=
        [[0], [.max], [random.next()], [0, 0], [Self.ones, Self.ones], [1]].randomElement(using: &random) ?? []
    }
    var counts = SweepCounts()
    counts.sent = random.next() >> 2
    counts.verdicts[.openOrFiltered] = random.next() >> 2
    return SweepRecord(
      identity: identity, state: SweepState(settled: settled, head: head, standings: standings, counts: counts),
      serial: random.next() >> 2)
  }

  @Test func eachRecordIsReadAsItWasWritten() throws {
    var random = Seeded()
    for _ in 0..<300 {
      let record = try self.random(&random)
      #expect(try SweepRecord(record.octets) == record)
    }
  }

  @Test func anyDamageIsOneErrorAndNeverAnotherRecord() throws {
    var random = Seeded()
    let octets = try record().octets
    for end in 0..<octets.count { #expect(throws: SweepError.self) { try SweepRecord(Array(octets[..<end])) } }
    for place in octets.indices {
      var damaged = octets
      damaged[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
      #expect(throws: SweepError.self, "\(place)") { try SweepRecord(damaged) }
      #expect(throws: SweepError.self, "\(place)") { try SweepRecord.latest(in: damaged) }
    }
    for _ in 0..<2000 {
      var damaged = octets
      for _ in 0...Int.random(in: 0...3, using: &random) {
        let place = Int.random(in: 0..<damaged.count, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: damaged.remove(at: place)
        case 1: damaged.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        default: damaged.swapAt(place, Int.random(in: 0..<damaged.count, using: &random))
        }
      }
      if damaged != octets, let other = try? SweepRecord(damaged) { #expect(try other == record()) }
    }
    #expect(throws: SweepError.self) { try SweepRecord(random.octets(500)) }
  }

  /// A text whose hash is right, and whose words are not, as a hand may make it that knows how.
  private func forged(_ change: (String) -> String) throws -> [UInt8] {
    let whole = String(decoding: try record().octets, as: UTF8.self)
    var text = change(whole).split(separator: "\n", omittingEmptySubsequences: false).dropLast(2)
      .map { $0 + "\n" }.joined()
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for octet in text.utf8 { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    text += "end " + String(repeating: "0", count: 16 - digits.count) + digits + "\n"
    return Array(text.utf8)
  }

  @Test(arguments: [
    ("sonde sweep 1\n", "sonde sweep 2\n"), ("serial 41\n", ""), ("serial 41", "serial 041"), ("seed 7", "seed -7"),
    ("seed 7", "seed 18446744073709551616"), ("kind tcp", "kind"), ("kind tcp", "kind tcp udp"),
    ("questions 512", "questions 9223372036854775808"), ("shard 2/3", "shard 0/3"), ("shard 2/3", "shard 4/3"),
    ("shard 2/3", "shard 2"), ("shard 2/3", "shard 2/0"), ("settled 10", "settled 171"), ("head 170", "head 172"),
    ("head 170", "head 18446744073709551615"), ("sent 163", "sent 18446744073709551615"), ("sent 163", "sent x"),
    ("sent 163\n", ""), ("2x5", "0x5"), ("2x5", "1x5"), ("2x5", "-1x5"),
    ("2x5", "02x5"), ("2x5", "1048577x5"), ("2x5", "1000000x0 1000000x1 2x5"), ("2x5", "99999999999999999999x5"),
    ("2x5", "2x2x5"), ("2x5", "2xg"), ("2x5", "x5"), ("2x5", " 2x5"), ("2x5", "2x55"), ("2x5", "2x+5"),
    ("3x0", "00"), ("3x0", "3x"), ("3x0", "4x4000000000000000"), ("3x0", "200x0 1"), ("3x0", ""),
    ("verdict open 5", "verdict open -5"), ("targets ", "targets f"), ("ports ", "port "),
    ("standing", "standing\nstanding"),
  ])
  func wordsThatCannotBeAreRefusedThoughTheHashIsRight(_ word: String, _ other: String) throws {
    #expect(try SweepRecord(forged { $0 }) == record())
    let octets = try forged { $0.replacing(word, with: other, maxReplacements: 1) }
    #expect(throws: SweepError.self) { try SweepRecord(octets) }
    #expect(throws: SweepError.self) { try SweepRecord.latest(in: octets) }
  }

  @Test func theLatestWholeRecordOfAFileIsFound() throws {
    var (old, new) = (try record(), try record())
    (old.serial, new.serial) = (8, 9)
    new.state.standings = []
    let (before, after) = (old.octets, new.octets)
    #expect(try SweepRecord.latest(in: []) == nil)
    for (octets, place) in [
      (before + after, before.count..<before.count + after.count), (after + before, 0..<after.count),
      (after + before.dropFirst(after.count), 0..<after.count), (after, 0..<after.count),
      (Array("half a line\n".utf8) + after, 12..<12 + after.count),
    ] {
      let found = try SweepRecord.latest(in: octets)
      #expect(found?.record == new)
      #expect(found?.place == place)
    }
    // However far the newer one came, the older stands, and where it came whole it counts.
    for end in 0...after.count {
      let found = try SweepRecord.latest(in: before + after[..<end])
      #expect(found?.record == (end == after.count ? new : old))
    }
    let longer = Array(repeating: UInt8(0x20), count: after.count) + [0x0a] + before
    for end in 0...after.count {
      let found = try SweepRecord.latest(in: Array(after[..<end]) + longer[end...])
      #expect(found?.record == (end == after.count ? new : old))
    }
  }

  @Test(arguments: ["\n", "root:x:0:0", "sonde sweep 1\n", "sonde sweep 1\nend 0123456789abcdef\n", "sonde sweep 10\n"])
  func anotherFileIsNoResumeFile(_ text: String) {
    #expect(throws: SweepError.self) { try SweepRecord.latest(in: Array(text.utf8)) }
  }

  @Test func whatDiffersIsNamed() throws {
    let one = try identity()
    #expect(try one.difference(from: identity()) == nil)
    #expect(try identity("udp").difference(from: one) == "what is asked (tcp then, udp now)")
    #expect(try identity("tcp", 0xc000_0200...0xc000_02fe).difference(from: one) == "the targets")
    #expect(try identity(ports: [443, 80]).difference(from: one) == "the ports")
    #expect(try identity(seed: 8).difference(from: one) == "the seed (7 then, 8 now)")
    #expect(try identity(shard: .whole).difference(from: one) == "the shard (2/3 then, 1/1 now)")
    #expect(
      try identity(ports: [80], seed: 8).difference(from: one) == "the ports, the seed (7 then, 8 now)")
  }

  @Test func theSharesOfAllShardsAreAllQuestions() throws {
    for count in UInt64(1)...7 {
      let shares = try (0..<count).map { try identity(shard: Shard(index: $0, of: count)).share }
      #expect(shares.reduce(0, +) == 512)
      for (index, share) in shares.enumerated() {
        #expect(share == SweepOrder(total: 512, seed: 1, shard: Shard(index: UInt64(index), of: count)).count)
      }
    }
  }
}
