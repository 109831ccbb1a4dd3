internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import TestSupport
internal import Testing

/// A path of links with MTUs of their own, whose routers tell the truth, lie, or say nothing.
private struct Path {
  /// What a router says of a packet too big for the link behind it.
  enum Word {
    case truth
    case silence
    case names(UInt32)
    /// Says so and yet sends it on.
    case liesAndForwards(UInt32)
    /// Names one octet less than what it got, however often.
    case namesOneLess
  }

  var links: [(mtu: Int, word: Word)]
  /// Whether the host answers at all.
  var answers = true
  /// Of a hundred packets, how many are lost each way.
  var loss = 0
  var isIPv6 = false
  /// The routers that do not say when a packet has lived too long.
  var mute: Set<Int> = []
  /// The largest of the packets with few hops to live that the first router calls too big; 0 for none.
  var tooBigShort = 0
  var generator = SeededGenerator(seed: 1)

  private var isLost: Bool {
    mutating get { loss > 0 && generator.next(below: 100) < UInt64(loss) }
  }

  private func address(_ router: Int) -> IPv4Address { IPv4Address(rawValue: Hosts.router.rawValue + UInt32(router)) }

  private func exceeded(_ packet: Dissection, by router: Int) -> [UInt8] {
    let error: [any Header] =
      isIPv6
      ? [IPv6(from: Hosts.router6, to: Hosts.us6), ICMPv6(type: .timeExceeded, restOfHeader: 0)]
      : [IPv4(from: address(router), to: Hosts.us), ICMPv4(type: .timeExceeded, code: 0, restOfHeader: 0)]
    return (try? bytes(error + [Payload(octets: Array(packet.bytes.prefix(100)))])) ?? []
  }

  private func error(_ packet: Dissection, _ mtu: UInt32, by router: Int) -> [UInt8] {
    let error: [any Header] =
      isIPv6
      ? [IPv6(from: Hosts.router6, to: Hosts.us6), ICMPv6.packetTooBig(mtu: mtu)]
      : [
        IPv4(from: address(router), to: Hosts.us),
        ICMPv4(type: .destinationUnreachable, code: 4, restOfHeader: mtu),
      ]
    // As much as a router may quote (RFC 1812 §4.3.2.3); a large packet's head is enough.
    return (try? bytes(error + [Payload(octets: Array(packet.bytes.prefix(100)))])) ?? []
  }

  private func reply(_ packet: Dissection) -> [UInt8] {
    if !isIPv6 { return (try? echoReply(to: packet)) ?? [] }
    guard let echo = packet.first(ICMPv6.self) else { return [] }
    let reply = ICMPv6.echoReply(identifier: echo.identifier, sequenceNumber: echo.sequenceNumber)
    return (try? bytes([Hosts.back6, reply, Payload(octets: packet.payload)])) ?? []
  }

  mutating func take(_ packet: Dissection) -> [(after: Duration, bytes: [UInt8])] {
    if isLost { return [] }
    var back: [(after: Duration, bytes: [UInt8])] = []
    for (place, link) in links.enumerated() {
      // A router stands before every link but the first; it looks at the hops before it looks at the size.
      let hops = packet.first(IPv4.self)?.timeToLive ?? packet.first(IPv6.self)?.hopLimit ?? 64
      if place > 0, hops < 64, packet.bytes.count <= tooBigShort {
        return back + [(.milliseconds(2), error(packet, 1000, by: place))]
      }
      if place > 0, Int(hops) <= place {
        return mute.contains(place) ? back : back + [(.milliseconds(1), exceeded(packet, by: place))]
      }
      guard packet.bytes.count > link.mtu else { continue }
      let after = Duration.milliseconds(Int64(2 * place + 2))
      switch link.word {
      case .silence: return back
      case .truth: return back + (isLost ? [] : [(after, error(packet, UInt32(link.mtu), by: place))])
      case .names(let mtu): return back + (isLost ? [] : [(after, error(packet, mtu, by: place))])
      case .namesOneLess: return back + [(after, error(packet, UInt32(packet.bytes.count - 1), by: place))]
      case .liesAndForwards(let mtu): back.append((after, error(packet, mtu, by: place)))
      }
    }
    if answers, !isLost { back.append((.milliseconds(10), reply(packet))) }
    return back
  }
}

