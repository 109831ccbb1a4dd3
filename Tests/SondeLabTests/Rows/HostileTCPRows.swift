import LabSupport

// What may be said to a SYN (RFC 9293 §3.5, §3.10.7.3), and in whose name.
extension Situation {
  static let hostileSegments: [Situation] = Family.both.flatMap { family in
    [
      family.tcp(
        "syn-ack", .accepted(why: "SYN-ACK"), because: "SYN and ACK of our number: a listener (RFC 9293 §3.5)."),
      family.tcp(
        "syn-ack foreign", .noise(why: "acknowledges ", "not our "), .filtered,
        because: "Who does not know our number has not seen our SYN (RFC 9293 §3.10.7.3, RFC 5961 §1)."),
      family.tcp(
        "syn-ack of seq", .noise(why: "acknowledges ", "not our "), .filtered,
        because: "A SYN takes one number: the acknowledgment is of the next (RFC 9293 §3.4)."),
      family.tcp(
        "syn-ack zero", .noise(why: "acknowledges 0, not our "), .filtered,
        because: "An acknowledgment of 0 is of no SYN of ours (RFC 9293 §3.10.7.3)."),
      family.tcp(
        "ack", .noise(why: "neither SYN nor RST"), .filtered,
        because:
          "An ACK alone is of an old connection, or a challenge (RFC 9293 §3.5.1, RFC 5961 §4): it says neither open nor closed."
      ),
      family.tcp(
        "rst", .answer("closed", by: "tcp-reset", why: "RST"),
        because: "RST that acknowledges our SYN: no listener (RFC 9293 §3.5.2)."),
      family.tcp(
        "rst foreign", .noise(why: "RST acknowledges ", "not our "), .filtered,
        because: "In SYN-SENT a RST counts only if it acknowledges the SYN (RFC 9293 §3.10.7.3)."),
      family.tcp(
        "rst of seq", .noise(why: "RST acknowledges ", "not our "), .filtered,
        because: "A SYN takes one number: a RST acknowledges the next (RFC 9293 §3.5.2)."),
      family.tcp(
        "rst without ack", .noise(why: "RST without ACK"), .filtered,
        because: "A RST without ACK proves nothing to who is in SYN-SENT (RFC 9293 §3.10.7.3)."),
      family.tcp(
        "rst with data", .answer("closed", by: "tcp-reset"),
        because: "A RST may carry text that says why (RFC 1122 §4.2.2.12)."),
      family.tcp(
        "forged rst", .noise(why: "RST acknowledges "), .accepted(), summary: ["answered": 1],
        because: "A forger that guesses wrong is ignored, and the true answer counts (RFC 5961 §3)."),
      family.tcp(
        "rst then syn-ack", .accepted(["conflict"], why: "SYN-ACK", "RST"), summary: ["answered": 1],
        because:
          "Who forwards our SYN can forge a RST; a SYN-ACK with our number comes from who would open. Both are told."),
      family.tcp(
        "syn-ack then rst", .accepted(),
        because: "The port accepted; a RST behind it takes the connection back (RFC 9293 §3.5.3)."),
      family.tcp(
        "syn and rst", .answer("closed", by: "tcp-reset", flags: ["inconsistent"], why: "SYN"),
        because: "RST is looked at before SYN (RFC 9293 §3.10.7.3, second and fourth step); both at once make no sense."
      ),
      family.tcp(
        "syn-fin-ack", .accepted(["inconsistent"], why: "FIN"),
        because: "SYN and ACK of our number open; FIN beside them makes no sense."),
      family.tcp(
        "fin", .noise(why: "neither SYN nor RST"), .filtered,
        because: "In SYN-SENT what has neither SYN nor RST is dropped (RFC 9293 §3.10.7.3, fifth step)."),
      family.tcp(
        "no flags", .noise(why: "neither SYN nor RST"), .filtered,
        because: "In SYN-SENT what has neither SYN nor RST is dropped (RFC 9293 §3.10.7.3, fifth step)."),
      family.tcp(
        "other port", .noise(why: "comes from port 4001, not from 4000"), .filtered,
        because: "A connection is named by both ports (RFC 9293 §3.3.1)."),
      family.tcp(
        "rst other port", .noise(why: "comes from port 4001, not from 4000"), .filtered,
        because: "A RST from another port closes another connection (RFC 9293 §3.3.1)."),
      family.tcp(
        "syn", .answer("open", by: "tcp-syn", why: "simultaneous"),
        because: "A SYN from the very port: both opened at once (RFC 9293 §3.5, figure 7)."),
      family.tcp(
        "zero window", .accepted(["zero-window"]),
        because: "It is open and takes no data yet (RFC 9293 §3.8.6.1)."),
      family.tcp(
        "option length 0", .accepted(["malformed-option"]),
        because: "An option's length counts its own two octets: 0 would never end (RFC 9293 §3.2)."),
      family.tcp(
        "option length 1", .accepted(["malformed-option"]),
        because: "An option's length counts its own two octets (RFC 9293 §3.2)."),
      family.tcp(
        "option overrun", .accepted(["malformed-option"]),
        because: "An option ends within the header (RFC 9293 §3.1, data offset)."),
      family.tcp(
        "options", .accepted(), because: "MSS, SACK, window scale: what everybody sends (RFC 9293 §3.2, RFC 7323)."),
      family.tcp(
        "unknown option", .accepted(),
        because: "An option that nobody knows is passed over by its length (RFC 9293 §3.1)."),
      family.tcp(
        "offset 4", .noise(why: "tcp"), .filtered,
        because: "A data offset below 5 words is no TCP header (RFC 9293 §3.1)."),
      family.tcp(
        "offset 15", .noise(why: "tcp"), .filtered,
        because: "A header that ends behind its packet is none (RFC 9293 §3.1)."),
      family.sentSYN(
        "two numbers", .accepted(), .accepted(["duplicate"]),
        because: "Two SYN-ACKs with numbers of their own: two machines at one address, or a forger that sees our SYN."),
      family.tcp(
        "syn-ack with data", .accepted(), because: "A SYN-ACK may carry data (RFC 9293 §3.4, RFC 7413 §3.1)."),
      family.tcp("ecn", .accepted(), because: "ECE answers an ECN setup, asked for or not (RFC 3168 §6.1.1)."),
      family.tcp(
        "ack then syn-ack", .noise(why: "neither SYN nor RST"), .accepted(), summary: ["answered": 1],
        because: "An old ACK first does not spoil the SYN-ACK (RFC 9293 §3.5.1)."),
      family.tcp(
        "unreachable then rst",
        .error("filtered", "communication-prohibited|administratively-prohibited", ["conflict"], why: "RST"),
        because:
          "A filter said so and the host refused too: filtered, with the RST told of, as the first answer stands."),
      family.tcp(
        "rst at number", .noise(why: "RST has sequence number"),
        .answer("unfiltered", by: "tcp-reset", why: "RST"), options: "--flags A",
        because:
          "To an ACK a RST stands at the number acknowledged (RFC 9293 §3.5.2, group 1): one octet off is a guess."),
      family.tcp(
        "rst off number", .noise(why: "RST has sequence number"), .filtered, options: "--flags A",
        because: "To an ACK a RST stands at the number acknowledged (RFC 9293 §3.5.2, group 1)."),
      family.tcp(
        "honest", .answer("closed", by: "tcp-reset", why: "RST"), options: "--flags FPU",
        because: "No listener answers a segment without SYN, ACK and RST but by RST (RFC 9293 §3.10.7.1)."),
      family.tcp(
        "silent", .openOrFiltered, options: "--flags FPU",
        because:
          "A listener drops what has neither SYN, ACK nor RST (RFC 9293 §3.10.7.2): silence may be open or filtered."),
    ]
  }
}
