internal import CLinuxNet
internal import Glibc
public import SondeLink
internal import SondeOctets

extension LinuxLink {
  /// How many sends may leave their timestamps unread: the default receive budget keeps 255.
  private static var sendsBetweenDrains: Int { 128 }

  public mutating func send(_ batch: [Outgoing]) -> SendOutcome {
    let at = now
    let wall = Clock.wall
    var count = 0
    var failure: LinkError?
    loop: for outgoing in batch {
      do throws(LinkError) {
        let result = try transmit(outgoing)
        if result < 0 {
          let code = Int32(-result)
          let isFull = code == EAGAIN || code == ENOBUFS || code == EINTR
          failure = isFull ? nil : Self.refusal(code)
          break loop
        }
      } catch {
        failure = error
        break loop
      }
      count += 1
      if count % Self.sendsBetweenDrains == 0 { drainErrorQueues() }
    }
    drainErrorQueues()
    return SendOutcome(count: count, failure: failure, at: at, wall: wall)
  }

  /// A send that needs no privilege any more is refused with EPERM by the firewall alone (sendmsg(2) on a raw
  /// socket behind nftables' OUTPUT chain).
  private static func refusal(_ code: Int32) -> LinkError {
    guard code == EPERM else { return LinkError("sendmsg", code) }
    return LinkError(operation: "sendmsg", code: code, message: "this machine's firewall does not let the packet out")
  }

  private mutating func transmit(_ outgoing: Outgoing) throws(LinkError) -> Int {
    if outgoing.linkType == .ethernet { return try transmitFrame(outgoing) }
    guard outgoing.linkType == .raw else {
      throw LinkError("send", refusal: "frames of link type \(outgoing.linkType.rawValue) cannot be sent")
    }
    let known = outgoing.way?.destination.family ?? (plans.count == 1 ? plans.keys.first : nil)
    guard let fields = PacketFields(outgoing.bytes, known) else {
      throw LinkError("send", refusal: "the packet does not say where it goes")
    }
    let way = outgoing.way ?? Way(to: fields.destination)
    guard let plan = plans[fields.family] else {
      throw LinkError("send", refusal: "no door of this family is open")
    }
    resolutions.sends(outgoing.probe, way, at: now)
    if plan.door == .packet { return try transmitFrame(around: outgoing, fields, way) }
    if plan.door == .cooked { return try transmitCooked(outgoing, fields, way) }
    let interface = way.interface ?? options.interface
    let address =
      switch way.destination {
      case .v4(let address): clinux_ipv4(address.rawValue, 0)
      case .v6(let address):
        clinux_ipv6(address.high, address.low, 0, needsScope(address) ? UInt32(clamping: interface ?? 0) : 0)
      }
    let result =
      switch fields.family {
      case .ipv4:
        try ipv4Door?.send(outgoing.bytes, fields, to: address, interface: interface, probe: outgoing.probe)
      case .ipv6:
        try ipv6Door?.send(outgoing.bytes, fields, to: address, interface: interface, probe: outgoing.probe)
      }
    return result ?? -Int(EBADF)
  }

  /// Only link-scoped addresses name an interface (ipv6(7)).
  private func needsScope(_ address: IPv6Address) -> Bool { address.isLinkLocal || address.isMulticast }
}
