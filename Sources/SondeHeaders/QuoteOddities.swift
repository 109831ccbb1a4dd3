internal import SondeOctets

// What is odd about an ICMP error that is about a packet of ours all the same.
extension QuoteExchange {
  /// Set where another tells what only a host that we sent to could know. Members of a group are such hosts, and each
  /// node on the way reads hop-by-hop options (RFC 8200 §4.2).
  var thirdParty: Oddity? {
    guard report.isForTheHostToKnow, !askedGroup, let source = reply.source else { return nil }
    // A tunnel's exit, too, is a host that we sent to; but of ports only the last one knows.
    let hosts = report.isPortUnreachable ? asked.ends.suffix(1) : asked.ends[...]
    guard !hosts.contains(where: { $0.destination == source }), !isAboutHopByHopOptions else { return nil }
    let asked = hosts.last.map(\.destination.description) ?? "the host asked"
    return Oddity(.thirdParty, "but not from the host asked: it comes from \(source), and only \(asked) can know")
  }

  private var isAboutHopByHopOptions: Bool {
    guard report.version == 6, report.type == 4, report.code == 2, let pointer = report.pointer,
      let options = asked.layer(of: IPv6HopByHop.self), let start = asked.layer(of: IPv6.self)?.offset
    else { return false }
    return (options.offset..<options.offset + options.byteCount).contains(start + Int(pointer))
  }

  /// Set where the MTU of a packet too big cannot be true (RFC 1191 §3, RFC 8201 §4).
  var invalidMTU: Oddity? {
    guard report.verdict == .tooBig, let mtu = report.mtu else { return nil }
    let least = report.version == 4 ? 68 : 1280
    let source = report.version == 4 ? "RFC 791 §3.2" : "RFC 8200 §5"
    if mtu == 0 { return Oddity(.invalidMTU, "its MTU is 0, as of routers older than RFC 1191") }
    if mtu < least { return Oddity(.invalidMTU, "its MTU is \(mtu), below the \(least) of every link (\(source))") }
    guard let length = sentByteCount, mtu >= length else { return nil }
    return Oddity(.invalidMTU, "its MTU is \(mtu), and our packet is \(length) octets long, which fits")
  }

  /// How many octets of IP the packet had as the sender of the error saw it.
  private var sentByteCount: Int? {
    if let longestFragment { return longestFragment }
    let headers = sent.layers.filter { $0.header.pseudoHeader(within: nil) != nil }
    guard let outermost = headers.dropFirst(missingHeaderCount).first else { return nil }
    return sent.bytes.count - outermost.offset
  }

  /// Set where the quote differs from what was sent in something that an honest path leaves alone.
  ///
  /// What this machine says of its own packet it quotes as its kernel made it: of one that never left, nothing tells
  /// what that was.
  var alteration: Oddity? {
    if reply.source == asked.source { return nil }
    let (ours, theirs) = (Carriage(sent), Carriage(quoted))
    var found: [String] = []
    if !quoteIsRebuilt {
      for (own, other) in zip(ours.headers.dropFirst(missingHeaderCount), theirs.headers) {
        found += difference(own, other)
      }
      found += difference(ofExtensions: ours.extensions, theirs.extensions)
    }
    if !quoted.endsInInnerIPHeader { found += [difference(behind: ours.end, theirs.end)].compactMap { $0 } }
    guard !found.isEmpty else { return nil }
    return Oddity(.quoteAltered, "the quote is altered: \(found.joined(separator: ", "))")
  }

  /// In which fields an IP header in the quote differs from ours.
  private func difference(_ own: Dissection.Layer, _ other: Dissection.Layer) -> [String] {
    switch (own.header, other.header) {
    case (let ours as IPv4, let theirs as IPv4):
      var ignored = ["version", "headerLength", "checksum", "source", "destination", "options"]
      if theirs.timeToLive <= ours.timeToLive { ignored.append("timeToLive") }
      if isMarked(ours.typeOfService, theirs.typeOfService) { ignored.append("typeOfService") }
      // The kernel chooses it where it is asked for none (raw(7)).
      if ours.identification == 0 { ignored.append("identification") }
      // The raw door writes the true length over any other (raw(7)).
      if theirs.totalLength.hand.map({ Int($0) }) == sent.bytes.count - own.offset { ignored.append("totalLength") }
      if isFragment(theirs, of: ours) { ignored += ["totalLength", "flags"] }
      let fields = names(of: ours, own.offset, theirs, other.offset, except: ignored)
      return fields + (haveLikeOptions(ours, theirs) ? [] : ["ip.options"])
    case (let ours as IPv6, let theirs as IPv6):
      var ignored = ["version", "source", "destination"]
      if theirs.hopLimit <= ours.hopLimit { ignored.append("hopLimit") }
      if isMarked(ours.trafficClass, theirs.trafficClass) { ignored.append("trafficClass") }
      // A router may label a flow that its source has not (RFC 6437 §3).
      if ours.flowLabel == 0 { ignored.append("flowLabel") }
      if longestFragment != nil, quoted.first(IPv6Fragment.self) != nil { ignored += ["payloadLength", "nextHeader"] }
      return names(of: ours, own.offset, theirs, other.offset, except: ignored)
    default: return []
    }
  }

