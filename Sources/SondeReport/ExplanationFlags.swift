internal import SondeHeaders

// The sentence for each flag.
extension AnswerFlag {
  /// What the flag adds to an answer; nil for a flag that is not known here.
  func meaning(_ question: Question) -> String? {
    switch self {
    case .duplicate: "It came before: IP may deliver a packet more than once, and it counts once (RFC 1122 §1.1.3)."
    case .late:
      "It came after its time was up: what was said of the probe stands, and the time it took is real "
        + "(RFC 1122 §1.1.3)."
    case .outOfOrder: "Later probes were answered before it: IP keeps no order (RFC 791 §1.2)."
    case .dataMismatch:
      "What it returns is not what was sent, though an echo returns its data: something altered it "
        + "(RFC 792, page 14; RFC 4443 §4.2)."
    case .otherAddress:
      "A group was asked, and this member answers from an address of its own (RFC 1122 §3.2.2.6; RFC 4443 §4.2)."
    case .thirdParty:
      question == .udp
        ? "Another than the host asked says so, and only the host itself knows its ports: a filter on the way rejects "
          + "(RFC 1122 §3.2.2.1; RFC 4443 §3.1)."
        : "Another than the host asked says so, and only the host itself can know: a filter on the way speaks in its "
          + "name (RFC 1122 §3.2.2.1; RFC 4443 §3.1, §3.4)."
    case .weakMatch:
      question.isTCP
        ? "It quotes ports but no sequence number, which whoever did not see our segment could guess (RFC 5927 §4.1)."
        : "It quotes less than the eight octets that name a packet, and others begin so too (RFC 792; RFC 1122 §3.2.2)."
    case .quoteAltered:
      "The packet that it quotes is not quite ours: something on the way rewrote it, or quotes badly; honest routers "
        + "change the hop count, the header checksum, the congestion mark and what options ask for "
        + "(RFC 1812 §4.3.2.3, §5.3.1; RFC 3168 §5; RFC 4443 §2.4 c)."
    case .oddCode: "No RFC gives its code a name; its type alone is believed (RFC 792; RFC 4443 §2.1)."
    case .malformedOption:
      "Its options cannot be read to their end; the fields before them hold (RFC 9293 §3.2; RFC 791 §3.1; RFC 8200 §4.2)."
    case .conflict:
      "Another answer says something else, and not both are true: one of them may be forged or a filter's "
        + "(RFC 5927 §4; RFC 5961 §3; RFC 5227 §2.4)."
    case .fragmented:
      "It came in fragments: its checksum proves the whole only if all came (RFC 791 §3.2; RFC 8200 §4.5)."
    case .local:
      "This very machine says so, as for a neighbor that does not resolve: nothing was heard from the network "
        + "(RFC 1122 §2.3.2.2; RFC 4861 §7.2.2)."
    case .invalidMTU:
      "Its MTU cannot be true, and must not be believed: no link has less than 68 octets, in IPv6 1280, and what fits is "
        + "not too big (RFC 791 §3.2; RFC 1191 §3; RFC 8200 §5; RFC 8201 §4)."
    case .proxy:
      "Its sender answers for other addresses too: one host that has them all, or another that answers in their owners' "
        + "name (RFC 1027 §2; RFC 4861 §7.2.8)."
    case .inconsistent:
      "Its parts contradict each other: what a receiver reads first counts, and who sent it is less sure "
        + "(RFC 768; RFC 826, Packet Reception; RFC 9293 §3.10.7.3)."
    case .zeroWindow:
      "Its window is 0: the port is open, and takes no data until it says so (RFC 9293 §3.8.6.1)."
    default: nil
    }
  }
}
