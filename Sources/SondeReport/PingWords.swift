internal import SondeHeaders

/// ICMP errors in the words of ping (iputils).
enum PingWords {
  static func text(_ report: ErrorReport) -> String { report.version == 4 ? version4(report) : version6(report) }

  private static func version4(_ report: ErrorReport) -> String {
    let code = Int(report.code)
    switch ICMPv4.Kind(rawValue: report.type) {
    case .destinationUnreachable where code == 4: return "Frag needed and DF set (mtu = \(report.mtu ?? 0))"
    case .destinationUnreachable:
      return unreachable4.indices.contains(code) ? unreachable4[code] : "Dest Unreachable, Bad Code: \(code)"
    case .timeExceeded:
      return code == 0
        ? "Time to live exceeded" : code == 1 ? "Frag reassembly time exceeded" : "Time exceeded, Bad Code: \(code)"
    case .parameterProblem: return "Parameter problem: pointer = \(report.pointer ?? 0)"
    default: return report.name
    }
  }

  private static let unreachable4 = [
    "Destination Net Unreachable", "Destination Host Unreachable", "Destination Protocol Unreachable",
    "Destination Port Unreachable", "Frag needed and DF set", "Source Route Failed", "Destination Net Unknown",
    "Destination Host Unknown", "Source Host Isolated", "Destination Net Prohibited", "Destination Host Prohibited",
    "Destination Net Unreachable for Type of Service", "Destination Host Unreachable for Type of Service",
    "Packet filtered", "Precedence Violation", "Precedence Cutoff",
  ]

  private static func version6(_ report: ErrorReport) -> String {
    let code = Int(report.code)
    switch ICMPv6.Kind(rawValue: report.type) {
    case .destinationUnreachable:
      let known = [
        "No route", "Administratively prohibited", "Beyond scope of source address", "Address unreachable",
        "Port unreachable",
      ]
      return "Destination unreachable: " + (known.indices.contains(code) ? known[code] : "Unknown code \(code)")
    case .packetTooBig: return "Packet too big: mtu=\(report.mtu ?? 0)"
    case .timeExceeded:
      return "Time exceeded: " + (code == 0 ? "Hop limit" : code == 1 ? "Defragmentation failure" : "code \(code)")
    case .parameterProblem:
      let known = ["Wrong header field ", "Unknown header ", "Unknown option "]
      return "Parameter problem: " + (known.indices.contains(code) ? known[code] : "code \(code) ")
        + "at \(report.pointer ?? 0)"
    default: return report.name
    }
  }
}
