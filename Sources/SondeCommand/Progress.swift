internal import SondeLink
internal import SondeLinux
internal import SondeReport

/// The progress of a long run, on one line of standard error, if that is a terminal.
final class Progress {
  private let console: Console
  private var line: ProgressLine?

  /// - Parameter isWanted: whether to show anything.
  init(_ console: Console, isWanted: Bool) {
    self.console = console
    guard isWanted, Terminal.isTerminal(2) else { return }
    line = ProgressLine(at: Clock.monotonic.nanoseconds)
    console.makeWay = { [weak self] in self?.clear() }
  }

  /// Shows the text that is made for a time, in nanoseconds, and so much room, if it is time to show something.
  func show(_ text: (_ now: Int64, _ room: Int) -> String) {
    guard line != nil else { return }
    let now = Clock.monotonic.nanoseconds
    let width = Terminal.width(2) ?? 80
    if let drawn = line?.draw(at: now, width: width, { text(now, $0) }) { console.draw(drawn) }
  }

  /// Takes the line away for good.
  func end() {
    clear()
    line = nil
    console.makeWay = nil
  }

  private func clear() {
    if let text = line?.clear() { console.draw(text) }
  }
}

/// The progress of a run over a file.
struct FileProgress {
  private let progress: Progress
  private let bar: ProgressBar

  /// - Parameters:
  ///   - total: how many octets there are; nil where nobody knows.
  ///   - isWanted: whether to show anything.
  init(_ console: Console, total: Int?, isWanted: Bool) {
    progress = Progress(console, isWanted: isWanted)
    bar = ProgressBar(total: total, at: Clock.monotonic.nanoseconds)
  }

  /// Says that so many octets are done.
  func update(_ done: Int) { progress.show { bar.line(done: done, at: $0, room: $1) } }

  /// Takes the bar away for good.
  func end() { progress.end() }
}
