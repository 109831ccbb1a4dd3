internal import SondeOctets

// IP headers inside IP headers, compared each with its like.
//
// A tunnel's exit takes the outer header off and sends on what is inside (RFC 2003 §3): what the host
// behind it answers, and what routers behind it quote, has none of the tunnel's headers unless routing
// leads it through a tunnel again. So where a packet has fewer IP headers than ours, the outer ones are
// those that are missing, and the rest are compared in order.

extension Dissection {
  /// The source and the final destination that each IP header tells with its extension headers, outermost first:
  /// a route and a home address stand for the addresses in the header itself.
  var ends: [PseudoHeader] {
    var ends: [PseudoHeader] = []
    for layer in layers {
      if let own = layer.header.pseudoHeader(within: nil) {
        ends.append(own)
      } else if let last = ends.last, let changed = layer.header.pseudoHeader(within: last) {
        ends[ends.count - 1] = changed
      }
    }
    return ends
  }

  /// The IP headers of a packet that came, outermost first, each with how its route stands.
  fileprivate var arrivals: [Arrival] {
    var arrivals: [Arrival] = []
    for layer in layers {
      if let shown = Arrival(layer.header) {
        arrivals.append(shown)
      } else if let route = layer.header as? IPv6Routing, !route.isUsedUp, !arrivals.isEmpty {
        let home = route.routingType == 2 ? route.finalDestination : nil
        arrivals[arrivals.count - 1].route = home.map { .home(.v6($0)) } ?? .underWay
      }
    }
    return arrivals
  }

  /// What the IP header of ours says with its extension headers; nil where it is none.
  func ends<H: Header>(of header: H) -> PseudoHeader? {
    guard let own = header.pseudoHeader(within: nil) else { return nil }
    let (ends, depth) = (ends, depth(of: header))
    return ends.indices.contains(depth) ? ends[depth] : own
  }

  /// Where `header` stands among the IP headers, counted from the outermost; 0 if it is none of them.
  func depth<H: Header>(of header: H) -> Int {
    let headers = layers.lazy.map(\.header).filter { $0.pseudoHeader(within: nil) != nil }
    return headers.enumerated().first { $1 as? H == header }?.offset ?? 0
  }

  /// Whether the octets end inside an IP header that stands in another layer.
  var endsInInnerIPHeader: Bool {
    guard let stopped, stopped.offset > 0, case .short = stopped.error.reason else { return false }
    return stopped.layer == IPv4.name || stopped.layer == IPv6.name
  }
}

/// An IP header of a packet that came: where it is from and where it has come to are the addresses that it shows. A home
/// address is believed only of a host that has a binding (RFC 6275 §9.3.1), and none is kept here.
private struct Arrival {
  enum Route {
    /// There is none, or it is used up.
    case over
    /// One of type 2, whose last step is made inside the receiver.
    case home(IPAddress)
    /// Whoever has the packet is not its end, and no host takes it for its own (RFC 8200 §4.4).
    case underWay
  }
  var shown: PseudoHeader
  var route = Route.over

  init?(_ header: any Header) {
    guard let shown = header.pseudoHeader(within: nil) else { return nil }
    self.shown = shown
    guard let header = header as? IPv4, header.finalDestination != header.destination else { return }
    self.shown.destination = .v4(header.destination)
    route = .underWay
  }
}

extension ReplyExchange {
  /// The strict half of an IP header of ours for a direct answer.
  func judge<H: Header>(addressesOf header: H) -> Judgement? {
    guard let own = asked.ends(of: header) else { return nil }
    let depth = asked.depth(of: header)
    let theirs = reply.arrivals
    // A socket may have given the message alone.
    if theirs.isEmpty { return nil }
    let index = depth - max(0, asked.ends.count - theirs.count)
    if index < 0 { return .agrees() }
    guard theirs.indices.contains(index) else { return nil }
    var other = theirs[index].shown
    if let refusal = own.refusal(ofVersionOf: other, "is") { return refusal }
    switch theirs[index].route {
    case .over: break
    // To whom moves about, through the address at which the packet was asked from (RFC 6275 §6.4).
    case .home(let home) where other.destination == header.pseudoHeader(within: nil)?.source:
      other.destination = home
    case .home, .underWay: return .refused(why: "is on a route that does not end at \(other.destination)")
    }
    let isGroup = depth == 0 ? askedGroup : own.destination.isGroup
    return judgeAddresses(own.source, own.destination, reply: other.source, other.destination, isGroup: isGroup)
  }
}

extension QuoteExchange {
  /// The strict half of an IP header of ours for an ICMP error.
  func judge<H: Header>(addressesOf header: H) -> Judgement? {
    guard let own = asked.ends(of: header) else { return nil }
    let depth = asked.depth(of: header)
    let theirs = quoted.ends
    if theirs.isEmpty { return depth == 0 ? refusalWithoutIPHeader() : nil }
    let index = depth - missingHeaderCount
    if index < 0 { return .agrees() }
    // Cut off: what the layers inside make of that, they say.
    guard theirs.indices.contains(index) else { return nil }
    let other = theirs[index]
    if let refusal = own.refusal(ofVersionOf: other, "quotes") { return refusal }
    // The error goes to the source in the outermost header that its sender saw; those inside may name others.
    // A home address among ours is not where errors go.
    if index == 0, let receiver = reply.arrivals.first?.shown.destination,
      let sender = header.pseudoHeader(within: nil)?.source, receiver != sender
    {
      return .refused(why: "is for \(receiver), not for our \(sender)")
    }
    return judgeAddresses(own.source, own.destination, quoted: other.source, other.destination)
  }

  /// How many of our outer IP headers were taken off before the packet was quoted. One that is cut off is
  /// an inner one.
  var missingHeaderCount: Int {
    quoted.endsInInnerIPHeader ? 0 : max(0, asked.ends.count - quoted.ends.count)
  }

  /// The refusal of a quote that ends inside an inner IP header, before a layer of ours that it could be
  /// known by; nil for any other quote.
  func refusalOfCutTunnel() -> Judgement? {
    guard quoted.endsInInnerIPHeader, asked.ends.count > quoted.ends.count, let stopped = quoted.stopped else {
      return nil
    }
    return refusal(cutAt: stopped.offset, stopped.layer)
  }
}

extension PseudoHeader {
  /// The refusal of an IP header of another version than ours; `verb` begins the sentence: "is", "quotes".
  fileprivate func refusal(ofVersionOf other: PseudoHeader, _ verb: String) -> Judgement? {
    let (ours, theirs) = (source.version, other.source.version)
    return ours == theirs ? nil : .refused(why: "\(verb) an IPv\(theirs) packet, not an IPv\(ours) one")
  }
}
