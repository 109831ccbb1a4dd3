public import SondeLink
public import SondeOctets

// Which host is asked for its link address, and when.
extension NeighbourBook {
  /// When the next request may be written, or somebody be given up; in the past if it may be now.
  public var due: Instant {
    if wanted.first != nil, !asked.isFull { return Instant(nanoseconds: .min) }
    let host = asked.first.map { $0.at + Self.patience } ?? .distantFuture
    return routers.lazy.map(\.due).reduce(host) { min($0, $1) }
  }

  /// Writes the next request that is due, for whoever sends, and lends it from the network header on.
  ///
  /// - Returns: whether there was one.
  public mutating func writeRequest(at now: Instant, _ write: (RawSpan, NextHop) -> Void) -> Bool {
    for index in routers.indices where routers[index].due <= now {
      guard let linkAddress = routers[index].ask(at: now, hears: asksHosts) else { continue }
      let router = routers[index]
      ask(router.address, router.link, at: linkAddress == .broadcast ? nil : linkAddress, write)
      return true
    }
    guard let slot = nextHost(at: now), let address = table?[slot].address, let link = ways.asking(address) else {
      return false
    }
    table?[slot].state = .asked
    table?[slot].attempts += 1
    table?[slot].when = now
    asked.append(slot, at: now)
    ask(address, link, at: nil, write)
    return true
  }

  /// The next host to be asked, again or for the first time; those asked often enough are given up on the way.
  private mutating func nextHost(at now: Instant) -> Int? {
    while let first = asked.first {
      let slot = Int(first.slot)
      guard let entry = table?[slot], entry.state == .asked, entry.when == first.at else {
        // It has answered.
        asked.removeFirst()
        continue
      }
      guard first.at + Self.patience <= now else { break }
      asked.removeFirst()
      guard entry.attempts >= Self.attempts else { return slot }
      table?[slot].state = .failed
      table?[slot].when = now
    }
    guard !asked.isFull, let first = wanted.first else { return nil }
    wanted.removeFirst()
    return Int(first.slot)
  }

  private mutating func ask(
    _ target: IPAddress, _ link: NeighbourWays.Link, at linkAddress: MACAddress?, _ write: (RawSpan, NextHop) -> Void
  ) {
    let hop: NextHop
    switch (target, link.asker) {
    case (.v4(let target), .v4(let asker)):
      request.askARP(target, asker: asker, from: link.linkAddress)
      hop = NextHop(interface: link.interface, linkAddress: linkAddress ?? .broadcast, etherType: 0x0806)
    case (.v6(let target), .v6(let asker)):
      let group = NeighbourRequest.solicitedNode(target)
      request.solicit(target, to: linkAddress == nil ? group : target, asker: asker, from: link.linkAddress)
      hop = NextHop(
        interface: link.interface, linkAddress: linkAddress ?? NeighbourRequest.linkAddress(ofGroup: group),
        etherType: 0x86dd)
    default: return
    }
    requests += 1
    request.lend { write($0, hop) }
  }

  /// Looks up, where no answer is heard, what the system learned from answers: of each router that was asked.
  public mutating func readTable(at now: Instant, _ known: (IPAddress, Int32) -> MACAddress?) {
    for index in routers.indices where routers[index].awaits(at: now) {
      guard let found = known(routers[index].address, routers[index].interface), found.namesOneHost else { continue }
      // The system may hold an old one for long: where answers are heard, only another one is news.
      if !asksHosts || found != routers[index].linkAddress { routers[index].learn(found, at: now) }
    }
  }
}
