internal import SondeLink

/// Places of a table in the order in which something is due for them, in memory that is made once.
struct NeighbourQueue: Sendable {
  struct Element: Sendable {
    var slot: Int32
    var at: Instant
  }

  private var elements: [Element]
  private var head = 0
  private(set) var count = 0

  init(capacity: Int) {
    elements = [Element](repeating: Element(slot: 0, at: Instant(nanoseconds: 0)), count: capacity)
  }

  var isFull: Bool { count == elements.count }
  var first: Element? { count > 0 ? elements[head] : nil }

  /// Appends a place; there is room.
  mutating func append(_ slot: Int, at instant: Instant) {
    precondition(!isFull, "room in the queue")
    elements[(head + count) % elements.count] = Element(slot: Int32(truncatingIfNeeded: slot), at: instant)
    count += 1
  }

  mutating func removeFirst() {
    head = (head + 1) % elements.count
    count -= 1
  }
}
