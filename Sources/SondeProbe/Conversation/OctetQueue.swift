/// Octets of a stream that stand between two positions: appended at the end, dropped at the front, copied from
/// anywhere.
///
/// They are kept in the pieces in which they came, so that nothing moves when the front goes.
struct OctetQueue: Sendable {
  private struct Piece {
    var start: Int64
    var octets: [UInt8]
    var end: Int64 { start + Int64(octets.count) }
  }

  /// The position of the first octet that is still here.
  private(set) var start: Int64
  /// The position behind the last octet.
  private(set) var end: Int64
  private var pieces: [Piece] = []
  /// How many pieces at the front are empty shells.
  private var gone = 0

  /// Pieces are filled up to this many octets before another begins.
  private static let usualCount = 4096

  init(start: Int64) {
    self.start = start
    end = start
  }

  var count: Int { Int(end - start) }
  var isEmpty: Bool { start == end }

  mutating func append(_ octets: [UInt8]) {
    if octets.isEmpty { return }
    let isSmall = octets.count < Self.usualCount
    if isSmall, pieces.count > gone, pieces[pieces.count - 1].octets.count + octets.count <= Self.usualCount {
      pieces[pieces.count - 1].octets += octets
    } else {
      pieces.append(Piece(start: end, octets: octets))
    }
    end += Int64(octets.count)
  }

  /// Forgets the octets before `position`.
  mutating func drop(before position: Int64) {
    start = min(max(start, position), end)
    while gone < pieces.count, pieces[gone].end <= start {
      pieces[gone].octets = []
      gone += 1
    }
    if gone == pieces.count || gone > 64 && gone * 2 > pieces.count {
      pieces.removeFirst(gone)
      gone = 0
    }
  }

  /// The octets in `range`, as far as they are here.
  func copy(_ range: Range<Int64>) -> [UInt8] {
    let range = range.clamped(to: start..<end)
    guard !range.isEmpty else { return [] }
    var low = gone
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].end <= range.lowerBound { low = middle + 1 } else { high = middle }
    }
    let first = pieces[low]
    if range == first.start..<first.end { return first.octets }
    var octets: [UInt8] = []
    octets.reserveCapacity(range.count)
    for piece in pieces[low...] {
      if piece.start >= range.upperBound { break }
      let from = Int(max(range.lowerBound, piece.start) - piece.start)
      let to = Int(min(range.upperBound, piece.end) - piece.start)
      octets += piece.octets[from..<to]
    }
    return octets
  }

  /// Takes out at most `limit` octets at the front.
  mutating func take(_ limit: Int) -> [UInt8] {
    let octets = copy(start..<start + Int64(max(0, min(limit, count))))
    drop(before: start + Int64(octets.count))
    return octets
  }
}
