import SondeCapture

// Fed in pieces of two sizes, a file gives the same packets and the same error.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: start, count: count))
  precondition(packets(input, piece: 7) == packets(input, piece: 4096), "the size of the pieces changed what was read")
  return 0
}

private func packets(_ input: [UInt8], piece: Int) -> [String] {
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
