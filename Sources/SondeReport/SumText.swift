public import SondeHeaders
internal import SondeOctets

/// How often each verdict fell, by layer.
public struct SumTally: Sendable {
  /// How many packets were looked at.
  public var packets = 0
  /// How many could not be read at all, because nothing is known of their link type.
  public var unknownLinks = 0
  /// Whether any sum is wrong or illegal; those inside quotes do not count.
  public private(set) var hasBad = false
  /// Whether any sum was there, or was cut off, outside quotes.
  public var hasSums: Bool { rows.contains { !$0.isQuoted } }
  private var rows: [Row] = []

  private struct Row: Sendable {
    var layer: Name
    var isQuoted: Bool
    var counts = [Int](repeating: 0, count: SumTally.verdicts.count)
  }

  private static let verdicts: [SumCheck.Verdict] = [.valid, .wrong, .offload, .absent, .illegal, .unverifiable]

  public init() {}

  public mutating func count(_ sum: ExplainedSum) {
    if sum.isBad { hasBad = true }
    var index = rows.startIndex
    while index < rows.endIndex, rows[index].layer != sum.check.layer || rows[index].isQuoted != sum.isQuoted {
      index += 1
    }
    if index == rows.endIndex { rows.append(Row(layer: sum.check.layer, isQuoted: sum.isQuoted)) }
    rows[index].counts[Self.place(sum.check.verdict)] += 1
  }

  private static func place(_ verdict: SumCheck.Verdict) -> Int {
    switch verdict {
    case .valid: 0
    case .wrong: 1
    case .offload: 2
    case .absent: 3
    case .illegal: 4
    case .unverifiable: 5
    }
  }

  /// All of it on one line: `3 packets: ip 3 valid; tcp 1 valid, 2 wrong`.
  public var line: String {
    var parts: [String] = []
    for isQuoted in [false, true] {
      for row in rows where row.isQuoted == isQuoted {
        let counts = zip(Self.verdicts, row.counts).filter { $0.1 > 0 }.map { "\($0.1) \($0.0.rawValue)" }
        parts.append("\(isQuoted ? "quoted " : "")\(row.layer) \(counts.joined(separator: ", "))")
      }
    }
    if unknownLinks > 0 { parts.append("\(unknownLinks) of an unknown link type") }
    return "\(packets) \(packets == 1 ? "packet" : "packets"): "
      + (parts.isEmpty ? "no checksums" : parts.joined(separator: "; "))
  }
}

extension ExplainedSum {
  /// The sum on one line: `tcp at 20: found 0x1234, expected 0x5678: wrong: summed without the pseudo-header …`.
  public var line: String {
    let expected = check.expected.map { ", expected \(word($0))" } ?? ""
    let found = isCutOff ? "nothing" : word(check.found)
    return "\(isQuoted ? "quoted " : "")\(check.layer) at \(check.layerOffset): found \(found)\(expected): "
      + check.verdict.rawValue + (why.map { ": \($0)" } ?? "")
  }

  /// The ledger of the right sum; empty where there is none.
  ///
  /// - Parameter limit: how many words of the segment are shown at most; nil for all.
  public func ledger(limit: Int? = nil) -> [String] {
    segment.map { SumLedger($0, at: check.layerOffset).lines(limit: limit) } ?? []
  }

  /// A checksum in all its digits: eight where it has 32 bits.
  private func word(_ value: some BinaryInteger) -> String { Hex.word(value, digits: check.byteCount * 2) }
}
