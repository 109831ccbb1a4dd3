internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

/// What became of the packets that a simulated link took.
public struct SimulationCounts: Hashable, Sendable {
  /// Packets that left.
  public var sent = 0
  /// Packets that reached a host whole and with right sums; one for each member of a group.
  public var delivered = 0
  /// Packets to addresses at which there is no host.
  public var unreachable = 0
  /// Packets dropped because their IP or transport checksum is wrong, as a kernel drops them.
  public var wrongChecksums = 0
  /// Packets dropped because their headers cannot be read or say that there is more than there is.
  public var malformed = 0
  /// Fragments, which no host here puts together.
  public var fragments = 0
  /// Packets whose TTL ended at a router.
  public var expired = 0
  /// Packets too large for a router.
  public var tooBig = 0
  /// Answers and errors that a rate limit held back.
  public var rateLimited = 0
  /// Packets whose source is no address of ours, so that no answer finds the way back.
  public var spoofed = 0

  public init() {}
}

/// The hosts, and what they remember.
struct SimulatedNetwork: Sendable {
  struct Delivery {
    var reaction: Reaction
    var due: Instant
  }

  /// Who answers whom, and with what: what Linux keeps a rate limit for.
  private struct Peer: Hashable {
    var sender: IPAddress
    var receiver: IPAddress
    var isError: Bool
  }

  var hosts: [SimulatedHost] {
    didSet { index = Self.index(of: hosts) }
  }
  /// Which hosts are found at an address, in their order.
  private var index: [IPAddress: [Int]]
  var addresses: Set<IPAddress> = []
  var counts = SimulationCounts()
  private var buckets: [Peer: TokenBucket] = [:]
  private var connections: [SimulatedConnection.Key: SimulatedConnection] = [:]
  /// How many packets have reached each host.
  private var ordinals: [IPAddress: Int] = [:]

  init(_ hosts: [SimulatedHost]) {
    self.hosts = hosts
    index = Self.index(of: hosts)
  }

  private static func index(of hosts: [SimulatedHost]) -> [IPAddress: [Int]] {
    var index: [IPAddress: [Int]] = [:]
    for (position, host) in hosts.enumerated() {
      for address in host.groups.union([host.address]) { index[address, default: []].append(position) }
    }
    return index
  }

  /// Takes a packet along its way, and says what comes back when. `clock` is what to add to an instant for
  /// the hosts' time of day.
  mutating func carry(_ bytes: [UInt8], at departure: Instant, clock: Int64) -> [Delivery] {
    counts.sent += 1
    let packet = Registry.dissect(bytes)
    guard let source = packet.source, let destination = packet.destination, let outermost = packet.layers.first,
      packet.hopLimit != nil, !outermost.isCut
    else {
      counts.malformed += 1
      return []
    }
    if packet.sums().contains(where: { $0.layerOffset == 0 && $0.verdict == .wrong }) {
      counts.wrongChecksums += 1
      return []
    }
    var deliveries: [Delivery] = []
    let members = index[destination] ?? []
    if members.isEmpty { counts.unreachable += 1 }
    for host in members.map({ hosts[$0] }) {
      if let delivery = stop(packet, on: host.path, source, departure) {
        deliveries += delivery
      } else {
        deliveries += arrive(packet, at: host, source, departure, clock: clock)
      }
    }
    if !addresses.isEmpty, !addresses.contains(source) {
      counts.spoofed += 1
      return []
    }
    return deliveries
  }

  /// Where the packet ends on the way, the error about it, or none; nil where it gets through.
  private mutating func stop(
    _ packet: Dissection, on path: [SimulatedRouter], _ source: IPAddress, _ departure: Instant
  ) -> [Delivery]? {
    let hopLimit = Int(packet.hopLimit ?? 0)
    for (index, router) in path.enumerated() {
      let error: Rejection
      var hops = index
      if hopLimit - index <= 1 {
        counts.expired += 1
        if router.countsDownBeforeQuoting { hops += 1 }
        error = Rejection(v4: .timeExceeded(), v6: .timeExceeded())
      } else if let mtu = router.mtu, packet.bytes.count > mtu, packet.mustNotBeFragmented {
        counts.tooBig += 1
        error = Rejection(
          v4: .destinationUnreachable(code: 4, nextHopMTU: UInt16(clamping: mtu)),
          v6: .packetTooBig(mtu: UInt32(clamping: mtu)))
      } else {
        continue
      }
      guard !router.isSilent, !packet.drawsNoErrors,
        let sender = router.addresses.first(where: { $0.version == source.version }),
        let answer = icmpError(
          error, about: packet.forwarded(over: hops), to: source, from: sender,
          hopLimit: 64 - min(64, UInt8(clamping: index)), quoting: router.quoting),
        passes(router.errorLimit, answer, sender, source, departure + router.roundTrip / 2)
      else { return [] }
      return [Delivery(reaction: Reaction(answer), due: departure + router.roundTrip)]
    }
    return nil
  }

  private mutating func arrive(
    _ packet: Dissection, at host: SimulatedHost, _ source: IPAddress, _ departure: Instant, clock: Int64
  ) -> [Delivery] {
    // Dissected fields encode to the octets that they came from, so only the TTL differs.
    guard let forwarded = try? packet.forwarded(over: host.path.count).encoded() else {
      counts.malformed += 1
      return []
    }
    let arrived = Registry.dissect(forwarded.bytes)
    if arrived.layers.contains(where: \.isFragment) {
      counts.fragments += 1
      return []
    }
    guard arrived.stopped == nil, !arrived.layers.contains(where: \.isCut) else {
      counts.malformed += 1
      return []
    }
    // A sum left to a device is a wrong one where no device completes it.
    guard !arrived.sums().contains(where: { [.wrong, .illegal, .offload].contains($0.verdict) }) else {
      counts.wrongChecksums += 1
      return []
    }
    counts.delivered += 1
    let ordinal = ordinals[host.address, default: 0]
    ordinals[host.address] = ordinal + 1
    let arrival = departure + host.roundTrip / 2
    var answers: [AnyPacket] = []
    if Int(host.hopLimit) > host.path.count {
      answers = host.answers(to: arrived, time: arrival.nanoseconds &+ clock, &connections)
    }
    let due = departure + host.roundTrip
    if let responder = host.responder {
      let question = Question(packet: arrived, arrival: arrival, ordinal: ordinal, ordinary: answers)
      return responder(question).map { Delivery(reaction: $0, due: due + max($0.delay, .zero)) }
    }
    var deliveries: [Delivery] = []
    for answer in answers {
      let limit = answer.isError ? host.errorLimit : host.answerLimit
      guard passes(limit, answer, host.address, source, arrival) else { continue }
      deliveries.append(Delivery(reaction: Reaction(answer), due: due))
    }
    return deliveries
  }

  private mutating func passes(
    _ limit: RateLimit?, _ answer: AnyPacket, _ sender: IPAddress, _ receiver: IPAddress, _ now: Instant
  ) -> Bool {
    guard let limit else { return true }
    let peer = Peer(sender: sender, receiver: receiver, isError: answer.isError)
    var bucket = buckets[peer] ?? TokenBucket(limit, at: now)
    let passes = bucket.take(limit, at: now)
    buckets[peer] = bucket
    if !passes { counts.rateLimited += 1 }
    return passes
  }
}

extension Packet where Layers == LayerList {
  fileprivate var isError: Bool { layers.layers.contains { $0.errorReport != nil } }
}
