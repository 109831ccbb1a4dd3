internal import SondeHeaders
internal import SondeOctets

// What is kept of a probe, and where it is looked for.
extension Correlator {
  struct Asked: Sendable {
    var dissection: Dissection
    /// Its octets as they left, where the kernel changed them.
    var leftAs: [UInt8]?
    /// How many octets of IP its longest fragment has, where it leaves in fragments.
    var longestFragment: Int?
    var isGroup: Bool
    /// The tokens, each with the index of its layer.
    var tokens: [(layer: Int, token: FlowToken)]
    /// Whether it is on its way, and not merely about to be.
    var hasLeft = false
    /// Whether it still waits for an answer.
    var isOpen = true
    /// Of a group: who has answered; from them it waits for nothing more.
    var repliers: Set<IPAddress> = []

    func waits(for source: IPAddress?) -> Bool {
      isOpen && !(isGroup && source.map(repliers.contains) == true)
    }
  }

  /// Where a probe is looked for: its token and the address asked; no address where many hosts may answer.
  struct Place: Hashable, Sendable {
    var token: FlowToken
    var address: IPAddress?
  }

  /// What a packet can have in common with a probe that it does not answer.
  enum Likeness: Hashable, Sendable {
    case token(FlowToken)
    /// Our half of the token: our port, our identifier.
    case ours(FlowToken)
    /// The peer's half, and the peer's address.
    case theirs(FlowToken, IPAddress)
    case address(IPAddress)
  }

  func places(of asked: Asked) -> [Place] {
    let address = asked.isGroup ? nil : asked.dissection.destination
    if asked.tokens.isEmpty { return [Place(token: .none, address: address)] }
    return asked.tokens.map { Place(token: $0.token, address: address) }
  }

  func likenesses(_ tokens: [FlowToken], _ address: IPAddress?) -> [Likeness] {
    tokens.map { .token($0) } + tokens.map { .ours($0.ourHalf) }
      + (address.map { address in tokens.map { .theirs($0.theirHalf, address) } + [.address(address)] } ?? [])
  }

  func places(_ tokens: [FlowToken], _ address: IPAddress?) -> [Place] {
    tokens.flatMap { [Place(token: $0, address: address), Place(token: $0, address: nil)] }
  }
}

extension FlowToken {
  fileprivate var ourHalf: FlowToken { FlowToken(kind: kind, ours: ours, theirs: 0) }
  fileprivate var theirHalf: FlowToken { FlowToken(kind: kind, ours: 0, theirs: theirs) }
}
