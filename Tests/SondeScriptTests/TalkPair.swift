import SondeHeaders
import SondeLink
import SondeOctets
import SondeProbe
import SondeScript

/// Two ends of a talk, joined by a wire of half a millisecond, on virtual time.
struct TalkPair {
  static let near: IPAddress = .v4("192.0.2.1")
  static let far: IPAddress = .v4("192.0.2.2")

  var client: TalkPerformance
  var server: TalkPerformance
  private(set) var now = Instant(nanoseconds: 0)
  /// What passed at the client's end.
  private(set) var events: [TalkEvent] = []
  private(set) var outcomes: [TalkOutcome] = []
  private(set) var serverOutcomes: [TalkOutcome] = []
  /// Whether a packet arrives; asked of each.
  var passes: (Dissection) -> Bool = { _ in true }
  private var wire: [(at: Instant, toServer: Bool, bytes: [UInt8])] = []

  init(readsAtOnce: Bool = true, window: Int = 1 << 20, isInteractive: Bool = false, patience: Duration = .seconds(20))
  {
    var settings = Talk.Settings()
    settings.readsAtOnce = readsAtOnce
    settings.conversation.receiveBuffer = window
    var manner = TalkPerformance.Manner()
    manner.isInteractive = isInteractive
    manner.patience = patience
    let near = settings
    client = TalkPerformance(.calls(from: Self.near, to: Talk.End(Self.far, 7)), manner) { number in
      Talk(from: 4000 + UInt16(number), initialSequenceNumber: 100, identification: 1, near)
    }
    let far = Talk.Settings()
    server = TalkPerformance(.listens, manner) { _ in
      Talk(from: 7, initialSequenceNumber: 0xffff_fff0, identification: 1, far)
    }
    server.begin(TalkInstruction(.accept), at: now)
  }

  /// Lets time pass until nothing is under way at the client, or so long.
  mutating func settle(_ limit: Duration = .seconds(120)) {
    let end = now + limit
    var isFirst = true
    while now < end {
      let nextClient = client.step(at: now)
      collectClient()
      let nextServer = server.step(at: now)
      collectServer()
      if !isFirst, !client.isBusy, wire.isEmpty { return }
      isFirst = false
      let due = [nextClient, nextServer, wire.map(\.at).min()].compactMap { $0 }.min() ?? end
      now = max(now, min(due, end))
      while let index = wire.firstIndex(where: { $0.at <= now }) {
        let packet = wire.remove(at: index)
        let frame = Received.frame(Frame(bytes: packet.bytes, stamp: Stamp(monotonic: now)))
        if packet.toServer {
          server.receive(frame, at: now)
          _ = server.step(at: now)
          collectServer()
        } else {
          client.receive(frame, at: now)
          _ = client.step(at: now)
          collectClient()
        }
      }
    }
  }

  /// Does a line at the client, and lets it end.
  mutating func say(_ line: String) throws {
    for instruction in try TalkInstruction.list(line) {
      client.begin(instruction, at: now)
      settle()
    }
  }

  /// Does a line at the server, and lets the wire come to rest.
  mutating func answer(_ line: String) throws {
    for instruction in try TalkInstruction.list(line) { server.begin(instruction, at: now) }
    settle(.milliseconds(10))
  }

  private mutating func collectClient() {
    put(client.takePackets(), toServer: true)
    events += client.takeEvents()
    outcomes += client.takeOutcomes()
  }

  private mutating func collectServer() {
    put(server.takePackets(), toServer: false)
    _ = server.takeEvents()
    serverOutcomes += server.takeOutcomes()
  }

  private mutating func put(_ packets: [Outgoing], toServer: Bool) {
    for packet in packets where passes(Registry.dissect(packet.bytes)) {
      wire.append((now + .microseconds(500), toServer, packet.bytes))
    }
  }

  var failures: [String] { outcomes.compactMap { if case .failed(let why) = $0 { why } else { nil } } }
  var data: [UInt8] { outcomes.flatMap { if case .data(let octets) = $0 { octets } else { [UInt8]() } } }
  var serverData: [UInt8] { serverOutcomes.flatMap { if case .data(let octets) = $0 { octets } else { [UInt8]() } } }

  /// The segments that the client sent.
  var sent: [Dissection] {
    events.compactMap { if case .sent(let packet) = $0 { Registry.dissect(packet.bytes) } else { nil } }
  }
}
