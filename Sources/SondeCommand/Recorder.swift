internal import SondeLink
internal import SondeLinux
internal import SondeProbe
internal import SondeReport

/// Writes a run's packets to a file, if one was asked for.
struct Recorder: ~Copyable {
  private var log = CaptureLog()
  private var file: OutputFile?

  /// Creates the file before anything is sent, and before any privilege is given away.
  init(_ path: String?) throws(LinkError) {
    guard let path else { return }
    file = try OutputFile(creating: path)
    try write(log.header)
  }

  mutating func record(_ event: Event) throws(LinkError) {
    guard file != nil else { return }
    try write(log.octets(event))
  }

  mutating func finish() throws(LinkError) {
    guard file != nil else { return }
    try write(log.rest())
  }

  private borrowing func write(_ octets: [UInt8]) throws(LinkError) {
    guard !octets.isEmpty else { return }
    try file?.write(octets)
  }
}
