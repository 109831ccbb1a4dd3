internal import SondeLink
internal import SondeLinux
internal import SondeReport
internal import SondeScript

/// The line that somebody types, below what is printed: it makes way for that, and comes back.
final class TalkScreen {
  private let console: Console
  private var editor: LineEditor
  private var isShown = false
  /// The next drawing differs from the last.
  private var isStale = true
  private var terminal: KeyTerminal?

  /// - Throws: `LinkError` if standard input is no terminal.
  init(_ console: Console) throws(LinkError) {
    self.console = console
    editor = LineEditor(words: TalkInstruction.names)
    terminal = try KeyTerminal(0)
    console.makeWay = { [weak self] in self?.erase() }
  }

  /// Takes in keys, and says what they finished.
  func feed(_ octets: some Sequence<UInt8>) -> [LineEditor.Outcome] {
    isStale = true
    let outcomes = editor.feed(octets)
    // What was typed stays to be read, above what it brings about.
    for case .line(let line) in outcomes where !line.isEmpty || isShown {
      if isShown { erase() }
      console.draw("\(editor.prompt)\(line)\n")
    }
    return outcomes
  }

  /// Shows the line, unless it stands there already.
  func draw(_ standing: String) {
    let prompt = "\(standing)> "
    let width = Terminal.width(1) ?? 80
    if editor.prompt != prompt || editor.width != width { isStale = true }
    guard isStale || !isShown else { return }
    (editor.prompt, editor.width) = (prompt, width)
    console.draw(editor.drawing())
    (isShown, isStale) = (true, false)
  }

  private func erase() {
    guard isShown else { return }
    console.draw(LineEditor.erasing)
    isShown = false
  }

  /// Control-Z: stops the process with the terminal as it was found, and goes on from there.
  func suspend() {
    erase()
    terminal?.restore()
    Process.stop()
    terminal?.enter()
    isStale = true
  }

  /// Gives the terminal back.
  func close() {
    erase()
    terminal = nil
    console.makeWay = nil
  }
}
