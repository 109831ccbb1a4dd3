import LabSupport

// Filters that say no: every code of destination unreachable that nftables can write, by the host itself and by the
// router before it, to each kind of probe.
extension Situation {
  /// A code, and how it reads.
  private struct Rejection {
    var code: Int
    var error: String
    var meaning: String
    /// Whether only the host asked can know it: from anybody else it is a third party's word.
    var isOfHost = false
  }

  private static func rejections(_ family: Family) -> [Rejection] {
    switch family {
    case .v4:
      [
        Rejection(code: 0, error: "net-unreachable", meaning: "no route to the net (RFC 792)"),
        Rejection(code: 1, error: "host-unreachable", meaning: "no way to the host (RFC 792)"),
        Rejection(
          code: 2, error: "protocol-unreachable", meaning: "the host does not speak it (RFC 1122 §3.2.2.1)",
          isOfHost: true),
        Rejection(
          code: 3, error: "port-unreachable", meaning: "nobody reads the port (RFC 1122 §3.2.2.1)", isOfHost: true),
        Rejection(code: 9, error: "net-prohibited", meaning: "the net is off limits (RFC 1122 §3.2.2.1)"),
        Rejection(code: 10, error: "host-prohibited", meaning: "the host is off limits (RFC 1122 §3.2.2.1)"),
        Rejection(code: 13, error: "communication-prohibited", meaning: "a filter forbids it (RFC 1812 §5.2.7.1)"),
      ]
    case .v6:
      [
        Rejection(code: 0, error: "no-route", meaning: "no route (RFC 4443 §3.1)"),
        Rejection(code: 1, error: "administratively-prohibited", meaning: "a filter forbids it (RFC 4443 §3.1)"),
        Rejection(code: 3, error: "address-unreachable", meaning: "no way to the address (RFC 4443 §3.1)"),
        Rejection(code: 4, error: "port-unreachable", meaning: "nobody reads the port (RFC 4443 §3.1)", isOfHost: true),
        Rejection(code: 5, error: "source-address-failed-policy", meaning: "not from our address (RFC 4443 §3.1)"),
        Rejection(code: 6, error: "reject-route", meaning: "the route is there to reject (RFC 4443 §3.1)"),
      ]
    }
  }

  private enum Asker {
    case ping
    case tcp
    case udp
  }

  static let rejected: [Situation] = Family.both.flatMap { family in
    rejections(family).flatMap { rejection in
      [false, true].flatMap { isRouter in
        [Asker.ping, .tcp, .udp].map { reject(family, rejection, byRouter: isRouter, $0) }
      }
    }
  }

  private static func reject(
    _ family: Family, _ rejection: Rejection, byRouter isRouter: Bool, _ asker: Asker
  ) -> Situation {
    let address = family.target((isRouter ? 110 : 10) + rejection.code)
    let isPort = rejection.error == "port-unreachable"
    let flags: Set<String> = isRouter && rejection.isOfHost ? ["third-party"] : []
    func row(_ verdict: String, _ command: String, status: Int32, _ reason: String) -> Situation {
      Situation(
        "\(family) \(asker): \(rejection.error) by \(isRouter ? "the last router" : "the host itself")", command,
        says: [
          .answer(
            verdict, by: "icmp-error", from: isRouter ? family.router(4) : address, flags: flags,
            error: rejection.error, why: rejection.error)
        ],
        summary: ["sent": 1, "answered": 1, "errors": 1], status: status,
        because: "It says: \(rejection.meaning). \(reason)")
    }
    switch asker {
    case .ping:
      return row("unreachable", "ping -c1 -W5 \(address)", status: 1, "An error is no reply to an echo request.")
    case .tcp:
      return row(
        "filtered", "probe \(address) -p 7 --retries 0 -W 5", status: 0,
        isPort
          ? "A host's own TCP would have sent a RST: this is a filter's word (RFC 1122 §4.2.3.9)."
          : "No host's TCP says so of a port: something refuses on the way.")
    case .udp where isPort && !isRouter:
      return row(
        "closed", "probe \(address) --udp -p 7 --retries 0 -W 5", status: 0,
        "From the host itself that means closed, though a program reads it: its filter speaks with the host's voice.")
    case .udp:
      return row(
        "filtered", "probe \(address) --udp -p 7 --retries 0 -W 5", status: 0,
        isPort
          ? "A router cannot know the host's ports: it filters." : "It says nothing of the port but that it is kept.")
    }
  }
}
