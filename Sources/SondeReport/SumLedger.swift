public import SondeHeaders
internal import SondeOctets

/// How a segment's Internet checksum comes about, word by word: pseudo-header, octets, pad, fold, complement.
public struct SumLedger: Sendable {
  private let segment: SummedSegment
  /// The offset of the segment's first octet in its packet, from which words are numbered.
  private let start: Int

  public init(_ segment: SummedSegment, at start: Int) {
    self.segment = segment
    self.start = start
  }

  /// One word as it is added.
  private struct Entry {
    var label: String
    var word: UInt16
    var note = ""
  }

  /// A line a word with the running sum and its carries, then the fold and the complement.
  ///
  /// - Parameter limit: how many words of the segment are shown at most; from there on to the last few they are
  ///   told as one line. Nil for all.
  public func lines(limit: Int? = nil) -> [String] {
    var lines = ["offset  word    running sum"]
    var running: UInt64 = 0
    for entry in pseudoHeader { add(entry, to: &running, &lines) }
    let count = (segment.octets.count + 1) / 2
    var index = 0
    while index < count {
      if let limit, count > limit, index == limit - Self.tail {
        let end = count - Self.tail
        let before = running
        while index < end {
          running += UInt64(word(index).word)
          index += 1
        }
        lines.append("…       \(end - (limit - Self.tail)) words that come to \(Hex.word(running - before, digits: 5))")
      }
      add(word(index), to: &running, &lines)
      index += 1
    }
    ChecksumLedger.fold(&running, &lines)
    let complement = ~UInt16(truncatingIfNeeded: running)
    lines.append("complement \(Hex.word(complement))")
    if complement != segment.checksum {
      lines.append("sent as \(Hex.word(segment.checksum)): zero means that no sum was computed (RFC 768)")
    }
    return lines
  }

  /// How many words at the end are shown although those before them are not.
  private static let tail = 4

  private func add(_ entry: Entry, to running: inout UInt64, _ lines: inout [String]) {
    let before = running >> 16
    running += UInt64(entry.word)
    let carry = running >> 16 > before ? "  carry" : ""
    lines.append(
      padded(entry.label, 8) + padded(Hex.word(entry.word), 8) + Hex.word(running, digits: 5) + carry + entry.note)
  }

  private var pseudoHeader: [Entry] {
    guard let number = segment.pseudoProtocol, let header = segment.pseudoHeader else { return [] }
    var entries: [Entry] = []
    for (address, note) in [(header.source, "source"), (header.destination, "destination")] {
      let words = Self.words(address)
      for (index, word) in words.enumerated() {
        entries.append(Entry(label: "pseudo", word: word, note: index == 0 ? "  \(note) \(address)" : ""))
      }
    }
    let length = UInt32(truncatingIfNeeded: segment.octets.count)
    if length > 0xffff {
      entries.append(Entry(label: "pseudo", word: UInt16(length >> 16), note: "  length, its upper half"))
    }
    entries.append(
      Entry(label: "pseudo", word: UInt16(truncatingIfNeeded: length), note: "  length \(length)"))
    entries.append(Entry(label: "pseudo", word: UInt16(number), note: "  protocol \(number)"))
    return entries
  }

  private static func words(_ address: IPAddress) -> [UInt16] {
    switch address {
    case .v4(let v4): [UInt16(v4.rawValue >> 16), UInt16(truncatingIfNeeded: v4.rawValue)]
    case .v6(let v6):
      [v6.high, v6.low].flatMap { half in
        [48, 32, 16, 0].map { (shift: UInt64) in UInt16(truncatingIfNeeded: half >> shift) }
      }
    }
  }

  private func word(_ index: Int) -> Entry {
    let offset = index * 2
    let label = "\(start + offset)"
    let high = segment.octets[offset]
    guard offset + 1 < segment.octets.count else {
      return Entry(
        label: label, word: UInt16(high) << 8,
        note: "  (\(Hex.text([high])) and a zero octet: the length is odd)")
    }
    let word = UInt16(high) << 8 | UInt16(segment.octets[offset + 1])
    guard offset == segment.fieldOffset else { return Entry(label: label, word: word) }
    return Entry(label: label, word: 0, note: "  (the checksum's own place counts as zero; it holds \(Hex.word(word)))")
  }
}
