import SondeCraft
import SondeHeaders

// What is read encodes or says why not; printed, it reads back as the same octets.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  guard let recipe = try? Recipe(text) else { return 0 }
  for item in recipe.packets.prefix(4) {
    guard let bytes = try? item.packet.encoded().bytes, let printed = try? item.packet.recipe else { continue }
    guard let again = try? Recipe(printed), let packet = again.packets.first(where: { _ in true }) else {
      preconditionFailure("what was printed cannot be read: \(printed)")
    }
    precondition((try? packet.packet.encoded().bytes) == bytes, "what was printed is another packet: \(printed)")
  }
  return 0
}
