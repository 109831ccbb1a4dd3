internal import SondeHeaders
internal import SondeOctets
internal import SondeProbe

// The sentence for the packet that answered, by its kind and what was asked.

/// What a packet proves, flags left out.
func meaning(of answer: Answer, _ question: Question) -> String {
  if let report = answer.report { return meaning(of: report, answer, question) }
  return meaning(of: answer.by, answer.verdict, question, isIPv6: answer.from?.version == 6)
}

private func meaning(of basis: Basis, _ verdict: Verdict, _ question: Question, isIPv6: Bool) -> String {
  switch basis {
  case .tcpSYNACK:
    "A SYN-ACK that acknowledges our SYN: a program listens on the port and would open a connection; what it speaks "
      + "is not known (RFC 9293 §3.5, §3.10.7.2)."
  case .tcpSYN:
    "A SYN without ACK: the peer opens a connection to our port at the same moment, so a program uses its port "
      + "(RFC 9293 §3.5, simultaneous open)."
  case .tcpReset: meaning(ofReset: question)
  case .udp:
    "A datagram from the port that was asked: a program there answered, for nothing else sends from that port; its "
      + "absence would have proved nothing (RFC 768, Fields)."
  case .echoReply:
    isIPv6
      ? "An echo reply of our identifier and sequence number: the host is up, and both ways work (RFC 4443 §4.2)."
      : "An echo reply of our identifier and sequence number: the host is up, and both ways work "
        + "(RFC 792, page 14; RFC 1122 §3.2.2.6)."
  case .timestampReply:
    "A timestamp reply: the host is up and tells its clock, in milliseconds since midnight UT, which need not be right "
      + "(RFC 792, page 16; RFC 1122 §3.2.2.8)."
  case .informationReply:
    "An information reply: the host is up and still speaks a message that no host should (RFC 792, page 18; "
      + "RFC 1122 §3.2.2.7; RFC 6918 §2.3)."
  case .addressMaskReply:
    "An address mask reply: the host is up and tells the mask of its network, which only an authority should "
      + "(RFC 950, appendix I; RFC 1122 §3.2.2.9; RFC 6918 §2.5)."
  case .extendedEchoReply:
    "An extended echo reply: the proxy is up, and its code and state tell of the interface that was asked for "
      + "(RFC 8335 §3, §4)."
  case .arpReply, .arpRequest: meaning(ofARP: basis, verdict, question)
  case .neighborAdvertisement where verdict == .addressInUse:
    "A neighbor advertisement of the address that we would take: another node on this link has it (RFC 4862 §5.4.4)."
  case .neighborSolicitation:
    "A neighbor solicitation for the address that we would take: another node on this link tries to take it too "
      + "(RFC 4862 §5.4.3)."
  case .neighborAdvertisement:
    "A solicited neighbor advertisement: the neighbor has the address, and packets reached it and came back "
      + "(RFC 4861 §7.2.4, §7.2.5)."
  case .sctpInitACK:
    "An INIT ACK that carries the tag we gave: a program listens on the port (RFC 9260 §5.1, §8.5.1)."
  case .sctpAbort:
    "An ABORT that carries our tag: the host is up, and nothing takes the association (RFC 9260 §8.4, §3.3.7)."
  case .sctp: "An SCTP packet that carries our tag: the host is up and knows the association (RFC 9260 §8.5)."
  case .localError:
    "This machine could not deliver the probe and says so itself: nothing is known of the host asked "
      + "(RFC 1122 §3.3.8, §2.3.2.2)."
  case .icmpError: "An ICMP error that quotes our packet: some node did not pass it on (RFC 792; RFC 4443 §2.1)."
  default: "A packet that answers what was asked: the host is up (RFC 1122 §1.1.3)."
  }
}

private func meaning(ofReset question: Question) -> String {
  switch question {
  case .ack:
    "A RST where we acknowledged: the segment reached the host and nothing on the way kept the answer back; whether "
      + "the port is open it does not tell (RFC 9293 §3.10.7.1, §3.10.7.2)."
  case .finACK:
    "A RST to FIN and ACK: the segment reached the host; it resets such segments on closed ports, and as ACK demands "
      + "on listening ports too, so that an open port is not ruled out (RFC 9293 §3.10.7.1, §3.10.7.2)."
  case .stray:
    "A RST to a segment without SYN and ACK: the host is up and the port is closed, for a listening port drops such a "
      + "segment (RFC 9293 §3.10.7.1, §3.10.7.2)."
  default:
    "A RST that acknowledges our SYN: the host is up and nothing listens on the port, unless a filter answers in its "
      + "name (RFC 9293 §3.5.2, §3.10.7.1)."
  }
}

private func meaning(ofARP basis: Basis, _ verdict: Verdict, _ question: Question) -> String {
  if verdict == .addressInUse {
    return question == .arpAnnouncement
      ? "Another host sends ARP packets from the address that we announced: two hosts use it, and one must give way "
        + "(RFC 5227 §2.4)."
      : "Another host uses the address that we probed for, or probes for it too: it must not be taken "
        + "(RFC 5227 §2.1.1)."
  }
  return basis == .arpReply
    ? "An ARP reply of the address that was asked for: whoever has this hardware address takes packets for it, which "
      + "nothing proves to be its owner (RFC 826, Packet Reception)."
    : "An ARP request from the address that was asked for: a host on this link uses it (RFC 826, Packet Reception)."
}

