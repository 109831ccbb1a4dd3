internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeSweep

/// The sockets of a sweep: opened while there is privilege, set up and used without.
struct SweepSockets: ~Copyable {
  private let routing: SweepRouting
  private let families: [Family]
  private let opening: BulkOpening
  private var news: NeighbourEar
  private let book: NeighbourBook
  /// The door to other machines.
  let door: BulkDoorKind

  /// - Parameters:
  ///   - written: the door that was asked for; nil for the fastest that is safe.
  ///   - packets: how many will leave, about.
  /// - Throws: `LinkError` that says what would allow it.
  init(
    _ routing: SweepRouting, _ families: [Family], door written: String?, packets: UInt64, mark: UInt32?
  ) throws(LinkError) {
    let doors = routing.doors(written, packets: packets)
    var needed: Set<BulkDoorKind> = routing.loopback == nil ? [] : [.raw]
    needed.insert(doors.last ?? .packet)
    let opening = try BulkOpening(needed, wished: Set(doors), families: Set(families), mark: mark)
    let door = doors.first { opening.doors.contains($0) } ?? .packet
    let book = try routing.book(door)
    let news = book.asksHosts ? try NeighbourEar() : NeighbourEar.deaf()
    self.routing = routing
    self.families = families
    self.opening = opening
    self.book = book
    self.news = news
    self.door = door
  }

  /// Sets the sockets up; it needs no privilege any more.
  ///
  /// - Parameters:
  ///   - waking: ends the wait of what listens.
  ///   - resting: ends the sleep of what sends.
  /// - Throws: `LinkError` naming what the kernel refused.
  consuming func ready(_ filter: SweepFilter, waking: Interrupter, resting: Interrupter) throws(LinkError) -> Ready {
    var news = news
    if book.asksHosts, let interface = routing.interface {
      try news.listen(on: Int32(clamping: interface.index), Set(families))
    }
    let listened = [routing.interface?.index, routing.loopback].compactMap { $0 }
    let ear = try RingEar(opening, RingEar.Options(filter, interfaces: listened, interrupter: waking))
    let bulkDoor = try LinuxBulkDoor(opening, door, on: routing.interface, interrupter: resting)
    return Ready(door: bulkDoor, ear: ear, hops: SweepNeighbours(book, hearing: news))
  }

  /// What a sweep runs over.
  struct Ready: ~Copyable {
    let door: LinuxBulkDoor
    let ear: RingEar
    let hops: SweepNeighbours<NeighbourEar>

    /// The sweep, ready to run.
    consuming func sweep<Form: SweepForm>(_ plan: SweepPlan, _ form: Form, _ pacer: Pacer) -> LiveForm<Form> {
      Sweep(plan, form: form, door: door, hops: hops, ear: ear, pacer: pacer)
    }
  }

  /// A sweep of this machine's.
  typealias LiveForm<Form: SweepForm> = Sweep<Form, LinuxBulkDoor, SweepNeighbours<NeighbourEar>, RingEar>

  /// Starts the thread that sends, where there is a processor for it.
  static var threads: ((@escaping @Sendable () -> Void) -> Bool)? { System.cores > 1 ? { Worker.begin($0) } : nil }
}
