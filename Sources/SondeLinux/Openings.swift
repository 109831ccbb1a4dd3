internal import CLinuxNet
public import SondeLink

/// The sockets of a run, open but not yet bound: what needs privilege is done, so that
/// `Privileges.drop()` may follow before anything else.
public struct Openings: ~Copyable {
  /// The plan whose sockets opened, for each family asked for.
  public private(set) var plans: [Family: SendPlan] = [:]
  var ipv4 = Sockets()
  var ipv6 = Sockets()
  /// One packet socket hears both families.
  var packetEar: Descriptor?
  /// One packet socket hears whole frames, of whatever they hold.
  var frameEar: Descriptor?
  /// One packet socket sends for both families.
  var cookedDoor: Descriptor?
  /// One packet socket sends whole frames.
  var packetDoor: Descriptor?

  struct Sockets: ~Copyable {
    var door: Descriptor?
    var icmpEar: Descriptor?
    /// For the echo replies to other programs.
    var othersEar: Descriptor?
  }

  /// Opens, for each family, the sockets of the first plan that can be opened.
  ///
  /// - Parameters:
  ///   - rankings: the plans of each family, the preferred first (`SendPlan.ranking`).
  ///   - frames: whether frames that begin with an Ethernet header are sent too, beside or without packets of a
  ///     family; whole frames are then heard, by the frame ear in place of the packet ear.
  ///   - mark: the firewall mark of everything sent (SO_MARK, socket(7)).
  /// - Throws: `LinkError` of the first plan's socket, if no plan of a family can be opened.
  public static func open(
    _ rankings: [Family: [SendPlan]], frames: Bool = false, mark: UInt32? = nil
  ) throws(LinkError) -> Openings {
    var openings = Openings()
    if frames {
      openings.packetDoor = try socket(.frame, mark)
      openings.frameEar = try socket(.frame, nil)
    }
    for family in Family.allCases {
      guard let ranking = rankings[family] else { continue }
      var first: LinkError?
      for var plan in ranking where openings.plans[family] == nil {
        if frames, plan.ear == .packet { plan.ear = .frame }
        do {
          try openings.open(plan, family, mark)
          openings.plans[family] = plan
        } catch {
          first = first ?? error
        }
      }
      guard openings.plans[family] != nil else {
        throw first ?? LinkError("door", refusal: "no door was asked for")
      }
    }
    return openings
  }

  private mutating func open(_ plan: SendPlan, _ family: Family, _ mark: UInt32?) throws(LinkError) {
    var sockets = Sockets()
    switch plan.door {
    case .datagram: sockets.door = try Self.socket(.datagramDoor(family), mark)
    case .raw: sockets.door = try Self.socket(.rawDoor(family), mark)
    case .cooked: if cookedDoor == nil { cookedDoor = try Self.socket(.packet, mark) }
    case .packet: if packetDoor == nil { packetDoor = try Self.socket(.frame, mark) }
    }
    switch plan.ear {
    case .datagram: break
    case .icmp:
      sockets.icmpEar = try Self.socket(.icmpEar(family), nil)
      sockets.othersEar = try Self.socket(.icmpEar(family), nil)
    case .packet:
      if packetEar == nil {
        packetEar = try Self.socket(.packet, nil)
      }
    case .frame: if frameEar == nil { frameEar = try Self.socket(.frame, nil) }
    }
    switch family {
    case .ipv4: ipv4 = sockets
    case .ipv6: ipv6 = sockets
    }
  }

  /// The kinds of sockets there are, each with the arguments of its `socket` call.
  enum Kind: Hashable {
    case datagramDoor(Family)
    case rawDoor(Family)
    case icmpEar(Family)
    /// A packet socket from the IP header on.
    case packet
    /// A packet socket from the link header on.
    case frame
  }

  /// How much room a socket asks for: transmit timestamps take 832 octets each of a sender's
  /// receive budget, and a burst of answers needs an ear of its own size.
  private static let room: Int32 = 8 << 20

  private static func socket(_ kind: Kind, _ mark: UInt32?) throws(LinkError) -> Descriptor {
    let descriptor = try open(kind)
    descriptor.growReceiveBuffer(to: room)
    descriptor.growSendBuffer()
    if let mark {
      try descriptor.set(
        KernelNumber.socketLevel, KernelNumber.mark, Int32(bitPattern: mark), as: "SO_MARK")
    }
    return descriptor
  }

  /// Opens one unbound socket; a refusal says what would open it.
  static func open(_ kind: Kind) throws(LinkError) -> Descriptor {
    do {
      switch kind {
      case .datagramDoor(let family):
        let number: Int32 = family == .ipv4 ? 1 : 58
        return try Descriptor.socket(
          family.domain, KernelNumber.datagram, number, as: "socket(\(family.name), SOCK_DGRAM, ICMP)")
      case .rawDoor(let family):
        // IPPROTO_RAW: our own IP header, and nothing is ever received.
        return try Descriptor.socket(family.domain, KernelNumber.raw, 255, as: "socket(\(family.name), SOCK_RAW)")
      case .icmpEar(let family):
        let number: Int32 = family == .ipv4 ? 1 : 58
        return try Descriptor.socket(
          family.domain, KernelNumber.raw, number, as: "socket(\(family.name), SOCK_RAW, ICMP)")
      case .packet:
        // Protocol 0: nothing is received before it is bound (packet(7)).
        return try Descriptor.socket(KernelNumber.packet, KernelNumber.datagram, 0, as: "socket(AF_PACKET)")
      case .frame:
        return try Descriptor.socket(KernelNumber.packet, KernelNumber.raw, 0, as: "socket(AF_PACKET, SOCK_RAW)")
      }
    } catch {
      guard let fix = Doctor.fix(for: kind, error) else { throw error }
      throw LinkError(operation: error.operation, code: error.code, message: "\(error.message); \(fix)")
    }
  }
}
