internal import SondeLink

/// Finds the word that makes a filter no filter: libpcap names the word where a name or a number is wrong, but of a
/// syntax error it says only that there is one.
enum FilterFault {
  /// What libpcap says of a syntax error, among other words.
  private static let syntaxError = "syntax error"

  /// One of these makes a whole filter of any beginning of one.
  private static let endings = [
    "", " tcp", " host 192.0.2.1", " 192.0.2.1", " 1", " = 1", " 1 = 1", "] = 1", " 0] = 1", " 00:00:5e:00:53:01",
    " or tcp",
  ]

  /// libpcap's reason, and for a syntax error the word at fault and its column, counted from 1.
  static func explain(_ reason: String, _ expression: String, _ linkType: LinkType) -> String {
    guard reason.contains(syntaxError) else { return reason }
    var end = expression.startIndex
    while let start = expression[end...].firstIndex(where: { !$0.isWhitespace }) {
      end = expression[start...].firstIndex { $0.isWhitespace } ?? expression.endIndex
      guard !canBegin(String(expression[..<end]), linkType) else { continue }
      let column = expression.distance(from: expression.startIndex, to: start) + 1
      return "\(syntaxError) at \"\(expression[start..<end])\", column \(column); see pcap-filter(7)"
    }
    return "\(syntaxError): it ends too early; see pcap-filter(7)"
  }

  /// The same with an address for each host's name: nothing is to be looked up just to find a fault.
  private static func withoutNames(_ beginning: String) -> String {
    var isAfterHost = false
    return beginning.split(separator: " ", omittingEmptySubsequences: false).map { word in
      defer { isAfterHost = word == "host" }
      let isName = word.contains { $0.isLetter } && !word.contains(":")
      return isName && (isAfterHost || word.contains(".")) ? "192.0.2.1" : String(word)
    }.joined(separator: " ")
  }

  /// Whether some filter begins like this.
  private static func canBegin(_ beginning: String, _ linkType: LinkType) -> Bool {
    let beginning = withoutNames(beginning)
    let open = beginning.count { $0 == "(" } - beginning.count { $0 == ")" }
    let closing = String(repeating: ")", count: max(0, open))
    return endings.contains { ending in
      switch CaptureFilter.compile(beginning + ending + closing, linkType, 1) {
      case .success: true
      case .failure(let reason): !reason.text.contains(syntaxError)
      }
    }
  }
}
