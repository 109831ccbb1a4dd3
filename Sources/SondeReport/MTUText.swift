internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
public import SondeProbe

/// What a search for the path MTU found, in words and as JSON.
public enum MTUText {
  /// The lines of the result: first the number and what limits, then what was odd.
  ///
  /// - Parameters:
  ///   - interface: the name of the outgoing interface.
  ///   - host: the host as the user wrote it.
  ///   - isCapped: whether a hand, not the interface, set the largest size.
  ///   - transport: "udp" or "tcp" where that asked; nil where echo requests did.
  public static func lines(
    _ finding: MTUFinding, host: String, interface: String, isCapped: Bool = false, transport: String? = nil
  ) -> [String] {
    let odd = remarks(finding)
    guard let mtu = finding.mtu else { return [silence(finding, host, transport)] + odd }
    let comma = isLargest(finding, mtu) ? "," : ""
    return ["\(mtu)\(comma) \(limit(finding, mtu, interface, isCapped))"] + odd
  }

  /// The result as a line of JSON.
  ///
  /// - Parameter sentence: what the packet means that decided, where that is to be explained.
  public static func json(
    _ finding: MTUFinding, host: String, interface: String, isCapped: Bool = false, transport: String? = nil,
    explain sentence: String? = nil
  ) -> String {
    let limit: String? =
      switch finding.limit {
      case .router(let address), .refuser(let address): address.description
      case .silence: finding.hole?.behind?.description
      case .interface, .local, .unknown: nil
      }
    let why = finding.mtu.map { self.limit(finding, $0, interface, isCapped) } ?? silence(finding, host, transport)
    let members: [(String, JSON)] = [
      ("type", "mtu"), ("mtu", .integer(finding.mtu)), ("limited_by", finding.mtu == nil ? .null : .text(limit)),
      ("evidence", .string(finding.mtu == nil ? "none" : evidence(finding.limit))), ("why", .string(why)),
      ("notes", .array(remarks(finding).map { .string($0) })), ("host", .string(host)),
      ("interface", .string(interface)), ("refused", .integer(finding.refused)), ("stopped", .bool(finding.isStopped)),
    ]
    return JSON.object(members + (sentence.map { [("explain", .string($0))] } ?? [])).line
  }

  /// What a packet of the search came to; nil where that is nothing to tell.
  public static func line(_ event: Event) -> String? {
    switch event {
    case .answer(let answer):
      let from = answer.from.map(\.description) ?? "this machine"
      let mtu = answer.report?.mtu.map { ", MTU \($0)" } ?? ""
      let flags = answer.flags.isEmpty ? "" : " [\(answer.flags.map(\.rawValue).joined(separator: " "))]"
      return "\(name(answer.target)): \(answer.verdict)\(flags) from \(from)\(mtu): \(answer.why)"
    case .silence(let silence): return "\(name(silence.target)): no answer"
    case .sendFailed(let failure): return "\(name(failure.target)): \(failure.error)"
    case .noise(let noise): return "noise from \(noise.from.map(\.description) ?? "nowhere"): \(noise.why)"
    case .failure(let error): return "\(error)"
    case .sent, .left, .pending, .settled: return nil
    }
  }

  private static func name(_ target: Int) -> String {
    let hops = MTUSearch.hops(of: target)
    return "\(MTUSearch.size(of: target)) octets" + (hops == 0 ? "" : " for \(hops) hop\(hops == 1 ? "" : "s")")
  }

  private static func evidence(_ limit: MTUFinding.Limit) -> String {
    switch limit {
    case .router: "error"
    case .refuser: "error-without-mtu"
    case .interface: "interface"
    case .silence: "silence"
    case .local: "local"
    case .unknown: "none"
    }
  }

  private static func limit(_ finding: MTUFinding, _ mtu: Int, _ interface: String, _ isCapped: Bool) -> String {
    switch finding.limit {
    case .interface where isLargest(finding, mtu): "the largest IPv4 packet there is"
    case .interface:
      isCapped ? "got through, and no larger size was asked for" : "limited by the interface \(interface)"
    case .router(let address): "limited by \(address)"
    case .refuser(let address): "limited by \(address), which does not say so: found by search"
    case .silence: "limited by a black hole\(place(finding)): \(mtu + 1) octets are lost without an error"
    case .local(let why): "limited by this machine: \(why)"
    case .unknown:
      (finding.refused.map { "or more, and less than \($0)" } ?? "or more")
        + ": the run was stopped before the limit was found"
    }
  }

  /// Whether it is IPv4's own field of 16 bits that limits (RFC 791 §3.1, Total Length).
  private static func isLargest(_ finding: MTUFinding, _ mtu: Int) -> Bool {
    finding.limit == .interface && !finding.isIPv6 && mtu == 65_535
  }

  private static func place(_ finding: MTUFinding) -> String {
    guard let hole = finding.hole else { return "" }
    return hole.behind.map { " between \($0) and \(hole.before)" } ?? " before \(hole.before)"
  }

  private static func silence(_ finding: MTUFinding, _ host: String, _ transport: String?) -> String {
    guard let obstacle = finding.obstacle else {
      if finding.isStopped { return "the run was stopped before \(host) had answered, so nothing is known yet" }
      let advice =
        switch transport {
        case "udp": "another port, --tcp, or echo requests without --udp"
        case "tcp": "another port, --udp, or echo requests without --tcp"
        default: "--udp or --tcp with a port"
        }
      return "\(host) does not answer, so nothing is known; \(advice) may be answered"
    }
    let who = obstacle.from.map { "\($0)" } ?? "this machine"
    return "\(host) cannot be reached: \(who) says \(obstacle.verdict), \(obstacle.why)"
  }

  private static func remarks(_ finding: MTUFinding) -> [String] {
    var lines = finding.oddities.map { odd in
      "\(odd.from.map(\.description) ?? "somebody") called \(odd.size) octets too big and named \(named(odd))"
    }
    if finding.mtu != nil, let obstacle = finding.obstacle {
      lines.append("\(obstacle.from.map(\.description) ?? "this machine") said \(obstacle.verdict): \(obstacle.why)")
    }
    if let size = finding.fragmentedFrom {
      lines.append(
        "the answer to \(size) octets came in fragments: the way back carries less; --udp or --tcp draw small answers")
    }
    if let mtu = finding.mtu, mtu < 1280, finding.isIPv6, finding.limit != .interface {
      lines.append("less than the 1280 octets that every link must carry for IPv6 (RFC 8200 §5)")
    }
    return lines
  }

  private static func named(_ odd: MTUFinding.Oddity) -> String {
    switch odd.reason {
    case .zero: "no MTU, as routers older than RFC 1191 do: the usual sizes were tried"
    case .belowFloor: "\(odd.mtu), less than any link may have: not believed"
    case .notSmaller: "\(odd.mtu), which is no smaller: not believed"
    case .refuted: "\(odd.mtu), but larger packets are answered: not believed"
    }
  }
}
