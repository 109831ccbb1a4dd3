import LabSupport

// Ports: what is open, closed or filtered, and how each says so.
extension Situation {
  /// What a SYN hears.
  static let opening: [Situation] = Family.both.flatMap { family in
    let target = family.target(2)
    return [
      Situation(
        "\(family) SYN: open", "probe \(target) -p 7 --retries 0",
        says: [.answer("open", by: "tcp-syn-ack", from: target, why: "SYN-ACK that acknowledges our SYN")],
        summary: ["sent": 1, "answered": 1],
        because: "A listener answers SYN by SYN and ACK, which acknowledges our number plus one (RFC 9293 §3.5)."),
      Situation(
        "\(family) SYN: closed", "probe \(target) -p 1 --retries 0",
        says: [.answer("closed", by: "tcp-reset", from: target, why: "RST that acknowledges our segment")],
        summary: ["sent": 1, "answered": 1, "errors": 0],
        because: "Where nobody listens a RST with ACK comes back, which acknowledges our SYN (RFC 9293 §3.10.7.1)."),
      Situation(
        "\(family) SYN: open and closed at once", "probe \(target) -p 1-8 --retries 0",
        says: [
          .answer("open", by: "tcp-syn-ack", from: target), .answer("closed", by: "tcp-reset", from: target, count: 7),
        ],
        summary: ["sent": 8, "answered": 8, "silent": 0],
        because: "Each port has one word of its own, the last one said of it."),
      Situation(
        "\(family) SYN: dropped by the host", "probe \(family.target(30)) -p 7 --retries 0 -W 0.4",
        says: [.silence("filtered", why: "no answer to 1 probe")], summary: ["sent": 1, "silent": 1], status: 1,
        because: "A host that obeys RFC 9293 answers every SYN, so that silence is a filter's, or loss."),
      Situation(
        "\(family) SYN: dropped on the way", "probe \(family.target(130)) -p 7 --retries 1 -W 0.4",
        says: [.silence("filtered", why: "no answer to 2 probes")], summary: ["sent": 2, "silent": 2], status: 1,
        because: "A lost packet is asked again before silence counts; a filter stays silent."),
      Situation(
        "\(family) SYN: the listener is full", "probe \(target) -p 74 --retries 0 -W 0.4",
        says: [.silence("filtered")], summary: ["sent": 1, "silent": 1], status: 1,
        because: "Linux drops SYNs while a listener's backlog is full (listen(2)): from outside it looks like a filter."
      ),
      Situation(
        "\(family) SYN: reset by the host's filter", "probe \(family.target(31)) -p 7 --retries 0",
        says: [.answer("closed", by: "tcp-reset", from: family.target(31))],
        because: "A filter that rejects by RST says what a closed port says; nothing tells them apart."),
      Situation(
        "\(family) SYN: reset by a filter on the way", "probe \(family.target(131)) -p 7 --retries 0",
        says: [.answer("closed", by: "tcp-reset", from: family.target(131))],
        because: "The filter's RST has the host's address and the right numbers, as if the host had sent it."),
      Situation(
        "\(family) SYN: no such neighbour", "probe \(family.target(98)) -p 7 --retries 0 -W 3",
        says: [
          .answer(
            "filtered", by: "icmp-error", from: family.router(4),
            error: family == .v4 ? "host-unreachable" : "address-unreachable")
        ],
        summary: ["answered": 1, "errors": 1], lane: "\(family) missing neighbour",
        because: "The last router finds no neighbour and says so (RFC 1812 §4.3.3.1, RFC 4443 §3.1): no word of a port."
      ),
      Situation(
        "\(family) SYN: runs out of hops", "probe \(family.target(5)) -p 7 -t 2 --retries 0",
        says: [.answer("time-exceeded", by: "icmp-error", from: family.router(2), error: family.hops)],
        because: "The router that takes the last hop off quotes us (RFC 1812 §5.3.1, RFC 4443 §3.3)."),
    ]
  }

