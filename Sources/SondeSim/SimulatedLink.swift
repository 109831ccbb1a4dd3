public import SondeHeaders
public import SondeLink
public import SondeOctets

/// A link into an in-memory network of hosts, on virtual time.
///
/// Time stands still except in `receive`, which jumps to whatever happens next or to its deadline, and in
/// `advance`: a thousand seconds of waiting take none. The same calls bring the same frames at the same
/// instants, always. Packets are IP packets (`LinkType.raw`).
public struct SimulatedLink: PacketLink, ~Copyable, Sendable {
  public private(set) var now: Instant
  public private(set) var ownDrops: UInt64 = 0
  public var options: Options
  /// Packets that a reaction or an answer could not be encoded to: a responder's mistake.
  public private(set) var craftErrors: [CraftError] = []
  private var network: SimulatedNetwork
  private var events = Timeline<Event>()
  private var sendScript: [ScriptedSend] = []

  /// How the link behaves towards the program, as a kernel may or may not.
  public struct Options: Sendable {
    /// The real time at instant zero, in nanoseconds since 1970.
    public var realTime: Int64
    /// What the kernel's timestamps differ by from the true instants; nil where the kernel offers none, and so
    /// no departures. With anything but zero they may fall out of the program's own bracket, as after a
    /// clock step.
    public var kernelOffset: Duration?
    /// How long after a packet left its departure is reported.
    public var departureDelay: Duration
    /// What the kernel makes of a packet's bytes before it leaves: it is changed so for the network and
    /// for its departure.
    public var rewrite: (@Sendable ([UInt8]) -> [UInt8])?
    /// How the transport checksums of SYN-ACKs and UDP answers come in.
    public var offload: ChecksumOffload
    /// How many frames wait for the program at most; what comes above that is dropped and counted
    /// in `ownDrops`. Nil for any number.
    public var room: Int?
    /// Our own addresses: answers to packets from others do not come back. Empty for any.
    public var addresses: Set<IPAddress>

    public init(
      realTime: Int64 = 0, kernelOffset: Duration? = nil, departureDelay: Duration = .zero,
      rewrite: (@Sendable ([UInt8]) -> [UInt8])? = nil, offload: ChecksumOffload = .none, room: Int? = nil,
      addresses: Set<IPAddress> = []
    ) {
      self.realTime = realTime
      self.kernelOffset = kernelOffset
      self.departureDelay = departureDelay
      self.rewrite = rewrite
      self.offload = offload
      self.room = room
      self.addresses = addresses
    }
  }

  private enum Event: Sendable {
    case frame([UInt8], checksumNotReady: Bool)
    case other(Received)
    case end(LinkError)
  }

  public init(
    _ hosts: [SimulatedHost] = [], options: Options = Options(), from start: Instant = Instant(nanoseconds: 0)
  ) {
    network = SimulatedNetwork(hosts)
    self.options = options
    now = start
  }

  /// The hosts of the network; of two at one address both answer.
  public var hosts: [SimulatedHost] {
    get { network.hosts }
    set { network.hosts = newValue }
  }

  /// What became of the packets that were sent.
  public var counts: SimulationCounts { network.counts }

  public mutating func send(_ batch: [Outgoing]) -> SendOutcome {
    for (index, packet) in batch.enumerated() {
      if let refusal = refusal(of: packet, after: index) { return refusal }
      let bytes = options.rewrite?(packet.bytes) ?? packet.bytes
      if let offset = options.kernelOffset {
        let kernel = now + offset
        let departure = Departure(probe: packet.probe, kernel: kernel, wall: realTime(at: kernel), bytes: bytes)
        events.insert(.other(.departure(departure)), at: now + max(options.departureDelay, .zero))
      }
      network.addresses = options.addresses
      for delivery in network.carry(bytes, at: now, clock: options.realTime) {
        deliver(delivery)
      }
    }
    return outcome(batch.count)
  }

  private func realTime(at instant: Instant) -> Int64 { instant.nanoseconds &+ options.realTime }

