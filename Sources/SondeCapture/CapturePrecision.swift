/// The units in which times are written.
public enum CapturePrecision: Hashable, Sendable {
  case microseconds
  case nanoseconds

  /// How many nanoseconds one unit is.
  var nanoseconds: UInt64 {
    switch self {
    case .microseconds: 1000
    case .nanoseconds: 1
    }
  }

  var unit: TimeUnit {
    switch self {
    case .microseconds: .microseconds
    case .nanoseconds: .nanoseconds
    }
  }
}
