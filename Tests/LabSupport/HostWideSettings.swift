internal import CLinuxNet
internal import Glibc
internal import WireSupport

/// Holds host-wide settings at what laboratories need, for as long as one of them stands.
///
/// `net.ipv4.route.error_cost` limits the errors of all routers on this kernel, and no namespace has one of its own.
/// Each laboratory has a keeper, a process of a few lines that waits for the end of a pipe: it comes however the
/// laboratory ends. All keepers share a lock. The first saves the value, the last puts it back; a value that was
/// saved by keepers that are all gone is the true one still.
final class HostWideSettings: Sendable {
  private let pipe: Int32
  private let keeper: Int32

  private static let script = """
    setting=/proc/sys/net/ipv4/route/error_cost
    [ -w $setting ] || { echo ready; exec cat > /dev/null; }
    trap '' INT TERM HUP QUIT PIPE
    mkdir -p /run/sonde-lab
    exec 8>> /run/sonde-lab/gate 9>> /run/sonde-lab/error_cost
    flock 8
    if flock -n -x 9; then [ -s /run/sonde-lab/error_cost ] || cat $setting > /run/sonde-lab/error_cost; fi
    flock -s 9
    echo 0 > $setting
    flock -u 8
    echo ready
    cat > /dev/null
    flock 8
    if flock -n -x 9; then cat /run/sonde-lab/error_cost > $setting; : > /run/sonde-lab/error_cost; fi
    """

  /// - Throws: `WireFailure` if there is no keeper.
  init() throws {
    let folder = try TemporaryFolder()
    let (inlet, log) = ("\(folder.path)/inlet", "\(folder.path)/log")
    guard unsafe mkfifo(inlet, 0o600) == 0 else { throw WireFailure("mkfifo: errno \(errno)") }
    let lines = Self.script.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
    keeper = try Shell.start("exec setsid sh -c '\(lines)' < \(inlet) > \(log) 2>&1")
    // Opening waits for the other end.
    pipe = unsafe clinux_open(inlet, O_WRONLY)
    guard pipe >= 0 else { throw WireFailure("open \(inlet): errno \(-pipe)") }
    try Shell.until("grep -q ready \(log)")
  }

  deinit {
    close(pipe)
    Shell.wait(keeper)
  }
}
