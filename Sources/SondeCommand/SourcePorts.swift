internal import SondeLink
internal import SondeLinux

/// The source ports of a run, one an attempt, held so that no other program takes an answer.
///
/// They are bound and never listen: to a SYN-ACK our own kernel answers with RST, which frees the half-open
/// connection that the probe has left at the peer. So an open port is asked and left as it was.
struct SourcePorts {
  /// An owner that an array can hold.
  private final class Held {
    let reservation: PortReservation

    init(_ kind: Transport, port: UInt16) throws(LinkError) { reservation = try PortReservation(kind, port: port) }
  }

  private let held: [Held]

  /// - Parameter written: the port that every attempt takes; else each has its own, so that an answer names it.
  init(
    _ kind: Transport, written: UInt64?, attempts: Int, _ draw: inout SeededGenerator
  ) throws(LinkError) {
    if let written {
      held = [try Held(kind, port: UInt16(written))]
      return
    }
    var held: [Held] = []
    while held.count < min(max(attempts, 1), 8) { held.append(try Self.free(kind, &draw)) }
    self.held = held
  }

  /// A port that nobody holds, of those that the kernel itself takes for such use (RFC 6335 §6).
  private static func free(_ kind: Transport, _ draw: inout SeededGenerator) throws(LinkError) -> Held {
    for _ in 0..<64 {
      let port = UInt16(49_152 + draw.next(below: 16_384))
      if let held = try? Held(kind, port: port) { return held }
    }
    return try Held(kind, port: 0)
  }

  var numbers: [UInt16] { held.map { $0.reservation.port } }
}
