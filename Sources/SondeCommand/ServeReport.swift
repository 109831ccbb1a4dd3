internal import SondeLink
internal import SondeLinux
internal import SondeReport

/// Tells what a server does, as it does it.
struct ServeReport {
  private let options: OutputOptions
  private let console: Console
  private let began = Clock.monotonic

  init(_ options: OutputOptions, _ console: Console) {
    self.options = options
    self.console = console
  }

  /// Whether nobody reads the report any more.
  var isUnread: Bool { console.noticesClosing() }

  func flush() { console.flush() }

  /// Scripts wait for this line: it is told however quiet the run is.
  func ready(_ services: [ReadyService]) {
    for service in services {
      console.print(options.json ? ServeJSON.ready(service).line : ServeText.ready(service))
    }
    console.flush()
  }

  func opened(_ client: ServedClient) {
    guard !options.quiet else { return }
    console.print(
      options.json
        ? ServeJSON.opened(client, wall: Clock.wall, elapsed: elapsed).line : ServeText.opened(client))
  }

  func closed(_ client: ServedClient, _ octets: ServedOctets, since opened: Instant, _ ending: ServedEnding) {
    guard !options.quiet else { return }
    let time = (Clock.monotonic - opened).nanoseconds
    console.print(
      options.json
        ? ServeJSON.closed(client, octets, after: time, ending, wall: Clock.wall, elapsed: elapsed).line
        : ServeText.closed(client, octets, after: time, ending))
  }

  /// A line a datagram is too much of a good thing, unless asked for.
  func datagram(_ client: ServedClient, _ octets: ServedOctets, refusal: String?) {
    guard options.verbose, !options.quiet else { return }
    console.print(
      options.json
        ? ServeJSON.datagram(client, octets, refusal: refusal, wall: Clock.wall, elapsed: elapsed).line
        : ServeText.datagram(client, octets, refusal: refusal))
  }

  func note(_ line: String) { console.note("sonde: serve: \(line)") }

  func summary(_ totals: ServedTotals) {
    console.print(options.json ? ServeJSON.summary(totals).line : ServeText.summary(totals))
    console.flush()
  }

  private var elapsed: Int64 { (Clock.monotonic - began).nanoseconds }
}
