internal import SondeLink
internal import SondeLinux
internal import SondeProbe
internal import SondeReport

/// A file that a run writes, if one was asked for: emptied only when the run can start.
struct RunFile: ~Copyable {
  private var file: OutputFile?
  /// Why the file is not whole; nothing more is written to it.
  private(set) var failure: LinkError?

  /// Opens the file before anything is sent, and before any privilege is given away. What it holds stays until
  /// `start`: a run that cannot start takes nothing away.
  init(_ path: String?) throws(LinkError) {
    guard let path else { return }
    file = try OutputFile(written: path)
  }

  /// Whether a file was asked for.
  var isWanted: Bool {
    switch file {
    case .some: true
    case .none: false
    }
  }

  /// Empties the file and writes what every such file starts with; the run can start.
  func start(_ opening: [UInt8]) throws(LinkError) {
    try file?.empty()
    try file?.write(opening)
  }

  mutating func write(_ octets: [UInt8]) {
    guard !octets.isEmpty, failure == nil else { return }
    do throws(LinkError) { try file?.write(octets) } catch { failure = error }
  }
}

/// Writes a run's packets to a file, if one was asked for.
struct Recorder: ~Copyable {
  private var log = CaptureLog()
  private var file: RunFile

  /// Opens the file, which keeps what it holds until `start`.
  init(_ path: String?) throws(LinkError) { file = try RunFile(path) }

  /// Why the file is not whole; nothing more is written to it.
  var failure: LinkError? { file.failure }

  /// Empties the file and writes what every such file starts with; the run can start.
  func start() throws(LinkError) { try file.start(log.header) }

  mutating func record(_ event: Event) {
    if file.isWanted { file.write(log.octets(event)) }
  }

  mutating func finish() {
    if file.isWanted { file.write(log.rest()) }
  }

  /// Runs a session to its end, or for `limit`, and records it.
  ///
  /// - Returns: why the link could be read no more, or the file is not whole; nil where all went well.
  mutating func record<Plan: Schedule>(
    _ session: inout Session<Plan>, over link: inout LinuxLink, limit: Duration?, isInterrupted: () -> Bool,
    watch: (borrowing Session<Plan>) -> Void = { _ in }, _ show: (Event) -> Void
  ) -> LinkError? {
    var failed: LinkError?
    let end = limit.map { link.now + $0 } ?? .distantFuture
    do throws(LinkError) {
      try SondeProbe.run(&session, over: &link, until: end) {
        isInterrupted() || failure != nil
      } watch: {
        watch($0)
      } _: { event in
        show(event)
        record(event)
      }
    } catch {
      failed = error
    }
    finish()
    return failed ?? failure
  }
}

extension OutputFile {
  /// The file that `--write` names.
  ///
  /// - Throws: `LinkError` also for a dash, which other programs take for standard output: there the text goes.
  init(written path: String) throws(LinkError) {
    guard path != "-" else {
      throw LinkError(
        operation: "--write -", code: 0,
        message: "name a file; to write packets where text goes: -q --write /dev/stdout")
    }
    try self.init(creating: path)
  }
}
