internal import SondeHeaders
internal import SondeOctets
internal import SondeReport

/// The words by which `--as` says how the first octet is read.
enum ChecksumStart {
  /// All of them; `raw` is octets without layers.
  static let words = ["raw", "ether", "ip", "ipv6", "icmp", "icmpv6", "igmp", "tcp", "udp", "sctp"]

  static let starts: [String: Registry.Start] = [
    "ether": .link(1), "ip": .etherType(0x0800), "ipv6": .etherType(0x86dd), "icmp": .ipProtocol(1),
    "icmpv6": .ipProtocol(58),
    "igmp": .ipProtocol(2), "tcp": .ipProtocol(6), "udp": .ipProtocol(17), "sctp": .ipProtocol(132),
  ]
}

/// A packet that was written in hexadecimal, and its checksums.
struct ChecksumPacket {
  private var reader = SumReader()

  init(_ octets: [UInt8], _ start: Registry.Start) {
    reader.read(octets.rawSpan, as: start, withSegments: true)
  }

  private var sums: [ExplainedSum] { reader.sums }

  /// Why there is nothing to judge; nil where there is.
  var stop: String? {
    guard sums.isEmpty else { return nil }
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