@Suite struct MTUSearchTests {
  private struct Found {
    var finding: MTUFinding
    var sent: Int
    var sizes: [Int]
    var took: Duration
  }

  private func search(
    _ path: Path, largest: Int = 1500, retries: Int = 2, until end: Duration? = nil,
    refusing refuse: @escaping (Dissection) -> LinkError? = { _ in nil }
  ) throws -> Found {
    var path = path
    let isIPv6 = path.isIPv6
    let sizes = MTUSearch.Sizes(smallest: isIPv6 ? 100 : 68, largest: largest, floor: isIPv6 ? 1280 : 68)
    let host: IPAddress = isIPv6 ? .v6(Hosts.asked6) : .v4(Hosts.asked)
    let plan = MTUSearch(host, sizes: sizes, patience: .init(retries: retries)) { size, turn, hops in
      let number = UInt16(truncatingIfNeeded: turn)
      let data = [UInt8](repeating: 7, count: size - (isIPv6 ? 48 : 28))
      return isIPv6
        ? AnyPacket([
          IPv6(from: Hosts.us6, to: Hosts.asked6, hopLimit: hops == 0 ? 64 : hops),
          ICMPv6.echoRequest(identifier: 9, sequenceNumber: number), Payload(octets: data),
        ])
        : AnyPacket([
          IPv4(from: Hosts.us, to: Hosts.asked, ttl: hops == 0 ? 64 : hops, flags: .dontFragment),
          ICMPv4.echoRequest(identifier: 9, sequenceNumber: number), Payload(octets: data),
        ])
    }
    var session = Session(plan, timeout: .seconds(1))
    var asked: [Int] = []
    var link = TestLink(refusing: refuse) { packet, _ in
      asked.append(packet.bytes.count)
      return path.take(packet)
    }
    try SondeProbe.run(&session, over: &link, until: end.map { .ms(0) + $0 } ?? .distantFuture) { _ in }
    return Found(
      finding: session.plan.finding, sent: session.tally.sent, sizes: asked, took: link.now - .ms(0))
  }

  private func router(_ place: Int) -> MTUFinding.Limit {
    .router(.v4(IPv4Address(rawValue: Hosts.router.rawValue + UInt32(place))))
  }

  @Test func threeLinksTakeFivePacketsAndTheNarrowestIsNamed() throws {
    let found = try search(Path(links: [(1500, .truth), (1400, .truth), (1300, .truth)]))
    #expect(found.finding.mtu == 1300 && found.finding.limit == router(2) && found.finding.isProved)
    #expect(found.sizes == [68, 1500, 1400, 1300, 1301])
    #expect(found.finding.oddities.isEmpty)
  }

  @Test(arguments: [1001, 1300, 1400]) func aRouterThatNamesOneLessEachTimeIsNotFollowedForLong(mtu: Int) throws {
    let found = try search(Path(links: [(9000, .truth), (mtu, .namesOneLess)]), largest: 9000)
    #expect(found.finding.mtu == mtu && found.finding.limit == router(1), "\(found)")
    #expect(found.sent <= 24, "\(found.sizes)")
  }

  @Test func aWidePathIsLimitedByTheInterface() throws {
    for largest in [68, 576, 1280, 1500, 9000, 65_535] {
      let found = try search(Path(links: [(65_535, .truth)]), largest: largest)
      #expect(found.finding.mtu == largest && found.finding.limit == .interface)
      #expect(found.sent == (largest == 68 ? 1 : 2))
    }
  }

  /// RFC 8201 §4: less than 1280 is no MTU of IPv6, whatever an error says.
  @Test(arguments: [1280, 1300, 1499, 1500])
  func anIPv6PathIsMeasuredAsAnyOther(mtu: Int) throws {
    let found = try search(Path(links: [(1500, .truth), (mtu, .truth)], isIPv6: true))
    #expect(found.finding.mtu == mtu && found.sent <= 4)
    #expect(found.finding.limit == (mtu == 1500 ? .interface : .router(.v6(Hosts.router6))))
  }

