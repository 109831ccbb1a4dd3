internal import CLinuxNet
internal import Glibc
public import SondeLink

/// A process that goes on when the command that started it has ended.
public enum Keeper {
  /// Which of the two processes this is.
  public enum Side: ~Copyable {
    /// The one that goes on.
    case keeper(KeeperVoice)
    /// The one that called.
    case caller(KeeperReport)
  }

  /// Makes a process that goes on without terminal, session or parent, its standard streams on /dev/null.
  ///
  /// For a process of one thread, which has opened nothing that only one may have. The corresponding C functions are
  /// `fork` and `setsid`.
  ///
  /// - Throws: `LinkError` if the user may have no more processes.
  public static func detach() throws(LinkError) -> Side {
    var report: Int32 = -1
    let side = try checked(unsafe clinux_detach(&report), "fork")
    return side == 0 ? .keeper(KeeperVoice(Descriptor(report))) : .caller(KeeperReport(Descriptor(report)))
  }

  /// Waits until the process is asked to end (SIGTERM, SIGINT), and calls `body` now and then.
  public static func wait(_ interrupter: Interrupter, every period: Duration, _ body: () -> Void) {
    while !Signals.endHasCome {
      var place = clinux_poll(fd: interrupter.descriptor.number, events: KernelNumber.pollIn, revents: 0)
      let (seconds, rest) = period.components
      _ = unsafe clinux_poll(&place, 1, seconds &* 1_000_000_000 &+ rest / 1_000_000_000)
      body()
    }
  }
}

/// What a keeper tells the process that started it, until it says that it is ready.
public struct KeeperVoice: ~Copyable {
  private let pipe: Descriptor

  init(_ pipe: consuming Descriptor) { self.pipe = pipe }

  /// Says a line.
  ///
  /// - Returns: false if nobody listens any more.
  public borrowing func say(_ line: String) -> Bool {
    let octets = Array((line + "\n").utf8)
    return unsafe write(pipe.number, octets, octets.count) == octets.count
  }
}

/// What comes of a keeper until it is ready.
public struct KeeperReport: ~Copyable {
  private let pipe: Descriptor
  private var octets: [UInt8] = []

  init(_ pipe: consuming Descriptor) { self.pipe = pipe }

  /// The next line; nil when the keeper says no more, and once SIGINT or SIGTERM has come and `heedsSignals` is true.
  public mutating func next(heedsSignals: Bool) -> String? {
    while true {
      if let end = octets.firstIndex(of: 0x0a) {
        defer { octets.removeFirst(end + 1) }
        return String(decoding: octets[..<end], as: UTF8.self)
      }
      if heedsSignals, Signals.endHasCome { return nil }
      var piece = [UInt8](repeating: 0, count: 4096)
      let count = unsafe read(pipe.number, &piece, piece.count)
      if count > 0 {
        octets += piece[..<count]
      } else if count == 0 || errno != EINTR {
        return nil
      }
    }
  }
}
