internal import SondeLink
internal import SondeLinux
internal import SondeReport

/// The progress bar of a long run over a file: on standard error, if that is a terminal.
final class Progress {
  private let console: Console
  private var bar: ProgressBar?

  /// - Parameters:
  ///   - total: how many octets there are; nil where nobody knows.
  ///   - isWanted: whether to show anything.
  init(_ console: Console, total: Int?, isWanted: Bool) {
    self.console = console
    guard isWanted, Terminal.isTerminal(2) else { return }
    bar = ProgressBar(total: total, at: Clock.monotonic.nanoseconds)
    console.makeWay = { [weak self] in self?.clear() }
  }

  /// Says that so many octets are done.
  func update(_ done: Int) {
    guard bar != nil else { return }
    let width = Terminal.width(2) ?? 80
    if let text = bar?.draw(done: done, at: Clock.monotonic.nanoseconds, width: width) { console.draw(text) }
  }

  /// Takes the bar away for good.
  func end() {
    clear()
    bar = nil
    console.makeWay = nil
  }

  private func clear() {
    if let text = bar?.clear() { console.draw(text) }
  }
}
