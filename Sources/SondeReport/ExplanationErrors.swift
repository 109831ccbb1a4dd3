internal import SondeHeaders
internal import SondeProbe

// The sentence for an ICMP error, by type, code and what was asked.

/// What an ICMP error proves of what was asked.
func meaning(of report: ErrorReport, _ answer: Answer, _ question: Question) -> String {
  if report.isPortUnreachable { return meaning(ofPortUnreachable: report.version, answer, question) }
  let words = report.version == 4 ? ICMPv4Explanations.words(report) : ICMPv6Explanations.words(report)
  // What it says stands; of the port it says nothing more.
  let isUnreachable = report.isDestinationUnreachable && report.verdict != .tooBig
  guard question.asksPort, isUnreachable else { return words }
  return words.dropLast().description + ": of the port nothing is known (\(reference(question)))."
}

private func reference(_ question: Question) -> String {
  switch question {
  case .udp: "RFC 1122 §4.1.3.3"
  case .sctp: "RFC 9260 §10"
  default: "RFC 9293 §3.9.2.2; RFC 5927 §4"
  }
}

private func meaning(ofPortUnreachable version: Int, _ answer: Answer, _ question: Question) -> String {
  let section = version == 4 ? "RFC 792, page 4; RFC 1122 §3.2.2.1, §4.1.3.1" : "RFC 4443 §3.1"
  switch question {
  case .udp where answer.verdict == .closed:
    return "Port unreachable from the host asked: it is up, and no program takes datagrams at the port (\(section))."
  case .udp:
    return "Port unreachable from another than the host asked: a filter on the way rejects, and of the port nothing is "
      + "known (\(section))."
  case _ where question.isTCP:
    return
      "Port unreachable for a TCP segment: TCP says \"closed\" by RST, so a filter rejects, and of the port nothing "
      + "is known (\(section); RFC 9293 §3.10.7.1)."
  default:
    return "Port unreachable for a packet without a port that was asked: a filter rejects in the words that it has "
      + "(\(section))."
  }
}

/// ICMP for IPv4 (RFC 792).
enum ICMPv4Explanations {
  static func words(_ report: ErrorReport) -> String {
    let code = Int(report.code)
    func named(_ sentences: [String], _ otherwise: String) -> String {
      sentences.indices.contains(code) ? sentences[code] : otherwise
    }
    switch report.type {
    case 3: return named(unreachable, "The packet was not delivered, for a reason that no RFC names (RFC 792, page 4).")
    case 4:
      return "A source quench asks to send more slowly; routers must not send it, hosts ignore it (RFC 6633 §3, §4)."
    case 5: return "A redirect names a better first hop; the packet was passed on all the same (RFC 1122 §3.2.2.2)."
    case 11:
      return named(timeExceeded, "The packet was discarded for its time, in a way that no RFC names (RFC 792, page 6).")
    case 12:
      return named(
        problems, "A node could not read the packet's header, for a reason that no RFC names (RFC 792, page 8).")
    default: return "An error of a type that no RFC names (RFC 1122 §3.2.2)."
    }
  }

  private static let unreachable = [
    "Net unreachable: a router on the way knows no route to the network (RFC 792, page 4; RFC 1812 §5.2.7.1).",
    "Host unreachable: the last router cannot reach the host, which answers no ARP or is down (RFC 1812 §5.2.7.1).",
    "Protocol unreachable: who says so is up and has no such protocol (RFC 792, page 4; RFC 1122 §3.2.2.1).",
    "Port unreachable: the host is up and nobody takes the port (RFC 792, page 4; RFC 1122 §3.2.2.1).",
    "Fragmentation needed: the packet is longer than the next link takes, and must not be cut; the MTU it names is the "
      + "router's word (RFC 1191 §3, §4).",
    "Source route failed: a node on the source route could not pass the packet on (RFC 792, page 4; RFC 1122 §3.3.5).",
    "Net unknown: a router says that the network does not exist (RFC 1122 §3.2.2.1; RFC 1812 §5.2.7.1).",
    "Host unknown: a router knows from the link itself that the host does not exist (RFC 1122 §3.2.2.1; RFC 1812 §5.2.7.1).",
    "Source host isolated: a word that routers should not use any more (RFC 1122 §3.2.2.1; RFC 1812 §5.2.7.1).",
    "Net prohibited: an administrator forbids the way to the network (RFC 1122 §3.2.2.1; RFC 1812 §5.2.7.1).",
    "Host prohibited: an administrator forbids the way to the host (RFC 1122 §3.2.2.1; RFC 1812 §5.2.7.1).",
    "Net unreachable for this type of service: another one may have a route (RFC 1812 §4.3.3.1, §5.2.7.1).",
    "Host unreachable for this type of service: another one may have a route (RFC 1812 §4.3.3.1, §5.2.7.1).",
    "Communication prohibited: a filter on the way rejects the packet and says so (RFC 1812 §5.2.7.1).",
    "Host precedence violation: the first router forbids this precedence (RFC 1812 §5.3.3.3, §5.2.7.1).",
    "Precedence cutoff: the network carries only packets of higher precedence (RFC 1812 §5.3.3.3, §5.2.7.1).",
  ]
  private static let timeExceeded = [
    "Time exceeded on the way: this router counted the TTL down to 0; the packet did not arrive, and of the host asked "
      + "nothing is known (RFC 792, page 6; RFC 1812 §5.3.1).",
    "Reassembly time exceeded: who says so got some fragments of the packet and not all (RFC 792, page 6; RFC 1122 §3.3.2).",
  ]
  private static let problems = [
    "Parameter problem: a node could not read the octet of the header to which the pointer points (RFC 792, page 8; "
      + "RFC 1122 §3.2.2.5).",
    "Missing option: a node demands an option that the packet does not have (RFC 1122 §3.2.2.5).",
    "Bad length: a node finds a length in the header that cannot be (RFC 792, page 8; RFC 1122 §3.2.2.5).",
  ]
}

