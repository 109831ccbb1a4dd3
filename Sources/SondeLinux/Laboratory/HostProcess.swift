internal import CLinuxNet
internal import Glibc
public import SondeLink

/// A program that was started on a host of a laboratory; one thread uses it.
public final class HostProcess {
  /// Its process id.
  public let id: Int32
  /// Its exit status, or 128 and the number of the signal that ended it; nil while it runs.
  public private(set) var status: Int32?
  /// What it has written to standard output so far, where its streams are collected: at most the first 16 MiB.
  public private(set) var output: [UInt8] = []
  /// The same of standard error.
  public private(set) var errors: [UInt8] = []

  private let leadsGroup: Bool
  /// Polls as readable once it has ended.
  private let end: Descriptor
  private var outlet: Descriptor?
  private var errorOutlet: Descriptor?

  private static let mostKept = 16 << 20

  /// The program's own ends, which this process has no use for once it runs.
  private struct Streams: ~Copyable {
    var input: Descriptor?
    var output: Descriptor?
    var errors: Descriptor?
  }

  init(_ command: HostCommand, in namespace: HostNamespace, hosts: String) throws(LinkError) {
    let name = command.words.first ?? ""
    guard !name.isEmpty else { throw LinkError("start", refusal: "the command has no words") }
    var start = unsafe clinux_start()
    unsafe start.network = namespace.descriptor.number
    var theirs = Streams()
    if case .collected(let input) = command.streams {
      // A file in memory: whoever does not read it draws no SIGPIPE upon this process.
      theirs.input = Descriptor(try checked(unsafe clinux_memory(input, input.count), "memfd_create"))
      outlet = try Self.pipe(to: &theirs.output)
      errorOutlet = try Self.pipe(to: &theirs.errors)
      leadsGroup = true
    } else {
      leadsGroup = false
    }
    unsafe start.input = theirs.input?.number ?? -1
    unsafe start.output = theirs.output?.number ?? -1
    unsafe start.errors = theirs.errors?.number ?? -1
    unsafe start.is_background = leadsGroup ? 1 : 0
    let words = CStrings(command.words)
    let environment = CStrings(Self.environment(with: command.environment))
    let child = unsafe words.lend { words in
      unsafe environment.lend { environment in
        unsafe hosts.withCString { hosts in
          unsafe start.words = words
          unsafe start.environment = environment
          unsafe start.hosts = hosts
          return unsafe clinux_start(&start)
        }
      }
    }
    guard child >= 0 else {
      // A folder of PATH that may not be searched hides whether it is there.
      throw child == -ENOENT || child == -EACCES
        ? LinkError(operation: name, code: ENOENT, message: "there is no such program that may be run")
        : LinkError(name, -child)
    }
    id = child
    end = Descriptor(try checked(clinux_process(child), "pidfd_open"))
  }

  /// Takes what it has written, and its status if it has ended, without waiting.
  public func look() {
    if status == nil {
      var status: Int32 = 0
      let ended = unsafe clinux_ended(id, &status)
      // Somebody else has waited for it, and knows how it ended.
      if ended != 0 { self.status = ended > 0 ? status : 255 }
    }
    // After the status: what a process that has ended wrote is all there.
    if let descriptor = outlet?.number, Self.drain(descriptor, into: &output) { outlet = nil }
    if let descriptor = errorOutlet?.number, Self.drain(descriptor, into: &errors) { errorOutlet = nil }
  }

  /// Waits until it has ended or `deadline` has passed, and takes what it writes meanwhile.
  public func wait(until deadline: Instant) {
    look()
    while status == nil, Clock.monotonic < deadline {
      var watched = self.watched
      let left = deadline == .distantFuture ? -1 : max(0, (deadline - Clock.monotonic).nanoseconds)
      _ = unsafe clinux_poll(&watched, watched.count, left)
      look()
    }
  }

  /// Sends it a signal, and to what it has started where its streams are collected. The corresponding C function is
  /// `kill`.
  public func signal(_ signal: Signal) { raise(signal.rawValue) }

  /// Asks it to end (SIGTERM), after `patience` makes it (SIGKILL), and returns when it has ended.
  public func end(patience: Duration) {
    look()
    if status == nil {
      raise(SIGTERM)
      wait(until: Clock.monotonic + patience)
    }
    if status == nil {
      raise(SIGKILL)
      wait(until: .distantFuture)
    }
    // What it has started and left.
    if leadsGroup { kill(-id, SIGKILL) }
  }

  /// What tells that `look` would find something new.
  var watched: [clinux_poll] {
    [status == nil ? end.number : -1, outlet?.number ?? -1, errorOutlet?.number ?? -1].map {
      clinux_poll(fd: $0, events: KernelNumber.pollIn, revents: 0)
    }
  }

  private func raise(_ signal: Int32) {
    guard status == nil else { return }
    kill(leadsGroup ? -id : id, signal)
  }

  /// - Returns: whether the end came.
  private static func drain(_ descriptor: Int32, into kept: inout [UInt8]) -> Bool {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe read(descriptor, &piece, piece.count)
      if count > 0 {
        kept += piece[..<min(count, max(0, mostKept - kept.count))]
      } else if count == 0 || errno != EINTR {
        return count == 0 || errno != EAGAIN
      }
    }
  }

  /// - Returns: the end to read from, which does not block.
  private static func pipe(to writing: inout Descriptor?) throws(LinkError) -> Descriptor {
    var ends: [Int32] = [-1, -1]
    try checked(unsafe clinux_pipe(&ends), "pipe")
    writing = Descriptor(ends[1])
    return Descriptor(ends[0])
  }

  private static func environment(with more: [String: String]) -> [String] {
    var all: [String] = []
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      let text = unsafe String(cString: entry)
      if let name = text.split(separator: "=", maxSplits: 1).first, more[String(name)] == nil { all.append(text) }
      unsafe next += 1
    }
    return all + more.map { "\($0)=\($1)" }.sorted()
  }
}
