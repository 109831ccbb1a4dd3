/// Ping's bundles of letters (`-qnc1`), taken apart into what the parser reads.
enum PingLetters {
  private static let flags = Set("46nqvfDOb")
  private static let valued = Set("ciwWstQpMIe")

  /// The words with each bundle that ends in a letter with a value split before that letter: `-qnc1` is `-qn -c1`,
  /// `-qnc 1` is `-qn -c 1`. All other words stay, and so do all behind `--`.
  static func split(_ words: [String]) -> [String] {
    let end = words.firstIndex(of: "--") ?? words.endIndex
    return words[..<end].flatMap(split) + words[end...]
  }

  private static func split(_ word: String) -> [String] {
    guard word.hasPrefix("-") else { return [word] }
    let letters = word.dropFirst()
    let rest = letters.drop(while: flags.contains)
    guard rest.startIndex != letters.startIndex, let first = rest.first, valued.contains(first) else { return [word] }
    return [String(word[..<rest.startIndex]), "-" + rest]
  }
}
