public import SondeHeaders

/// Writes sums as JSON Lines straight into a buffer of octets.
public struct SumJSON: Sendable {
  /// What stands before the frame's or line's number.
  private let opening: [UInt8]

  /// - Parameters:
  ///   - counting: what the number of each packet is called: "frame", or "line".
  ///   - file: the file's name, where several are read.
  public init(counting: String = "frame", file: String? = nil) {
    let name = file.map { ",\"file\":" + JSON.string($0).line } ?? ""
    opening = Array("{\"type\":\"checksum\"\(name),\"\(counting)\":".utf8)
  }

  /// Appends one object and a line feed.
  public func append(_ sum: ExplainedSum, number: Int, to buffer: inout [UInt8]) {
    let check = sum.check
    let digits = check.byteCount * 2
    buffer.append(contentsOf: opening)
    buffer.append(decimal: number)
    buffer.append(text: ",\"layer\":\"")
    buffer.append(text: check.layer.rawValue)
    buffer.append(text: "\",\"offset\":")
    buffer.append(decimal: check.layerOffset)
    buffer.append(text: ",\"found\":")
    if sum.isCutOff {
      buffer.append(text: "null")
    } else {
      buffer.append(word: check.found, digits: digits)
    }
    buffer.append(text: ",\"expected\":")
    if let expected = check.expected {
      buffer.append(word: expected, digits: digits)
    } else {
      buffer.append(text: "null")
    }
    buffer.append(text: ",\"verdict\":\"")
    buffer.append(text: check.verdict.rawValue)
    if let why = sum.why {
      buffer.append(text: "\",\"why\":")
      buffer.append(text: JSON.string(why).line)
    } else {
      buffer.append(text: "\",\"why\":null")
    }
    if !sum.mistakes.isEmpty {
      // Several forms of one mistake are one name.
      var names: [JSON] = []
      for (index, mistake) in sum.mistakes.enumerated()
      where !sum.mistakes[..<index].contains(where: { $0.name == mistake.name }) { names.append(.string(mistake.name)) }
      buffer.append(text: ",\"mistakes\":")
      buffer.append(text: JSON.array(names).line)
    }
    buffer.append(text: sum.isQuoted ? ",\"quoted\":true}\n" : "}\n")
  }
}

extension [UInt8] {
  fileprivate mutating func append(text: String) { append(contentsOf: text.utf8) }

  fileprivate mutating func append(decimal number: Int) {
    var rest = number.magnitude
    let start = count
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      append(0x30 + UInt8(digit))
      rest = quotient
    } while rest > 0
    self[start...].reverse()
  }

  /// `0x` and lower-case digits, in quotation marks.
  fileprivate mutating func append(word: UInt32, digits: Int) {
    append(text: "\"0x")
    for place in (0..<digits).reversed() {
      let digit = UInt8(truncatingIfNeeded: word >> UInt32(place * 4) & 0xf)
      append(digit < 10 ? 0x30 + digit : 0x57 + digit)
    }
    append(0x22)
  }
}
