import SondeLink
import SondeOctets
import SondeSweep
import Testing

/// The engine and its next hops together.
@Suite struct SweepNeighboursTests {
  /// All of them wait at once, before the first packet has left.
  @Test(arguments: [1, 20, 800]) func aSweepWhoseEveryHostMustBeFoundOutFirstAsksThemAll(_ hosts: Int) {
    let world = SweepWorld { _, _ in [(.milliseconds(1), 0)] }
    let told = sweep(plan(ports: 1, hosts: hosts), in: world, rate: 2000, hops: SlowHop())
    expectClosedBooks(told, questions: UInt64(hosts))
    #expect(told.summary.counts.sendFailed == UInt64(hosts / 8))
    #expect(told.summary.counts.answered == UInt64(hosts - hosts / 8))
  }
}
