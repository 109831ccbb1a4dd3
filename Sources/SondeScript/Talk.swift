public import SondeCraft
public import SondeHeaders
public import SondeLink
public import SondeOctets
public import SondeProbe

/// A TCP connection spoken over IP packets, without a socket and without a clock.
///
/// It puts a `Conversation`'s segments into packets, fields changed by hand on the way, and finds in the packets that
/// come those that belong to it. Whoever has a link runs it by `run(_:over:)`, or in a loop of its own: hand what
/// comes to `receive`, call `step`, send what `takePackets` gives.
public struct Talk: Sendable {
  /// One end of a connection.
  public struct End: Hashable, Sendable {
    public var address: IPAddress
    public var port: UInt16

    public init(_ address: IPAddress, _ port: UInt16) {
      self.address = address
      self.port = port
    }
  }

  /// How packets are made.
  public struct Settings: Sendable {
    public var conversation = Conversation.Options()
    public var hopLimit: UInt8 = 64
    public var typeOfService: UInt8 = 0
    /// The index of the interface to leave by; nil leaves it to routing.
    public var interface: Int?
    /// The longest packet on the way to an address, in octets from the IP header on.
    public var mtu: @Sendable (IPAddress) -> Int
    /// Whether what comes is read at once, so that the window stays open.
    public var readsAtOnce = true

    public init(mtu: @escaping @Sendable (IPAddress) -> Int = { _ in 1500 }) { self.mtu = mtu }
  }

  public internal(set) var conversation: Conversation
  public let settings: Settings
  /// Our address; nil while it listens and nobody has called.
  public internal(set) var local: IPAddress?
  /// The peer; nil while nobody has called.
  public internal(set) var remote: End?
  /// Whether it waits for a peer to call, or did.
  public internal(set) var listens = false
  var identification: UInt16
  var packets: [Outgoing] = []
  var events: [TalkEvent] = []
  var nextProbe: UInt64 = 1
  /// Edits that wait for the octets of the stream that they were written for.
  var dataEdits: [(places: Range<UInt64>, edits: [FieldEdit])] = []
  /// Edits of the next segment of a kind, whatever it holds.
  var purposeEdits: [(purposes: Set<Conversation.Segment.Purpose>, edits: [FieldEdit])] = []
  /// A fault of an edit that no packet could be made with.
  private var fault: CraftError?
  /// Segments that no packet could be made of: the conversation believes that they left.
  private(set) var unsentCount = 0
  var outline = Outline()
  /// What was asked for before there was a peer, whose way decides how large segments are.
  private var pinnedWindow: Int?
  private var isDiscarding = false

  /// An end on a port of ours.
  ///
  /// - Parameters:
  ///   - identification: of the first IPv4 packet; each more counts one on.
  ///   - initialSequenceNumber: of the SYN.
  public init(from localPort: UInt16, initialSequenceNumber: UInt32, identification: UInt16, _ settings: Settings) {
    self.settings = settings
    self.identification = identification
    self.initialSequenceNumber = initialSequenceNumber
    conversation = Conversation(
      from: localPort, initialSequenceNumber: initialSequenceNumber, options: settings.conversation)
  }

  let initialSequenceNumber: UInt32

  public var localPort: UInt16 { conversation.localPort }

  /// Opens the connection: the next `step` sends a SYN.
  ///
  /// - Throws: `ConversationError` if one was opened already.
  public mutating func connect(
    from address: IPAddress, to peer: End, edits: [FieldEdit] = [], at now: Instant
  ) throws(ConversationError) {
    guard conversation.state == .closed, conversation.ending == nil else {
      throw .wrongState(conversation.state)
    }
    local = address
    remote = peer
    conversation = fitted(to: peer.address)
    try conversation.connect(to: peer.port, at: now)
    expect(edits, at: [.opening])
  }

  /// Waits for a peer to open the connection.
  ///
  /// - Throws: `ConversationError` if a connection was opened already.
  public mutating func listen(edits: [FieldEdit] = []) throws(ConversationError) {
    listens = true
    try conversation.listen()
    expect(edits, at: [.opening])
  }

