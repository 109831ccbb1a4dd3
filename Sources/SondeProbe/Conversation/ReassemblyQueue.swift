/// Octets that came before those in front of them: runs without holes, kept in order (RFC 9293 §3.10.7.4, "seventh").
struct ReassemblyQueue: Sendable {
  private struct Run {
    var start: Int64
    var end: Int64
    var pieces: [[UInt8]]
    var range: Range<Int64> { start..<end }
  }

  private var runs: [Run] = []
  /// Where the octets that came last stand.
  private var latest: Int64 = 0

  var isEmpty: Bool { runs.isEmpty }

  /// Puts octets in their place; those that are here already stay as they are.
  mutating func insert(_ octets: [UInt8], at start: Int64) {
    if octets.isEmpty { return }
    let end = start + Int64(octets.count)
    latest = start
    // The runs that touch or overlap the new octets.
    let lower = firstRun(endingAtOrAfter: start)
    var upper = lower
    while upper < runs.count, runs[upper].start <= end { upper += 1 }
    func part(_ range: Range<Int64>) -> [UInt8] {
      Array(octets[Int(range.lowerBound - start)..<Int(range.upperBound - start)])
    }
    guard lower < upper else {
      runs.insert(Run(start: start, end: end, pieces: [octets]), at: lower)
      return
    }
    if upper == lower + 1, runs[lower].start <= start {
      guard end > runs[lower].end else { return }
      runs[lower].pieces.append(part(runs[lower].end..<end))
      runs[lower].end = end
      return
    }
    var whole = Run(start: min(start, runs[lower].start), end: start, pieces: [])
    whole.end = whole.start
    for run in runs[lower..<upper] {
      if run.start > whole.end { whole.pieces.append(part(whole.end..<run.start)) }
      whole.pieces += run.pieces
      whole.end = run.end
    }
    if end > whole.end {
      whole.pieces.append(part(whole.end..<end))
      whole.end = end
    }
    runs.replaceSubrange(lower..<upper, with: [whole])
  }

  private func firstRun(endingAtOrAfter position: Int64) -> Int {
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].end < position { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Takes out the octets from `position` on, as far as there is no hole; older ones are forgotten.
  mutating func take(from position: Int64) -> [[UInt8]] {
    var taken: [[UInt8]] = []
    while let run = runs.first, run.start <= position {
      runs.removeFirst()
      guard run.end > position else { continue }
      var skipped = Int(position - run.start)
      for piece in run.pieces {
        if skipped >= piece.count {
          skipped -= piece.count
        } else {
          taken.append(skipped == 0 ? piece : Array(piece[skipped...]))
          skipped = 0
        }
      }
      break
    }
    return taken
  }

  /// Forgets what stands at `position` or behind it.
  mutating func cut(at position: Int64) {
    runs.removeAll { $0.start >= position }
    guard let last = runs.last, last.end > position else { return }
    var rest = Int(position - last.start)
    var pieces: [[UInt8]] = []
    for piece in last.pieces where rest > 0 {
      pieces.append(Array(piece.prefix(rest)))
      rest -= min(rest, piece.count)
    }
    runs[runs.count - 1] = Run(start: last.start, end: position, pieces: pieces)
  }

  mutating func removeAll() { runs.removeAll() }

  /// The runs to be told of in an acknowledgment: first the one that grew last (RFC 2018 §4), then from the front.
  func blocks(_ limit: Int) -> [Range<Int64>] {
    let place = firstRun(endingAtOrAfter: latest + 1)
    let newest = place < runs.count && runs[place].range.contains(latest) ? runs[place].range : nil
    var blocks = newest.map { [$0] } ?? []
    for run in runs {
      if blocks.count >= limit { break }
      if run.range != newest { blocks.append(run.range) }
    }
    return Array(blocks.prefix(limit))
  }
}
