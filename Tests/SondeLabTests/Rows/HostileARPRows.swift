import LabSupport

// What neighbours say on a link (RFC 826, RFC 5227). A prober hears all that is said there, so these rows are asked
// one after another.
extension Situation {
  /// Who has the address of that neighbour?
  private static func arp(
    _ name: String, _ says: Line..., probing: Bool = false, because reason: String
  ) -> Situation {
    let address = Neighbour.address(name)
    let sender = probing ? ", psrc=\"0.0.0.0\"" : ""
    let says = says.map { line in
      var line = line
      if line.type == "answer", line.from == nil { line.from = address }
      return line
    }
    let isAnswered = says.contains { $0.type == "answer" }
    return Situation(
      "ARP\(probing ? " probe" : ""): \(name)", "send 'ARP(pdst=\"\(address)\"\(sender))' -I arp0 -W .5", says: says,
      status: isAnswered ? 0 : 1, lane: "arp", because: reason)
  }

  private static func isAt(_ hardware: String, _ flags: Set<String> = []) -> Line {
    .answer("reply", by: "arp-reply", flags: flags, why: "is at \(hardware)")
  }

  private static func isAt(ownerOf name: String, _ flags: Set<String> = []) -> Line {
    isAt(Neighbour.owner(name), flags)
  }

  static let hostileNeighbours: [Situation] = [
    arp("honest", isAt(ownerOf: "honest"), because: "The owner tells its hardware address (RFC 826)."),
    arp("silent", .silence("timeout"), because: "There is no message that says no (RFC 826)."),
    arp(
      "other address", .noise(why: "tells of 10.77.210.250, not of "), .silence("timeout"),
      because: "The sender's protocol address is what a reply tells of (RFC 826): this one tells of another."),
    arp(
      "other frame", isAt(ownerOf: "other frame", ["inconsistent"]),
      because:
        "The frame and the reply in it name two senders: a proxy, a cluster, or a forger (RFC 826 trusts neither)."),
    arp(
      "request", .noise(why: "operation 1"), .silence("timeout"),
      because:
        "A request tells where its sender is, but does not answer who was asked (RFC 826: operation 2 is the reply)."),
    arp("broadcast", isAt(ownerOf: "broadcast"), because: "A reply to all is a reply (RFC 5227 §2.6)."),
    arp("proxy", isAt("02:77:00:ff:00:01"), because: "One machine may answer for another (RFC 1027)."),
    arp(
      "proxy too", isAt("02:77:00:ff:00:01"),
      because: "And for a second one: the same hardware address tells of a proxy (RFC 1027)."),
    arp(
      "duplicate", isAt(ownerOf: "duplicate"), isAt(ownerOf: "duplicate", ["duplicate"]),
      because: "The same owner says the same twice."),
    arp(
      "other target", .noise(why: "is for 10.77.210.250, not for our "), .silence("timeout"),
      because: "A reply is for who asked (RFC 826): this one is for another."),
    arp(
      "announcement", .noise(why: "operation 1"), .silence("timeout"),
      because: "An announcement is a request without a question (RFC 5227 §1.1, §3): it was not asked for."),
    arp(
      "gratuitous reply", .noise(why: "is for "), .silence("timeout"),
      because: "A reply to itself answers nobody (RFC 5227 §3 advises against it)."),
    arp(
      "hardware type", .noise(why: "hardware"), .silence("timeout"),
      because: "A hardware type that is not ours makes an address that we cannot use (RFC 826)."),
    arp(
      "operation 3", .silence("timeout"), because: "Operation 3 asks who one is by hardware (RFC 903): no reply of ARP."
    ),
    arp("operation 9", .silence("timeout"), because: "Operation 9 is of inverse ARP (RFC 2390)."),
    arp(
      "other hardware", isAt(ownerOf: "other hardware"),
      because: "The target hardware address of a reply is for show: what it tells stands in the sender's (RFC 826)."),
    arp(
      "junk behind", isAt(ownerOf: "junk behind"), because: "What stands behind 28 octets of ARP is padding (RFC 894)."),
    arp(
      "truncated", .noise(why: "ends after 20 octets of ARP"), .silence("timeout"),
      because: "A reply that ends before its sender's address tells nothing (RFC 826)."),
    arp(
      "other length", .noise(why: "hardware"), .silence("timeout"),
      because: "Hardware addresses of eight octets are not Ethernet's (RFC 826)."),
    arp(
      "honest", .answer("address-in-use", by: "arp-reply", why: "is in use at \(Neighbour.owner("honest"))"),
      probing: true,
      because: "Whoever replies to a probe uses the address (RFC 5227 §2.1.1)."),
    arp(
      "announcement", .answer("address-in-use", by: "arp-request", why: "is in use at"), probing: true,
      because: "Any packet of ARP whose sender has the address shows that it is in use (RFC 5227 §2.1.1)."),
    arp(
      "silent", .silence("timeout"), probing: true,
      because: "Nobody defends the address: it is free, as far as three probes tell (RFC 5227 §2.1.1)."),
  ]