  /// Takes octets to be sent; fewer than were given where there is no room for all. No octets are an acknowledgment
  /// alone.
  ///
  /// - Returns: how many were taken.
  /// - Throws: `ConversationError` if this end has ended its stream.
  @discardableResult
  public mutating func write(
    _ octets: [UInt8], isUrgent: Bool = false, edits: [FieldEdit] = [], at now: Instant
  ) throws(ConversationError) -> Int {
    if octets.isEmpty {
      conversation.acknowledge()
      expect(edits, at: [.acknowledgment])
      return 0
    }
    // Segments of its own, so that what is set by hand reaches these octets alone.
    let isApart = !edits.isEmpty
    let places =
      isUrgent
      ? try conversation.writeUrgent(octets, isApart: isApart, at: now)
      : try conversation.write(octets, isApart: isApart, at: now)
    if !edits.isEmpty, !places.isEmpty { dataEdits.append((places, edits)) }
    return places.count
  }

  /// Ends the stream to the peer.
  public mutating func shutdownWrite(edits: [FieldEdit] = [], at now: Instant) throws(ConversationError) {
    try conversation.shutdownWrite(at: now)
    expect(edits, at: [.finish])
  }

  /// Nothing of the peer is read any more.
  public mutating func shutdownRead() {
    isDiscarding = true
    conversation.shutdownRead()
  }

  /// Ends both streams in order.
  public mutating func close(edits: [FieldEdit] = [], at now: Instant) throws(ConversationError) {
    try conversation.close(at: now)
    expect(edits, at: [.finish])
  }

  /// Ends the connection at once, by a reset.
  public mutating func abort(edits: [FieldEdit] = [], at now: Instant) {
    conversation.abort(at: now)
    expect(edits, at: [.reset])
  }

  /// Takes out what came in order.
  public mutating func read(_ limit: Int = .max) -> [UInt8] { conversation.read(limit) }
  public mutating func takeUrgent() -> UInt8? { conversation.takeUrgent() }
  public mutating func pinWindow(_ octets: Int?) {
    pinnedWindow = octets
    conversation.pinWindow(octets)
  }

  /// Does what is due, and says when to come back if nothing happens before; nil where only a packet or a call can
  /// move it.
  public mutating func step(at now: Instant) -> Instant? {
    let next = conversation.step(at: now)
    let segments = conversation.takeSegments()
    var happened = conversation.takeEvents()
    for segment in segments {
      send(segment, at: now, happened)
      happened = []
    }
    if !happened.isEmpty { events.append(.happened(happened, at: now)) }
    return next
  }

  /// The packets to be sent now, in order; each is given once.
  public mutating func takePackets() -> [Outgoing] {
    defer { packets = [] }
    return packets
  }

  /// What passed since the last call, in order.
  public mutating func takeEvents() -> [TalkEvent] {
    defer { events = [] }
    return events
  }

  /// The fault of an edit that no packet could be made with; it is given once.
  public mutating func takeFault() -> CraftError? {
    defer { fault = nil }
    return fault
  }

  /// Remembers that no packet could be made of a segment.
  mutating func remember(_ error: CraftError) {
    fault = error
    unsentCount += 1
  }

  /// Remembers that this machine did not send a packet.
  public mutating func failed(_ error: LinkError, at now: Instant) { events.append(.failed(error, at: now)) }

  /// The conversation with segments as large as the way to the peer carries them.
  func fitted(to peer: IPAddress) -> Conversation {
    var options = settings.conversation
    let largest = max(88, settings.mtu(peer) - (peer.version == 4 ? 40 : 60))
    options.largestSegment = min(options.largestSegment, largest)
    if let mss = options.mss { options.mss = min(mss, UInt16(clamping: largest)) }
    var fitted = Conversation(
      from: conversation.localPort, initialSequenceNumber: initialSequenceNumber, options: options)
    if let pinnedWindow { fitted.pinWindow(pinnedWindow) }
    if isDiscarding { fitted.shutdownRead() }
    return fitted
  }

  private mutating func expect(_ edits: [FieldEdit], at purposes: Set<Conversation.Segment.Purpose>) {
    if !edits.isEmpty { purposeEdits.append((purposes, edits)) }
  }
}
