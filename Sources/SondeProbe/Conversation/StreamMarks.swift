/// Positions of a stream that a sender has to remember, each behind the one before.
struct StreamMarks: Sendable {
  private var positions: [Int64] = []
  private var gone = 0

  mutating func append(_ position: Int64) {
    if positions.count > gone, let last = positions.last, last >= position { return }
    positions.append(position)
  }

  mutating func drop(through position: Int64) {
    while gone < positions.count, positions[gone] <= position { gone += 1 }
    if gone == positions.count || gone > 1024 && gone * 2 > positions.count {
      positions.removeFirst(gone)
      gone = 0
    }
  }

  /// The first mark behind `position`.
  func first(after position: Int64) -> Int64? {
    var low = gone
    var high = positions.count
    while low < high {
      let middle = (low + high) / 2
      if positions[middle] <= position { low = middle + 1 } else { high = middle }
    }
    return low < positions.count ? positions[low] : nil
  }
}
