internal import CLinuxNet
internal import Glibc
internal import SondeLink

/// What is left of a laboratory when its keeper has gone, and its removal.
public enum LabRemains {
  /// The number of the calling thread's network namespace that no other has until the machine starts anew; 0 where the
  /// kernel has none. The corresponding C function is `getsockopt` with SO_NETNS_COOKIE.
  public static var networkCookie: UInt64 { clinux_network_cookie() }

  /// Ends what still runs on the hosts of a laboratory, and removes the names of their namespaces.
  ///
  /// A namespace's number on its own may be another's by now, so each process is asked for its cookie too. Only
  /// processes of this user are found, and this one is left out.
  public static func clear(_ record: LabRecord, hosts: [String]) {
    endProcesses(of: record)
    guard let prefix = record.prefix else { return }
    for host in hosts { Leftovers.removeName("\(Leftovers.folderOfNames)/\(prefix)-\(host)") }
  }

  /// Asks the processes to end, and after half a second makes them.
  private static func endProcesses(of record: LabRecord) {
    let inodes = Set(record.hosts.map(\.inode))
    let cookies = Set(record.hosts.map(\.cookie)).subtracting([0])
    guard !inodes.isEmpty else { return }
    var known: [Int32: Bool] = [:]
    let patience = Clock.monotonic + .milliseconds(500)
    let limit = patience + .seconds(2)
    while true {
      let processes = Leftovers.processes(inNamespaces: inodes).filter { process in
        if process == getpid() { return false }
        let isOurs = known[process] ?? isOn(cookies, process, record)
        if known[process] == nil, isOurs {
          // A shell at a terminal heeds a hang-up alone, and one that is stopped heeds nothing.
          for signal in [SIGHUP, SIGTERM, SIGCONT] { kill(process, signal) }
        }
        known[process] = isOurs
        return isOurs
      }
      let now = Clock.monotonic
      if processes.isEmpty || now > limit { return }
      if now > patience { for process in processes { kill(process, SIGKILL) } }
      Clock.pause(.milliseconds(5))
    }
  }

  private static func isOn(_ cookies: Set<UInt64>, _ process: Int32, _ record: LabRecord) -> Bool {
    let network = "/proc/\(process)/ns/net"
    let cookie: UInt64
    if record.hosts.first?.userNamespace != nil {
      cookie = unsafe clinux_network_cookie_of("/proc/\(process)/ns/user", network)
    } else {
      cookie = unsafe clinux_network_cookie_of(nil, network)
    }
    return cookies.contains(cookie)
  }

  /// Asks a keeper to end, and after `patience` makes it; returns when it has ended.
  ///
  /// Its laboratory's file is locked by it (`LabFolder.keeper(of:)`), so that the number is still its own. The corresponding C functions are `kill` and
  /// `pidfd_open`.
  public static func end(keeper: Int32, patience: Duration) {
    let number = clinux_process(keeper)
    guard number >= 0 else { return }
    let process = Descriptor(number)
    for (signal, patience) in [(SIGTERM, patience), (SIGKILL, .seconds(5))] {
      guard kill(keeper, signal) == 0 else { return }
      var place = clinux_poll(fd: process.number, events: KernelNumber.pollIn, revents: 0)
      let (seconds, rest) = patience.components
      if unsafe clinux_poll(&place, 1, seconds &* 1_000_000_000 &+ rest / 1_000_000_000) > 0 { return }
    }
  }
}
