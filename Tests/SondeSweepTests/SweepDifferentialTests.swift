import SondeHeaders
import SondeLink
import SondeOctets
import TestSupport
import Testing

@testable import SondeSweep

/// What is known by a glance is what the headers' own judges say.
@Suite struct SweepDifferentialTests {
  private static let targets = [
    SweepTarget(address: .v4(Hosts.asked), port: 80), SweepTarget(address: .v4(Hosts.asked), port: 53),
    SweepTarget(address: .v6(Hosts.asked6), port: 80), SweepTarget(address: .v6(Hosts.asked6), port: 161),
    SweepTarget(address: .v4(Hosts.other), port: 443),
  ]

  @Test(arguments: Way.allCases) func verdictsAreThoseOfTheJudges(_ way: Way) throws {
    var maker = RandomAnswer(random: Seeded("verdictsAreThoseOfTheJudges(\(way))"))
    let questions = try way.questions()
    var targets = Self.targets.filter { questions.asks($0.address) }
    if !way.hasPorts { targets = Array(Set(targets.map { SweepTarget(address: $0.address, port: 0) })) }
    let sent = Instant(nanoseconds: 5_000)
    let oracle = SweepOracle(questions, targets, attempts: 2, at: sent)
    var counts = (answers: 0, plain: 0, noise: 0)
    for _ in 0..<3_000 {
      let target = targets[Int(maker.random.next() % UInt64(targets.count))]
      let attempt = UInt8(maker.random.next() % 2)
      let octets = maker.octets(on: questions.question(target, attempt: attempt, at: sent))
      var facts = BulkFacts.plain
      facts.checksumNotReady = maker.random.next() % 20 == 0
      facts.length = octets.count
      let said = oracle.said(of: octets, facts)
      // An answer to what was not asked is none.
      let answer = questions.read(octets, facts).answer.flatMap { targets.contains($0.target) ? $0 : nil }
      if answer == nil { counts.noise += 1 } else { counts.answers += 1 }
      if answer?.isPlain == true { counts.plain += 1 }
      var found = answer.map {
        SweepOracle.Said(
          target: $0.target, attempt: $0.attempt ?? 0, verdict: $0.verdict, by: $0.by, flags: Set($0.flags))
      }
      if said?.by == .udp { found?.flags.remove(.weakMatch) }
      #expect(found == said, "\(Hex.text(octets))")
    }
    print("\(way): \(counts)")
    #expect(counts.plain > 200 && counts.noise > 200 && counts.answers > counts.plain)
  }
}
