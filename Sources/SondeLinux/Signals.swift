internal import CLinuxNet
internal import Glibc
public import SondeLink

/// A signal that a run reacts to.
public enum Signal: Int32, Hashable, Sendable, CaseIterable {
  /// SIGINT: the user pressed Control-C.
  case interrupt = 2
  /// SIGQUIT: Control-\; ping prints a running summary.
  case quit = 3
  /// SIGPIPE: nobody reads the output any more.
  case brokenPipe = 13
  /// SIGTERM.
  case terminate = 15
  /// SIGTSTP: Control-Z.
  case suspend = 20
}

/// The signals that came to the process, remembered until they are asked for.
public struct Signals: Sendable {
  /// From now on remembers these signals instead of ending the process, and lets each of them end
  /// the wait of the links that hold `interrupter`. The corresponding C function is `sigaction`.
  ///
  /// There is one set of signals in a process: a later call with another interrupter takes over.
  ///
  /// - Throws: `LinkError` if the kernel refuses.
  public static func watch(_ signals: [Signal], waking interrupter: Interrupter) throws(LinkError) -> Signals {
    // The handler may run at any time from now on, so its descriptor is never closed.
    _ = unsafe Unmanaged.passRetained(interrupter)
    for signal in signals {
      try checked(clinux_watch(signal.rawValue, interrupter.descriptor.number), "sigaction")
    }
    return Signals()
  }

  /// The signals that came since the last call.
  public func take() -> Set<Signal> {
    let came = clinux_take_signals()
    guard came != 0 else { return [] }
    return Set(Signal.allCases.filter { came >> UInt64($0.rawValue) & 1 == 1 })
  }

  /// Whether SIGINT or SIGTERM has come since they are watched, whoever has asked since: the end is near.
  public static var endHasCome: Bool {
    let ends: UInt64 = 1 << UInt64(Signal.interrupt.rawValue) | 1 << UInt64(Signal.terminate.rawValue)
    return clinux_signals_ever() & ends != 0
  }

  /// Makes the process ignore a signal. The corresponding C function is `sigaction` with SIG_IGN.
  public static func ignore(_ signal: Signal) throws(LinkError) {
    try checked(clinux_ignore(signal.rawValue), "sigaction")
  }

  /// Lets a signal do again what it does unless somebody reacts to it. The corresponding C function is `signal` with
  /// SIG_DFL.
  public static func restore(_ signal: Signal) throws(LinkError) {
    try checked(clinux_restore(signal.rawValue), "signal")
  }
}
