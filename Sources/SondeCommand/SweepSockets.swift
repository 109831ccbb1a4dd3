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

  /// - Parameter written: the door that was asked for; nil for the fastest that is safe.
  /// - Throws: `LinkError` that says what would allow it.
  init(
    _ routing: SweepRouting, _ families: [Family], door written: String?, mark: UInt32?
  ) throws(LinkError) {
    let doors = routing.doors(written)
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

  /// Sets the sockets up and runs the sweep over them.
  ///
  /// - Parameters:
  ///   - waking: ends the wait of what listens.
  ///   - resting: ends the sleep of what sends.
  /// - Throws: `LinkError` naming what the kernel refused.
  consuming func run(
    _ plan: SweepPlan, _ questions: SweepQuestions, _ filter: SweepFilter, _ pacer: Pacer, waking: Interrupter,
    resting: Interrupter, wish: () -> SweepWish, onTick: (borrowing SweepMoment) -> Void,
    onEvent: (SweepEvent, RawSpan) -> Void
  ) throws(LinkError) -> SweepSummary {
    var news = news
    if book.asksHosts, let interface = routing.interface {
      try news.listen(on: Int32(clamping: interface.index), Set(families))
    }
    let listened = [routing.interface?.index, routing.loopback].compactMap { $0 }
    let ear = try RingEar(opening, RingEar.Options(filter, interfaces: listened, interrupter: waking))
    let bulkDoor = try LinuxBulkDoor(opening, door, on: routing.interface, interrupter: resting)
    let hops = SweepNeighbours(book, hearing: news)
    var sweep = Sweep(plan, form: questions, door: bulkDoor, hops: hops, ear: ear, pacer: pacer)
    return sweep.run(
      on: System.cores > 1 ? { Worker.start($0) } : nil, wish: wish, onTick: onTick, onEvent: onEvent)
  }
}
