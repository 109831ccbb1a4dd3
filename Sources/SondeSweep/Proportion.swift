/// How many of so many; and whether two such shares differ by more than chance.
struct Proportion: Hashable, Sendable {
  var count: Double = 0
  var total: Double = 0

  var share: Double { total > 0 ? count / total : 0 }

  /// How uncertain the share is; more than nothing also where all or none were counted (Agresti and Coull, 1998).
  var deviation: Double {
    let middle = (count + 1) / (total + 2)
    return (middle * (1 - middle) / (total + 2)).squareRoot()
  }

  static func += (left: inout Self, right: Self) {
    left.count += right.count
    left.total += right.total
  }

  /// Adds a sample, and counts older ones for less once there are many.
  mutating func add(_ sample: Proportion) {
    self += sample
    guard count > 20_000 else { return }
    count /= 2
    total /= 2
  }

  /// By how many standard deviations this share is above another, if both are samples of one: the two-proportion test
  /// with the pooled share.
  func excess(over other: Proportion) -> Double {
    guard total > 0, other.total > 0 else { return 0 }
    let pooled = min(1, (count + other.count) / (total + other.total))
    let deviation = (pooled * (1 - pooled) * (1 / total + 1 / other.total)).squareRoot()
    // Both all or both nothing: no difference.
    guard deviation > 0 else { return 0 }
    return (share - other.share) / deviation
  }

  /// By how many standard deviations this share is above a known one.
  func excess(over known: Double) -> Double {
    guard total > 0 else { return 0 }
    return (share - known) / (max(known * (1 - known), 1e-9) / total).squareRoot()
  }
}
