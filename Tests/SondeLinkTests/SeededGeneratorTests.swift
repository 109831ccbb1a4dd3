import SondeLink
import Testing

@Suite struct SeededGeneratorTests {
  // The reference numbers of SplitMix64, as published with its C source (prng.di.unimi.it/splitmix64.c) and
  // used by Rosetta Code's "Pseudo-random numbers/Splitmix64" for the seed 1234567.
  @Test func numbersAreThoseOfSplitMix64() {
    var generator = SeededGenerator(seed: 1_234_567)
    let numbers = (0..<5).map { _ in generator.next() }
    #expect(
      numbers == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func boundsAreKept() {
    var generator = SeededGenerator(seed: 5)
    var seen: Set<UInt64> = []
    for _ in 0..<200 { seen.insert(generator.next(below: 6)) }
    #expect(seen == [0, 1, 2, 3, 4, 5])
    #expect(generator.next(below: 0) == 0)
    #expect(generator.next(below: 1) == 0)
  }

  @Test func certaintiesAreCertain() {
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<1000 {
      let never = generator.chance(0)
      let always = generator.chance(1)
      #expect(!never)
      #expect(always)
    }
  }

  @Test func seedIsPrinted() { #expect("\(SeededGenerator(seed: 0xbeef))" == "seed 0xbeef") }
}