  /// Whether the only change is that a router saw congestion (RFC 3168 §5).
  private func isMarked(_ ours: UInt8, _ theirs: UInt8) -> Bool {
    (ours & 3 == 1 || ours & 3 == 2) && theirs == ours | 3
  }

  /// Whether it can be a first fragment of ours, made here or by a router (RFC 791 §3.2).
  private func isFragment(_ theirs: IPv4, of ours: IPv4) -> Bool {
    guard theirs.flags == .moreFragments, theirs.fragmentOffset == 0, ours.fragmentPlace == nil else { return false }
    guard longestFragment != nil || !ours.flags.contains(.dontFragment) else { return false }
    guard let part = theirs.totalLength.hand, let whole = ours.totalLength.hand else { return false }
    return part < whole && (Int(part) - theirs.byteCount) % 8 == 0
  }

  /// Routers write into routes, timestamps and probes (RFC 791 §3.1; RFC 1063; RFC 1393); all else stays.
  private func haveLikeOptions(_ ours: IPv4, _ theirs: IPv4) -> Bool {
    let writable: Set<UInt8> = [7, 68, 131, 137, 11, 82]
    return ours.options.count == theirs.options.count
      && zip(ours.options, theirs.options).allSatisfy { own, other in
        if own == other { return true }
        guard let own = own.parts, let other = other.parts, own.kind == other.kind else { return false }
        return writable.contains(own.kind) && own.data.count == other.data.count
      }
  }

  private func difference(ofExtensions ours: [Name], _ theirs: [Name]) -> [String] {
    let theirs = longestFragment == nil ? theirs : theirs.filter { $0 != IPv6Fragment.name }
    return zip(ours, theirs).first { $0 != $1 }.map { ["\($1) where \($0) was sent"] } ?? []
  }

  private func names(
    of ours: any Header, _ start: Int, _ theirs: any Header, _ otherStart: Int, except ignored: [String]
  ) -> [String] {
    ours.fields.compactMap { field in
      guard !ignored.contains(field.name) else { return nil }
      return difference(type(of: ours).name, field, start, otherStart)
    }
  }

  /// The field in words, if it differs: "ip.tos is 184, not 0".
  private func difference(_ layer: Name, _ field: FieldSpec, _ start: Int, _ otherStart: Int) -> String? {
    guard let own = field.number(in: sent.bytes.rawSpan, at: start),
      let other = field.number(in: quoted.bytes.rawSpan, at: otherStart), own != other
    else { return nil }
    return "\(layer).\(field.alias) is \(text(other, field.form)), not \(text(own, field.form))"
  }

  private func text(_ number: UInt64, _ form: FieldSpec.Form) -> String {
    switch form {
    case .hexadecimal: Hex.word(number)
    case .flags(let names):
      names.indices.filter { number >> UInt64($0) & 1 == 1 }.map { names[$0] }.joined(separator: "+")
    default: String(number)
    }
  }

  /// What differs first in the octets that IP carries, as far as they are quoted.
  private func difference(behind start: Int, _ otherStart: Int) -> String? {
    let own = sent.bytes.dropFirst(start)
    let other = quoted.bytes.dropFirst(otherStart)
    guard let place = zip(own, other).enumerated().first(where: { $1.0 != $1.1 })?.offset else { return nil }
    for layer in sent.layers where layer.offset == start {
      for field in layer.header.fields where field.bits.upperBound > place * 8 {
        if let text = difference(type(of: layer.header).name, field, start, otherStart) { return text }
      }
    }
    return "octet \(place) of what IP carries is \(other[otherStart + place]), not \(own[start + place])"
  }
}

/// The IP headers of a packet and their extension headers, up to what they carry.
private struct Carriage {
  var headers: [Dissection.Layer] = []
  var extensions: [Name] = []
  /// Where what they carry begins.
  var end = 0

  init(_ packet: Dissection) {
    for layer in packet.layers {
      let kind = type(of: layer.header)
      if layer.header.pseudoHeader(within: nil) != nil {
        headers.append(layer)
      } else if kind.announced.isIPv6Extension {
        extensions.append(kind.name)
      } else if headers.isEmpty {
        // A link header.
        continue
      } else {
        break
      }
      end = layer.offset + layer.byteCount
    }
  }
}
