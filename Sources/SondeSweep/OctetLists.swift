/// The four octets of IPv4 addresses, each a list of numbers and ranges: `198.51.0-3.1-20,30`, as nmap(1) reads them.
enum OctetLists {
  /// More ranges than this are not made of one word: `*.*.*.1` has 2^24.
  private static let mostPieces = 1 << 16

  /// - Returns: nil for a word that has other signs than these, or not four octets.
  static func read(_ word: String) throws(TargetWord.Fault) -> TargetEntry? {
    let parts = word.split(separator: ".", omittingEmptySubsequences: false)
    let isOfSigns = word.utf8.allSatisfy { (0x30...0x39).contains($0) || [0x2a, 0x2c, 0x2d, 0x2e].contains($0) }
    guard parts.count == 4, isOfSigns else { return nil }
    var octets: [AddressRanges] = []
    for part in parts { octets.append(try octet(part)) }
    // Behind the last octet that is not whole, all is one range.
    let all = AddressRanges([0...255])
    let tail = min(octets.reversed().prefix { $0 == all }.count, 3)
    let place = 3 - tail
    let pieces = octets[..<place].reduce(UInt128(octets[place].ranges.count)) { $0 * $1.total }
    guard pieces <= mostPieces else {
      throw TargetWord.Fault("it is \(pieces) separate ranges, and one word may be \(mostPieces)")
    }
    var heads: [UInt128] = [0]
    for octet in octets[..<place] {
      let numbers = octet.ranges.flatMap { Array($0) }
      heads = heads.flatMap { head in numbers.map { head << 8 | $0 } }
    }
    let behind = UInt128(8 * tail)
    var ranges: [ClosedRange<UInt128>] = []
    for head in heads {
      for range in octets[place].ranges {
        let first = (head << 8 | range.lowerBound) << behind
        let last = (head << 8 | range.upperBound) + 1
        ranges.append(first...(last << behind) - 1)
      }
    }
    return TargetEntry(version: 4, pieces: AddressRanges(ranges).ranges)
  }

  /// The numbers of one octet; an end that is left out is 0 or 255.
  private static func octet(_ text: Substring) throws(TargetWord.Fault) -> AddressRanges {
    if text == "*" { return AddressRanges([0...255]) }
    var ranges: [ClosedRange<UInt128>] = []
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = item.split(separator: "-", omittingEmptySubsequences: false)
      guard ends.count <= 2, !item.isEmpty else {
        throw TargetWord.Fault("\"\(text)\" is no list of numbers and ranges from 0 to 255")
      }
      let first = ends[0].isEmpty ? 0 : TargetWord.decimal(ends[0])
      let last = ends[ends.count - 1].isEmpty ? 255 : TargetWord.decimal(ends[ends.count - 1])
      guard let first, let last, first <= 255, last <= 255 else {
        throw TargetWord.Fault("an octet is a number from 0 to 255, without leading zeros, not \"\(item)\"")
      }
      guard first <= last else { throw TargetWord.Fault("\"\(item)\" ends before it begins") }
      ranges.append(UInt128(first)...UInt128(last))
    }
    return AddressRanges(ranges)
  }
}
