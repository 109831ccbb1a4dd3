internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux

/// The source ports that packets of a run take where none is written: held, so that no other program takes an answer.
///
/// TCP's are bound and never listen: to a SYN-ACK the kernel answers with RST, which frees the half-open connection at
/// the peer. UDP's drop what comes, so that the kernel does not call an answer's port unreachable.
struct HeldPorts {
  /// An owner that an array can hold.
  private final class HeldTCP {
    let port: PortReservation
    init(_ number: UInt16) throws(LinkError) { port = try PortReservation(.tcp, port: number) }
  }
  private final class HeldUDP {
    let port: PortGuard
    init(_ number: UInt16) throws(LinkError) { port = try PortGuard(.udp, port: number) }
  }

  private var heldTCP: [HeldTCP] = []
  private var heldUDP: [HeldUDP] = []
  private var written: [UInt16]?

  var tcp: [UInt16] { written ?? heldTCP.map { $0.port.port } }
  var udp: [UInt16] { written ?? heldUDP.map { $0.port.port } }

  /// One port a round, up to eight, for each transport that a recipe names.
  init(for recipes: [Recipe], _ run: SendRunOptions, _ draw: inout SeededGenerator) throws(LinkError) {
    if let port = run.sourcePort { written = [UInt16(port)] }
    let layers = recipes.flatMap { $0.first.packet.layers.layers }
    let (hasTCP, hasUDP) = (layers.contains { $0 is TCP }, layers.contains { $0 is UDP })
    guard written == nil else { return }
    for _ in 0..<min(run.count ?? 1, 8) {
      if hasTCP { heldTCP.append(try free(&draw) { (port) throws(LinkError) in try HeldTCP(port) }) }
      if hasUDP { heldUDP.append(try free(&draw) { (port) throws(LinkError) in try HeldUDP(port) }) }
    }
  }

  /// A port that nobody holds, of those for such use (RFC 6335 §6).
  private func free<Held>(
    _ draw: inout SeededGenerator, _ hold: (UInt16) throws(LinkError) -> Held
  ) throws(LinkError) -> Held {
    for _ in 0..<64 {
      if let held = try? hold(UInt16(49_152 + draw.next(below: 16_384))) { return held }
    }
    return try hold(0)
  }
}
