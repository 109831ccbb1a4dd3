internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import SondeSim
internal import Testing

/// Where a trace ends, and what labels it tells.
@Suite struct TraceArrivalTests {
  private let path = [router(1, 3), router(2, 5)]

  @Test(arguments: Manner.all)
  func aRoutersUnreachableEndsTheTraceAndIsNoArrival(manner: Manner) throws {
    let sender = routerAddress(7, isIPv6: manner.isIPv6)
    for (rejection, name) in [
      (Rejection.portUnreachable, "port-unreachable"),
      (Rejection.prohibited, manner.isIPv6 ? "administratively-prohibited" : "communication-prohibited"),
    ] {
      let traced = try Traced(manner, path) { host in
        let behaviour = Behaviour.reject(rejection.sent(from: sender))
        (host.icmp, host.otherTCP, host.otherUDP) = (behaviour, behaviour, behaviour)
      }
      #expect(traced.trace.end == 2)
      #expect(!traced.trace.hasArrived(at: 2))
      #expect(traced.notes == [[], [], [.error(name, mtu: nil)]])
      #expect(traced.trace.hops[2].answers.allSatisfy { traced.trace.place(of: $0) == .stopped })
    }
  }

  @Test(arguments: Manner.all)
  func anUnreachableOfTheHostItselfIsAnArrival(manner: Manner) throws {
    let traced = try Traced(manner, path) { host in
      let behaviour = Behaviour.reject(.prohibited)
      (host.icmp, host.otherTCP, host.otherUDP) = (behaviour, behaviour, behaviour)
    }
    #expect(traced.trace.hasArrived(at: 2))
    #expect(traced.notes[2].count == 1)
  }

  /// The bucket of the host's errors is empty when the trace begins: it answers first what went to a farther hop, and
  /// the TTL that its quote has left tells how much too far.
  @Test(arguments: Manner.udp)
  func aRateLimitOfTheHostMakesTheWayNoLonger(manner: Manner) throws {
    for (timeout, interval) in [(2, 2100), (4, 1000), (1, 1600)] as [(Int64, Int64)] {
      var host = SimulatedHost(manner.destination, roundTrip: .milliseconds(9), path: path)
      host.errorLimit = RateLimit(burst: 1, interval: .milliseconds(interval))
      var link = SimulatedLink([host])
      let before = manner.packet(TraceSchedule.Question(ttl: 9, query: 0, number: 9999), flow: 4000)
      _ = link.send([Outgoing(probe: 1, bytes: try before.encoded().bytes)])
      let traced = try Traced(manner.schedule(gap: .milliseconds(100)), over: &link, timeout: .seconds(timeout))
      #expect(traced.trace.end == 2, "\(timeout) s")
      #expect(traced.trace.hasArrived(at: 2))
    }
  }

  @Test(arguments: Manner.udp)
  func aSilentRouterBeforeTheHostIsNoRateLimit(manner: Manner) throws {
    let traced = try Traced(manner, path + [router(3, 5, isSilent: true)])
    #expect(traced.trace.end == 3)
    #expect(traced.trace.withheld == nil)
    #expect(traced.tally.sent == 12)
  }

  @Test func tooBigEndsTheTraceAndTellsTheMTU() throws {
    let manner = Manner.udp[1]
    var narrow = router(2, 5)
    narrow.mtu = 60
    let traced = try Traced(manner, [router(1, 3), narrow])
    #expect(traced.trace.end == 2)
    #expect(traced.notes.last == [.error("packet-too-big", mtu: 60)])
  }

