internal import SondeOctets

/// An ARP request that came to the hostile neighbour, and the answers that can be made of it (RFC 826).
struct Asking: Sendable {
  /// Who asks.
  var hardware: [UInt8]
  var address: [UInt8]
  /// The address asked for.
  var wanted: [UInt8]

  /// Reads a frame; nil where it is no ARP request for an IPv4 address over Ethernet.
  init?(_ frame: [UInt8]) {
    guard frame.count >= 42, Array(frame[12..<22]) == [8, 6, 0, 1, 8, 0, 6, 4, 0, 1] else { return nil }
    hardware = Array(frame[22..<28])
    address = Array(frame[28..<32])
    wanted = Array(frame[38..<42])
  }

  /// The owner of the address asked for: the last octet of both is the same.
  var owner: [UInt8] { [2, 0x77, 0, 0, 0, wanted[3]] }
  /// Another that claims it.
  var rival: [UInt8] { [2, 0x77, 0, 1, 0, wanted[3]] }
  /// One that answers for many.
  static let proxy: [UInt8] = [2, 0x77, 0, 0xff, 0, 1]

  /// The true reply, but for what is given.
  func reply(
    _ operation: UInt16 = 2, by sender: [UInt8]? = nil, of address: [UInt8]? = nil, to target: [UInt8]? = nil,
    at targetAddress: [UInt8]? = nil, hardwareType: UInt16 = 1, framed source: [UInt8]? = nil,
    for destination: [UInt8]? = nil
  ) -> Reaction {
    let sender = sender ?? owner
    var head: [UInt8] = [8, 6, 0, 0, 8, 0, 6, 4, 0, 0]
    head.put(hardwareType, at: 2)
    head.put(operation, at: 8)
    let frame = (destination ?? hardware) + (source ?? sender) + head
    return .now(
      frame + sender + (address ?? wanted) + (target ?? hardware) + (targetAddress ?? self.address)
        // Frames of Ethernet have at least 60 octets.
        + [UInt8](repeating: 0, count: 18))
  }

  /// What the owner says to all: that the address is its own (RFC 5227 §1.1).
  var announcement: Reaction {
    reply(1, to: [0, 0, 0, 0, 0, 0], at: wanted, for: Self.all)
  }

  static let all = [UInt8](repeating: 0xff, count: 6)
}

extension Reaction {
  func after(_ delay: Int64) -> Reaction { Reaction(delay: delay, octets: octets) }
}

/// One way of a neighbour to answer ARP, chosen by the address asked for: the n-th lives at 10.77.210.(10 + n).
public struct Neighbour: Sendable {
  public var name: String
  /// What it does, as a sentence.
  public var does: String
  let react: @Sendable (Asking) -> [Reaction]

  init(_ name: String, _ does: String, _ react: @escaping @Sendable (Asking) -> [Reaction]) {
    self.name = name
    self.does = does
    self.react = react
  }

