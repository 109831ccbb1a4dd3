import SondeLink
import SondeSweep
import TestSupport
import Testing

/// A network on virtual time in steps of half a millisecond: a share of its hosts is alive, a bottleneck forwards so
/// many packets a second with a queue before it, and answers come after a round trip.
private struct LossyNetwork {
  var alive = 1.0
  /// Packets a second through the bottleneck, and packets in its queue.
  var capacity = Double.infinity
  var queue = 50.0
  /// Answers a second that its hosts are willing to give.
  var willing = Double.infinity
  /// The share lost on the way whatever the rate.
  var loss = 0.0
  var roundTrip: ClosedRange<Int> = 200...400
  /// What the receiver takes, packets a second; the rest is dropped by it.
  var taken = Double.infinity
  /// What the door takes, packets a second; more, and it is full.
  var door = Double.infinity
  /// In which steps the reader of the answers stands still.
  var isStill: (Int) -> Bool = { _ in false }
  /// Whether what was not answered is asked again after a second.
  var retries = false

  var random: Seeded
  private(set) var tally = PaceTally()
  private(set) var trips = RoundTrip()
  private(set) var rates: [Double] = []
  /// Questions that the rate lost, and all of them, from the moment when `measure` was called.
  private(set) var lost = 0
  private(set) var asked = 0

  private var tick = 0
  private var backlog = 0.0
  private var tokens = 0.0
  private var budget = 0.0
  private var owed = 0.0
  private var room = 0.0
  private var answers: [Int] = []
  private var recoveries: [Int] = []
  private var waiting = 0
  private var due = 0

  init(_ test: String = #function) { random = Seeded(test) }

  mutating func measure() { (lost, asked) = (0, 0) }

  mutating func run(_ pace: inout AdaptivePace, seconds: Double) {
    for _ in 0..<Int(seconds * 2_000) {
      step(&pace)
      rates.append(pace.rate)
    }
  }

  private mutating func step(_ pace: inout AdaptivePace) {
    tick += 1
    if answers.count < tick + 8_000 {
      answers += [Int](repeating: 0, count: 20_000)
      recoveries += [Int](repeating: 0, count: 20_000)
    }
    let span = 0.0005
    tokens = min(tokens + min(pace.rate, door) * span, 4_000)
    backlog = max(0, backlog - capacity * span)
    budget = min(budget + willing * span, max(50, 2 * willing * span))
    room = min(room + taken * span, max(100, 2 * taken * span))
    if pace.rate > door { tally.full += 1 }
    let count = Int(tokens)
    tokens -= Double(count)
    // What is due again goes before what is new, out of the same rate.
    due += recoveries[tick]
    let old = min(due, count)
    due -= old
    tally.retried += UInt64(old)
    tally.sent += UInt64(count - old)
    let asks = [Bool](repeating: false, count: count - old) + [Bool](repeating: true, count: old)
    for again in retries ? asks.shuffled(using: &random) : asks { ask(again: again) }
    waiting += answers[tick]
    if !isStill(tick) {
      tally.answered += UInt64(waiting)
      waiting = 0
    }
    tally.roundTrip = trips.usual
    if tick % 4 == 0 { _ = pace.observe(tally, at: Instant(nanoseconds: Int64(tick) * 500_000)) }
  }

  private mutating func ask(again: Bool) {
    asked += 1
    guard Double.random(in: 0..<1, using: &random) < (again ? 1 : alive) else { return }
    var isLost = Double.random(in: 0..<1, using: &random) < loss
    if backlog >= queue + capacity * 0.0005 {
      (isLost, lost) = (true, lost + 1)
    } else {
      backlog += 1
    }
    if !isLost, budget < 1 {
      (isLost, lost) = (true, lost + 1)
    } else if !isLost {
      budget -= 1
    }
    if !isLost, room < 1 {
      (isLost, lost) = (true, lost + 1)
      tally.ownDrops += 1
    } else if !isLost {
      room -= 1
    }
    guard !isLost else {
      if retries, !again { recoveries[tick + 2_000] += 1 }
      return
    }
    if again { return tally.recovered += 1 }
    let trip = Int.random(in: roundTrip, using: &random) + Int(backlog / capacity * 1e6)
    trips.add(.microseconds(trip))
    answers[tick + 1 + trip / 500] += 1
  }

  /// The mean rate since a second of the run.
  func mean(from second: Double) -> Double {
    let part = rates[Int(second * 2_000)...]
    return part.reduce(0, +) / Double(part.count)
  }
}

struct AdaptivePaceTests {
  @Test func answeringHostIsAskedAtLineSpeedInATenthOfASecond() {
    var network = LossyNetwork()
    var pace = AdaptivePace(floor: 5_000, start: 5_000)
    network.run(&pace, seconds: 0.1)
    #expect(pace.rate >= 600_000, "\(pace.rate)")
  }

