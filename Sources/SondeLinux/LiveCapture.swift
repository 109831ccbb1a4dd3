internal import CLinuxNet
internal import Glibc
public import SondeLink

/// Frames as they pass this machine's interfaces, from a ring that the kernel fills (packet(7), TPACKET_V3).
public struct LiveCapture: ~Copyable {
  public struct Options: Sendable {
    /// What is captured, compiled for the capture's link type; nil captures everything.
    public var filter: CaptureFilter?
    /// The most octets of a frame that are kept.
    public var snapLength: Int
    /// Whether the interface is asked for frames that are meant for other machines too.
    public var isPromiscuous: Bool
    /// The room for frames that wait to be looked at, in octets.
    public var ringSize: Int
    /// Ends `receive` early from elsewhere.
    public var interrupter: Interrupter?
    /// Whether `receive` ends early, each time, once nobody reads standard output any more.
    public var watchesOutput: Bool

    public init(
      filter: CaptureFilter? = nil, snapLength: Int = CaptureFilter.wholeFrames, isPromiscuous: Bool = false,
      ringSize: Int = 8 << 20, interrupter: Interrupter? = nil, watchesOutput: Bool = false
    ) {
      self.filter = filter
      self.snapLength = snapLength
      self.isPromiscuous = isPromiscuous
      self.ringSize = ringSize
      self.interrupter = interrupter
      self.watchesOutput = watchesOutput
    }
  }

  /// A capture's socket: what needs privilege is done, so that `Privileges.drop()` may follow.
  public struct Opening: ~Copyable {
    /// The one interface to capture from; nil captures from all.
    public let interface: NetworkInterface?
    let socket: Descriptor

    /// Opens the socket; nothing is captured yet.
    ///
    /// - Throws: `LinkError` that says what would allow it.
    public init(_ interface: NetworkInterface?) throws(LinkError) {
      self.interface = interface
      socket = try Openings.open(LiveCapture.linkType(of: interface) == .linuxCookedV2 ? .packet : .frame)
    }
  }

  /// How the frames of an interface begin: with an Ethernet header, with an IP header where the link has none, or,
  /// on other links and on all interfaces together, with the header that the capture writes.
  public static func linkType(of interface: NetworkInterface?) -> LinkType {
    guard let interface else { return .linuxCookedV2 }
    if KernelNumber.ethernetHardware.contains(interface.hardwareType) { return .ethernet }
    return KernelNumber.headerlessHardware.contains(interface.hardwareType) ? .raw : .linuxCookedV2
  }

  public let linkType: LinkType
  public let interface: NetworkInterface?
  private let socket: Descriptor
  private let options: Options
  /// Whether the kernel could not run the filter, so that all of it is done here.
  private let filtersHere: Bool
  private var ring: CaptureRing
  private var watched: [clinux_poll]
  private var seen: UInt64 = 0
  private var dropped: UInt64 = 0

  /// Sets up the socket and binds it last, so that nothing comes unfiltered. It needs no privilege any more.
  ///
  /// - Throws: `LinkError` if the interface is down, if the filter was compiled for another link type, or naming
  ///   what the kernel refused.
  public init(_ opening: consuming Opening, _ options: Options = Options()) throws(LinkError) {
    let interface = opening.interface
    let linkType = Self.linkType(of: interface)
    let index = Int32(clamping: interface?.index ?? 0)
    if let filter = options.filter, filter.linkType != linkType {
      throw LinkError(
        "filter \"\(filter.expression)\"",
        refusal: "it was compiled for link type \(filter.linkType.rawValue), and this capture's is \(linkType.rawValue)"
      )
    }
    let (program, isPartial) = CaptureProgram.forKernel(options.filter, snapLength: max(options.snapLength, 1))
    try opening.socket.attach(program)
    // The ring's stamps are the kernel's own only where stamping is on.
    let stamps = KernelNumber.stampReceived | KernelNumber.stampSoftware
    try opening.socket.set(KernelNumber.socketLevel, KernelNumber.timestamping, stamps, as: "SO_TIMESTAMPING")
    let ring = try CaptureRing(opening.socket, size: options.ringSize)
    if options.isPromiscuous, index > 0 {
      try checked(clinux_promiscuous(opening.socket.number, index), "setsockopt(PACKET_ADD_MEMBERSHIP)")
    }
    let name = Self.name(interface)
    try opening.socket.bind(to: clinux_link(index, KernelNumber.etherAll, 0, 0), as: name)
    try Self.check(opening.socket, name)
    let descriptors = [
      opening.socket.number, options.interrupter?.descriptor.number ?? -1,
      options.watchesOutput ? OutputFile.Standard.output.rawValue : -1,
    ]
    // Of standard output only its end is of interest, which poll tells unasked.
    watched = descriptors.enumerated().map {
      clinux_poll(fd: $1, events: $0 < 2 ? KernelNumber.pollIn : 0, revents: 0)
    }
    self.interface = interface
    self.linkType = linkType
    self.options = options
    filtersHere = isPartial
    self.ring = ring
    socket = opening.socket
  }

