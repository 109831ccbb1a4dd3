internal import SondeHeaders
internal import SondeOctets
internal import SondeReport

/// A packet that was written in hexadecimal, and its checksums.
struct ChecksumPacket {
  private var reader = SumReader()

  init(_ octets: [UInt8], _ start: Registry.Start) {
    reader.read(octets.rawSpan, as: start, withSegments: true)
  }

  private var sums: [ExplainedSum] { reader.sums }

  /// Why there is nothing to judge; nil where there is.
  var stop: String? {
    guard sums.allSatisfy(\.isUnread) else { return nil }
    guard let stopped = reader.stopped else { return "no layer has a checksum" }
    return "\(stopped.layer) cannot be read: \(stopped.error)"
  }

  /// Prints every sum; false if one is wrong or illegal.
  func show(line: Int, explained: Bool, json: Bool, _ console: Console) -> Bool {
    let writer = SumJSON(counting: "line")
    for sum in sums {
      if json {
        console.gather { writer.append(sum, number: line, to: &$0) }
      } else {
        if explained { for line in sum.ledger() { console.print(line) } }
        console.print(sum.line)
      }
    }
    return !sums.contains(where: \.isBad)
  }
}