/// What it means that nothing came, or that nothing left.
func meaning(ofSilence verdict: Verdict, _ question: Question) -> String {
  switch verdict {
  case .sendFailed: return "The probe did not leave this machine: nothing was asked (RFC 1122 §3.3.8)."
  case .openOrFiltered where question == .udp:
    return "No answer: an open UDP port need not answer, a closed one sends port unreachable unless a filter or a rate "
      + "limit keeps it back (RFC 1122 §4.1.3.1; RFC 1812 §4.3.2.8)."
  case .openOrFiltered:
    return
      "No answer: a listening port drops such a segment, a closed one resets it, unless a filter keeps either back "
      + "(RFC 9293 §3.10.7.2)."
  case .filtered:
    return question == .ack
      ? "No answer: any host resets an ACK of no connection, so something on the way keeps the segment or its RST back, "
        + "or the host is down (RFC 9293 §3.10.7.1)."
      : "No answer: an open port sends SYN-ACK and a closed one RST, so something on the way keeps the segment or its "
        + "answer back, or the host is down (RFC 9293 §3.5, §3.10.7.1)."
  default: break
  }
  switch question {
  case .echo:
    return "No answer in time: the host is down, or it or a filter drops echoes, though every host should answer "
      + "(RFC 1122 §3.2.2.6; RFC 4443 §4.2)."
  case .arpAnnouncement: return "Nobody objected in time: no host on this link defends the address (RFC 5227 §2.4)."
  case .neighborAnnouncement:
    return "Nobody objected in time; no advertisement asks for an answer (RFC 4861 §7.2.6)."
  case .arp:
    return
      "No answer in time: no host on this link has the address, or it does not answer us (RFC 826, Packet Reception)."
  case .arpProbe: return "No answer in time: no host on this link is known to use the address (RFC 5227 §2.1.1)."
  case .neighbor: return "No answer in time: no neighbor on this link is known to have the address (RFC 4861 §7.2.2)."
  default:
    return "No answer in time: it was lost, dropped, or answers nobody; silence proves nothing (RFC 1122 §1.1.3)."
  }
}

/// Why something is noise, beside the field that failed.
func meaning(ofNoise why: String, _ question: Question) -> String {
  func has(_ words: String) -> Bool { why.contains(words) }
  if has("checksum is") {
    return "A packet whose checksum is wrong is damaged, and no host reads it (RFC 1122 §3.2.1.2, §4.1.3.4)."
  }
  if has("only advises") {
    return "It advises a sender of its route or its speed, and says nothing of whether the packet arrived "
      + "(RFC 1122 §3.2.2.2; RFC 6633 §3)."
  }
  if has("sent back") {
    return
      "What comes back as we sent it was reflected on the way; no host answers so (RFC 1122 §3.2.2.6; RFC 9293 §3.10.7)."
  }
  if has("too few to know") || has("quotes no packet") || has("quotes no IP header") || has("too short to know") {
    return
      "An ICMP error must quote enough to know our packet by: the IP header and eight octets (RFC 792; RFC 1122 §3.2.2; RFC 4443 §2.4 c)."
  }
  if has("quotes sequence number"), question.isTCP {
    return "Who did not see our segment cannot know its sequence number: such an error may be forged (RFC 5927 §4.1)."
  }
  if has("quotes") {
    return
      "An ICMP error is for whoever sent the packet that it quotes, and this is not ours (RFC 1122 §3.2.2; RFC 4443 §2.4 d)."
  }
  if question.isTCP, has("acknowledges") || has("sequence number") || has("SYN") || has("RST") {
    return "Before a connection exists only a segment that acknowledges ours counts (RFC 9293 §3.10.7.3; RFC 5961 §3)."
  }
  if has("fragment") {
    return "Fragments that contradict each other are not put together (RFC 791 §3.2; RFC 5722 §4; RFC 8200 §4.5)."
  }
  if has("cookie") {
    return
      "Identifiers and sequence numbers are chosen by every program anew: this answers another's echo (RFC 792, page 14)."
  }
  if has("hop limit") {
    return "Neighbor discovery is believed only with hop limit 255, which no router lets pass (RFC 4861 §7.1.2)."
  }
  switch question {
  case .arp, .arpProbe, .arpAnnouncement:
    return "An ARP packet of other addresses tells nothing of the one asked for (RFC 826, Packet Reception)."
  case .echo, .query:
    return
      "A reply returns identifier and sequence number as they were sent, from the address asked (RFC 792, page 14; RFC 4443 §4.2)."
  default:
    return
      "An answer comes from the address and the port asked, to the address and the port that asked (RFC 1122 §3.2.1.3; RFC 768, Fields; RFC 9293 §3.4.1)."
  }
}
