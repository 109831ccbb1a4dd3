internal import SondeLink
internal import SondeOctets

/// A router of a sweep: its link address is found out once and then looked after.
struct NeighbourRouter: Sendable {
  /// How long a link address is used before the router is asked for it again.
  static let checkEvery = Duration.seconds(30)

  let address: IPAddress
  let link: NeighbourWays.Link
  private(set) var linkAddress: MACAddress?
  /// Nobody is asked, and no answer changes it.
  private(set) var isPermanent = false
  /// How often it has been asked since it was last heard of.
  private(set) var attempts: UInt64 = 0
  /// When it is to be asked next.
  private(set) var due = Instant(nanoseconds: .min)

  init(address: IPAddress, link: NeighbourWays.Link) {
    self.address = address
    self.link = link
  }

  var interface: Int32 { link.interface }

  /// It was asked as often as anybody is, and has never told its link address.
  private(set) var isSilent = false

  func hop(etherType: UInt16) -> NextHop? {
    guard let linkAddress else { return nil }
    return NextHop(interface: interface, linkAddress: linkAddress, etherType: etherType)
  }

  mutating func learn(_ linkAddress: MACAddress, at now: Instant) {
    guard !isPermanent else { return }
    self.linkAddress = linkAddress
    isSilent = false
    attempts = 0
    due = now + Self.checkEvery
  }

  /// Takes over a link address that the system was told to keep for ever.
  mutating func keep(_ linkAddress: MACAddress) {
    self.linkAddress = linkAddress
    isPermanent = true
    due = .distantFuture
  }

  /// Whether an answer may have come that was not heard.
  func awaits(at now: Instant) -> Bool { attempts > 0 && due <= now }

  /// What is to be done now that the time has come.
  ///
  /// The known link address is asked first, so that the link is spared (RFC 1122 §2.3.2.1); it is used on while nobody
  /// tells another one.
  ///
  /// - Parameter hears: whether answers are heard; else everybody is asked, since the system alone learns of it.
  /// - Returns: the link address to ask; nil if all has been tried, until the next check.
  mutating func ask(at now: Instant, hears: Bool) -> MACAddress? {
    let most = NeighbourBook.attempts * (linkAddress == nil || !hears ? 1 : 2)
    guard attempts < most else {
      isSilent = linkAddress == nil
      attempts = 0
      due = now + Self.checkEvery
      return nil
    }
    attempts += 1
    due = now + NeighbourBook.patience
    guard hears, let linkAddress, attempts <= NeighbourBook.attempts else { return .broadcast }
    return linkAddress
  }
}
