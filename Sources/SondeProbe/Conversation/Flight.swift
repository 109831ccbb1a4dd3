internal import SondeLink

/// What was sent and is not acknowledged, segment by segment, and what is known of each.
struct Flight: Sendable {
  struct Item: Hashable, Sendable {
    var start: Int64
    var end: Int64
    var sentAt: Instant
    /// How often it was sent.
    var count = 1
    /// The peer told by SACK that it has it.
    var isSelected = false
    /// It is to be sent once more.
    var isLost = false
    var why = Conversation.RetransmissionReason.timeout

    var length: Int { Int(end - start) }
    fileprivate var isOnItsWay: Bool { !isSelected && !isLost }
  }

  private var items: [Item] = []
  private var gone = 0
  /// Octets believed to be on their way: neither known to have arrived nor believed lost (RFC 6675 §2, "pipe").
  private(set) var pipe = 0
  /// How many items wait to be sent once more.
  private var lostCount = 0
  /// All items before it were looked at when losses were last inferred.
  private var examined: Int64 = 0

  var isEmpty: Bool { gone == items.count }
  var first: Item? { gone < items.count ? items[gone] : nil }
  var hasLost: Bool { lostCount > 0 }

  mutating func append(_ item: Item) {
    items.append(item)
    pipe += item.length
  }

  private mutating func change(_ index: Int, _ body: (inout Item) -> Void) {
    if items[index].isOnItsWay { pipe -= items[index].length }
    if items[index].isLost { lostCount -= 1 }
    body(&items[index])
    if items[index].isOnItsWay { pipe += items[index].length }
    if items[index].isLost { lostCount += 1 }
  }

  /// Forgets what lies before `position`, and gives the latest of what is gone that was sent only once: its round
  /// trip can be measured.
  mutating func acknowledge(through position: Int64) -> Instant? {
    var measurable: Instant?
    while gone < items.count, items[gone].start < position {
      if items[gone].end > position {
        change(gone) { $0.start = position }
        break
      }
      // What SACK told of before has made its round trip earlier.
      if items[gone].count == 1, !items[gone].isSelected { measurable = items[gone].sentAt }
      change(gone) { $0.start = $0.end }
      if items[gone].isLost { lostCount -= 1 }
      gone += 1
    }
    if gone == items.count || gone > 64 && gone * 2 > items.count {
      items.removeFirst(gone)
      gone = 0
    }
    return measurable
  }

  /// Notes that the peer has what lies in `range`; says whether that was news.
  mutating func select(_ range: Range<Int64>) -> Bool {
    var isNews = false
    var index = firstIndex(endingAfter: range.lowerBound)
    while index < items.count, items[index].end <= range.upperBound {
      if items[index].start >= range.lowerBound, !items[index].isSelected {
        change(index) {
          $0.isSelected = true
          $0.isLost = false
        }
        isNews = true
      }
      index += 1
    }
    return isNews
  }

  private func firstIndex(endingAfter position: Int64) -> Int {
    var low = gone
    var high = items.count
    while low < high {
      let middle = (low + high) / 2
      if items[middle].end <= position { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Marks as lost what was sent once and has three later segments with the peer (RFC 6675 §4, IsLost); says whether
  /// there is any.
  mutating func inferLosses() -> Bool {
    var selected = 0
    var isAny = false
    var newExamined = examined
    for index in stride(from: items.count - 1, through: gone, by: -1) {
      if items[index].isSelected { selected += 1 }
      if selected < 3 { continue }
      newExamined = max(newExamined, items[index].end)
      if items[index].end <= examined { break }
      if items[index].isOnItsWay, items[index].count == 1 {
        change(index) {
          $0.isLost = true
          $0.why = .duplicateAcknowledgments
        }
        isAny = true
      }
    }
    examined = newExamined
    return isAny
  }

  /// Marks the first item as lost, unless it was sent again already; says whether it did.
  mutating func loseFirst(_ why: Conversation.RetransmissionReason) -> Bool {
    guard let first, first.isOnItsWay, first.count == 1 else { return false }
    change(gone) {
      $0.isLost = true
      $0.why = why
    }
    return true
  }

  /// Marks everything as lost. What SACK told is forgotten: the peer may have thrown it away (RFC 2018 §8).
  mutating func loseAll(_ why: Conversation.RetransmissionReason) {
    for index in gone..<items.count {
      change(index) {
        $0.isSelected = false
        $0.isLost = true
        $0.why = why
      }
    }
    examined = 0
  }

  /// The first item to be sent once more.
  var firstLost: (index: Int, item: Item)? {
    guard hasLost else { return nil }
    for index in gone..<items.count where items[index].isLost { return (index, items[index]) }
    return nil
  }

  /// Cuts an item in two, the first of `length` octets.
  mutating func split(_ index: Int, after length: Int) {
    var rest = items[index]
    rest.start += Int64(length)
    change(index) { $0.end = $0.start + Int64(length) }
    items.insert(rest, at: index + 1)
    if rest.isLost { lostCount += 1 }
    if rest.isOnItsWay { pipe += rest.length }
  }

  mutating func resent(_ index: Int, at now: Instant) {
    change(index) {
      $0.isLost = false
      $0.count += 1
      $0.sentAt = now
    }
  }

  mutating func removeAll() { self = Flight() }
}
