/// Questions that wait until it is known where they go first, in memory that is made once.
struct SweepParking: Sendable {
  private var places: [UInt64]
  private var attempts: [UInt8]
  private var first = 0
  private(set) var count = 0
  /// How many are still to be looked at before each was.
  private var remaining = 0
  /// The lowest place of those that were looked at, and of those that came since, by attempt.
  private var lowest: [UInt64]
  /// No parked place is lower, by attempt.
  private(set) var floor: [UInt64]

  init(capacity: Int, attempts: Int) {
    places = [UInt64](repeating: 0, count: capacity)
    self.attempts = [UInt8](repeating: 0, count: capacity)
    lowest = [UInt64](repeating: .max, count: attempts)
    floor = lowest
  }

  var isFull: Bool { count == places.count }
  var isEmpty: Bool { count == 0 }

  /// There is room.
  mutating func park(_ place: UInt64, attempt: UInt8) {
    let end = (first + count) % places.count
    places[end] = place
    attempts[end] = attempt
    count += 1
    lowest[Int(attempt)] = min(lowest[Int(attempt)], place)
    floor[Int(attempt)] = min(floor[Int(attempt)], place)
  }

  /// Takes the one that was parked or looked at longest ago; there is one.
  mutating func take() -> (place: UInt64, attempt: UInt8) {
    if remaining == 0 {
      remaining = count
      for attempt in lowest.indices { lowest[attempt] = .max }
    }
    let taken = (places[first], attempts[first])
    first = (first + 1) % places.count
    count -= 1
    remaining -= 1
    return taken
  }

  /// To be called when what was taken stands elsewhere: after a look at each the floor rises.
  mutating func rise() {
    guard remaining == 0 else { return }
    for attempt in floor.indices { floor[attempt] = count == 0 ? .max : lowest[attempt] }
  }
}
