internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeProbe

/// A run over the wire: the link, the signals that end it, and the file that records it.
///
/// Made in the one right order: the file is opened before privileges go, sockets before they are bound, and the file
/// is emptied only when the run can start.
struct LiveRun: ~Copyable {
  var link: LinuxLink
  private var recorder: Recorder
  private let signals: Signals

  /// - Parameters:
  ///   - frames: whether whole frames are sent.
  ///   - interface: the index of the interface to leave by; nil leaves it to routing.
  ///   - ways: where packets go, whose neighbours are found out first where the door knows no routing.
  ///   - first: runs when privileges are gone and signals are watched, before the link hears anything.
  /// - Throws: `LinkError` naming what the kernel refused.
  init(
    _ rankings: [Family: [SendPlan]], frames: Bool = false, _ send: SendOptions, interface: Int?,
    filter: PacketFilter, ways: [Way],
    _ first: (Signals, Interrupter) throws(LinkError) -> Void = { (_, _) throws(LinkError) in }
  ) throws(LinkError) {
    let recorder = try Recorder(send.write)
    let openings = try Openings.open(rankings, frames: frames, mark: send.firewallMark)
    try Privileges.drop()
    let interrupter = try Interrupter()
    let signals = try Signals.watch([.interrupt, .terminate], waking: interrupter)
    try first(signals, interrupter)
    var link = try LinuxLink(
      openings,
      LinuxLink.Options(
        interface: interface, mark: send.firewallMark, filter: filter, interrupter: interrupter, watchesOutput: true))
    try link.prepare(ways)
    try recorder.start()
    self.link = link
    self.recorder = recorder
    self.signals = signals
  }

  /// Runs a session to its end, or for `limit`, and records it; SIGINT, SIGTERM and a closed standard output end it as
  /// if it had come to its end.
  ///
  /// - Parameter watch: shown the session before each wait.
  /// - Returns: why the link could be read no more, or the file is not whole; nil where all went well.
  mutating func run<Plan: Schedule>(
    _ session: inout Session<Plan>, limit: Duration?, on console: Console,
    watch: (borrowing Session<Plan>) -> Void = { _ in }, _ show: (Event) -> Void
  ) -> LinkError? {
    recorder.record(&session, over: &link, limit: limit) { [signals] in
      !signals.take().isEmpty || console.noticesClosing()
    } watch: {
      watch($0)
    } _: { event in
      show(event)
    }
  }
}
