/// A key that says itself where it belongs.
protocol RecentKey: Equatable, Sendable {
  /// Well mixed bits, of which the low ones choose the place.
  var mixed: UInt64 { get }
}

/// A table of so many entries at most, in fixed room: where one more is wanted, the one that was used least recently
/// goes.
///
/// Open addressing with linear probing over numbers of entries, and a list through the entries in the order of their
/// use. Nothing is allocated once the table is full.
struct RecentTable<Key: RecentKey, Value: Sendable>: Sendable {
  private struct Entry: Sendable {
    var key: Key
    var newer: Int32
    var older: Int32
  }

  let capacity: Int
  /// Whether an entry ever had to go.
  private(set) var hasEvicted = false
  /// By number of entry.
  var values: [Value] = []
  private var entries: [Entry] = []
  /// The number of the entry at each place; -1 where there is none. Twice as many places as entries at least.
  private var places: [Int32]
  private let mask: Int
  private var newest: Int32 = -1
  private var oldest: Int32 = -1

  init(capacity: Int) {
    self.capacity = max(1, capacity)
    var count = 4
    while count < self.capacity * 2 { count *= 2 }
    places = [Int32](repeating: -1, count: count)
    mask = count - 1
  }

  var count: Int { entries.count }

  /// The number of the key's entry, which is now the one used last; nil where it has none.
  mutating func find(_ key: Key) -> Int? {
    let place = place(of: key)
    guard places[place] >= 0 else { return nil }
    use(places[place])
    return Int(places[place])
  }

  /// The number of the key's entry, which is now the one used last, and whether it is a new one, with `value`.
  mutating func entry(_ key: Key, orInsert value: @autoclosure () -> Value) -> (index: Int, isNew: Bool) {
    let place = place(of: key)
    let found = places[place]
    if found >= 0 {
      use(found)
      return (Int(found), false)
    }
    guard entries.count == capacity else {
      let index = Int32(truncatingIfNeeded: entries.count)
      entries.append(Entry(key: key, newer: -1, older: -1))
      values.append(value())
      places[place] = index
      link(index)
      return (Int(index), true)
    }
    hasEvicted = true
    let index = oldest
    remove(entries[Int(index)].key)
    unlink(index)
    entries[Int(index)].key = key
    values[Int(index)] = value()
    // Taking one away may have moved others.
    places[self.place(of: key)] = index
    link(index)
    return (Int(index), true)
  }

  /// The place where the key is, or where it would be put.
  private func place(of key: Key) -> Int {
    var place = Int(truncatingIfNeeded: key.mixed) & mask
    while places[place] >= 0, entries[Int(places[place])].key != key { place = (place &+ 1) & mask }
    return place
  }

  /// Empties the key's place and moves those behind it that it kept from theirs.
  private mutating func remove(_ key: Key) {
    var hole = place(of: key)
    var next = hole
    while true {
      next = (next &+ 1) & mask
      let index = places[next]
      guard index >= 0 else { break }
      let home = Int(truncatingIfNeeded: entries[Int(index)].key.mixed) & mask
      // It may move only if its home is not between the hole and it.
      if (next &- home) & mask >= (next &- hole) & mask {
        places[hole] = index
        hole = next
      }
    }
    places[hole] = -1
  }

  private mutating func use(_ index: Int32) {
    guard index != newest else { return }
    unlink(index)
    link(index)
  }

  private mutating func link(_ index: Int32) {
    entries[Int(index)].older = newest
    entries[Int(index)].newer = -1
    if newest >= 0 { entries[Int(newest)].newer = index } else { oldest = index }
    newest = index
  }

  private mutating func unlink(_ index: Int32) {
    let (newer, older) = (entries[Int(index)].newer, entries[Int(index)].older)
    if newer >= 0 { entries[Int(newer)].older = older } else { newest = older }
    if older >= 0 { entries[Int(older)].newer = newer } else { oldest = newer }
  }
}

/// Mixes the bits of `value` so that near numbers come far apart.
@inline(__always)
func mixedBits(_ value: UInt64) -> UInt64 {
  var value = value
  value ^= value &>> 32
  value = value &* 0x9e37_79b9_7f4a_7c15
  value ^= value &>> 29
  value = value &* 0xbf58_476d_1ce4_e5b9
  return value ^ value &>> 32
}