  /// The same neighbours asked by `sonde arp`, which keeps book of who claims what.
  private static func link(
    _ title: String, _ command: String, _ says: [Line], status: Int32 = 0, because reason: String
  ) -> Situation {
    Situation("ARP: \(title)", "arp -I arp0 \(command)", says: says, status: status, lane: "arp", because: reason)
  }

  static let hostileClaims: [Situation] = [
    link(
      "two owners of one address", "-W .5 \(Neighbour.address("two owners"))",
      [isAt(ownerOf: "two owners"), isAt("02:77:00:01:00:", ["conflict"])],
      because: "Two machines claim the address: one of them gets the other's packets (RFC 5227 §1.2)."),
    link(
      "three owners of one address", "-W .5 \(Neighbour.address("three owners"))",
      [
        isAt(ownerOf: "three owners"), isAt("02:77:00:01:00:", ["conflict"]), isAt("02:77:00:02:00:01", ["conflict"]),
      ], because: "Every further owner contradicts those before it (RFC 5227 §1.2)."),
    link(
      "one answers for two", "-W .5 \(Neighbour.address("proxy")) \(Neighbour.address("proxy too"))",
      [isAt("02:77:00:ff:00:01"), isAt("02:77:00:ff:00:01", ["proxy"])],
      because: "One hardware address for two protocol addresses: a proxy (RFC 1027), or a host that has both."),
    link(
      "sender that is no host's", "-W .5 \(Neighbour.address("zero hardware"))",
      [isAt("00:00:00:00:00:00", ["inconsistent"])],
      because: "No host has the hardware address of zeros (RFC 1812 §3.3.2)."),
    link(
      "sender that is all", "-W .5 \(Neighbour.address("group hardware"))",
      [isAt("ff:ff:ff:ff:ff:ff", ["inconsistent"])],
      because: "Who believed it sent all its packets to everybody (RFC 1812 §3.3.2)."),
    link(
      "address in use", "-D -W .5 \(Neighbour.address("honest"))",
      [.answer("address-in-use", by: "arp-reply", why: "is in use at \(Neighbour.owner("honest"))")], status: 1,
      because: "Whoever replies to a probe uses the address (RFC 5227 §2.1.1): it must not be taken."),
    link(
      "address that another wants too", "-D -W .5 \(Neighbour.address("probes too"))",
      [.answer("address-in-use", by: "arp-request", flags: ["conflict"], why: "probes for")], status: 1,
      because: "Two hosts that probe for one address at once both leave it (RFC 5227 §2.1.1)."),
    link(
      "address announced", "-D -W .5 \(Neighbour.address("announcement"))",
      [.answer("address-in-use", by: "arp-request", why: "is in use at")], status: 1,
      because: "Any packet of ARP whose sender has the address shows that it is in use (RFC 5227 §2.1.1)."),
    // The last: its second reply comes when nobody listens any more.
    link(
      "late reply", "-c2 -i 1.6 -W .5 \(Neighbour.address("late"))",
      [.silence("timeout"), .silence("timeout"), isAt(ownerOf: "late", ["late"])],
      because: "A reply after its time is late, and not the next request's."),
  ]
}
