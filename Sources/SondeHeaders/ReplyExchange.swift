internal import SondeOctets

/// A packet that we sent and one that came.
public struct ReplyExchange: Sendable {
  public var asked: Dissection
  public var reply: Dissection
  /// Whether the address asked names many hosts, each of which answers from its own: a multicast
  /// address, or a broadcast address (which only routing knows).
  public var askedGroup: Bool

  public init(asked: Dissection, reply: Dissection, askedGroup: Bool = false) {
    self.asked = asked
    self.reply = reply
    self.askedGroup = askedGroup || asked.destination?.isGroup == true
  }

  /// The refusal of a reply that stops inside the header of `type`; nil where it stops elsewhere or not at all.
  func refusal<H: Header>(ofDamaged type: H.Type) -> Judgement? {
    guard let stopped = reply.stopped, stopped.layer == type.name else { return nil }
    return .refused(why: "has no whole \(type.name) header: \(stopped.error)")
  }

  /// The addresses of a direct answer: from the address asked, to the address that asked. Where a
  /// group was asked each member answers from its own address (RFC 1122 §3.2.2.6, RFC 4443 §4.2).
  func judgeAddresses(
    _ source: IPAddress, _ destination: IPAddress, reply from: IPAddress, _ to: IPAddress, isGroup: Bool
  ) -> Judgement {
    // Who has no address yet is answered by the group of all (RFC 4861 §7.2.4).
    let isToAll = source == .v6(.any) && to.isGroup
    guard to == source || isToAll else { return .refused(why: "is for \(to), not for our \(source)") }
    // No packet comes from a group (RFC 1122 §3.2.1.3, RFC 4291 §2.7).
    if from.isGroup { return .refused(why: "comes from the group \(from), not from a host") }
    if from == destination { return .agrees() }
    if isGroup { return .agrees(flags: [.otherAddress]) }
    return .refused(why: "comes from \(from), not from \(destination)")
  }
}

/// A packet that we sent and an ICMP error that quotes something.
public struct QuoteExchange: Sendable {
  public var asked: Dissection
  /// The ICMP error as a whole.
  public var reply: Dissection
  /// What the error quotes, cut wherever the router cut it.
  public var quoted: Dissection
  public var report: ErrorReport
  /// The packet as it left, where the kernel changed it and that is known; else as it was asked.
  public var sent: Dissection
  /// How many octets of IP left in the longest piece, where it left in fragments; nil where it left whole.
  public var longestFragment: Int?
  /// Whether the IP header in the quote was written anew by this machine: it tells of addresses, and of nothing that
  /// stood beside them.
  public var quoteIsRebuilt = false
  /// Whether the address asked names many hosts.
  public var askedGroup: Bool

  public init(asked: Dissection, reply: Dissection, quoted: Dissection, report: ErrorReport) {
    self.asked = asked
    self.reply = reply
    self.quoted = quoted
    self.report = report
    sent = asked
    askedGroup = asked.destination?.isGroup == true
  }

  /// Whether the error comes from the host that was asked, rather than from one on the way: through a
  /// tunnel it is the host behind it that is asked.
  public var isFromAskedHost: Bool { reply.source != nil && reply.source == asked.ends.last?.destination }

  /// The addresses in the quote: our packet to whom we asked. What else stands in the quoted IP header does not decide
  /// whose it is: routers and NATs may have rewritten it, which is told.
  func judgeAddresses(
    _ source: IPAddress, _ destination: IPAddress, quoted from: IPAddress, _ to: IPAddress
  ) -> Judgement {
    guard to == destination else { return .refused(why: "quotes a packet to \(to), not to \(destination)") }
    guard from == source else { return .refused(why: "quotes a packet from \(from), not from our \(source)") }
    return .agrees()
  }

  /// The refusal of a quote that ends inside the header of `type`, before what names the exchange, or in
  /// the tunnel around it; nil where the quote does not hold such a header.
  func refusal<H: Header>(ofCut type: H.Type) -> Judgement? {
    guard let offset = quoted.offset(of: type) else { return refusalOfCutTunnel() }
    return refusal(cutAt: offset, type.name)
  }

  /// The refusal of a quote that has no whole IP header.
  func refusalWithoutIPHeader() -> Judgement? {
    guard let stopped = quoted.stopped, stopped.offset == 0 else { return nil }
    guard case .short = stopped.error.reason else { return .refused(why: "quotes no IP header: \(stopped.error)") }
    return refusal(cutAt: 0, stopped.layer)
  }

  func refusal(cutAt offset: Int, _ layer: Name) -> Judgement {
    .refused(
      why: "quotes only \(max(0, quoted.bytes.count - offset)) octets of the \(layer) header, too few to know it by")
  }

  /// The answer that the error is, once the quote is known for ours: `unreachable` is what the asked
  /// layer makes of any destination unreachable that has no verdict of its own. Advice answers nothing.
  public func answer(unreachable: Verdict, flags: [AnswerFlag] = [], why: String) -> Judgement {
    if report.isAdvice { return .refused(why: "\(report.name) only advises, and answers nothing") }
    let isPlain = report.verdict == .unreachable && report.isDestinationUnreachable
    let oddities = [thirdParty, invalidMTU, alteration].compactMap { $0 }
    return .answers(
      isPlain ? unreachable : report.verdict, by: .icmpError,
      flags: flags + oddities.map(\.flag) + (report.isOddCode ? [.oddCode] : []),
      why: (["\(report.name), \(why)"] + oddities.map(\.why)).joined(separator: "; "))
  }
}
