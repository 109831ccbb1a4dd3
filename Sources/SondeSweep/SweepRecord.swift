internal import SondeHeaders

/// What a resume file says: which sweep it is of, and where that stands.
///
/// It is text, a word and its value on each line, in this order; its last line is a hash of all others, so that a record
/// that is cut or changed is told from a whole one. A file may hold several, of which that with the highest `serial` is
/// the latest: a new one is written beside it, so that there is a whole one at any time.
public struct SweepRecord: Hashable, Sendable {
  public var identity: SweepIdentity
  public var state: SweepState
  /// Counts the records of one file.
  public var serial: UInt64

  public init(identity: SweepIdentity, state: SweepState, serial: UInt64 = 0) {
    self.identity = identity
    self.state = state
    self.serial = serial
  }

  private static let title = "sonde sweep 1"

  /// The numbers of the books, in the file's order.
  private static let books: [(name: String, path: any WritableKeyPath<SweepCounts, UInt64> & Sendable)] = [
    ("sent", \.sent), ("send-failed", \.sendFailed), ("answered", \.answered), ("silent", \.silent),
    ("duplicates", \.duplicates), ("late", \.late), ("noise", \.noise), ("errors", \.errors),
    ("own-drops", \.ownDrops), ("frames", \.frames),
  ]

  /// The file's octets.
  public var octets: [UInt8] {
    var lines = [
      Self.title, "serial \(serial)", "kind \(identity.kind)", "targets \(hexadecimal(identity.addresses))",
      "ports \(hexadecimal(identity.ports))", "questions \(identity.questions)", "seed \(identity.seed)",
      "shard \(identity.shard.text)", "settled \(state.settled)", "head \(state.head)",
    ]
    lines += Self.books.map { "\($0.name) \(state.counts[keyPath: $0.path])" }
    lines += state.counts.verdicts.map { "verdict \($0.key.rawValue) \($0.value)" }.sorted()
    var text = Array((lines.joined(separator: "\n") + "\n").utf8)
    StandingWords.append(state.standings, to: &text)
    var digest = SweepDigest()
    for octet in text { digest.add(octet) }
    text += Array("end \(hexadecimal(digest.value))\n".utf8)
    return text
  }

  /// Reads what `octets` wrote.
  ///
  /// - Throws: `SweepError` saying what is wrong; the caller names the file.
  public init(_ octets: [UInt8]) throws(SweepError) {
    var lines = RecordLines(octets)
    guard let first = lines.next(), first == Self.title else {
      throw SweepError("this is no resume file of a sweep that this version of sonde can read")
    }
    guard Self.isWhole(octets[...]) else {
      throw SweepError("the resume file is damaged: it is cut short, or was changed")
    }
    serial = try lines.number("serial")
    identity = try Self.identity(&lines)
    state = SweepState(settled: try lines.number("settled"), head: try lines.number("head"))
    for book in Self.books { state.counts[keyPath: book.path] = try lines.number(book.name) }
    while let words = lines.words(ofAnother: "verdict") {
      guard words.count == 2, let count = RecordLines.count(words[1]) else { throw lines.fault }
      state.counts.verdicts[Verdict(rawValue: String(words[0]))] = count
    }
    while let words = lines.words(ofAnother: "standing") {
      guard StandingWords.read(words, into: &state.standings) else { throw lines.fault }
    }
    guard lines.words(ofAnother: "end") != nil, lines.next() == nil else { throw lines.fault }
    guard state.settled <= state.head, state.head <= identity.share, !reachesBeyondShare else {
      throw SweepError("the resume file is damaged: its places are beyond its \(identity.share) questions")
    }
  }

  private static func identity(_ lines: inout RecordLines) throws(SweepError) -> SweepIdentity {
    let kind = try lines.value("kind")
    let addresses = try lines.hash("targets")
    let ports = try lines.hash("ports")
    let questions = try lines.number("questions")
    let seed = try lines.anyNumber("seed")
    let parts = try lines.value("shard").split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = RecordLines.count(parts[0]), let count = RecordLines.count(parts[1]),
      index > 0, index <= count
    else { throw lines.fault }
    return SweepIdentity(
      kind: kind, addresses: addresses, ports: ports, questions: questions, seed: seed,
      shard: Shard(index: index - 1, of: count))
  }

  /// Whether the last line is there, and is the hash of all before.
  static func isWhole(_ octets: ArraySlice<UInt8>) -> Bool {
    var digest = SweepDigest()
    for octet in octets.dropLast(lastLine) { digest.add(octet) }
    return octets.suffix(lastLine).elementsEqual("end \(hexadecimal(digest.value))\n".utf8)
  }

  /// How long the line `end …` is, with its line feed.
  private static let lastLine = 21

  /// Whether something is noted of a question that this shard does not have.
  private var reachesBeyondShare: Bool {
    guard let last = state.standings.lastIndex(where: { $0 != 0 }) else { return false }
    let digit = UInt64(63 - state.standings[last].leadingZeroBitCount) / 2
    return state.start + UInt64(last) * 32 + digit >= identity.share
  }
}

extension SweepRecord {
  /// The latest whole record of a resume file, and where it stands there; nil of an empty file, of which no run has
  /// begun.
  ///
  /// - Throws: `SweepError` saying what is wrong, where the file holds none; the caller names the file.
  public static func latest(in octets: [UInt8]) throws(SweepError) -> (record: SweepRecord, place: Range<Int>)? {
    if octets.isEmpty { return nil }
    let mark = Array("\(title)\n".utf8)
    var starts: [Int] = []
    for start in octets.indices where octets[start] == mark[0] && (start == 0 || octets[start - 1] == 0x0a) {
      if octets[start...].starts(with: mark) { starts.append(start) }
    }
    var found: (record: SweepRecord, place: Range<Int>)?
    var fault: SweepError?
    for (start, next) in zip(starts, starts.dropFirst() + [octets.endIndex]) {
      // Behind a record may stand what is left of a longer one that was there before.
      guard let end = end(of: octets[start..<next]), isWhole(octets[start..<end]) else { continue }
      do throws(SweepError) {
        let record = try SweepRecord(Array(octets[start..<end]))
        if record.serial >= found?.record.serial ?? 0 { found = (record, start..<end) }
      } catch {
        fault = error
      }
    }
    if let found { return found }
    // Says what is wrong with the one that the file begins with.
    if let fault { throw fault }
    _ = try SweepRecord(octets)
    throw SweepError("the resume file is damaged: it is cut short, or was changed")
  }

  /// Behind the first line `end …`.
  private static func end(of octets: ArraySlice<UInt8>) -> Int? {
    let mark = Array("\nend ".utf8)
    for place in octets.indices where octets[place] == 0x0a && octets[place...].starts(with: mark) {
      let end = place + 1 + lastLine
      return end <= octets.endIndex ? end : nil
    }
    return nil
  }
}