  /// Where it lives.
  ///
  /// - Precondition: There is one of this name.
  public static func address(_ name: String) -> String {
    guard let index = all.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("no hostile neighbour is called \(name)")
    }
    return "10.77.210.\(index + 11)"
  }

  /// The hardware address of the owner of such an address.
  public static func owner(_ name: String) -> String {
    "02:77:00:00:00:" + Hex.text([UInt8(address(name).split(separator: ".")[3]) ?? 0])
  }

  /// What the neighbour says to a frame.
  public static func reactions(to frame: [UInt8]) -> [Reaction] {
    guard let asking = Asking(frame), asking.wanted[..<3] == [10, 77, 210], asking.wanted != asking.address,
      all.indices.contains(Int(asking.wanted[3]) - 11)
    else { return [] }
    return all[Int(asking.wanted[3]) - 11].react(asking)
  }

  /// New ones are added at the end, so that addresses stay.
  public static let all: [Neighbour] = [
    Neighbour("honest", "Replies.") { [$0.reply()] },
    Neighbour("silent", "Says nothing.") { _ in [] },
    Neighbour("two owners", "Two machines reply, each with a hardware address of its own.") { asking in
      [asking.reply(), asking.reply(by: asking.rival).after(20)]
    },
    Neighbour("other address", "Replies with the sender protocol address of somebody else.") { asking in
      [asking.reply(of: [10, 77, 210, 250])]
    },
    Neighbour("other frame", "Replies in a frame whose source is not the sender hardware address.") { asking in
      [asking.reply(framed: asking.rival)]
    },
    Neighbour("request", "Asks for our address instead of replying.") { asking in
      [asking.reply(1, to: [0, 0, 0, 0, 0, 0], for: Asking.all)]
    },
    Neighbour("truncated", "Replies with twenty octets of ARP.") { asking in
      [Reaction(delay: 0, octets: Array(asking.reply().octets.prefix(34)))]
    },
    Neighbour("proxy", "One machine replies for this address…") { [$0.reply(by: Asking.proxy)] },
    Neighbour("proxy too", "…and for this one (RFC 1027).") { [$0.reply(by: Asking.proxy)] },
    Neighbour("broadcast", "Replies to all.") { [$0.reply(for: Asking.all)] },
    Neighbour("late", "Replies after 1.2 seconds.") { [$0.reply().after(1200)] },
    Neighbour("duplicate", "Replies twice.") { [$0.reply(), $0.reply()] },
    Neighbour("other target", "Replies to the protocol address of somebody else.") { asking in
      [asking.reply(at: [10, 77, 210, 250])]
    },
    Neighbour("announcement", "Announces its address instead of replying.") { [$0.announcement] },
    Neighbour("gratuitous reply", "Announces its address by a reply to all.") { asking in
      [asking.reply(to: Asking.all, at: asking.wanted, for: Asking.all)]
    },
    Neighbour("probes too", "Probes for the same address at the same time (RFC 5227 §2.1.1).") { asking in
      [asking.reply(1, of: [0, 0, 0, 0], to: [0, 0, 0, 0, 0, 0], at: asking.wanted, for: Asking.all)]
    },
    Neighbour("hardware type", "Replies with hardware type 6, IEEE 802.") { [$0.reply(hardwareType: 6)] },
    Neighbour("operation 3", "Replies with the operation of a reverse request (RFC 903).") { [$0.reply(3)] },
    Neighbour("operation 9", "Replies with the operation of an inverse reply (RFC 2390).") { [$0.reply(9)] },
    Neighbour("other hardware", "Replies with a target hardware address that is not ours.") { asking in
      [asking.reply(to: [2, 0x77, 0, 9, 9, 9])]
    },
    Neighbour("zero hardware", "Replies that the address is at 00:00:00:00:00:00.") { asking in
      [asking.reply(by: [0, 0, 0, 0, 0, 0], framed: asking.owner)]
    },
    Neighbour("group hardware", "Replies that the address is at ff:ff:ff:ff:ff:ff.") { asking in
      [asking.reply(by: Asking.all, framed: asking.owner)]
    },
    Neighbour("our hardware", "Replies that the address is at our own hardware address.") { asking in
      [asking.reply(by: asking.hardware, framed: asking.owner)]
    },
    Neighbour("other length", "Replies with hardware addresses of eight octets.") { asking in
      let frame = asking.reply().octets
      let body = asking.owner + [0, 0] + asking.wanted + asking.hardware + [0, 0] + asking.address
      return [Reaction(delay: 0, octets: frame.prefix(18) + [8, 4, 0, 2] + body)]
    },
    Neighbour("junk behind", "Replies with letters where a frame is padded.") { asking in
      [Reaction(delay: 0, octets: asking.reply().octets.prefix(42) + Array("padding is not zero".utf8))]
    },
    Neighbour("three owners", "Three machines reply, the last one 100 ms late.") { asking in
      [asking.reply(), asking.reply(by: asking.rival), asking.reply(by: [2, 0x77, 0, 2, 0, 1]).after(100)]
    },
  ]
}
