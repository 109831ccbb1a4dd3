import SondeSweep
import TestSupport
import Testing

@Suite struct SweepOrderTests {
  @Test(arguments: [1, 2, 3, 5, 16, 17, 255, 256, 1000, 65_537] as [UInt64])
  func eachNumberComesOnceAndIsFoundAgain(_ total: UInt64) {
    let order = SweepOrder(total: total, seed: 7)
    var seen = Set<UInt64>()
    for place in 0..<order.count {
      let number = order.number(at: place)
      #expect(number < total)
      #expect(seen.insert(number).inserted)
      #expect(order.place(of: number) == place)
    }
    #expect(UInt64(seen.count) == total)
  }

  @Test func shardsAreDisjointAndCompleteForAnyTotal() {
    var random = Seeded()
    for _ in 0..<300 {
      let total = UInt64.random(in: 0...700, using: &random)
      let shards = UInt64.random(in: 1...40, using: &random)
      let seed = random.next()
      var owner = [UInt64: UInt64]()
      let orders = (0..<shards).map { SweepOrder(total: total, seed: seed, shard: Shard(index: $0, of: shards)) }
      for order in orders {
        for place in 0..<order.count {
          let number = order.number(at: place)
          #expect(number < total && owner.updateValue(order.shard.index, forKey: number) == nil)
          #expect(order.place(of: number) == place)
        }
      }
      #expect(UInt64(owner.count) == total, "\(shards) shards")
      for (number, index) in owner {
        for order in orders where order.shard.index != index { #expect(order.place(of: number) == nil) }
      }
    }
  }

  @Test(arguments: [1 << 62, (1 << 62) - 1, (1 << 61) + 1, 1 << 33] as [UInt64])
  func theLargestOrdersTurnBackToo(_ total: UInt64) {
    for (index, count) in [(0, 1), (0, 1 << 32), ((1 << 32) - 1, 1 << 32)] as [(UInt64, UInt64)] {
      let order = SweepOrder(total: total, seed: 3, shard: Shard(index: index, of: count))
      for place in [0, 1, order.count / 2, order.count - 1] {
        let number = order.number(at: place)
        #expect(number < total)
        #expect(order.place(of: number) == place)
      }
    }
  }

  /// Each number stands at each place as often as at any other, over many seeds: chi-square within six deviations.
  @Test(arguments: 2...9 as ClosedRange<UInt64>) func theSmallestOrdersAreFair(_ total: UInt64) {
    let seeds = 20_000
    var counts = [[Int]](repeating: [Int](repeating: 0, count: Int(total)), count: Int(total))
    for seed in 0..<seeds {
      let order = SweepOrder(total: total, seed: UInt64(seed) &* 0x9e37_79b9)
      for place in 0..<total { counts[Int(place)][Int(order.number(at: place))] += 1 }
    }
    let expected = Double(seeds) / Double(total)
    let freedom = Double(total - 1)
    for (place, row) in counts.enumerated() {
      let square = row.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
      #expect(square < freedom + 6 * (2 * freedom).squareRoot() + 6, "place \(place): \(row)")
    }
  }

  @Test func neighboursInTheOrderAreNoNeighboursInNumber() {
    let order = SweepOrder(total: 65_535, seed: 11)
    var sum = 0.0
    var last = Double(order.number(at: 0))
    for place in 1..<order.count {
      let number = Double(order.number(at: place))
      sum += abs(number - last)
      last = number
    }
    // Of two random numbers the mean distance is a third of the range.
    #expect(abs(sum / 65_534 / 65_535 - 1.0 / 3) < 0.005)
  }
}
