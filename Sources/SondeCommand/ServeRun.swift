internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeReport

/// What a server allows.
struct ServeLimits {
  /// Connections at once.
  var clients: Int
  /// How long a connection may stand without an octet; nil for ever.
  var idle: Duration?
  /// Octets of a connection, in and out; nil for any number.
  var octets: UInt64?
  /// Connections and datagrams until the end; nil for no end.
  var once: Int?
}

/// One connection that is served.
final class ServedConnection {
  let socket: StreamSocket
  let client: ServedClient
  let opened: Instant
  var stream: ServedStream
  var octets = ServedOctets()
  /// When an octet passed last.
  var moved: Instant
  /// When it is closed if the client has not closed until then; nil as long as the service goes on.
  var lastMoment: Instant?
  /// Why the service does not go on.
  var conclusion: ServedEnding?
  var hasFinishedSending = false
  /// What the socket is watched for.
  var watch = Watch(reads: true, writes: false)

  struct Watch: Equatable {
    var reads: Bool
    var writes: Bool
  }

  init(_ socket: StreamSocket, _ client: ServedClient, _ stream: ServedStream, at now: Instant) {
    self.socket = socket
    self.client = client
    self.stream = stream
    opened = now
    moved = now
  }
}

/// One run of `serve`: a single loop over all sockets, none of which is ever waited for alone.
final class ServeRun {
  let limits: ServeLimits
  let report: ServeReport
  let readiness: Readiness
  private let signals: Signals
  private let services: [ReadyService]
  /// The ports at which datagrams are answered.
  private let ports: Set<UInt16>
  private var listeners: [UInt64: (socket: StreamListener, service: Service)] = [:]
  private var datagrams: [UInt64: (socket: DatagramSocket, service: Service)] = [:]
  var connections: [UInt64: ServedConnection] = [:]
  var totals = ServedTotals()
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var lastToken: UInt64 = 0
  /// No connection is accepted for now: there are as many as may be.
  private var isFull = false
  private var hasToldOfFullness = false
  private var isStopping = false
  /// No connection's time is up before this.
  private var nextCheck = Instant.distantFuture

  /// How long clients have to close their side when the server ends.
  private static let farewell = Duration.seconds(1)
  /// How many clients or datagrams of one socket are served before the others have their turn.
  private static let turn = 64

  init(
    _ openings: [ServeOpening], _ limits: ServeLimits, _ report: ServeReport, _ signals: Signals,
    _ interrupter: Interrupter
  ) throws(LinkError) {
    self.limits = limits
    self.report = report
    self.signals = signals
    services = openings.map(\.ready)
    ports = Set(openings.filter { !$0.datagrams.isEmpty }.map(\.port))
    readiness = try Readiness(interrupter: interrupter)
    for opening in openings {
      for socket in opening.listeners {
        lastToken += 1
        listeners[lastToken] = (socket, opening.service)
        try readiness.add(socket, lastToken, reads: true, writes: false)
      }
      for socket in opening.datagrams {
        lastToken += 1
        datagrams[lastToken] = (socket, opening.service)
        try readiness.add(socket, lastToken, reads: true, writes: false)
      }
    }
  }

  /// Serves until there have been enough clients, until `end`, or until a signal or a closed output ends it.
  ///
  /// - Returns: the exit status.
  func run(until end: Instant) throws(LinkError) -> Int32 {
    report.ready(services)
    while !(isStopping && connections.isEmpty) {
      for ready in try readiness.wait(until: isStopping ? nextCheck : min(end, nextCheck)) { try serve(ready) }
      if !signals.take().isDisjoint(with: [.interrupt, .terminate]) {
        if isStopping { break }
        stop()
      }
      let now = Clock.monotonic
      if !isStopping, now >= end || hasServedEnough && connections.isEmpty || report.isUnread { stop() }
      if now >= nextCheck { checkTimes(now) }
      report.flush()
    }
    for connection in connections.values { close(connection, .stopped, resets: true) }
    connections.removeAll()
    report.summary(totals)
    return limits.once.map { served < $0 ? 1 : 0 } ?? 0
  }

  private var served: Int { totals.connections + totals.datagrams }
  private var hasServedEnough: Bool { limits.once.map { served >= $0 } ?? false }

  private func serve(_ ready: Readiness.Ready) throws(LinkError) {
    if let connection = connections[ready.token] {
      advance(connection, ready.token, reads: ready.reads || ready.isOver)
    } else if let listener = listeners[ready.token] {
      try accept(listener.socket, listener.service)
    } else if let datagram = datagrams[ready.token] {
      try answer(datagram.socket, datagram.service)
    }
  }

  // MARK: - TCP

  private func accept(_ listener: StreamListener, _ service: Service) throws(LinkError) {
    for _ in 0..<Self.turn where !isStopping && !hasServedEnough {
      guard connections.count < limits.clients else {
        hold("\(limits.clients) connections are open; others wait until one ends (--clients)")
        return
      }
      do throws(LinkError) {
        guard let socket = try listener.accept() else { return }
        try begin(socket, service)
      } catch {
        guard error.isForWantOfFiles, !connections.isEmpty else { throw error }
        hold("\(error.message); others wait until a connection ends")
        return
      }
    }
  }

