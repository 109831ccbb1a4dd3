internal import CLinuxNet
internal import Glibc
public import SondeLink

/// Hears by a ring that the kernel fills (packet(7), TPACKET_V3): the cheapest ear for very many packets, and one whose
/// stamps are the kernel's. A lone packet is seen one to two milliseconds after it came.
public struct RingEar: ~Copyable, BulkEar {
  public struct Options: Sendable {
    public var filter: SweepFilter
    /// The indices of the interfaces to listen to; if empty, all are.
    public var interfaces: [Int]
    /// The room for packets that wait to be read, in octets; all of it is resident once it has been written to.
    public var ringSize: Int
    /// Ends `wait` early; it is the ear's own.
    public var interrupter: Interrupter?

    public init(
      _ filter: SweepFilter, interfaces: [Int] = [], ringSize: Int = 8 << 20, interrupter: Interrupter? = nil
    ) {
      self.filter = filter
      self.interfaces = interfaces
      self.ringSize = ringSize
      self.interrupter = interrupter
    }
  }

  /// How long a packet may wait in a block that does not fill, in milliseconds.
  private static let patience: UInt32 = 1
  /// Each block is handed over after that time, however little is in it, so that the ring is full after as many
  /// milliseconds without reading as it has blocks: many small ones outlast half a second.
  private static let blockSizes = 4096...16_384
  /// How long a block may take to come after the last packet, at most, in steps of a millisecond.
  private static let lastSteps = 100

  private let socket: BulkSocket
  private let interrupter: Interrupter?
  private var ring: CaptureRing
  private var totals = BulkCounts()
  private var lent: UInt64 = 0
  private var watched: [clinux_poll]

  /// Sets up the opening's packet socket completely and binds it last, so that nothing comes unfiltered. It needs no
  /// privilege any more.
  ///
  /// - Throws: `LinkError` naming what the kernel refused.
  public init(_ opening: BulkOpening, _ options: Options) throws(LinkError) {
    let socket = opening.packet
    let several = options.interfaces.count > 1 ? options.interfaces : []
    try socket.descriptor.attach(options.filter.program(interfaces: several))
    try socket.descriptor.set(
      KernelNumber.packetLevel, KernelNumber.packetIgnoreOutgoing, 1, as: "PACKET_IGNORE_OUTGOING")
    let stamps = KernelNumber.stampReceived | KernelNumber.stampSoftware
    try socket.descriptor.set(KernelNumber.socketLevel, KernelNumber.timestamping, stamps, as: "SO_TIMESTAMPING")
    let ring = try CaptureRing(
      socket.descriptor, size: options.ringSize, patience: Self.patience, reserve: 0, blockSizes: Self.blockSizes)
    let index = options.interfaces.count == 1 ? Int32(clamping: options.interfaces[0]) : 0
    try socket.descriptor.bind(to: clinux_link(index, KernelNumber.etherAll, 0, 0), as: "bind(AF_PACKET)")
    self.ring = ring
    self.socket = socket
    interrupter = options.interrupter
    watched = [socket.number, options.interrupter?.descriptor.number ?? -1].map {
      clinux_poll(fd: $0, events: KernelNumber.pollIn, revents: 0)
    }
  }

  public var now: Instant { Clock.monotonic }

  public mutating func drain(limit: Int, _ take: (RawSpan, BulkFacts) -> Void) -> Int {
    guard limit > 0, let first = unsafe ring.current() else { return 0 }
    // The clocks are compared once for all that is lent here.
    let ahead = Clock.realTimeAhead
    var count = 0
    var next: RingFrame? = unsafe first
    while let frame = unsafe next {
      let header = unsafe frame.header
      let wall = Int64(header.tp_sec) &* 1_000_000_000 &+ Int64(header.tp_nsec)
      let facts = BulkFacts(
        interface: unsafe frame.address.sll_ifindex, at: Instant(nanoseconds: wall &- ahead), wall: wall,
        checksumNotReady: header.tp_status & KernelNumber.checksumNotReady != 0, length: Int(header.tp_len))
      let octets = unsafe UnsafeRawBufferPointer(
        start: frame.start + Int(header.tp_mac), count: Int(header.tp_snaplen))
      take(unsafe RawSpan(_unsafeBytes: octets), facts)
      count += 1
      _ = ring.advance()
      unsafe next = count < limit ? ring.current() : nil
    }
    lent &+= UInt64(count)
    return count
  }

  public mutating func wait(until deadline: Instant) {
    let left = deadline.nanoseconds.subtractingReportingOverflow(Clock.monotonic.nanoseconds).partialValue
    let nanoseconds = deadline == .distantFuture ? -1 : max(0, left)
    guard unsafe clinux_poll(&watched, watched.count, nanoseconds) > 0 else { return }
    if watched[1].revents & KernelNumber.pollIn != 0 { interrupter?.clear() }
    // An interface that went down: the error ends every wait until it has been read.
    if watched[0].revents & KernelNumber.pollError != 0 {
      _ = socket.descriptor.get(KernelNumber.socketLevel, KernelNumber.error)
    }
  }

  public mutating func counts() -> BulkCounts {
    var seen: UInt32 = 0
    var dropped: UInt32 = 0
    // Reading resets them (packet(7)); the first includes the second.
    if unsafe clinux_packet_statistics(socket.number, &seen, &dropped) == 0 {
      totals.seen &+= UInt64(seen)
      totals.dropped &+= UInt64(dropped)
    }
    return totals
  }

  /// Lets nothing more in, and waits until the kernel has handed over all that it had let in: at most a tenth of a
  /// second, as a rule one to two milliseconds.
  public mutating func close() {
    try? socket.descriptor.attach(PacketFilter.nothing)
    var quiet = 0
    var before = BulkCounts()
    for _ in 0..<Self.lastSteps where quiet < 2 {
      let now = counts()
      let isWhole = now.seen &- now.dropped == lent &+ UInt64(ring.waiting())
      // A processor may have been amid a packet when the filter changed: the count has to stand still for a while.
      quiet = isWhole && now == before ? quiet + 1 : 0
      before = now
      if quiet < 2 { _ = unsafe clinux_poll(&watched, 0, 500_000) }
    }
  }
}
