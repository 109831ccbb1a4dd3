/// The numbers of the places that come next, made in one go: one number alone takes most of its time waiting for
/// multiplications, and several wait together.
struct SweepForesight: Sendable {
  private let order: SweepOrder
  private var numbers: [UInt64]
  /// The place of the first.
  private var start: UInt64 = 0

  init(_ order: SweepOrder) {
    self.order = order
    numbers = []
    numbers.reserveCapacity(Self.reach)
  }

  /// The number at a place below the order's count.
  @inline(__always)
  mutating func number(at place: UInt64) -> UInt64 {
    let offset = place &- start
    if offset < UInt64(numbers.count) { return numbers[Int(offset)] }
    look(from: place)
    return numbers[0]
  }

  private mutating func look(from place: UInt64) {
    start = place
    numbers.removeAll(keepingCapacity: true)
    for place in place..<min(place &+ UInt64(Self.reach), order.count) { numbers.append(order.number(at: place)) }
  }

  private static let reach = 64
}
