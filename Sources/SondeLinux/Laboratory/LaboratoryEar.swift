internal import CLinuxNet
internal import Glibc
public import SondeLink
internal import SondeOctets

/// Hears every frame at every interface of a laboratory's hosts, in the order of time; one thread uses it.
///
/// On lo, what comes in is heard and what goes out is not, as all of it comes in again; and what is longer there than
/// the hosts' other frames can be is cut.
public struct LaboratoryEar: ~Copyable {
  /// A frame as a host's interface had it.
  public struct Heard: Hashable, Sendable {
    public enum Direction: Hashable, Sendable {
      /// It came to the host: for its link address, for a group's, or for all.
      case incoming
      /// The host sent it: its own stack, or a socket of anybody's.
      case outgoing
      /// It passed by: it is for another's link address.
      case passing
    }

    public var host: String
    public var interface: String
    public var direction: Direction
    public var frame: Frame

    public init(host: String, interface: String, _ direction: Direction, _ frame: Frame) {
      self.host = host
      self.interface = interface
      self.direction = direction
      self.frame = frame
    }
  }

  /// It stands for as long as it is heard; nil for the machine itself.
  private let laboratory: Laboratory?
  private var ears: [HostEar] = []
  private let interrupter: Interrupter?
  /// What came after the last wait's end: something older may still come elsewhere.
  private var held: [Heard] = []

  /// Hears from now on.
  ///
  /// - Parameters:
  ///   - hosts: those to hear at; nil hears at all.
  ///   - interrupter: ends `receive` early from elsewhere.
  /// - Throws: `LinkError` if there is no such host, or if the kernel refuses a socket.
  public init(_ laboratory: Laboratory, hosts: [String]? = nil, interrupter: Interrupter? = nil) throws(LinkError) {
    self.laboratory = laboratory
    self.interrupter = interrupter
    for host in hosts ?? laboratory.topology.hosts.map(\.name) {
      let mtu = laboratory.topology.ends(of: host).map(\.network.mtu).max() ?? 1500
      ears.append(try laboratory.on(host) { () throws(LinkError) in try HostEar(host, longest: mtu + 22) })
    }
  }

  /// Hears from now on what passes the interfaces of the network that the calling thread is in, those without link
  /// header left out: what is meant for this machine, and what it sends.
  ///
  /// - Parameters:
  ///   - machine: what the machine is called as a host.
  ///   - interrupter: ends `receive` early from elsewhere.
  /// - Throws: `LinkError` if the kernel refuses a socket.
  public init(machine: String, interrupter: Interrupter? = nil) throws(LinkError) {
    laboratory = nil
    self.interrupter = interrupter
    ears = [try HostEar(machine, longest: CaptureFilter.wholeFrames, isPromiscuous: false)]
  }

  /// The monotonic time that `receive` waits by.
  public var now: Instant { Clock.monotonic }

  /// Waits until something was heard, one of `processes` wrote or ended, or `deadline` has passed, and appends what was
  /// heard, in the order of time. Of `processes`, what is new has been taken (`HostProcess.look`).
  ///
  /// Returns early, with nothing, when the wait was interrupted.
  ///
  /// - Throws: `LinkError` if a socket can be read no more.
  public mutating func receive(
    until deadline: Instant, watching processes: [HostProcess] = [], into heard: inout [Heard]
  ) throws(LinkError) {
    if !take(into: &heard) {
      var watched = (ears.map { $0.socket.number } + [interrupter?.descriptor.number ?? -1]).map {
        clinux_poll(fd: $0, events: KernelNumber.pollIn, revents: 0)
      }
      for process in processes { watched += process.watched }
      let wait = deadline == .distantFuture ? -1 : max(0, (deadline - now).nanoseconds)
      let ready = unsafe clinux_poll(&watched, watched.count, wait)
      guard ready >= 0 || ready == -EINTR else { throw LinkError("ppoll", -ready) }
      if ready > 0, watched[ears.count].revents != 0 { interrupter?.clear() }
      _ = take(into: &heard)
    }
    for process in processes { process.look() }
  }

  /// How many frames were dropped on this side, for want of room.
  public var ownDrops: UInt64 { ears.reduce(0) { $0 + $1.drops() } }

  /// Appends what is there.
  ///
  /// - Returns: whether there was something.
  private mutating func take(into heard: inout [Heard]) -> Bool {
    // Frames up to this moment are in their rings when all have been read; later ones may have older ones elsewhere.
    let ahead = Clock.realTimeAhead
    let limit = now
    for ear in ears { ear.take(realTimeAhead: ahead, into: &held) }
    guard !held.isEmpty else { return false }
    held.sort { $0.time < $1.time }
    let count = held.firstIndex { $0.time > limit } ?? held.count
    heard += held[..<count]
    held.removeFirst(count)
    return true
  }
}

extension LaboratoryEar.Heard {
  fileprivate var time: Instant { frame.stamp.kernel ?? frame.stamp.monotonic }
}

/// The packet socket that hears at all interfaces of one host.
private final class HostEar {
  let socket: Descriptor
  private let host: String
  private var ring: SlotRing
  private let interfaces: [Int: NetworkInterface]
  private var dropped: UInt64 = 0

  private static let ringSize = 4 << 20

  /// Opened with the calling thread on the host.
  init(_ host: String, longest: Int, isPromiscuous: Bool = true) throws(LinkError) {
    self.host = host
    let all = try NetworkInterface.all().filter { LiveCapture.linkType(of: $0) == .ethernet }
    interfaces = Dictionary(all.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
    let opened = try Openings.open(.frame)
    let stamps = KernelNumber.stampReceived | KernelNumber.stampSoftware
    try opened.set(KernelNumber.socketLevel, KernelNumber.timestamping, stamps, as: "SO_TIMESTAMPING")
    ring = try SlotRing(opened, longest: longest, size: Self.ringSize)
    for interface in all where isPromiscuous && !interface.isLoopback {
      let index = Int32(clamping: interface.index)
      try checked(clinux_promiscuous(opened.number, index), "setsockopt(PACKET_ADD_MEMBERSHIP)")
    }
    // Last, so that nothing comes unstamped.
    try opened.bind(to: clinux_link(0, KernelNumber.etherAll, 0, 0), as: "bind(AF_PACKET)")
    socket = opened
  }

  func take(realTimeAhead ahead: Int64, into heard: inout [LaboratoryEar.Heard]) {
    while ring.next({ facts, octets in
      guard let interface = interfaces[facts.interface] else { return }
      let direction: LaboratoryEar.Heard.Direction
      switch facts.kind {
      case KernelNumber.outgoing: direction = .outgoing
      case KernelNumber.otherHost: direction = .passing
      default: direction = .incoming
      }
      if interface.isLoopback, direction == .outgoing { return }
      let stamp = Stamp(
        monotonic: Clock.monotonic, kernel: Instant(nanoseconds: facts.wall &- ahead), wall: facts.wall)
      let frame = Frame(
        bytes: octets.octets, linkType: .ethernet, stamp: stamp,
        checksumNotReady: facts.status & KernelNumber.checksumNotReady != 0, interface: facts.interface)
      heard.append(.init(host: host, interface: interface.name, direction, frame))
    }) {}
  }

  func drops() -> UInt64 {
    var (seen, lost): (UInt32, UInt32) = (0, 0)
    // Reading resets them (packet(7)).
    if unsafe clinux_packet_statistics(socket.number, &seen, &lost) >= 0 { dropped += UInt64(lost) }
    return dropped
  }
}