  private func begin(_ socket: StreamSocket, _ service: Service) throws(LinkError) {
    lastToken += 1
    let client = ServedClient(
      number: totals.connections + 1, service: service, address: socket.peer.host.description, port: socket.peer.port)
    let stream = ServedStream(service) { Array(daytimeLine(Clock.wall).utf8) }
    let connection = ServedConnection(socket, client, stream, at: Clock.monotonic)
    try readiness.add(socket, lastToken, reads: true, writes: false)
    totals.connections += 1
    connections[lastToken] = connection
    report.opened(client)
    if let idle = limits.idle { nextCheck = min(nextCheck, connection.moved + idle) }
    // With the last of them the doors close: later clients are refused, and not left waiting.
    if hasServedEnough { closeDoors() }
    advance(connection, lastToken, reads: false)
  }

  /// Accepts nobody until a connection ends.
  private func hold(_ reason: String) {
    guard !isFull else { return }
    isFull = true
    // Once is enough: under many clients it comes and goes.
    if !hasToldOfFullness { report.note(reason) }
    hasToldOfFullness = true
    for (token, listener) in listeners { try? readiness.change(listener.socket, token, reads: false, writes: false) }
  }

  private func closeDoors() {
    listeners.removeAll()
    datagrams.removeAll()
  }

  /// Does for a connection what can be done now, and watches it for the rest.
  private func advance(_ connection: ServedConnection, _ token: UInt64, reads: Bool) {
    if let ending = turn(connection, reads: reads) {
      close(connection, ending, resets: false)
      connections[token] = nil
      if isFull { admit() }
      return
    }
    let watch = ServedConnection.Watch(
      reads: connection.stream.wantsInput, writes: !connection.stream.waiting.isEmpty)
    if watch != connection.watch {
      connection.watch = watch
      try? readiness.change(connection.socket, token, reads: watch.reads, writes: watch.writes)
    }
  }

  private func admit() {
    isFull = false
    for (token, listener) in listeners { try? readiness.change(listener.socket, token, reads: true, writes: false) }
  }

  func close(_ connection: ServedConnection, _ ending: ServedEnding, resets: Bool) {
    if resets { connection.socket.resetAtEnd() }
    totals.octets.received += connection.octets.received
    totals.octets.sent += connection.octets.sent
    report.closed(connection.client, connection.octets, since: connection.opened, ending)
  }

  // MARK: - UDP

  private func answer(_ socket: DatagramSocket, _ service: Service) throws(LinkError) {
    for _ in 0..<Self.turn where !isStopping && !hasServedEnough {
      guard let datagram = try socket.receive() else { return }
      var octets = ServedOctets()
      octets.received = UInt64(datagram.octets.count)
      var refusal: String?
      let source = datagram.source
      switch ServedDatagram(
        service, datagram.octets, from: source.host.address, port: source.port, ownPorts: ports,
        isForMany: datagram.isForMany,
        daytime: { Array(daytimeLine(Clock.wall).utf8) })
      {
      case .discarded: break
      case .refused(let reason): refusal = reason
      case .answer(let answer):
        do throws(LinkError) {
          try socket.answer(datagram, answer[...])
          octets.sent = UInt64(answer.count)
        } catch {
          refusal = error.message
        }
      }
      if refusal == nil { totals.datagrams += 1 } else { totals.refused += 1 }
      totals.octets.received += octets.received
      totals.octets.sent += octets.sent
      let client = ServedClient(
        number: 0, service: service, address: source.host.description, port: source.port)
      report.datagram(client, octets, refusal: refusal)
    }
    if hasServedEnough { closeDoors() }
  }

  // MARK: - Ends

  /// Ends in order: what waits is sent, then the end of the stream, and the clients have a moment to end theirs.
  private func stop() {
    isStopping = true
    closeDoors()
    for (token, connection) in connections {
      conclude(connection, .stopped, at: Clock.monotonic)
      advance(connection, token, reads: true)
    }
  }

  /// The service says no more than what waits.
  func conclude(_ connection: ServedConnection, _ ending: ServedEnding, at now: Instant) {
    guard connection.conclusion == nil else { return }
    connection.conclusion = ending
    connection.stream.conclude()
    let last = now + Self.farewell
    connection.lastMoment = last
    nextCheck = min(nextCheck, last)
  }

  /// Ends the connections whose time is up.
  private func checkTimes(_ now: Instant) {
    nextCheck = .distantFuture
    for (token, connection) in connections {
      let isIdle = connection.lastMoment == nil
      let moment = connection.lastMoment ?? limits.idle.map { connection.moved + $0 } ?? .distantFuture
      if moment > now {
        nextCheck = min(nextCheck, moment)
        continue
      }
      close(connection, connection.conclusion ?? .idle, resets: isIdle || !connection.hasFinishedSending)
      connections[token] = nil
      if isFull { admit() }
    }
  }
}
