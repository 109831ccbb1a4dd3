import SondeSweep
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
}
