import SondeCapture

/// What is read of a file fed in pieces of a size, and the error at its end.
func packets(_ input: [UInt8], piece: Int) -> [String] {
  var reader = CaptureReader()
  var read: [String] = []
  var rest = input[...]
  do {
    while !rest.isEmpty {
      reader.feed(Array(rest.prefix(piece)))
      rest = rest.dropFirst(piece)
      while let packet = try reader.next() { read.append("\(packet)") }
    }
    reader.finish()
    while let packet = try reader.next() { read.append("\(packet)") }
  } catch {
    read.append("\(error)")
  }
  return read
}