/// ICMP for IPv6 (RFC 4443).
enum ICMPv6Explanations {
  static func words(_ report: ErrorReport) -> String {
    let code = Int(report.code)
    func named(_ sentences: [String], _ otherwise: String) -> String {
      sentences.indices.contains(code) ? sentences[code] : otherwise
    }
    switch report.type {
    case 1:
      return named(unreachable, "The packet was not delivered, for a reason that no RFC names (RFC 4443 §3.1).")
    case 2:
      return
        "Packet too big: the packet is longer than the next link takes, and routers do not cut; the MTU it names is "
        + "the router's word (RFC 4443 §3.2; RFC 8201 §4)."
    case 3:
      return named(timeExceeded, "The packet was discarded for its time, in a way that no RFC names (RFC 4443 §3.3).")
    case 4:
      return named(
        problems, "A node could not read the packet's headers, for a reason that no RFC names (RFC 4443 §3.4).")
    default:
      return "An error of a type that no RFC names: what became of the packet is not known (RFC 4443 §2.4 a)."
    }
  }

  private static let unreachable = [
    "No route: a router on the way knows no route to the address (RFC 4443 §3.1).",
    "Administratively prohibited: a filter on the way rejects the packet and says so (RFC 4443 §3.1).",
    "Beyond scope: the source address does not reach as far as the destination (RFC 4443 §3.1; RFC 4007 §9).",
    "Address unreachable: the last router cannot reach the address, which answers no solicitation or is down "
      + "(RFC 4443 §3.1; RFC 4861 §7.2.2).",
    "Port unreachable: the host is up and nobody takes the port (RFC 4443 §3.1).",
    "Source address failed policy: a filter on the way does not let this source pass (RFC 4443 §3.1; RFC 2827 §3).",
    "Reject route: a router has a route that rejects the address (RFC 4443 §3.1).",
    "Error in the source routing header: a node on the route could not follow it (RFC 6550 §20.18; RFC 6554 §4.2).",
    "Headers too long: a node reads no headers as long as the packet's (RFC 8883 §3).",
  ]
  private static let timeExceeded = [
    "Hop limit exceeded on the way: this router counted the hop limit down to 0; the packet did not arrive, and of the "
      + "host asked nothing is known (RFC 4443 §3.3; RFC 8200 §3).",
    "Reassembly time exceeded: who says so got some fragments of the packet and not all (RFC 4443 §3.3; RFC 8200 §4.5).",
  ]
  private static let problems = [
    "Erroneous header field: a node could not make sense of the octet to which the pointer points (RFC 4443 §3.4).",
    "Unrecognized next header: who says so is up and has no such header or protocol (RFC 4443 §3.4; RFC 8200 §4).",
    "Unrecognized option: a node does not know an option that forbids to pass the packet on unread "
      + "(RFC 4443 §3.4; RFC 8200 §4.2).",
    "Incomplete header chain: the first fragment does not hold all headers (RFC 7112 §5).",
    "Upper-layer header error: a segment's end found a header that it does not allow (RFC 8754 §4.3.1.2).",
    "Unrecognized next header on the way: a node in between reads headers and does not know this one (RFC 8883 §2).",
    "Extension header too big: a node in between reads none so long (RFC 8883 §2).",
    "Extension header chain too long: a node in between reads none so long (RFC 8883 §2).",
    "Too many extension headers: a node in between reads no more than it has room for (RFC 8883 §2).",
    "Too many options: a node in between reads no more than it has room for (RFC 8883 §2).",
    "Option too big: a node in between reads none so long (RFC 8883 §2).",
  ]
}
