// The same of blocks behind a section header and an interface of Ethernet, so that none is spent on finding those.
private let beginning: [UInt8] = [
  0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255,
  28, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0,
]

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = beginning + [UInt8](UnsafeBufferPointer(start: start, count: count))
  precondition(packets(input, piece: 7) == packets(input, piece: 4096), "the size of the pieces changed what was read")
  return 0
}
