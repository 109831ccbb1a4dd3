internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import SondeSim
internal import Testing

/// How a trace asks, and over which IP.
struct Manner: Sendable, CustomTestStringConvertible {
  var kind: TraceMessage.Kind
  var isIPv6: Bool

  static let all = [false, true].flatMap { isIPv6 in
    [
      TraceMessage.Kind.icmp(version: isIPv6 ? 6 : 4), .udp(port: 33_434), .tcp(port: 80),
    ].map { Manner(kind: $0, isIPv6: isIPv6) }
  }
  static let udp = all.filter { if case .udp = $0.kind { true } else { false } }

  var testDescription: String { "\(kind) over IPv\(isIPv6 ? 6 : 4)" }
  var opensConnections: Bool { if case .tcp = kind { true } else { false } }
  var destination: IPAddress { isIPv6 ? .v6(Hosts.asked6) : .v4(Hosts.asked) }

  func packet(_ question: TraceSchedule.Question, flow: UInt16 = 50_001) -> AnyPacket {
    let message = TraceMessage(kind, secret: 0x1234_5678_9abc_def0)
    let ttl = UInt8(question.ttl)
    let ip: any Header =
      isIPv6
      ? IPv6(from: Hosts.us6, to: Hosts.asked6, hopLimit: ttl, flowLabel: 7)
      : IPv4(from: Hosts.us, to: Hosts.asked, ttl: ttl, identification: message.identification(question.number))
    return AnyPacket([ip] + message.headers(question.number, flow: flow))
  }

  func schedule(
    ttls: ClosedRange<Int> = 1...30, queries: Int = 3, gap: Duration = .milliseconds(20), inFlight: Int = 16,
    isOneFlow: Bool = true
  ) -> TraceSchedule {
    TraceSchedule(
      Trace(to: destination, ttls: ttls, queries: queries, isOneFlow: isOneFlow),
      pace: TraceSchedule.Pace(gap: gap, inFlight: inFlight), opensConnections: opensConnections
    ) { packet($0, flow: 50_001 + UInt16(isOneFlow ? 0 : $0.query)) }
  }
}

/// The address of the simulated router of that number, of either family.
func routerAddress(_ number: Int, isIPv6: Bool) -> IPAddress {
  isIPv6
    ? .v6(IPv6Address(high: 0x2001_0db8_00ff_0000, low: UInt64(number)))
    : .v4(IPv4Address(rawValue: 0xcb00_7100 + UInt32(number)))
}

/// A simulated router: the one of that number, whose errors take that many milliseconds.
func router(
  _ number: Int, _ milliseconds: Int, isSilent: Bool = false, quoting: QuoteLength = .whole,
  countsDownBeforeQuoting: Bool = false, errorLimit: RateLimit? = nil
) -> SimulatedRouter {
  SimulatedRouter(
    routerAddress(number, isIPv6: false), routerAddress(number, isIPv6: true),
    roundTrip: .milliseconds(milliseconds), isSilent: isSilent, quoting: quoting,
    countsDownBeforeQuoting: countsDownBeforeQuoting, errorLimit: errorLimit)
}

/// What a trace over a simulated path came to.
struct Traced {
  var trace: Trace
  var tally: Tally
  var events: [Event]
  var end: Duration

  init<Link: PacketLink & ~Copyable>(
    _ schedule: TraceSchedule, over link: inout Link, timeout: Duration = .seconds(2), stopAfter: Duration? = nil
  ) throws {
    var session = Session(schedule, timeout: timeout)
    var events: [Event] = []
    let start = link.now
    try SondeProbe.run(&session, over: &link, until: stopAfter.map { start + $0 } ?? .distantFuture) {
      events.append($0)
    }
    trace = session.plan.trace
    tally = session.tally
    self.events = events
    end = link.now - start
    #expect(tally.isBalanced)
  }

  init(
    _ manner: Manner, _ path: [SimulatedRouter], schedule: TraceSchedule? = nil,
    options: SimulatedLink.Options = .init(), _ change: (inout SimulatedHost) -> Void = { _ in }
  ) throws {
    var host = SimulatedHost(manner.destination, roundTrip: .milliseconds(9), path: path)
    change(&host)
    var link = SimulatedLink([host], options: options)
    try self.init(schedule ?? manner.schedule(), over: &link)
  }

  /// The hops that are part of the trace: who answered, each after how many milliseconds.
  var hops: [[String]] {
    trace.hops[...trace.last].map { hop in
      hop.answers.map { "\($0.from.map(\.description) ?? "-") \(($0.rtt ?? .zero).nanoseconds / 1_000_000)" }
    }
  }
  var notes: [[Trace.Note]] { trace.hops[...trace.last].indices.map { trace.notes(at: $0) } }
}

/// What hops are expected to say: as many answers of a router as there are queries.
func hop(_ number: Int, _ milliseconds: Int, _ manner: Manner, times: Int = 3) -> [String] {
  [String](repeating: "\(routerAddress(number, isIPv6: manner.isIPv6)) \(milliseconds)", count: times)
}
