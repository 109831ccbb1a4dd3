internal import CLinuxNet
internal import Glibc
internal import SondeLink

/// How a bulk door waits: for room, and for the time to go on.
struct BulkRest: Sendable {
  /// The shortest and the longest rest after a full queue, which poll(2) does not tell the end of, in nanoseconds.
  private static let rests: ClosedRange<Int64> = 50_000...1_000_000
  /// How long a door may be full before its packets are refused: a queue moves within a second, a dead link does not.
  static let patience = Duration.seconds(1)

  private let interrupter: Interrupter?
  private var rest = rests.lowerBound
  /// Since when nothing went.
  private var stuck: Instant?
  /// The socket's own room is used up, of which poll(2) tells the end.
  private var waitsForSocket = false
  private var isPrecise = false

  init(_ interrupter: Interrupter?) { self.interrupter = interrupter }

  /// What became of some packets, the next of which did not go.
  ///
  /// - Parameter code: why not, as an errno; 0 if all went.
  mutating func outcome(_ sent: Int, _ code: Int32, _ operation: @autoclosure () -> String) -> BulkOutcome {
    if sent > 0 || code == 0 {
      rest = Self.rests.lowerBound
      stuck = nil
    }
    switch code {
    case 0: return .all
    case EAGAIN, ENOBUFS, ENOMEM:
      waitsForSocket = code == EAGAIN
      let now = Clock.monotonic
      let since = stuck ?? now
      guard now - since < Self.patience else { return .refused(sent: sent, LinkError(operation(), code)) }
      stuck = since
      return .full(sent: sent)
    default: return .refused(sent: sent, LinkError(operation(), code))
    }
  }

  /// Waits until a socket may have room, a millisecond at most.
  mutating func waitForRoom(of socket: Int32) {
    if waitsForSocket {
      var watched = [clinux_poll(fd: socket, events: KernelNumber.pollOut, revents: 0)]
      _ = unsafe clinux_poll(&watched, 1, Self.rests.upperBound)
      // An error that lies there would end every wait at once.
      if watched[0].revents & KernelNumber.pollError != 0 { clinux_drop_errors(socket) }
      if watched[0].revents & KernelNumber.pollOut != 0 { return }
    }
    sleep(until: Clock.monotonic + .nanoseconds(rest))
    rest = min(rest * 2, Self.rests.upperBound)
  }

  /// Sleeps until `deadline`, or until the run is interrupted.
  mutating func sleep(until deadline: Instant) {
    if !isPrecise {
      // By default the kernel may be 50 µs late to save wake-ups (prctl(2), PR_SET_TIMERSLACK).
      clinux_timer_slack(1)
      isPrecise = true
    }
    var watched = clinux_poll(fd: interrupter?.descriptor.number ?? -1, events: KernelNumber.pollIn, revents: 0)
    while true {
      let left = deadline.nanoseconds.subtractingReportingOverflow(Clock.monotonic.nanoseconds).partialValue
      guard left > 0 else { return }
      guard unsafe clinux_poll(&watched, 1, left) > 0 else { continue }
      interrupter?.clear()
      return
    }
  }
}