  @Test func aHopThatLetsSomePassIsNoEnd() throws {
    let manner = Manner.udp[0]
    var asked = 0
    var link = TestLink { packet, _ in
      guard let ip = packet.first(IPv4.self) else { return [] }
      asked += 1
      let isThere = ip.timeToLive >= 3
      let error: [any Header] =
        isThere
        ? [Hosts.back, ICMPv4.destinationUnreachable(code: 3)]
        : [Hosts.onTheWay, asked % 3 == 0 ? ICMPv4.destinationUnreachable(code: 1) : ICMPv4.timeExceeded()]
      return (try? bytes(error + [Quote(packet.packet)])).map { [(.milliseconds(1), $0)] } ?? []
    }
    let traced = try Traced(manner.schedule(), over: &link)
    #expect(traced.trace.end == 2)
    #expect(traced.trace.hasArrived(at: 2))
    #expect(traced.notes[0] == [.error("host-unreachable", mtu: nil)])
  }

  // MPLS labels.

  private func labelled(_ checksum: Field<UInt16>, isIPv6: Bool) throws -> Traced {
    let manner = Manner.udp[isIPv6 ? 1 : 0]
    var link = TestLink { packet, _ in
      let hops = packet.first(IPv4.self)?.timeToLive ?? packet.first(IPv6.self)?.hopLimit ?? 0
      guard hops == 1 else { return [] }
      let labels = [
        MPLSLabel(label: 16_004, trafficClass: 1, isBottomOfStack: false, timeToLive: 1),
        MPLSLabel(label: 24, timeToLive: 9),
      ]
      let head: [any Header] =
        isIPv6
        ? [Hosts.onTheWay6, ICMPv6.timeExceeded(length: 16)] : [Hosts.onTheWay, ICMPv4.timeExceeded(length: 32)]
      let error = try? bytes(
        head + [
          Quote(packet.packet, cut: 128, fill: 128), ExtensionStructure(checksum: checksum),
          ExtensionObject.mplsLabelStack(labels),
        ])
      return error.map { [(.milliseconds(1), $0)] } ?? []
    }
    return try Traced(manner.schedule(ttls: 1...1, queries: 1), over: &link)
  }

  @Test func labelsAreToldWhereTheirChecksumHolds() throws {
    for isIPv6 in [false, true] {
      let told = try labelled(.auto, isIPv6: isIPv6)
      #expect(told.trace.hops[0].answers.first?.labels.map(\.label) == [16_004, 24])
      #expect(told.notes == [[]])
    }
  }

  @Test func labelsWithAWrongChecksumOrNoneAreNotBelieved() throws {
    for isIPv6 in [false, true] {
      let absent = try labelled(.set(0), isIPv6: isIPv6)
      let wrong = try labelled(.set(0x1234), isIPv6: isIPv6)
      #expect(absent.notes == [[.unsummedExtensions]])
      #expect(wrong.notes == [[.wrongExtensions]])
      for traced in [absent, wrong] {
        #expect(traced.trace.hops[0].answers.count == 1)
        #expect(traced.trace.hops[0].answers.first?.labels == [])
      }
    }
  }

  // One flow.

  private func message(_ kind: TraceMessage.Kind, _ number: UInt64, _ manner: Manner) throws -> [UInt8] {
    let packet = manner.packet(TraceSchedule.Question(ttl: 1, query: 0, number: number))
    return Array(try packet.encoded().bytes.dropFirst(manner.isIPv6 ? 40 : 20))
  }

  @Test(arguments: Manner.all)
  func theFirstOctetsAreTheFlowsAndTheNextTellProbesApart(manner: Manner) throws {
    let probes = try (0..<500).map { try message(manner.kind, UInt64($0), manner) }
    // Ports; of ICMP type, code and checksum, and then the identifier.
    #expect(Set(probes.map { Array($0[..<4]) }).count == 1)
    if case .icmp = manner.kind { #expect(Set(probes.map { Array($0[..<6]) }).count == 1) }
    #expect(Set(probes.map { Array($0[4..<8]) }).count == 500)
    if case .udp = manner.kind {
      // Either of length and checksum tells the probes that may wait at the same time apart.
      for start in 0..<372 {
        #expect(Set(probes[start..<(start + 128)].map { Array($0[4..<6]) }).count == 128)
      }
    }
  }
}