  @Test func anIPv6ErrorBelow1280IsSaidAndNotBelieved() throws {
    let found = try search(Path(links: [(1400, .names(1279))], isIPv6: true))
    #expect(found.finding.mtu == 1400 && found.finding.limit == .refuser(.v6(Hosts.router6)))
    #expect(found.finding.oddities.map(\.reason) == [.belowFloor] && found.finding.oddities.first?.mtu == 1279)
    let narrow = try search(Path(links: [(1000, .truth)], isIPv6: true))
    #expect(narrow.finding.mtu == 1000 && narrow.finding.isIPv6)
  }

  /// What old routers, and liars, write into the field: the size found is the true one.
  @Test(arguments: [0, 1, 67, 1500, 1501, 9000, 65_535] as [UInt32], [68, 296, 1006, 1300, 1492, 1499])
  func anImplausibleMTUIsSaidAndNotBelieved(named: UInt32, mtu: Int) throws {
    let found = try search(Path(links: [(mtu, .names(named))]))
    #expect(found.finding.mtu == mtu && found.finding.isProved)
    let reason: MTUFinding.Oddity.Reason = named == 0 ? .zero : named < 68 ? .belowFloor : .notSmaller
    #expect(found.finding.oddities.first?.reason == reason && found.finding.oddities.first?.mtu == named)
    #expect(found.finding.limit == .refuser(.v4(Hosts.router)))
    #expect(found.took < .seconds(2), "no error's word takes a silence's time")
  }

  @Test func theUsualSizesComeFirstWhereARouterNamesNone() throws {
    let found = try search(Path(links: [(1492, .names(0))]))
    #expect(found.sizes.prefix(3) == [68, 1500, 1492] && found.sent < 8)
  }

  @Test(arguments: [68, 100, 576, 1299, 1399] as [UInt32])
  func aRouterThatNamesTooLittleIsBelied(named: UInt32) throws {
    let found = try search(Path(links: [(1400, .names(named))]))
    #expect(found.finding.mtu == 1400)
    #expect(found.finding.oddities.contains { $0.mtu == named && $0.reason == .refuted })
    #expect(found.finding.limit == .refuser(.v4(Hosts.router)))
  }

  @Test func anErrorAboutAPacketThatGetsThroughIsBelied() throws {
    for named in [0, 68, 1000, 1499, 9000] as [UInt32] {
      let found = try search(Path(links: [(600, .liesAndForwards(named)), (1500, .truth)]))
      #expect(found.finding.mtu == 1500 && found.finding.limit == .interface, "\(named): \(found)")
      #expect(!found.finding.oddities.isEmpty)
    }
  }

  @Test(arguments: [68, 69, 575, 1279, 1280, 1281, 1300, 1399, 1498, 1499])
  func aBlackHoleIsFoundBySearch(mtu: Int) throws {
    for isIPv6 in [false, true] where !isIPv6 || mtu >= 100 {
      let found = try search(Path(links: [(1500, .truth), (mtu, .silence)], isIPv6: isIPv6))
      #expect(found.finding.mtu == mtu && found.finding.limit == .silence && found.finding.isProved)
    }
  }

  @Test func aBlackHoleBehindARouterThatSpeaksIsFound() throws {
    let found = try search(Path(links: [(1400, .truth), (1300, .silence)]))
    #expect(found.finding.mtu == 1300 && found.finding.limit == .silence)
    let other = try search(Path(links: [(1400, .silence), (1300, .truth)]))
    #expect(other.finding.mtu == 1300 && other.finding.limit == router(1))
  }

