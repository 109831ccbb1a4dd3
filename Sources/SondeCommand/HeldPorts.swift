internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux

/// The source ports that packets of a run take where none is written: held, so that no other program takes an answer.
///
/// TCP's are bound and never listen: to a SYN-ACK the kernel answers with RST, which frees the half-open connection at
/// the peer; unless `--hold` guards them, and with them those that are written. UDP's drop what comes, so that the
/// kernel does not call an answer's port unreachable.
struct HeldPorts {
  private var heldTCP: [HeldPort] = []
  private var heldUDP: [HeldPort] = []
  /// The ports that recipes or `--source-port` name, which only `--hold` holds.
  private var guarded: [HeldPort] = []
  private var written: [UInt16]?

  var tcp: [UInt16] { written ?? heldTCP.map(\.number) }
  var udp: [UInt16] { written ?? heldUDP.map(\.number) }

  /// How many ports of the recipes are guarded at most: each takes a socket.
  private static let most = 512

  /// One port a round, up to eight, for each transport that a recipe names.
  init(for recipes: [Recipe], _ run: SendRunOptions, _ draw: inout SeededGenerator) throws(LinkError) {
    if let port = run.sourcePort { written = [UInt16(port)] }
    let layers = recipes.flatMap { $0.first.packet.layers.layers }
    let (hasTCP, hasUDP) = (layers.contains { $0 is TCP }, layers.contains { $0 is UDP })
    if run.hold { try guardWritten(in: recipes) }
    guard written == nil else { return }
    for _ in 0..<min(run.count ?? 1, 8) {
      if hasTCP { heldTCP.append(try .free(.tcp, isGuarded: run.hold, &draw)) }
      if hasUDP { heldUDP.append(try .free(.udp, isGuarded: true, &draw)) }
    }
  }

  /// Guards what recipes write, and for TCP that leaves it open `--source-port`.
  private mutating func guardWritten(in recipes: [Recipe]) throws(LinkError) {
    var ports: Set<UInt16> = []
    for recipe in recipes {
      for number in 0..<min(recipe.count, UInt64(Self.most) + 1) {
        let made = recipe.packet(at: number)
        for (layer, fields) in zip(made.packet.layers.layers, made.written) {
          guard let segment = layer as? TCP else { continue }
          if fields.contains("sourcePort") {
            ports.insert(segment.sourcePort)
          } else {
            ports.formUnion(written ?? [])
          }
        }
      }
    }
    guard ports.count <= Self.most else {
      throw LinkError(operation: "--hold", code: 0, message: "at most \(Self.most) source ports can be held at once")
    }
    for port in ports.sorted() { guarded.append(try .written(.tcp, port, isGuarded: true)) }
  }
}
