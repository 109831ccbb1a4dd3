import Foundation
import SondeCapture

/// What a reader made of a whole file: the packets, and the error that ended it, if one did.
struct Reading: Equatable {
  var packets: [CapturedPacket] = []
  var error: CaptureError?

  /// Reads `octets` fed in pieces of `piece` octets.
  init(_ octets: [UInt8], piece: Int = .max) {
    var reader = CaptureReader()
    var rest = octets[...]
    do throws(CaptureError) {
      while !rest.isEmpty {
        reader.feed(Array(rest.prefix(piece)))
        rest = rest.dropFirst(piece)
        while let packet = try reader.next() { packets.append(packet) }
      }
      reader.finish()
      while let packet = try reader.next() { packets.append(packet) }
    } catch {
      self.error = error
    }
  }
}

/// A file of the folder Captures.
func capture(_ name: String) throws -> [UInt8] {
  let file = Bundle.module.resourceURL?.appendingPathComponent("Captures/\(name)")
  guard let file else { throw CocoaError(.fileNoSuchFile) }
  return [UInt8](try Data(contentsOf: file))
}