  /// Packets of few hops show how far each size comes.
  @Test func theStretchThatSwallowsIsNamed() throws {
    let links: [(mtu: Int, word: Path.Word)] = [(1500, .truth), (1500, .truth), (1300, .silence), (1500, .truth)]
    func router(_ place: Int) -> IPAddress { .v4(IPv4Address(rawValue: Hosts.router.rawValue + UInt32(place))) }
    let found = try search(Path(links: links))
    #expect(found.finding.mtu == 1300 && found.finding.hole == .init(behind: router(2), before: router(3)))
    let last = try search(Path(links: links.dropLast()))
    #expect(last.finding.hole == .init(behind: router(2), before: .v4(Hosts.asked)))
    let first = try search(Path(links: [(1300, .silence), (1500, .truth)]))
    #expect(first.finding.hole == .init(behind: nil, before: router(1)))
    // Where a router never says it, the next one that does is the nearest that is known.
    let mute = try search(Path(links: links, mute: [3]))
    #expect(mute.finding.hole == .init(behind: router(2), before: .v4(Hosts.asked)))
    let shy = try search(Path(links: links, mute: [2]))
    #expect(shy.finding.hole == .init(behind: router(1), before: router(3)))
    let plain = try search(Path(links: [(1500, .truth), (1300, .truth)]))
    #expect(plain.finding.hole == nil)
  }

  /// The way may change between two questions: what is asked again and again then has no end.
  @Test func aWalkEndsWhereTheWayIsNoLongerTheSame() throws {
    let links: [(mtu: Int, word: Path.Word)] = [(1500, .truth), (1300, .silence), (1500, .truth)]
    let changed = try search(Path(links: links, tooBigShort: 1300), until: .seconds(600))
    #expect(changed.finding.mtu == 1300 && changed.finding.hole == nil && changed.sent < 40)
    #expect(changed.finding.isProved)
    for lost in [true, false] {
      // The link goes down as soon as the walk begins, or as soon as it asks with the size that got through.
      var refusals = 0
      let down = try search(Path(links: links), until: .seconds(600)) { packet in
        guard packet.first(IPv4.self).map({ $0.timeToLive < 64 }) ?? false else { return nil }
        guard lost || packet.bytes.count == 1300 else { return nil }
        refusals += 1
        return refusals > 50 ? nil : LinkError(operation: "send", code: 100, message: "network is down")
      }
      #expect(refusals == 1, "asked \(refusals) times")
      #expect(down.finding.mtu == 1300 && down.finding.hole == nil && down.finding.limit == .silence)
    }
  }

  /// Without retries one loss would be taken for a limit.
  @Test func aTenthLostMisleadsNobody() throws {
    var seeds = Seeded()
    let seed = seeds.next()
    for round in 0..<300 {
      let word: Path.Word = round % 3 == 0 ? .truth : round % 3 == 1 ? .silence : .names(0)
      var path = Path(links: [(1500, .truth), (1300, word)], loss: 10)
      path.generator = SeededGenerator(seed: seed &+ UInt64(round))
      let found = try search(path)
      if found.finding.mtu == nil { continue }
      #expect(found.finding.mtu == 1300, "seed \(seed), round \(round): \(found)")
    }
  }

  @Test func aHostThatDoesNotAnswerIsSaidToBeSilent() throws {
    let found = try search(Path(links: [(1300, .truth)], answers: false))
    #expect(found.finding.mtu == nil && !found.finding.isProved && found.sent == 3)
    #expect(found.took < .seconds(2))
  }

  @Test func aRunThatEndsEarlyClaimsNoLimit() throws {
    let found = try search(Path(links: [(1300, .silence)]), until: .seconds(2))
    #expect(found.finding.mtu == 1280 && found.finding.limit == .unknown && !found.finding.isProved)
    #expect(found.finding.isStopped && found.finding.refused == 1500)
  }

  /// A size whose packets still had time is not known to be lost, and a host not known to be silent.
  @Test func whatAStopCutShortProvesNothing() throws {
    let sizes = try search(Path(links: [(1300, .silence)]), until: .milliseconds(500)).finding
    #expect(sizes.mtu == 68 && sizes.refused == nil && sizes.isStopped)
    let silent = try search(Path(links: [(1300, .truth)], answers: false), until: .milliseconds(500)).finding
    #expect(silent.mtu == nil && silent.refused == nil && silent.isStopped)
    let whole = try search(Path(links: [(1300, .truth)], answers: false), until: .seconds(60)).finding
    #expect(whole.mtu == nil && !whole.isStopped)
  }
}
