internal import CLinuxNet
internal import Glibc
public import SondeLink
public import SondeOctets

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
          failure = isFull ? nil : LinkError("sendmsg", code)
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

  /// Finds out, and remembers, by which interface and to which link address the cooked door sends to
  /// these destinations; without it the first packet to each waits for the answer.
  ///
  /// - Throws: `LinkError` if there is no route, or the next hop does not answer.
  public mutating func prepare(_ destinations: [IPAddress]) throws(LinkError) {
    guard cookedDoor != nil else { return }
    for destination in destinations where targets[destination] == nil {
      targets[destination] = try LinkTarget.find(destination, interface: interface(for: destination))
    }
  }

  private mutating func transmit(_ outgoing: Outgoing) throws(LinkError) -> Int {
    guard outgoing.linkType == .raw else {
      throw LinkError("send", refusal: "this link sends from the IP header on")
    }
    guard let fields = PacketFields(outgoing.bytes, only: plans.count == 1 ? plans.keys.first : nil) else {
      throw LinkError("send", refusal: "the packet ends before its destination address")
    }
    guard let plan = plans[fields.family] else {
      throw LinkError("send", refusal: "no door of this family is open")
    }
    if plan.door == .cooked { return try transmitCooked(outgoing, fields) }
    let interface = interface(for: fields.destination)
    let address =
      switch fields.destination {
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

  private mutating func transmitCooked(_ outgoing: Outgoing, _ fields: PacketFields) throws(LinkError) -> Int {
    if targets[fields.destination] == nil { try prepare([fields.destination]) }
    guard let target = targets[fields.destination] else { return -Int(EHOSTUNREACH) }
    let type = fields.family == .ipv4 ? KernelNumber.etherIPv4 : KernelNumber.etherIPv6
    let length = UInt8(target.hasAddress ? 6 : 0)
    let address = clinux_link(Int32(clamping: target.interface), type, target.address.rawValue, length)
    let result = try cookedDoor?.send(
      outgoing.bytes, fields, to: address, interface: nil, probe: outgoing.probe)
    return result ?? -Int(EBADF)
  }

  private func interface(for destination: IPAddress) -> Int? {
    guard case .v6(let address) = destination else { return options.interface }
    return options.zones[address] ?? options.interface
  }

  /// Only link-scoped addresses name an interface (ipv6(7)).
  private func needsScope(_ address: IPv6Address) -> Bool { address.isLinkLocal || address.isMulticast }
}
