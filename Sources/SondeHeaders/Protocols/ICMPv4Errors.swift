// What ICMP errors say (IANA "ICMP Type Numbers" and "Codes").
extension ICMPv4 {
  private static let unreachableNames = [
    "net-unreachable", "host-unreachable", "protocol-unreachable", "port-unreachable", "fragmentation-needed",
    "source-route-failed", "net-unknown", "host-unknown", "source-host-isolated", "net-prohibited",
    "host-prohibited", "net-unreachable-for-tos", "host-unreachable-for-tos", "communication-prohibited",
    "host-precedence-violation", "precedence-cutoff",
  ]

  public var errorReport: ErrorReport? {
    let code = Int(code)
    switch type {
    case .destinationUnreachable:
      var report = report("destination-unreachable", Self.unreachableNames, .unreachable)
      report.isPortUnreachable = code == 3
      if code == 4 {
        report.verdict = .tooBig
        report.mtu = restOfHeader & 0xffff
      }
      return report
    case .sourceQuench, .redirect:
      var report =
        type == .redirect
        ? report("redirect", ["redirect-net", "redirect-host", "redirect-tos-net", "redirect-tos-host"], .unreachable)
        : report("source-quench", ["source-quench"], .unreachable)
      report.isAdvice = true
      return report
    case .timeExceeded:
      return report("time-exceeded", ["ttl-exceeded", "reassembly-time-exceeded"], .timeExceeded)
    case .parameterProblem:
      var report = report(
        "parameter-problem", ["parameter-problem", "missing-option", "bad-length"], .parameterProblem)
      report.pointer = restOfHeader >> 24
      return report
    default: return nil
    }
  }

  private func report(_ name: String, _ codes: [String], _ verdict: Verdict) -> ErrorReport {
    let known = codes.indices.contains(Int(code))
    return ErrorReport(
      version: 4, type: type.rawValue, code: code, name: known ? codes[Int(code)] : "\(name)-code-\(code)",
      verdict: verdict, isOddCode: !known)
  }
}
