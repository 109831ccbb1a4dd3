import SondeHeaders
import SondeOctets
import TestSupport
import Testing

@testable import SondeSweep

/// Whatever comes, reading it ends in an answer or in noise.
@Suite struct SweepDamageTests {
  @Test(arguments: Way.allCases) func everyTruncationIsRead(_ way: Way) throws {
    var maker = RandomAnswer(random: Seeded("everyTruncationIsRead(\(way))"))
    let questions = try way.questions()
    let target = SweepTarget(address: .v4(Hosts.asked), port: way.hasPorts ? 53 : 0)
    for _ in 0..<10 {
      let octets = maker.octets(on: questions.question(target))
      for count in 0...octets.count { _ = questions.read(Array(octets.prefix(count))) }
    }
  }

  @Test(arguments: Way.allCases) func randomOctetsAnswerNothing(_ way: Way) throws {
    var random = Seeded("randomOctetsAnswerNothing(\(way))")
    let questions = try way.questions()
    for _ in 0..<2_000 {
      var octets = random.octets(Int(random.next() % 120))
      // Most of them look like packets for us.
      if octets.count > 0, random.next() % 8 > 0 { octets[0] = random.next() % 2 == 0 ? 0x45 : 0x60 }
      if octets.count > 40, random.next() % 2 == 0 {
        let isIPv4 = octets[0] == 0x45
        octets.replaceSubrange(isIPv4 ? 16..<20 : 24..<40, with: isIPv4 ? [192, 0, 2, 1] : Hosts.us6.octets)
        octets[isIPv4 ? 9 : 6] = [6, 17, 1, 58][Int(random.next() % 4)]
      }
      #expect(questions.read(octets).answer == nil)
    }
  }
}
