internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import SondeSim
internal import Testing

@Suite struct TraceScheduleTests {
  private func target(_ manner: Manner, _ milliseconds: Int = 9, times: Int = 3) -> [String] {
    [String](repeating: "\(manner.destination) \(milliseconds)", count: times)
  }

  /// The far routers answer sooner than the near ones, so that answers come out of order; each round-trip time is one
  /// router's alone, so that it tells whose answer was credited.
  @Test(arguments: Manner.all)
  func everyHopIsTheRoutersOwnWhateverItQuotesAndInWhateverOrder(manner: Manner) throws {
    for quoting in [QuoteLength.whole, .behindHeader(8)] {
      for countsDown in [false, true] {
        let path = [(1, 170), (2, 130), (3, 90), (4, 50)].map {
          router($0, $1, quoting: quoting, countsDownBeforeQuoting: countsDown)
        }
        for gap in [20, 0] as [Int64] {
          let traced = try Traced(manner, path, schedule: manner.schedule(gap: .milliseconds(gap)))
          #expect(
            traced.hops == [
              hop(1, 170, manner), hop(2, 130, manner), hop(3, 90, manner), hop(4, 50, manner), target(manner),
            ], "\(quoting) \(gap) ms")
          #expect(traced.trace.hasArrived(at: 4))
          #expect(traced.notes.joined().isEmpty)
          #expect(traced.tally.noise == 0)
        }
      }
    }
  }

  /// As NATs do: another identification, another TTL and header checksum in the quote, and a UDP checksum that is
  /// another's, or none.
  @Test(arguments: Manner.all)
  func whatIsRewrittenOnTheWayIsCreditedToNoOtherProbe(manner: Manner) throws {
    for isZeroed in [false, true] {
      let rewrite: @Sendable ([UInt8]) -> [UInt8] = { bytes in
        var packet = Registry.dissect(bytes).packet
        packet = packet.changing(IPv4.self) {
          $0.identification = 77
          $0.timeToLive &+= 1
          $0.typeOfService = 8
          $0.checksum = .auto
        }
        packet = packet.changing(UDP.self) { $0.checksum = .set(isZeroed ? 0 : 0x1dea) }
        return (try? packet.encoded().bytes) ?? []
      }
      let path = [(1, 170), (2, 130), (3, 90), (4, 50)].map { router($0, $1, quoting: .behindHeader(8)) }
      let ttls = manner.isIPv6 ? 1...4 : 1...3
      let traced = try Traced(
        manner, manner.isIPv6 ? path : [router(9, 1)] + path,
        schedule: manner.schedule(ttls: ttls, gap: .zero), options: .init(rewrite: rewrite))
      let all = [hop(1, 170, manner), hop(2, 130, manner), hop(3, 90, manner), hop(4, 50, manner)]
      #expect(traced.hops == Array(all.prefix(ttls.count)), "zeroed: \(isZeroed)")
    }
  }

  /// Four octets are the ports, which all probes have: nothing tells them apart but that there is only one.
  @Test(arguments: Manner.udp)
  func quotesThatNameNoProbeAreAskedForOneAtATime(manner: Manner) throws {
    let path = [(1, 170), (2, 130), (3, 90)].map { router($0, $1, quoting: .behindHeader(4)) }
    let traced = try Traced(manner, path, schedule: manner.schedule(gap: .zero))
    #expect(traced.hops == [hop(1, 170, manner), hop(2, 130, manner), hop(3, 90, manner), target(manner)])
  }

  @Test(arguments: Manner.udp)
  func aDatagramIsNoSilentRoutersAnswer(manner: Manner) throws {
    let path = [router(1, 3), router(2, 5, isSilent: true), router(3, 7)]
    for gap in [0, 20] as [Int64] {
      let traced = try Traced(manner, path, schedule: manner.schedule(gap: .milliseconds(gap))) {
        $0.otherUDP = .answer
      }
      #expect(traced.hops == [hop(1, 3, manner), [], hop(3, 7, manner), target(manner)], "\(gap) ms")
      #expect(traced.trace.hasArrived(at: 3))
      #expect(traced.notes == [[], [.noAnswer], [], []])
    }
  }

  @Test(arguments: Manner.all)
  func silentHopsAreNamedAndHoldUpNothing(manner: Manner) throws {
    let limit = RateLimit(burst: 2, interval: .seconds(99))
    let path = [router(1, 3), router(2, 5, isSilent: true), router(3, 7, errorLimit: limit)]
    let traced = try Traced(manner, path)
    #expect(traced.hops == [hop(1, 3, manner), [], hop(3, 7, manner, times: 2), target(manner)])
    #expect(traced.notes == [[], [.noAnswer], [.partlySilent(1)], []])
    #expect(traced.end < .seconds(manner.opensConnections ? 5 : 3))
  }

  /// A host remembers a half-open connection until our own kernel's RST comes, a round trip later; to another SYN of the
  /// same ports it says only what it said before.
  @Test func aHostThatIsBusyWithOurConnectionIsAskedAgain() throws {
    for manner in Manner.all where manner.opensConnections && !manner.isIPv6 {
      for gap in [0, 7, 20, 60] as [Int64] {
        var busyUntil = Instant(nanoseconds: .min)
        var first: UInt32 = 0
        var link = TestLink { packet, now in
          guard let ip = packet.first(IPv4.self), let segment = packet.first(TCP.self) else { return [] }
          if ip.timeToLive < 3 {
            let error = try? bytes([Hosts.onTheWay, ICMPv4.timeExceeded(), Quote(packet.packet, cut: 28)])
            return error.map { [(.milliseconds(2), $0)] } ?? []
          }
          let arrival = now + .milliseconds(25)
          let isBusy = arrival < busyUntil
          if !isBusy { (first, busyUntil) = (segment.sequenceNumber, arrival + .milliseconds(50)) }
          let reply = try? bytes([
            Hosts.back,
            TCP(
              from: segment.destinationPort, to: segment.sourcePort, flags: isBusy ? .ack : [.syn, .ack],
              sequenceNumber: 9, acknowledgmentNumber: first &+ 1),
          ])
          return reply.map { [(.milliseconds(50), $0)] } ?? []
        }
        let traced = try Traced(manner.schedule(gap: .milliseconds(gap)), over: &link)
        #expect(traced.trace.end == 2)
        #expect(traced.hops.last == target(manner, 50), "\(gap) ms")
        #expect(traced.notes.joined().isEmpty)
      }
    }
  }

  @Test func theRunEndsWithTheLowestTTLThatArrives() throws {
    for manner in Manner.all {
      let traced = try Traced(manner, [router(1, 3), router(2, 5)], schedule: manner.schedule(gap: .zero))
      #expect(traced.trace.end == 2)
      // What was sent to farther hops is not waited for.
      #expect(traced.end < .milliseconds(40))
      #expect(traced.tally.sent <= 9 + 16)
      let polite = try Traced(manner, [router(1, 3), router(2, 5)])
      #expect(polite.tally.sent == 9)
    }
  }

  @Test func noMoreThanTheBoundAreOutAtATime() throws {
    let manner = Manner.all[0]
    let traced = try Traced(manner, [], schedule: manner.schedule(gap: .zero, inFlight: 5)) { $0.icmp = .silence }
    var out = 0
    for event in traced.events {
      switch event {
      case .sent: out += 1
      case .silence: out -= 1
      default: break
      }
      #expect(out <= 5)
    }
    #expect(traced.tally.sent == 90)
    #expect(traced.trace.end == nil)
    #expect(traced.trace.isDone)
  }

  @Test func loopsAreNamedAndASilentHopBetweenIsNoProof() throws {
    for manner in Manner.all {
      let ways: [([Int], [Int])] = [
        ([1, 2, 3, 2, 3, 2], [3, 4, 5]), ([1, 2, 2, 3], []), ([1, 0, 1, 2], []), ([1, 0, 2, 1], [3]),
      ]
      for (numbers, loops) in ways {
        let path = numbers.map { router($0, 3, isSilent: $0 == 0) }
        let traced = try Traced(
          manner, path, schedule: manner.schedule(ttls: 1...numbers.count, queries: 1))
        let found = traced.notes.indices.filter { traced.notes[$0].contains(.loop) }
        #expect(found == loops, "\(numbers)")
      }
    }
  }

  @Test func ofManyFlowsEachHasItsOwnWay() throws {
    let manner = Manner.udp[0]
    // A balancer sends odd ports by router 2 and 3, even ones by router 3 alone: no loop of any flow.
    var link = TestLink { packet, _ in
      guard let udp = packet.first(UDP.self), let ip = packet.first(IPv4.self) else { return [] }
      let way = udp.sourcePort % 2 == 1 ? [1, 2, 3, 4] : [1, 3, 4]
      let number = Int(ip.timeToLive) - 1
      guard way.indices.contains(number) else { return [] }
      guard case .v4(let from) = routerAddress(way[number], isIPv6: false) else { return [] }
      let error = try? bytes([IPv4(from: from, to: Hosts.us), ICMPv4.timeExceeded(), Quote(packet.packet)])
      return error.map { [(.milliseconds(1), $0)] } ?? []
    }
    let traced = try Traced(manner.schedule(ttls: 1...3, isOneFlow: false), over: &link)
    #expect(traced.trace.hops.map(\.addresses.count) == [1, 2, 2])
    #expect(traced.notes.joined().isEmpty)
  }

  @Test func aLateAnswerTakesTheSilencesPlace() throws {
    let manner = Manner.all[0]
    let traced = try Traced(
      manner, [router(1, 2500), router(2, 5), router(3, 5, isSilent: true), router(4, 5, isSilent: true)],
      schedule: manner.schedule(queries: 1, gap: .milliseconds(300)))
    #expect(traced.hops.first == hop(1, 2500, manner, times: 1))
    #expect(traced.notes.first == [.late])
  }

  @Test func whatCouldNotBeSentEndsTheTrace() throws {
    let manner = Manner.all[0]
    var link = SimulatedLink([SimulatedHost(manner.destination)])
    let refused = LinkError(operation: "sendto", code: 101, message: "Network is unreachable")
    link.script([LinkError](repeating: refused, count: 9).map { .fail($0) })
    let traced = try Traced(manner.schedule(), over: &link)
    #expect(traced.trace.end == 0)
    #expect(traced.notes == [[.sendFailed("Network is unreachable")]])
    #expect(traced.tally.sendFailed == 3)
  }

  @Test func aStoppedRunKeepsWhatItKnows() throws {
    let manner = Manner.all[0]
    var link = SimulatedLink([SimulatedHost.silent(manner.destination, path: [router(1, 3)])])
    let traced = try Traced(manner.schedule(gap: .milliseconds(100)), over: &link, stopAfter: .milliseconds(450))
    #expect(traced.hops.first == hop(1, 3, manner))
    #expect(traced.trace.hops[1].silences == 2)
    #expect(!traced.trace.isDone)
  }

  /// A probe that had its time is silent; one that had not may still have been answered.
  @Test func aStopTellsSilenceFromWhatHadTimeLeft() throws {
    let manner = Manner.all[0]
    func stopped(after: Duration) throws -> Trace {
      var link = SimulatedLink([SimulatedHost.silent(manner.destination, path: [router(1, 3)])])
      return try Traced(manner.schedule(ttls: 1...2), over: &link, stopAfter: after).trace
    }
    let early = try stopped(after: .seconds(1))
    #expect(early.hops.map(\.unfinished) == [0, 3] && early.notes(at: 1) == [.noAnswerYet])
    #expect(early.isDone && early.isCutShort)
    let late = try stopped(after: .seconds(9))
    #expect(late.hops.map(\.unfinished) == [0, 0] && late.notes(at: 1) == [.noAnswer])
    #expect(late.isDone && !late.isCutShort)
  }
}
