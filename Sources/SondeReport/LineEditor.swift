/// A line as somebody types it on a terminal: what keys do to it, without the terminal.
///
/// Octets of the keyboard go in; text that is to be drawn and lines that are finished come out. It keeps to one row:
/// a line that is longer moves under the cursor.
public struct LineEditor: Sendable {
  /// What came of some keys.
  public enum Outcome: Hashable, Sendable {
    /// A line was finished by Return.
    case line(String)
    /// Control-D on an empty line.
    case end
    /// Control-C: what was typed is thrown away.
    case interrupt
  }

  /// Before the line.
  public var prompt: String
  /// The columns of the terminal.
  public var width: Int
  /// The words that Tab completes at the beginning of a line, or after "help".
  public var words: [String]
  /// What was typed so far.
  public private(set) var text: [Character] = []
  /// Before which character the cursor stands.
  public private(set) var cursor = 0
  private var history: [String]
  /// Which line of the history is shown; its count for the new one.
  private var place: Int
  /// The new line, while one of the history is shown.
  private var kept: [Character] = []
  /// What Control-W, Control-U and Control-K took away last.
  private var cut: [Character] = []
  private var keys = KeyReader()
  private var firstShown = 0
  /// Whether Tab was the last key: a second one lists the words.
  private var hasTabbed = false
  private var notice = ""

  /// The most lines that are remembered.
  private static let mostHistory = 1000

  public init(prompt: String = "", width: Int = 80, words: [String] = [], history: [String] = []) {
    self.prompt = prompt
    self.width = width
    self.words = words
    self.history = history
    place = history.count
  }

  /// Takes in octets of the keyboard, and says what they finished.
  public mutating func feed(_ octets: some Sequence<UInt8>) -> [Outcome] {
    var outcomes: [Outcome] = []
    for octet in octets {
      guard let key = keys.take(octet) else { continue }
      let isTab = key == .tab
      if let outcome = press(key) { outcomes.append(outcome) }
      hasTabbed = isTab
    }
    return outcomes
  }

  /// What draws the prompt and the line, with the cursor in its place.
  public mutating func drawing() -> String {
    let room = max(8, width - Self.columns(of: Array(prompt)) - 1)
    if cursor < firstShown { firstShown = cursor }
    var before = Self.columns(of: text[firstShown..<cursor])
    while before > room, firstShown < cursor {
      before -= Self.columns(of: CollectionOfOne(text[firstShown]))
      firstShown += 1
    }
    var shown = ""
    var columns = 0
    for character in text[firstShown...] {
      columns += Self.columns(of: CollectionOfOne(character))
      if columns > room { break }
      shown.append(character)
    }
    let back = Self.columns(of: Array(shown)) - before
    let notice = notice
    self.notice = ""
    return "\r\u{1b}[K\(notice)\(prompt)\(shown)\(back > 0 ? "\u{1b}[\(back)D" : "")"
  }

  /// What takes the line from the terminal, before something else is written there.
  public static let erasing = "\r\u{1b}[K"

  // MARK: Keys

  private mutating func press(_ key: KeyReader.Key) -> Outcome? {
    switch key {
    case .character(let character): insert(character)
    case .return: return finish()
    case .interrupt:
      (text, cursor, place) = ([], 0, history.count)
      return .interrupt
    case .deleteOrEnd:
      if text.isEmpty { return .end }
      if cursor < text.count { text.remove(at: cursor) }
    case .delete: if cursor < text.count { text.remove(at: cursor) }
    case .backspace:
      if cursor > 0 {
        cursor -= 1
        text.remove(at: cursor)
      }
    case .left: cursor = max(0, cursor - 1)
    case .right: cursor = min(text.count, cursor + 1)
    case .wordLeft: cursor = wordStart
    case .wordRight: cursor = wordEnd
    case .home: cursor = 0
    case .toEnd: cursor = text.count
    case .cutToEnd: cut(cursor..<text.count)
    case .cutToStart: cut(0..<cursor)
    case .cutWord: cut(wordStart..<cursor)
    case .paste:
      text.insert(contentsOf: cut, at: cursor)
      cursor += cut.count
    case .up: recall(place - 1)
    case .down: recall(place + 1)
    case .tab: complete()
    case .redraw: notice = "\u{1b}[H\u{1b}[2J"
    case .other: break
    }
    return nil
  }

  private mutating func insert(_ character: Character) {
    // A mark that combines with what stands before it makes one character of both.
    if cursor > 0 {
      let joined = String(text[cursor - 1]) + String(character)
      if joined.count == 1 {
        text[cursor - 1] = Character(joined)
        return
      }
    }
    text.insert(character, at: cursor)
    cursor += 1
  }

  private mutating func finish() -> Outcome {
    let line = String(text)
    if !line.allSatisfy(\.isWhitespace), history.last != line {
      history.append(line)
      if history.count > Self.mostHistory { history.removeFirst() }
    }
    (text, cursor, place, kept, firstShown) = ([], 0, history.count, [], 0)
    return .line(line)
  }

  private mutating func cut(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    cut = Array(text[range])
    text.removeSubrange(range)
    cursor = range.lowerBound
  }

  private mutating func recall(_ wanted: Int) {
    guard wanted >= 0, wanted <= history.count, wanted != place else { return }
    if place == history.count { kept = text }
    place = wanted
    text = place == history.count ? kept : Array(history[place])
    cursor = text.count
  }

  /// Where the word before the cursor begins.
  private var wordStart: Int {
    var place = cursor
    while place > 0, text[place - 1].isWhitespace { place -= 1 }
    while place > 0, !text[place - 1].isWhitespace { place -= 1 }
    return place
  }

  private var wordEnd: Int {
    var place = cursor
    while place < text.count, text[place].isWhitespace { place += 1 }
    while place < text.count, !text[place].isWhitespace { place += 1 }
    return place
  }

  private mutating func complete() {
    let start = wordStart(completing: cursor)
    let before = String(text[..<start]).split(separator: " ")
    guard before.isEmpty || before == ["help"] else { return }
    let typed = String(text[start..<cursor])
    let matches = words.filter { $0.hasPrefix(typed) }
    guard let first = matches.first else { return }
    var common = first
    for match in matches { while !match.hasPrefix(common) { common.removeLast() } }
    if common.count > typed.count || matches.count == 1 {
      let rest = common.dropFirst(typed.count) + (matches.count == 1 ? " " : "")
      text.insert(contentsOf: rest, at: cursor)
      cursor += rest.count
    } else if hasTabbed {
      notice = matches.joined(separator: "  ") + "\r\n"
    }
  }

  private func wordStart(completing end: Int) -> Int {
    var place = end
    while place > 0, !text[place - 1].isWhitespace { place -= 1 }
    return place
  }
}