  /// What segments hear that open nothing.
  static let stray: [Situation] = Family.both.flatMap { family in
    let target = family.target(2)
    let filtered = family.target(30)
    let kinds = [("F", "FIN"), ("0", "no flag"), ("FPU", "FIN, PSH and URG")].flatMap { flags, words in
      [
        Situation(
          "\(family) \(words): closed", "probe \(target) -p 1 --flags \(flags) --retries 0",
          says: [.answer("closed", by: "tcp-reset", from: target)], summary: ["answered": 1],
          because: "A closed port resets whatever is no RST itself (RFC 9293 §3.10.7.1)."),
        Situation(
          "\(family) \(words): open", "probe \(target) -p 7 --flags \(flags) --retries 0 -W 0.4",
          says: [.silence("open|filtered")], summary: ["silent": 1], status: 1,
          because: "A listener drops what has neither SYN, ACK nor RST (RFC 9293 §3.10.7.2), and so does a filter."),
      ]
    }
    return kinds + [
      Situation(
        "\(family) ACK: nothing between", "probe \(target) -p 1,7 --flags A --retries 0",
        says: [.answer("unfiltered", by: "tcp-reset", from: target, why: "that we acknowledged", count: 2)],
        because: "Open or closed, an ACK of no connection draws a RST at the number it acknowledged (§3.10.7.1, .2)."),
      Situation(
        "\(family) ACK: dropped", "probe \(filtered) -p 7 --flags A --retries 0 -W 0.4",
        says: [.silence("filtered")], summary: ["silent": 1], status: 1,
        because: "Only a filter keeps the RST away that any host would send."),
      Situation(
        "\(family) SYN and ACK: nothing between", "probe \(target) -p 1,7 --flags SA --retries 0",
        says: [.answer("unfiltered", by: "tcp-reset", from: target, count: 2)],
        because: "With ACK it opens nothing: to a listener too it is an ACK of no connection (RFC 9293 §3.10.7.2)."),
      Situation(
        "\(family) FIN and ACK: closed, or Linux", "probe \(target) -p 1,7 --flags FA --retries 0",
        says: [.answer("closed", by: "tcp-reset", from: target, why: "Linux sends it from open ports too", count: 2)],
        because: "BSD's listeners stay silent, Linux resets as RFC 9293 §3.10.7.2 has it: the words warn of it."),
      Situation(
        "\(family) SYN and FIN: closed", "probe \(target) -p 1 --flags SF --retries 0",
        says: [.answer("closed", by: "tcp-reset", from: target)],
        because: "SYN and FIN take a number each, so that the RST acknowledges two (RFC 9293 §3.4)."),
      Situation(
        "\(family) SYN with data: closed", "probe \(target) -p 1 --data hello --retries 0",
        says: [.answer("closed", by: "tcp-reset", from: target)],
        because: "The RST acknowledges the SYN and each octet of data (RFC 9293 §3.10.7.1)."),
      Situation(
        "\(family) SYN with data: open", "probe \(target) -p 7 --data hello --retries 0",
        says: [.answer("open", by: "tcp-syn-ack", from: target)],
        because: "Without TCP Fast Open the listener acknowledges the SYN alone (RFC 7413 §3): both are right."),
    ]
  }

  /// What datagrams hear.
  static let datagrams: [Situation] = Family.both.flatMap { family in
    let target = family.target(2)
    return [
      Situation(
        "\(family) UDP: open", "probe \(target) --udp -p 7 --data hello --retries 0",
        says: [.answer("open", by: "udp", from: target, why: "from port 7")], summary: ["sent": 1, "answered": 1],
        because: "Only a program that reads the port can answer from it."),
      Situation(
        "\(family) UDP: open, empty datagram", "probe \(target) --udp -p 7 --retries 0",
        says: [.answer("open", by: "udp", from: target)],
        because: "A datagram without data is one too (RFC 768), and so is its echo."),
      Situation(
        "\(family) UDP: closed", "probe \(target) --udp -p 1 --retries 0",
        says: [.answer("closed", by: "icmp-error", from: target, error: "port-unreachable")],
        summary: ["sent": 1, "answered": 1, "errors": 1],
        because: "The host itself says that nobody reads the port (RFC 1122 §4.1.3.1, RFC 4443 §3.1)."),
      Situation(
        "\(family) UDP: read, and not answered", "probe \(target) --udp -p 9 --retries 0 -W 0.4",
        says: [.silence("open|filtered")], status: 1,
        because: "No protocol makes a program answer: it may have been read, dropped or lost."),
      Situation(
        "\(family) UDP: dropped", "probe \(family.target(30)) --udp -p 7 --retries 0 -W 0.4",
        says: [.silence("open|filtered")], status: 1,
        because: "A filter's silence is that of a program which has nothing to say."),
      Situation(
        "\(family) UDP: runs out of hops", "probe \(family.target(5)) --udp -p 7 -t 3 --retries 0",
        says: [.answer("time-exceeded", by: "icmp-error", from: family.router(3), error: family.hops)],
        because: "The third router takes the last hop off; of the port nothing is known."),
      Situation(
        "\(family) UDP: closed, on a host that limits its errors", "probe \(family.address(5, 2)) --udp -p 1001-1010",
        says: [
          .answer("closed", by: "icmp-error", from: family.address(5, 2), error: "port-unreachable", count: 10)
        ],
        because: "Linux sends six errors at once and then few a second (icmp(7)): silence is asked again, not believed."
      ),
    ]
  }
}
