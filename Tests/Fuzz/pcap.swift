// Fed in pieces of two sizes, a file gives the same packets and the same error.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: start, count: count))
  precondition(packets(input, piece: 7) == packets(input, piece: 4096), "the size of the pieces changed what was read")
  return 0
}
