internal import SondeCapture
public import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
public import SondeProbe

/// What passes in a talk, a line each: packets as `decode` has them, what they change at this end beside them.
public struct TalkText: Sendable {
  /// Which way a packet went.
  public enum Direction: Sendable {
    case out, `in`
  }

  private var line: PacketLine
  private var outline = Outline()
  private let isColored: Bool
  private var number = 0

  /// - Parameter isAbsolute: Whether sequence numbers are those on the wire, rather than counted from the first.
  public init(isAbsolute: Bool = false, isColored: Bool = false) {
    line = PacketLine(isAbsolute: isAbsolute, showsServices: false)
    self.isColored = isColored
  }

  /// The line of a packet.
  ///
  /// - Parameters:
  ///   - time: since the talk began.
  ///   - remark: more to say beside it.
  public mutating func packet(
    _ bytes: [UInt8], _ direction: Direction, at time: Duration, _ events: [Conversation.Event] = [],
    edits: [FieldEdit] = [], remark: String? = nil
  ) -> String {
    var text = TextOctets()
    text += Self.time(time)
    text += direction == .out ? " > " : " < "
    appendSummary(bytes, to: &text)
    var beside = events.compactMap { words(of: $0) }
    if !edits.isEmpty { beside.insert("by hand: \(edits.map(\.description).joined(separator: " "))", at: 0) }
    if let remark { beside.append(remark) }
    if !beside.isEmpty { text += "  \(marked(beside.joined(separator: "; ")))" }
    return String(decoding: text.octets, as: UTF8.self)
  }

  /// The line of what no packet shows; nil where there is nothing to say.
  public func events(_ events: [Conversation.Event], at time: Duration) -> String? {
    let said = events.compactMap { words(of: $0) }
    return said.isEmpty ? nil : "\(Self.time(time))   \(marked(said.joined(separator: "; ")))"
  }

  /// The line of anything else that happened.
  public func remark(_ remark: String, at time: Duration) -> String { "\(Self.time(time))   \(marked(remark))" }

  /// A packet in `decode`'s words, from the source on.
  public mutating func summary(_ bytes: [UInt8]) -> String {
    var text = TextOctets()
    appendSummary(bytes, to: &text)
    return String(decoding: text.octets, as: UTF8.self)
  }

  private mutating func appendSummary(_ bytes: [UInt8], to text: inout TextOctets) {
    number += 1
    let record = CaptureRecord(
      linkType: 101, timestamp: 0, originalLength: bytes.count)
    outline.read(bytes.rawSpan, as: .ip)
    line.appendSummary(bytes.rawSpan, outline, FrameFacts(number: number, record: record, start: .ip), to: &text)
  }

  private func marked(_ text: String) -> String { isColored ? "\u{1b}[36m\(text)\u{1b}[0m" : text }

  static func time(_ time: Duration) -> String {
    let text = seconds(time)
    return String(repeating: " ", count: max(0, 10 - text.count)) + text
  }

  /// A time in seconds, to the microsecond.
  public static func seconds(_ time: Duration) -> String {
    let microseconds = max(0, time.nanoseconds / 1000)
    let fraction = String(microseconds % 1_000_000)
    return "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
  }

  // MARK: Words

  /// What happened; nil where the packet beside it says so already.
  private func words(of event: Conversation.Event) -> String? { TalkWords.words(of: event) }

  /// Octets as a person may read them, in quotes: text as it is, the rest by Python's escapes.
  public static func quoted(_ octets: [UInt8], limit: Int = 1000) -> String {
    var shown = octets.prefix(limit)
    // A character of which the limit leaves only a part is left out.
    if octets.count > limit {
      let tail = shown.reversed().prefix { $0 & 0xc0 == 0x80 }.count
      let first = shown.dropLast(tail).last ?? 0
      let length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1
      if tail + 1 < length { shown = shown.dropLast(tail + 1) }
    }
    guard let readable = String(validating: shown, as: UTF8.self) else {
      return "hex \(Hex.text(Array(octets.prefix(limit))))" + (octets.count > limit ? " …" : "")
    }
    var text = ""
    for character in readable.unicodeScalars {
      switch character {
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\"", "\\": text += "\\\(character)"
      case _ where character.value < 0x20 || character.value == 0x7f:
        text += "\\x\(Hex.text([UInt8(truncatingIfNeeded: character.value)]))"
      // The other controls, and what turns the direction of writing: a peer is not to rule the terminal.
      case "\u{80}"..."\u{9f}", "\u{200e}"..."\u{200f}", "\u{2028}"..."\u{202e}", "\u{2066}"..."\u{2069}":
        text +=
          "\\u\(Hex.text([UInt8(truncatingIfNeeded: character.value >> 8), UInt8(truncatingIfNeeded: character.value)]))"
      default: text.unicodeScalars.append(character)
      }
    }
    return "\"\(text)\"" + (octets.count > limit ? " …" : "")
  }

  /// The line of data that came.
  public static func data(_ octets: [UInt8]) -> String {
    "\(octets.count) octet\(octets.count == 1 ? "" : "s"): \(quoted(octets))"
  }
}
