internal import SondeCraft
public import SondeHeaders
public import SondeOctets

/// Octets in hexadecimal with the field that each belongs to below it, as lab reports draw them: four octets a row,
/// like the diagrams of the RFCs; data sixteen a row, with its characters beside.
public struct HexNotes: Sendable {
  private let width: Int
  private let isColored: Bool

  /// - Parameter width: the columns there are; fewer than 40 count as 40.
  public init(width: Int = 80, isColored: Bool = false) {
    self.width = max(40, min(width, 120))
    self.isColored = isColored
  }

  /// Appends the drawing of a whole packet.
  public func append(_ dissection: Dissection, to text: inout TextOctets) {
    append(LayerWalk(dissection).layers, dissection.bytes.rawSpan, to: &text)
  }

  func append(_ layers: [LayerWalk.Layer], _ bytes: RawSpan, to text: inout TextOctets) {
    for layer in layers where layer.byteCount > 0 {
      let place = "\(layer.byteCount) octet\(layer.byteCount == 1 ? "" : "s") at \(layer.offset)"
      if isColored { text += "\u{1b}[1m" }
      text += layer.title
      if isColored { text += "\u{1b}[0m" }
      text += layer.depth > 0 ? ", quoted, \(place)\n" : ", \(place)\n"
      let octets = bytes.extracting(layer.offset..<min(layer.offset + layer.byteCount, bytes.byteCount))
      if layer.isData {
        appendData(octets, at: layer.offset, to: &text)
      } else {
        appendHeader(layer, bytes, octets, to: &text)
      }
    }
  }

  // MARK: Headers

  /// Octets that share fields, and the words below them.
  private struct Cell {
    var octets: Range<Int>
    var words: [String]
  }

  private func appendHeader(
    _ layer: LayerWalk.Layer, _ bytes: RawSpan, _ octets: RawSpan, to text: inout TextOctets
  ) {
    let cells = self.cells(of: layer, bytes)
    let column = (width - 6) / 4
    for start in stride(from: 0, to: octets.byteCount, by: 4) {
      let end = min(start + 4, octets.byteCount)
      appendOffset(layer.offset + start, to: &text)
      if isColored { text += "\u{1b}[36m" }
      for index in start..<end {
        text.append(hex: UInt64(octets[index]), digits: 2)
        if index + 1 < end { text.append(spaces: column - 2) }
      }
      text += isColored ? "\u{1b}[0m\n" : "\n"
      // A cell's words stand below its first octet, as wide as its octets of this row are.
      let notes = cells.filter { start..<end ~= $0.octets.lowerBound }.map { cell in
        (
          place: (cell.octets.lowerBound - start) * column,
          lines: Self.wrapped(cell.words, (min(cell.octets.upperBound, end) - cell.octets.lowerBound) * column - 1)
        )
      }
      for row in 0..<(notes.map(\.lines.count).max() ?? 0) {
        text += "      "
        let start = text.count
        for note in notes where row < note.lines.count {
          text.append(spaces: note.place - (text.count - start))
          text += note.lines[row]
        }
        text.append(octet: 0x0a)
      }
    }
  }

  private func cells(of layer: LayerWalk.Layer, _ bytes: RawSpan) -> [Cell] {
    var cells: [Cell] = []
    for field in layer.header.fields {
      if let options = options(field, of: layer, bytes) {
        cells += options
        continue
      }
      let octets = field.bits.lowerBound / 8..<(field.bits.upperBound + 7) / 8
      var value = field.text(of: layer.header, in: bytes, at: layer.offset)
      if value.utf8.count > 300 { value = String(value.prefix(300)) + "…" }
      let word = "\(FieldWords.name(field.name)) \(value)"
      if let last = cells.indices.last, octets.lowerBound < cells[last].octets.upperBound {
        cells[last].octets = cells[last].octets.lowerBound..<max(cells[last].octets.upperBound, octets.upperBound)
        cells[last].words.append(word)
      } else {
        cells.append(Cell(octets: octets, words: [word]))
      }
    }
    return cells
  }

  /// A cell for each option of TCP and of IPv4, which lie alike: a kind alone, if it is 0 or 1, else a kind, a length
  /// and what they count (RFC 791 §3.1, RFC 9293 §3.1). Nil for all else, and for options that cannot be told apart.
  private func options(_ field: FieldSpec, of layer: LayerWalk.Layer, _ bytes: RawSpan) -> [Cell]? {
    guard layer.header is TCP || layer.header is IPv4, case .structured = field.form,
      case .list(let values)? = layer.header.value(of: field)
    else { return nil }
    let area = field.octets(in: bytes, at: layer.offset)
    let start = field.bits.lowerBound / 8
    var cells: [Cell] = []
    var offset = 0
    while offset < area.byteCount, cells.count < values.count {
      let length = area[offset] <= 1 ? 1 : offset + 1 < area.byteCount ? Int(area[offset + 1]) : 0
      guard length > 0, offset + length <= area.byteCount else { return nil }
      cells.append(Cell(octets: start + offset..<start + offset + length, words: [values[cells.count].notation]))
      offset += length
    }
    guard cells.count == values.count else { return nil }
    if offset < area.byteCount {
      cells.append(Cell(octets: start + offset..<start + area.byteCount, words: ["Padding"]))
    }
    return cells
  }

  // MARK: Data

  private func appendData(_ octets: RawSpan, at offset: Int, to text: inout TextOctets) {
    let count = width >= 73 ? 16 : width >= 40 ? 8 : 4
    var isRepeated = false
    for start in stride(from: 0, to: octets.byteCount, by: count) {
      let end = min(start + count, octets.byteCount)
      if start > 0, end < octets.byteCount, Self.equal(octets, start - count..<end - count, start) {
        // As hexdump does: a row like the one above it is no news.
        if !isRepeated { text += "*\n" }
        isRepeated = true
        continue
      }
      isRepeated = false
      appendOffset(offset + start, to: &text)
      for index in start..<end {
        text.append(hex: UInt64(octets[index]), digits: 2)
        text.append(octet: 0x20)
      }
      text.append(spaces: (count - (end - start)) * 3 + 1)
      for index in start..<end {
        let octet = octets[index]
        text.append(octet: (0x20..<0x7f).contains(octet) ? octet : 0x2e)
      }
      text.append(octet: 0x0a)
    }
  }

  private static func equal(_ octets: RawSpan, _ range: Range<Int>, _ start: Int) -> Bool {
    for index in range where octets[index] != octets[start + index - range.lowerBound] { return false }
    return true
  }

  private func appendOffset(_ offset: Int, to text: inout TextOctets) {
    text.append(hex: UInt64(truncatingIfNeeded: offset), digits: offset > 0xffff ? 8 : 4)
    text += "  "
  }

  // MARK: Text

  /// Each of `words` on lines of its own, broken at spaces, or anywhere where there are none.
  private static func wrapped(_ words: [String], _ width: Int) -> [String] {
    var lines: [String] = []
    for word in words {
      if word.utf8.count <= width {
        lines.append(word)
        continue
      }
      var line = ""
      for var part in word.split(separator: " ") {
        if !line.isEmpty, line.utf8.count + 1 + part.utf8.count > width {
          lines.append(line)
          line = ""
        }
        while part.utf8.count > width {
          lines.append(String(part.prefix(width)))
          part = part.dropFirst(width)
        }
        line += line.isEmpty ? part : " " + part
      }
      lines.append(line)
    }
    return lines
  }
}
