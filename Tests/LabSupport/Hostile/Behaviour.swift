public import SondeOctets

/// Octets that the hostile host writes, and how long it waits before.
public struct Reaction: Sendable, Hashable {
  /// In milliseconds, from when the packet came.
  public var delay: Int64
  public var octets: [UInt8]

  static func now(_ packet: Datagram) -> Reaction { Reaction(delay: 0, octets: packet.octets) }
  static func now(_ octets: [UInt8]) -> Reaction { Reaction(delay: 0, octets: octets) }
  static func after(_ delay: Int64, _ packet: Datagram) -> Reaction { Reaction(delay: delay, octets: packet.octets) }
}

/// One way to answer, chosen by the address asked.
///
/// The n-th behaviour of a block lives at 10.77.BLOCK.n and fd77:BLOCK::n, where both families' numbers read
/// alike: 10.77.200.17 and fd77:200::17. It is asked by TCP, UDP or ICMP, and takes the meaning that fits.
public struct Behaviour: Sendable {
  public var name: String
  /// What it does, as a sentence.
  public var does: String
  let react: @Sendable (Request) -> [Reaction]

  init(_ name: String, _ does: String, _ react: @escaping @Sendable (Request) -> [Reaction]) {
    self.name = name
    self.does = does
    self.react = react
  }

  /// All of them by block; new ones are added at a block's end, so that addresses stay.
  public static let blocks: [(number: UInt8, behaviours: [Behaviour])] = [
    (200, replies), (201, errors + unreachables), (202, segments), (203, quotes + datagrams),
  ]

  /// Where a behaviour lives.
  ///
  /// - Parameter version: 4 or 6.
  /// - Precondition: There is one of this name.
  public static func address(_ name: String, _ version: Int = 4) -> String {
    for (block, behaviours) in blocks {
      guard let index = behaviours.firstIndex(where: { $0.name == name }) else { continue }
      return version == 4 ? "10.77.\(block).\(index + 1)" : "fd77:\(block)::\(index + 1)"
    }
    preconditionFailure("no hostile behaviour is called \(name)")
  }

  /// The behaviour that lives at an address.
  public static func at(_ address: IPAddress) -> Behaviour? {
    let block: UInt64
    let number: UInt64
    switch address {
    case .v4(let address):
      guard address.rawValue >> 16 == 10 << 8 | 77 else { return nil }
      (block, number) = (UInt64(address.rawValue >> 8 & 0xff), UInt64(address.rawValue & 0xff))
    case .v6(let address):
      guard address.high >> 48 == 0xfd77, address.high & 0xffff_ffff == 0, address.low <= 0x999,
        let high = UInt64(String(address.high >> 32 & 0xffff, radix: 16)),
        let low = UInt64(String(address.low, radix: 16))
      else { return nil }
      (block, number) = (high, low)
    }
    guard let behaviours = blocks.first(where: { $0.number == block })?.behaviours, number >= 1,
      number <= behaviours.count
    else { return nil }
    return behaviours[Int(number) - 1]
  }

  /// What the hostile host writes in answer to a packet: nothing where it is asked nothing, or what it cannot read.
  public static func reactions(to packet: [UInt8]) -> [Reaction] {
    guard let request = Request(packet), let behaviour = at(request.destination) else { return [] }
    // What the kernel says on its own to what came from here: its resets, replies and errors.
    guard request.isQuestion else { return [] }
    return behaviour.react(request)
  }
}
