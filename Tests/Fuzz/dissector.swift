import SondeCraft
import SondeHeaders
import SondeOctets

// The first octet chooses how the rest is read.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let choice = input.first else { return 0 }
  let bytes = Array(input.dropFirst())
  let starts: [Registry.Start] =
    [.ip, .quote, .ipProtocol(1), .ipProtocol(6), .ipProtocol(58), .ipProtocol(0), .ipProtocol(43)]
    + [0, 1, 101, 108, 113, 276].map { .link($0) }
  let packet = Registry.dissect(bytes, as: starts[Int(choice) % starts.count])
  precondition((try? packet.packet.encoded().bytes) == bytes, "what was read encodes to something else")
  _ = packet.sums()
  _ = try? packet.packet.freed().encoded()
  _ = packet.recipe
  _ = packet.quoted?.sums()
  var reassembly = Reassembly()
  _ = reassembly.add(packet, at: 0)
  return 0
}