  @Test(arguments: [0.9, 0.3, 0.05])
  func aShareOfAnswersTakesItToItsCeilingAndLeavesItThere(alive: Double) {
    var network = LossyNetwork("share \(alive)")
    network.alive = alive
    var pace = AdaptivePace(floor: 1_000, start: 1_000, ceiling: 50_000)
    network.run(&pace, seconds: 12)
    #expect(network.mean(from: 6) >= 30_000, "\(network.mean(from: 6))")
  }

  @Test(arguments: [20_000, 80_000], [1, 0.3])
  func itSettlesNearTheCapacityOfTheNetworkAndLosesLittle(capacity: Double, alive: Double) {
    var network = LossyNetwork("capacity \(capacity) \(alive)")
    (network.capacity, network.alive) = (capacity, alive)
    // The bottleneck carries what is alive.
    let rate = capacity / alive
    var pace = AdaptivePace(floor: 1_000, start: 5_000)
    network.run(&pace, seconds: 2)
    network.measure()
    network.run(&pace, seconds: 6)
    #expect((0.75...1.1).contains(network.mean(from: 2) / rate), "\(network.mean(from: 2)) of \(rate)")
    let loss = Double(network.lost) / (Double(network.asked) * alive)
    #expect(loss < 0.06, "\(loss)")
  }

  @Test func longRoundTripsAreWaitedFor() {
    var network = LossyNetwork()
    (network.roundTrip, network.capacity, network.alive) = (20_000...180_000, 20_000, 0.6)
    var pace = AdaptivePace(floor: 1_000, start: 1_000)
    network.run(&pace, seconds: 10)
    network.measure()
    network.run(&pace, seconds: 10)
    #expect((0.75...1.1).contains(network.mean(from: 10) * 0.6 / 20_000), "\(network.mean(from: 10))")
    #expect(Double(network.lost) / (Double(network.asked) * 0.6) < 0.08)
  }

  @Test(arguments: [0, 0.0005])
  func silentRegionIsAskedAtTheRateOfTheStart(alive: Double) {
    var network = LossyNetwork("silent \(alive)")
    network.alive = alive
    var pace = AdaptivePace(floor: 1_000, start: 2_000, ceiling: 50_000)
    network.run(&pace, seconds: 20)
    #expect(network.rates.allSatisfy { $0 == 2_000 })
  }

  @Test func lossThatIsThePathsOwnSlowsNothing() {
    var network = LossyNetwork()
    (network.loss, network.retries) = (0.1, true)
    var pace = AdaptivePace(floor: 1_000, start: 1_000, ceiling: 20_000)
    network.run(&pace, seconds: 20)
    #expect(network.mean(from: 14) >= 18_000, "\(network.mean(from: 14))")
  }

  @Test func errorsThatAreLimitedByRateTakeItToTheirLimit() {
    var network = LossyNetwork()
    network.willing = 1_000
    var pace = AdaptivePace(floor: 500, start: 500, ceiling: 50_000)
    network.run(&pace, seconds: 20)
    #expect((800...1_200).contains(network.mean(from: 10)), "\(network.mean(from: 10))")
  }

