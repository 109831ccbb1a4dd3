/// Items waiting for their instants: the earliest comes out first, and of two at one instant the one put
/// in first.
package struct Timeline<Item> {
  fileprivate struct Entry {
    var due: Instant
    var order: UInt64
    var item: Item

    func precedes(_ other: Entry) -> Bool { (due, order) < (other.due, other.order) }
  }

  /// A binary heap: no entry is later than the two at twice its index plus one and two.
  private var entries: [Entry] = []
  private var inserted: UInt64 = 0

  package init() {}

  package var count: Int { entries.count }

  /// When the first item is due; nil where none waits.
  package var nextDue: Instant? { entries.first?.due }

  package mutating func insert(_ item: Item, at due: Instant) {
    entries.append(Entry(due: due, order: inserted, item: item))
    inserted &+= 1
    var child = entries.count - 1
    while child > 0, entries[child].precedes(entries[(child - 1) / 2]) {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Takes out the first item, if it is due at `now` or before.
  package mutating func popFirst(dueBy now: Instant) -> (item: Item, due: Instant)? {
    guard let first = entries.first, first.due <= now else { return nil }
    entries.swapAt(0, entries.count - 1)
    entries.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
        if entries[child].precedes(entries[least]) { least = child }
      }
      if least == parent { return (first.item, first.due) }
      entries.swapAt(parent, least)
      parent = least
    }
  }
}

extension Timeline: Sendable where Item: Sendable {}
extension Timeline.Entry: Sendable where Item: Sendable {}