  /// The monotonic time that `receive` waits by.
  public var now: Instant { Clock.monotonic }

  /// Waits until frames came or `deadline` has passed, and lends each to `take`; nothing is allocated for one.
  ///
  /// A lone frame is shown 10 to 20 ms after it passed. Returns early, with nothing, when the wait was interrupted:
  /// callers look at the clock and at their own flags after each call.
  ///
  /// - Parameter take: told of each frame, with the octets that were kept from the header that `linkType` names on;
  ///   false ends the call, and what came later is kept for the next one.
  /// - Returns: how many frames were lent.
  /// - Throws: `LinkError` when the interface went down.
  @discardableResult
  public mutating func receive(
    until deadline: Instant, _ take: (CapturedFacts, RawSpan) -> Bool
  ) throws(LinkError) -> Int {
    let count = drain(take)
    guard count == 0 else { return count }
    let wait = deadline == .distantFuture ? -1 : max(0, (deadline - now).nanoseconds)
    let ready = unsafe clinux_poll(&watched, watched.count, wait)
    guard ready >= 0 || ready == -EINTR else { throw LinkError("ppoll", -ready) }
    guard ready > 0 else { return 0 }
    if watched[1].revents & KernelNumber.pollIn != 0 { options.interrupter?.clear() }
    if watched[0].revents & KernelNumber.pollError != 0 { try Self.check(socket, Self.name(interface)) }
    return drain(take)
  }

  /// How many frames the kernel passed on since the capture began, and how many of them were dropped for want of room
  /// in the ring. With a filter, tagged frames that it does not let through are among the first.
  ///
  /// - Throws: `LinkError` if the kernel does not tell.
  public mutating func statistics() throws(LinkError) -> (seen: UInt64, dropped: UInt64) {
    var latest: UInt32 = 0
    var lost: UInt32 = 0
    // Reading resets them (packet(7)).
    try checked(unsafe clinux_packet_statistics(socket.number, &latest, &lost), "getsockopt(PACKET_STATISTICS)")
    seen += UInt64(latest)
    dropped += UInt64(lost)
    return (seen, dropped)
  }

  /// Throws what the socket suffers from: an interface that is down.
  private static func check(_ socket: borrowing Descriptor, _ name: String) throws(LinkError) {
    let code = socket.get(KernelNumber.socketLevel, KernelNumber.error) ?? 0
    guard code == 0 else { throw LinkError(name, code) }
  }

  private static func name(_ interface: NetworkInterface?) -> String {
    interface.map { "capture on \($0.name)" } ?? "capture"
  }

  /// Lends what is there, at most a ring full, so that a busy interface does not keep the caller for good.
  private mutating func drain(_ take: (CapturedFacts, RawSpan) -> Bool) -> Int {
    var count = 0
    while let frame = unsafe ring.current() {
      let isGoing = unsafe lend(frame, to: take, &count)
      let isFull = ring.advance()
      if !isGoing || isFull { break }
    }
    return count
  }

  /// - Returns: whether to go on.
  private func lend(_ frame: RingFrame, to take: (CapturedFacts, RawSpan) -> Bool, _ count: inout Int) -> Bool {
    let header = unsafe frame.header
    let address = unsafe frame.address
    let isTagged = header.tp_status & KernelNumber.hasTag != 0 || header.hv1.tp_vlan_tci != 0
    let tagType = header.tp_status & KernelNumber.hasTagType != 0 ? header.hv1.tp_vlan_tpid : KernelNumber.etherTag
    let tag = isTagged ? FrameTag(type: tagType, control: UInt16(truncatingIfNeeded: header.hv1.tp_vlan_tci)) : nil
    let kept = unsafe frame.octets
    let octets =
      switch linkType {
      case .linuxCookedV2: unsafe CookedHeader.write(before: kept, address, tag)
      case .ethernet: unsafe tag.map { unsafe $0.insert(into: kept) } ?? kept
      default: unsafe kept
      }
    let added = octets.count - kept.count
    let facts = CapturedFacts(
      interface: Int(address.sll_ifindex), kind: .init(rawValue: address.sll_pkttype), wall: unsafe frame.wall,
      originalLength: Int(header.tp_len) + added,
      checksumNotReady: header.tp_status & KernelNumber.checksumNotReady != 0)
    let whole = UnsafeRawBufferPointer(octets)
    let snapped = unsafe UnsafeRawBufferPointer(rebasing: whole.prefix(max(options.snapLength, 1)))
    let span = unsafe RawSpan(_unsafeBytes: snapped)
    if isTagged || filtersHere, let filter = options.filter,
      !filter.matches(span, originalLength: facts.originalLength)
    {
      return true
    }
    count += 1
    return take(facts, span)
  }
}
