/// What names an echo request and its reply.
struct EchoKey: RecentKey {
  var asker: Endpoint
  var asked: Endpoint
  /// Identifier and sequence number.
  var number: UInt32
  /// The checksum, the type not counted: it is the same in a reply that carries the same data.
  var sum: UInt16

  var mixed: UInt64 {
    mixedBits(mixedBits(asker.low ^ asker.high &+ UInt64(number)) ^ asked.low &+ asked.high ^ UInt64(sum) &<< 48)
  }
}

/// The echo requests that no reply was seen to yet: the latest of them.
struct EchoTable: Sendable {
  private var table = RecentTable<EchoKey, Int>(capacity: FlowTable.capacity)

  /// Keeps a request's packet number.
  mutating func ask(_ key: EchoKey, frame: Int) {
    let (index, isNew) = table.entry(key, orInsert: frame)
    if !isNew { table.values[index] = frame }
  }

  /// The number of the request that a reply answers; nil where none is known, or another reply did already.
  mutating func answer(_ key: EchoKey) -> Int? {
    guard let index = table.find(key), table.values[index] > 0 else { return nil }
    defer { table.values[index] = 0 }
    return table.values[index]
  }
}
