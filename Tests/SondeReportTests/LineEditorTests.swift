import SondeReport
import Testing

@Suite struct LineEditorTests {
  private func typed(_ keys: String, into editor: inout LineEditor) -> [LineEditor.Outcome] {
    editor.feed(Array(keys.utf8))
  }

  private func line(_ keys: String, words: [String] = [], history: [String] = []) -> [LineEditor.Outcome] {
    var editor = LineEditor(words: words, history: history)
    return typed(keys, into: &editor)
  }

  @Test(arguments: [
    ("abc\r", "abc"), ("abc\n", "abc"), ("ac\u{1b}[Db\r", "abc"), ("bc\u{01}a\r", "abc"), ("bc\u{1b}[Ha\r", "abc"),
    ("bc\u{1b}OHa\u{05}d\r", "abcd"), ("abx\u{7f}c\r", "abc"), ("abc\u{02}\u{02}\u{04}\r", "ac"),
    ("one two\u{17}three\r", "one three"), ("one two\u{15}x\r", "x"), ("one two\u{01}\u{0b}x\r", "x"),
    ("one two\u{17}\u{19}\u{19}\r", "one twotwo"), ("abc\u{1b}[3~\u{1b}[D\u{1b}[3~\r", "ab"),
    ("ab cd\u{1b}[1;5Dx\r", "ab xcd"), ("ab cd\u{01}\u{1b}fx\r", "abx cd"), ("\u{1b}[A\u{1b}[Bq\r", "q"),
    ("a\u{1b}[99;99~b\r", "ab"), ("é漢\u{1b}[D\u{7f}\r", "漢"), ("\u{02}\u{02}x\u{06}\u{06}y\r", "xy"),
  ])
  func keysEditTheLine(_ keys: String, _ wanted: String) { #expect(line(keys) == [.line(wanted)]) }

  @Test func returnAndLineFeedTogetherAreOneKey() {
    #expect(line("a\r\nb\r\n") == [.line("a"), .line("b")])
    #expect(line("a\n\nb\r") == [.line("a"), .line(""), .line("b")])
  }

  @Test func controlDEndsAnEmptyLineAlone() {
    #expect(line("\u{04}") == [.end])
    #expect(line("a\u{04}\r") == [.line("a")])
    #expect(line("ab\u{03}c\r") == [.interrupt, .line("c")])
  }

  @Test func arrowsGoThroughWhatWasTyped() {
    #expect(line("one\rtwo\r\u{1b}[A\u{1b}[A\r") == [.line("one"), .line("two"), .line("one")])
    #expect(line("one\rtw\u{1b}[A\u{1b}[Bo\r") == [.line("one"), .line("two")])
    // The same line twice, and an empty one, are remembered once and never.
    #expect(line("one\rone\r\r\u{10}\u{10}x\r") == [.line("one"), .line("one"), .line(""), .line("onex")])
  }

  /// Work that grows by the square of the length would take minutes here.
  @Test(.timeLimit(.minutes(1))) func aLongLineThatIsPastedIsDrawnAtOnce() {
    var editor = LineEditor(prompt: "> ", width: 20)
    let text = String(repeating: "漢a", count: 20_000)
    _ = typed(text, into: &editor)
    #expect(editor.drawing().hasSuffix("> a漢a漢a漢a漢a漢a"))
    _ = typed("\u{01}", into: &editor)
    #expect(editor.drawing().contains("> 漢a漢a"))
    #expect(typed("\r", into: &editor) == [.line(text)])
  }

  @Test func tabCompletesTheFirstWordAsFarAsItIsSure() {
    let words = ["connect", "close", "write", "writehex"]
    #expect(line("con\tx\r", words: words) == [.line("connect x")])
    #expect(line("c\tx\r", words: words) == [.line("cx")])
    #expect(line("w\tx\r", words: words) == [.line("writex")])
    #expect(line("help cl\t\r", words: words) == [.line("help close ")])
    #expect(line("write c\t\r", words: words) == [.line("write c")])
    #expect(line("z\t\r", words: words) == [.line("z")])
  }

  @Test func aSecondTabListsTheWords() {
    var editor = LineEditor(words: ["connect", "close"])
    _ = typed("c\t", into: &editor)
    #expect(!editor.drawing().contains("connect"))
    _ = typed("\t", into: &editor)
    #expect(editor.drawing().contains("connect  close"))
    #expect(!editor.drawing().contains("connect"))
  }

  @Test func theCursorStandsWhereTheNextCharacterGoes() {
    var editor = LineEditor(prompt: "> ", width: 40)
    _ = typed("abc", into: &editor)
    #expect(editor.drawing() == "\r\u{1b}[K> abc")
    _ = typed("\u{1b}[D\u{1b}[D", into: &editor)
    #expect(editor.drawing() == "\r\u{1b}[K> abc\u{1b}[2D")
    _ = typed("\u{05}漢\u{1b}[D", into: &editor)
    #expect(editor.drawing() == "\r\u{1b}[K> abc漢\u{1b}[2D")
  }

  @Test func aLineLongerThanTheTerminalMovesUnderTheCursor() {
    var editor = LineEditor(prompt: "> ", width: 20)
    _ = typed(String(repeating: "a", count: 40) + "END", into: &editor)
    let drawn = editor.drawing()
    #expect(drawn.hasSuffix("END") && drawn.count <= 20 + 4)
    _ = typed("\u{01}", into: &editor)
    #expect(editor.drawing().contains("aaaa\u{1b}["))
  }

  @Test func octetsThatAreNoTextDoNoHarm() {
    var state: UInt64 = 7
    var editor = LineEditor(words: ["connect"])
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      _ = editor.feed([UInt8(state >> 56)])
      if state >> 50 & 63 == 0 { _ = editor.drawing() }
    }
    #expect(editor.cursor <= editor.text.count)
  }
}
