internal import CLinuxNet
internal import Glibc
public import SondeLink

/// The machine's clocks. Nothing outside this module reads one.
public enum Clock {
  /// The monotonic time that every link of this module uses (CLOCK_MONOTONIC, clock_gettime(2)).
  public static var monotonic: Instant { Instant(nanoseconds: clinux_clock(Int32(CLOCK_MONOTONIC))) }

  /// The wall clock, in nanoseconds since 1970 (CLOCK_REALTIME); it may step.
  public static var wall: Int64 { clinux_clock(Int32(CLOCK_REALTIME)) }

  /// Lets time pass. The corresponding C function is `ppoll`, with nothing to wait for.
  public static func pause(_ time: Duration) {
    let (seconds, rest) = time.components
    _ = clinux_poll(nil, 0, seconds &* 1_000_000_000 &+ rest / 1_000_000_000)
  }

  /// The stamp of a frame that was seen just now and that the kernel stamped at the real time `wall`.
  ///
  /// The kernel's time is moved onto the monotonic clock by the difference of the two clocks now: it
  /// is read between two readings of the other clock, again if something came in between, and the
  /// few readings cost less than the call that brought the frame.
  static func stamp(kernel wall: Int64?) -> Stamp {
    let seen = monotonic
    guard let wall else { return Stamp(monotonic: seen, wall: self.wall) }
    return Stamp(monotonic: seen, kernel: Instant(nanoseconds: wall &- realTimeAhead), wall: wall)
  }

  /// How far the real-time clock is ahead of the monotonic one, in nanoseconds.
  static var realTimeAhead: Int64 {
    var best = (width: Int64.max, ahead: Int64(0))
    for _ in 0..<4 {
      let before = monotonic.nanoseconds
      let wall = self.wall
      let width = monotonic.nanoseconds - before
      if width < best.width { best = (width, wall - before - width / 2) }
      if width < 500 { break }
    }
    return best.ahead
  }
}

/// What the system says of this process, and its randomness.
public enum System {
  /// The process id (getpid(2)).
  public static var processID: Int32 { getpid() }

  /// The file that this program was started from (readlink(2) of /proc/self/exe).
  public static var program: String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// How many processors this process may run on (sched_getaffinity(2)).
  public static var cores: Int { Int(clinux_cores()) }

  /// Raises the number of files that this process may have open at once as far as it goes, and gives it. The
  /// corresponding C function is `setrlimit` with RLIMIT_NOFILE.
  public static func raiseFileLimit() -> Int {
    var limit: UInt = 0
    return unsafe clinux_raise_file_limit(&limit) < 0 ? 1024 : Int(clamping: limit)
  }

  /// Octets from the kernel's random generator (getrandom(2)).
  public static func randomOctets(_ count: Int) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: max(count, 0))
    unsafe clinux_random(&octets, octets.count)
    return octets
  }

  /// A random number over the whole range of its type, from getrandom(2).
  public static func random<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type = T.self) -> T {
    var number: T = 0
    for octet in randomOctets(T.bitWidth / 8) { number = number << 8 | T(octet) }
    return number
  }
}
