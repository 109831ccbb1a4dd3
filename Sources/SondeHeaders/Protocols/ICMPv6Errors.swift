// What ICMPv6 errors say (IANA "ICMPv6 Code Fields").
extension ICMPv6 {
  public var errorReport: ErrorReport? {
    switch type {
    case .destinationUnreachable:
      var report = report(
        "destination-unreachable",
        [
          "no-route", "administratively-prohibited", "beyond-scope", "address-unreachable", "port-unreachable",
          "source-address-failed-policy", "reject-route", "source-routing-error", "headers-too-long",
        ], .unreachable)
      report.isPortUnreachable = code == 4
      return report
    case .packetTooBig:
      var report = report("packet-too-big", ["packet-too-big"], .tooBig)
      report.mtu = restOfHeader
      return report
    case .timeExceeded:
      return report("time-exceeded", ["hop-limit-exceeded", "reassembly-time-exceeded"], .timeExceeded)
    case .parameterProblem:
      var report = report(
        "parameter-problem",
        [
          "erroneous-header-field", "unrecognized-next-header", "unrecognized-option", "incomplete-header-chain",
          "upper-layer-header-error", "unrecognized-next-header-by-node", "extension-header-too-big",
          "extension-header-chain-too-long", "too-many-extension-headers", "too-many-options", "option-too-big",
        ], .parameterProblem)
      report.pointer = restOfHeader
      return report
    // A nameless error type must still be passed on to the upper layer (RFC 4443 §2.4 a).
    case _ where type.isError:
      var report = report("error-type-\(type.rawValue)", [], .unreachable)
      report.isOddCode = true
      return report
    default: return nil
    }
  }

  private func report(_ name: String, _ codes: [String], _ verdict: Verdict) -> ErrorReport {
    let known = codes.indices.contains(Int(code))
    return ErrorReport(
      version: 6, type: type.rawValue, code: code, name: known ? codes[Int(code)] : "\(name)-code-\(code)",
      verdict: verdict, isOddCode: !known)
  }
}
