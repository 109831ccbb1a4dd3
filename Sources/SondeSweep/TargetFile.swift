internal import SondeOctets

/// Reads the words of a file of targets as its octets come: words stand between blanks and line ends, and behind `#` to
/// the end of the line is a comment.
public struct TargetFile: Sendable {
  private let name: String
  private var line = 1
  /// What has come of a word that may not be whole.
  private var begun: [UInt8] = []
  private var isComment = false
  /// Words of more octets are refused; of a file that holds no text, no more is kept.
  private static let longest = 1024

  /// - Parameter name: what the file is called in errors.
  public init(_ name: String) { self.name = name }

  /// Adds the words of the next octets to a list; one that is not whole yet waits for what follows.
  ///
  /// - Throws: `SweepError` naming the file, the line, the word and what is accepted.
  public mutating func read(_ octets: ArraySlice<UInt8>, into list: inout TargetList) throws(SweepError) {
    let span = octets.span
    var start = 0
    for place in 0..<span.count {
      let octet = span[place]
      // Below the blank, only what divides words is in text; the rest is told as part of its word.
      let divides = octet == 0x20 || (0x09...0x0d).contains(octet)
      if divides || octet == UInt8(ascii: "#") {
        if !isComment { try take(span, start..<place, into: &list) }
        start = place + 1
        if octet == UInt8(ascii: "#") { isComment = true }
        if octet == 0x0a {
          line += 1
          isComment = false
        }
      }
    }
    if !isComment {
      begun += span.extracting(start..<span.count).octets(atMost: Self.longest - begun.count + 1)
      if begun.count > Self.longest { try takeWord(begun, into: &list) }
    }
  }

  /// Adds the last word, which no line end needs to follow.
  ///
  /// - Throws: as `read`.
  public mutating func end(into list: inout TargetList) throws(SweepError) {
    let word = begun
    begun = []
    if !word.isEmpty { try takeWord(word, into: &list) }
  }

  /// Adds the word that ends with a piece of these octets.
  @inline(__always)
  private mutating func take(
    _ octets: borrowing Span<UInt8>, _ piece: Range<Int>, into list: inout TargetList
  ) throws(SweepError) {
    guard begun.isEmpty else {
      begun += octets.extracting(piece).octets(atMost: Self.longest)
      return try end(into: &list)
    }
    if piece.isEmpty { return }
    if let address = PlainAddress.ipv4(octets, piece), list.takes(version: 4) {
      list.add(ipv4: address)
    } else if let address = PlainAddress.ipv6(octets, piece), list.takes(version: 6) {
      list.add(ipv6: address)
    } else {
      try takeWord(octets.extracting(piece).octets(atMost: Self.longest + 1), into: &list)
    }
  }

  private func takeWord(_ octets: [UInt8], into list: inout TargetList) throws(SweepError) {
    // Some editors of another system begin each file with this mark.
    let isMarked = line == 1 && octets.starts(with: [0xef, 0xbb, 0xbf])
    let word = String(decoding: isMarked ? octets[3...] : octets[...], as: UTF8.self)
    if word.isEmpty { return }
    let place = TargetPlace(file: name, line: line)
    do throws(SweepError) {
      let target = try TargetWord(word)
      // What is cut off might have named more, or less.
      guard octets.count <= Self.longest else {
        throw SweepError("a word is longer than \(Self.longest) octets; several words can name the same")
      }
      try list.add(target, word, place)
    } catch {
      throw SweepError("\(place): \(error.message)")
    }
  }
}

extension Span where Element == UInt8 {
  /// A copy of the first octets.
  fileprivate func octets(atMost most: Int) -> [UInt8] {
    [UInt8](capacity: Swift.min(count, Swift.max(most, 0))) { output in
      for place in 0..<output.freeCapacity { output.append(self[place]) }
    }
  }
}