  private func outcome(_ count: Int, _ failure: LinkError? = nil) -> SendOutcome {
    SendOutcome(count: count, failure: failure, at: now, wall: realTime(at: now))
  }

  /// Jumps to the next event, or to `deadline` if that is sooner, and hands out all that is due then.
  ///
  /// - Throws: `LinkError` where `endReceiving` said so, and where nothing is to come and the deadline is the
  ///   end of time: a program would wait forever.
  public mutating func receive(until deadline: Instant, into batch: inout [Received]) throws(LinkError) {
    if events.nextDue == nil, deadline == .distantFuture {
      throw LinkError(operation: "receive", code: 0, message: "nothing is to come, and no deadline ends the wait")
    }
    now = max(now, min(events.nextDue ?? deadline, deadline))
    var frames = 0
    while let (event, due) = events.popFirst(dueBy: now) {
      switch event {
      case .frame(let bytes, let checksumNotReady):
        guard frames < options.room ?? .max else {
          ownDrops += 1
          continue
        }
        frames += 1
        let kernel = options.kernelOffset.map { due + $0 }
        let stamp = Stamp(monotonic: now, kernel: kernel, wall: realTime(at: kernel ?? now))
        batch.append(.frame(Frame(bytes: bytes, stamp: stamp, checksumNotReady: checksumNotReady)))
      case .other(let received): batch.append(received)
      case .end(let error): throw error
      }
    }
  }

  private mutating func deliver(_ delivery: SimulatedNetwork.Delivery) {
    let bytes: [UInt8]
    switch delivery.reaction.content {
    case .bytes(let octets): bytes = octets
    case .packet(let packet):
      do throws(CraftError) {
        bytes = try packet.encoded().bytes
      } catch {
        craftErrors.append(error)
        return
      }
    }
    let unfinished = options.offload == .none ? nil : unfinishedSum(of: bytes)
    events.insert(
      .frame(unfinished ?? bytes, checksumNotReady: unfinished != nil && options.offload == .flagged),
      at: delivery.due)
  }
}

// What a test may make happen.
extension SimulatedLink {
  /// One step of a script for `send`.
  public enum ScriptedSend: Hashable, Sendable {
    /// The next packets are taken.
    case take(Int)
    /// The next packet is refused with this error, once.
    case fail(LinkError)
    /// The next packet finds no room, once: an outcome without a failure.
    case full
  }

  /// Lets time pass, as work between two calls does; negative durations do nothing.
  public mutating func advance(by duration: Duration) { now = max(now, now + duration) }

  /// Appends to the script that `send` follows; where it ends every packet is taken.
  public mutating func script(_ steps: [ScriptedSend]) { sendScript += steps }

  /// Lets a frame come in that nothing asked for.
  public mutating func inject(_ bytes: [UInt8], after delay: Duration = .zero, checksumNotReady: Bool = false) {
    events.insert(.frame(bytes, checksumNotReady: checksumNotReady), at: now + max(delay, .zero))
  }

  /// Lets anything be reported: a failure of this machine, a frame rebuilt by the link, a departure.
  public mutating func report(_ received: Received, after delay: Duration = .zero) {
    events.insert(.other(received), at: now + max(delay, .zero))
  }

  /// Lets `receive` throw, once.
  public mutating func endReceiving(_ error: LinkError, after delay: Duration = .zero) {
    events.insert(.end(error), at: now + max(delay, .zero))
  }

  /// The outcome of a batch that ends before `packet`; nil where the packet is taken.
  private mutating func refusal(of packet: Outgoing, after count: Int) -> SendOutcome? {
    guard packet.linkType == .raw else {
      let message = "a simulated link carries IP packets, not those of link type \(packet.linkType.rawValue)"
      return outcome(count, LinkError(operation: "send", code: 0, message: message))
    }
    while let step = sendScript.first {
      switch step {
      case .take(let count) where count > 0:
        sendScript[0] = .take(count - 1)
        return nil
      case .take: sendScript.removeFirst()
      case .fail(let error):
        sendScript.removeFirst()
        return outcome(count, error)
      case .full:
        sendScript.removeFirst()
        return outcome(count)
      }
    }
    return nil
  }
}