  @Test func limitBelowTheFloorLeavesItAtTheFloor() {
    var network = LossyNetwork()
    network.willing = 1_000
    var pace = AdaptivePace(floor: 5_000, start: 5_000)
    network.run(&pace, seconds: 20)
    #expect(network.mean(from: 5) < 7_000, "\(network.mean(from: 5))")
    #expect(network.rates.allSatisfy { $0 >= 5_000 })
  }

  @Test func startAboveTheCapacityIsFoundOutByAskingAgain() {
    var network = LossyNetwork()
    (network.capacity, network.retries) = (5_000, true)
    var pace = AdaptivePace(floor: 500, start: 10_000, ceiling: 10_000)
    network.run(&pace, seconds: 10)
    #expect((3_500...5_800).contains(network.mean(from: 6)), "\(network.mean(from: 6))")
  }

  @Test func ownDropsHalveIt() {
    var network = LossyNetwork()
    network.taken = 100_000
    var pace = AdaptivePace(floor: 5_000, start: 5_000)
    network.run(&pace, seconds: 2)
    network.measure()
    network.run(&pace, seconds: 4)
    #expect((60_000...110_000).contains(network.mean(from: 2)), "\(network.mean(from: 2))")
    #expect(Double(network.lost) / Double(network.asked) < 0.03)
  }

  @Test func fullDoorHoldsItAtWhatTheDoorTakes() {
    var network = LossyNetwork()
    network.door = 40_000
    var pace = AdaptivePace(floor: 5_000, start: 5_000)
    network.run(&pace, seconds: 4)
    #expect((34_000...44_000).contains(network.mean(from: 1)), "\(network.mean(from: 1))")
  }

  @Test func readerThatStandsStillForAMomentSlowsNothing() {
    var network = LossyNetwork()
    network.isStill = { $0 % 200 < 16 }
    var pace = AdaptivePace(floor: 5_000, start: 5_000, ceiling: 100_000)
    network.run(&pace, seconds: 4)
    #expect(network.mean(from: 1) >= 95_000, "\(network.mean(from: 1))")
  }

  @Test func regionThatAnswersLessFromSomeMomentIsNotTakenForItsOwnDoing() {
    var network = LossyNetwork()
    network.alive = 0.9
    var pace = AdaptivePace(floor: 1_000, start: 1_000, ceiling: 50_000)
    network.run(&pace, seconds: 2)
    network.alive = 0.4
    network.run(&pace, seconds: 6)
    #expect(network.mean(from: 6) >= 30_000, "\(network.mean(from: 6))")
  }

  @Test func regionThatFallsSilentIsAskedSlowlyAgain() {
    var network = LossyNetwork()
    var pace = AdaptivePace(floor: 1_000, start: 1_000, ceiling: 50_000)
    network.run(&pace, seconds: 2)
    network.alive = 0
    network.run(&pace, seconds: 6)
    #expect(pace.rate <= 2_000, "\(pace.rate)")
  }

  @Test func freedNetworkIsUsedAgain() {
    var network = LossyNetwork()
    network.capacity = 10_000
    var pace = AdaptivePace(floor: 1_000, start: 1_000, ceiling: 100_000)
    network.run(&pace, seconds: 4)
    network.capacity = .infinity
    network.run(&pace, seconds: 6)
    #expect(pace.rate >= 95_000, "\(pace.rate)")
  }

  @Test func ceilingAndFloorHoldFromTheBeginning() {
    #expect(AdaptivePace(floor: 100, start: 10_000, ceiling: 5_000).rate == 5_000)
    #expect(AdaptivePace(floor: 100, start: 10, ceiling: 5_000).rate == 100)
    #expect(AdaptivePace(floor: 5_000, start: 5_000, ceiling: 1_000).rate == 1_000)
  }
}
