internal import CLinuxNet
internal import Glibc
public import SondeLink
internal import SondeOctets

/// Packets out and in through this machine's sockets, on CLOCK_MONOTONIC.
///
/// Packets start at the IP header (`LinkType.raw`), and are handed up so, where plans or `Openings.open` do not ask
/// for whole frames (`LinkType.ethernet`). One link serves any number of destinations, of one family or of both.
public struct LinuxLink: PacketLink, ~Copyable {
  /// How a link is set up, beyond its plan.
  public struct Options: Sendable {
    /// The echo identifier that the datagram door is bound to; nil lets the kernel choose, and
    /// `echoIdentification(_:)` then says which.
    public var echoIdentification: UInt16?
    /// The echo identifier of all that the other doors send; nil where there are several. The ICMP ear then has a queue
    /// for what may be ours, which no other program's answers fill, and one for the rest.
    public var ownIdentification: UInt16?
    /// The index of the interface to send by; nil leaves it to routing. It goes along with each
    /// packet (IP_PKTINFO), because a socket bound by SO_BINDTODEVICE hears no errors of this
    /// machine's own, which come through lo.
    public var interface: Int?
    /// The firewall mark by which the cooked door asks routing; the raw doors' sockets have their own.
    public var mark: UInt32?
    /// What the packet ear lets through.
    public var filter: PacketFilter
    public var transmitStamp: TransmitStamp
    /// Ends `receive` early from elsewhere.
    public var interrupter: Interrupter?
    /// Whether `receive` ends early, each time, once nobody reads standard output any more.
    public var watchesOutput: Bool

    public init(
      echoIdentification: UInt16? = nil, ownIdentification: UInt16? = nil, interface: Int? = nil, mark: UInt32? = nil,
      filter: PacketFilter = .everything, transmitStamp: TransmitStamp = .scheduled, interrupter: Interrupter? = nil,
      watchesOutput: Bool = false
    ) {
      self.echoIdentification = echoIdentification
      self.ownIdentification = ownIdentification
      self.interface = interface
      self.mark = mark
      self.filter = filter
      self.transmitStamp = transmitStamp
      self.interrupter = interrupter
      self.watchesOutput = watchesOutput
    }
  }

  /// The plan of each family that this link sends.
  public let plans: [Family: SendPlan]
  let options: Options
  var ipv4Door: Door?
  var ipv6Door: Door?
  var cookedDoor: Door?
  var packetDoor: Door?
  var ipv4Ear: Descriptor?
  var ipv6Ear: Descriptor?
  /// Hear the echo replies to other programs, where `ipv4Ear` and `ipv6Ear` do not.
  var ipv4Others: Descriptor?
  var ipv6Others: Descriptor?
  var packetEar: Descriptor?
  var frameEar: Descriptor?
  var buffer = ReceiveBuffer()
  /// What came in while packets were being sent.
  var pending: [Received] = []
  /// Where the cooked door sends, by way; or why it cannot.
  var targets: [Way: Result<LinkTarget, LinkError>] = [:]
  /// What is not known yet of next hops.
  var resolutions = Resolutions()
  /// The interfaces that frames have left by, whose link header is known to be Ethernet's.
  var frameInterfaces: Set<Int> = []
  /// What `ppoll` watches, in the order of `Watched`.
  var watched: [clinux_poll] = []
  /// The descriptors among them that packets are heard by.
  var heard: [Int32] = []
  /// Whether standard input had something to read, or was at its end, when the last wait ended.
  public internal(set) var inputIsReady = false
  private var identifications: [Family: UInt16] = [:]

  /// Sets up and binds the sockets. It needs no privilege any more.
  ///
  /// - Throws: `LinkError` naming the option or address that the kernel refused.
  public init(_ openings: consuming Openings, _ options: Options = Options()) throws(LinkError) {
    self.options = options
    plans = openings.plans
    let stamp = options.transmitStamp
    let identification = options.echoIdentification ?? 0
    if let socket = openings.ipv4.door.take() {
      let kind = plans[.ipv4]?.door ?? .raw
      ipv4Door = try Door(
        socket, kind, .ipv4, stamp: stamp, identification: identification, hears: plans[.ipv4]?.ear == .datagram)
    }
    if let socket = openings.ipv6.door.take() {
      let kind = plans[.ipv6]?.door ?? .raw
      ipv6Door = try Door(
        socket, kind, .ipv6, stamp: stamp, identification: identification, hears: plans[.ipv6]?.ear == .datagram)
    }
    if plans[.ipv4]?.door == .datagram { identifications[.ipv4] = ipv4Door?.identification }
    if plans[.ipv6]?.door == .datagram { identifications[.ipv6] = ipv6Door?.identification }
    if let socket = openings.cookedDoor.take() {
      cookedDoor = try Door(socket, .cooked, .ipv4, stamp: stamp, identification: 0)
    }
    if let socket = openings.packetDoor.take() {
      packetDoor = try Door(socket, .packet, .ipv4, stamp: stamp, identification: 0)
    }
    let ownIPv4 = identifications[.ipv4] ?? options.ownIdentification
    let ownIPv6 = identifications[.ipv6] ?? options.ownIdentification
    if let socket = openings.ipv4.icmpEar.take() {
      if let own = ownIPv4 { try socket.attach(PacketFilter.echoReplies(to: own, .ipv4, passed: true)) }
      ipv4Ear = try Ear.icmp(socket, .ipv4)
    }
    if let socket = openings.ipv6.icmpEar.take() {
      if let own = ownIPv6 { try socket.attach(PacketFilter.echoReplies(to: own, .ipv6, passed: true)) }
      ipv6Ear = try Ear.icmp(socket, .ipv6)
    }
    if let own = ownIPv4, let socket = openings.ipv4.othersEar.take() {
      try socket.attach(PacketFilter.echoReplies(to: own, .ipv4, passed: false))
      ipv4Others = try Ear.icmp(socket, .ipv4)
    }
    if let own = ownIPv6, let socket = openings.ipv6.othersEar.take() {
      try socket.attach(PacketFilter.echoReplies(to: own, .ipv6, passed: false))
      ipv6Others = try Ear.icmp(socket, .ipv6)
    }
    if let socket = openings.packetEar.take() { packetEar = try Ear.packet(socket, options.filter.program) }
    if let socket = openings.frameEar.take() {
      let interface = options.filter.passesOtherHosts ? options.interface : nil
      frameEar = try Ear.packet(socket, options.filter.frameProgram, promiscuousOn: interface)
    }
    watch()
  }

  public var now: Instant { Clock.monotonic }

  /// The echo identifier that the datagram door sends; nil if the family has another door.
  public func echoIdentification(_ family: Family) -> UInt16? { identifications[family] }

  public var ownDrops: UInt64 {
    heard.reduce(0) { $0 + UInt64(Descriptor.drops(at: $1)) }
  }
}
