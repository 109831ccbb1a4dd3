internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe

/// A host as the user wrote it, with what the system knows of the way there.
struct Destination {
  var name: String
  var scoped: ScopedAddress
  var route: Route
  /// The source of our packets to it.
  var source: IPAddress
  /// What `-I` names; nil where it was not given.
  var exit: Exit?

  var address: IPAddress { scoped.address }
  /// The interface that was written, with the address or by `-I`.
  var link: String? { scoped.zone == 0 ? exit?.name : String(zone.dropFirst()) }
  /// The zone as it is written behind the address, `%eth0`; empty where none was.
  var zone: String { scoped.zone == 0 ? "" : String(scoped.description.drop { $0 != "%" }) }
  var family: Family { address.version == 4 ? .ipv4 : .ipv6 }
  /// Where packets to it go, whatever their bytes say.
  var way: Way { Way(to: address, interface: scoped.zone == 0 ? exit?.interface : scoped.zone) }
  /// Whether the address names many hosts; only routing knows broadcast addresses.
  var isGroup: Bool { address.isGroup || route.kind == .broadcast || route.kind == .multicast }

  /// Looks up a host, its route and our source.
  ///
  /// - Throws: `Failure` naming the host.
  init(_ name: String, _ options: SendOptions) throws {
    if name.isEmpty { throw Failure("an empty word names no host") }
    // The resolver would read 443 as 0.0.1.187 (inet_aton(3)), which nobody means.
    if number(name[...]) != nil { throw Failure("\(name) is a number and no host; ports go behind -p, between commas") }
    let asked = try options.family
    let exit = try Exit(options)
    do throws(LinkError) {
      self.name = name
      self.exit = options.interface == nil ? nil : exit
      let family = (options.sourceAddress ?? exit.source).map { $0.version == 4 ? Family.ipv4 : .ipv6 }
      scoped = try Resolver.resolve(name, asked ?? family)[0]
      let through = exit.interface ?? (scoped.zone == 0 ? nil : scoped.zone)
      route = try Route.lookup(scoped.address, interface: through, mark: options.firewallMark)
      let any: IPAddress = scoped.address.version == 4 ? .v4(.any) : .v6(.any)
      source = options.sourceAddress ?? exit.source ?? route.source ?? any
    } catch {
      throw Failure("\(name): \(error.message)")
    }
    if case .v6(let address) = address, address.needsInterface, exit.interface == nil, scoped.zone == 0 {
      throw Failure("\(name) is of one link only: say of which, as \(address)%eth0")
    }
    if address.isNobody { throw Failure("\(name) (\(address)) is an address that no packet can be sent to") }
    guard source.version == address.version else {
      throw Failure("source \(source) and destination \(address) are of different families")
    }
  }

  /// What `-I` names: an interface, or an address of this machine.
  struct Exit {
    var interface: Int?
    var name: String?
    var source: IPAddress?

    /// - Throws: `Failure` naming an interface that is not there.
    init(_ options: SendOptions) throws {
      guard let text = options.interface else { return }
      if let address = IPAddress(text) {
        source = address
      } else {
        name = text
        do throws(LinkError) {
          interface = try NetworkInterface.named(text).index
        } catch {
          let names = ((try? NetworkInterface.all()) ?? []).map(\.name).joined(separator: ", ")
          throw Failure("there is no interface \"\(text)\"; there are \(names)")
        }
      }
    }
  }
}

extension IPFieldOptions {
  /// The IP header of a packet to `destination`, as far as options and routing say.
  ///
  /// - Parameter identification: for IPv4, unless a hand has set one.
  func header(to destination: Destination, _ options: SendOptions, identification: UInt16) -> any Header {
    header(from: destination.source, to: destination.address, options, identification: identification)
  }

  /// The IP header of a packet between two addresses of one family, as far as options say.
  ///
  /// - Parameter identification: for IPv4, unless a hand has set one.
  func header(
    from source: IPAddress, to destination: IPAddress, _ options: SendOptions, identification: UInt16
  ) -> any Header {
    switch (source, destination) {
    case (.v6(let source), .v6(let address)):
      return IPv6(
        from: source, to: address, hopLimit: UInt8(options.ttl ?? 64), trafficClass: UInt8(options.tos ?? 0),
        flowLabel: UInt32(flowLabel ?? 0), nextHeader: Field(ipProtocol), version: Field(ipVersion),
        payloadLength: Field(ipLength))
    case (let source, let address):
      var flags: IPv4.Flags = []
      if df { flags.insert(.dontFragment) }
      if mf { flags.insert(.moreFragments) }
      return IPv4(
        from: source.v4 ?? .any, to: address.v4 ?? .any, ttl: UInt8(options.ttl ?? 64),
        typeOfService: UInt8(options.tos ?? 0),
        identification: ipID.map { UInt16($0) } ?? identification, flags: flags,
        fragmentOffset: UInt16(fragmentOffset ?? 0),
        protocol: Field(ipProtocol), version: Field(ipVersion), headerLength: Field(ihl),
        totalLength: Field(ipLength), checksum: Field(ipChecksum))
    }
  }
}

extension IPFieldOptions {
  /// Refuses fields that the packets to one of `destinations` do not have.
  ///
  /// - Throws: `Failure` naming the field and the host.
  func check(_ destinations: [Destination], setsDF: Bool) throws {
    let ofIPv4: [(String, Bool)] = [
      ("--ip-id", ipID != nil), ("--df", setsDF), ("--mf", mf), ("--fragment-offset", fragmentOffset != nil),
      ("--ip-checksum", ipChecksum != nil), ("--ihl", ihl != nil),
    ]
    for destination in destinations {
      let isIPv4 = destination.family == .ipv4
      let stray = isIPv4 ? flowLabel.map { _ in "--flow-label" } : ofIPv4.first(where: \.1)?.0
      guard let stray else { continue }
      throw Failure(
        "\(stray) is a field of IPv\(isIPv4 ? 6 : 4), and \(destination.name) is an IPv\(isIPv4 ? 4 : 6) address")
    }
  }
}

extension IPAddress {
  var v4: IPv4Address? { if case .v4(let address) = self { address } else { nil } }

  /// Whether it names no host and no group: the unspecified addresses, and IPv4 addresses written as IPv6
  /// (RFC 4291 §2.5.5.2), which stand for a socket's other family and never on a wire.
  var isNobody: Bool {
    switch self {
    case .v4(let address): address == .any
    case .v6(let address): address == .any || address.high == 0 && address.low >> 32 == 0xffff
    }
  }
}

extension IPv6Address {
  /// Whether it means something on one interface or one link alone: fe80::/10, and groups of those scopes
  /// (RFC 4291 §2.7).
  var needsInterface: Bool { isLinkLocal || isMulticast && (1...2).contains(high >> 48 & 0xf) }
}

extension Destination {
  /// What such a packet to this host asks of a door.
  ///
  /// - Throws: `CraftError` where it does not encode.
  func wishes(
    _ packet: AnyPacket, _ ip: IPFieldOptions, isForeignSource: Bool, forbidsFragmenting: Bool = false
  ) throws(CraftError) -> Wishes {
    var wishes = try Wishes(
      of: packet, keepsIdentification: ip.ipID != nil, isForeignSource: isForeignSource, mtu: route.interface.mtu)
    // A plain value does not say that it was written: a flow label of 0 is one too.
    if ip.flowLabel != nil { wishes.wishes.insert(.flowLabel) }
    if forbidsFragmenting { wishes.forbidsFragmenting = true }
    return wishes
  }
}

extension SendOptions {
  /// Random numbers of the kernel's choice, or the same again from `--seed`.
  var generator: SeededGenerator { SeededGenerator(seed: seed ?? System.random()) }

  /// Whether a source address was written that is not this machine's.
  func hasForeignSource() throws(LinkError) -> Bool {
    if let address = interface.flatMap({ IPAddress($0) }), try !NetworkInterface.own(address) {
      throw LinkError(
        operation: "-I \(address)", code: 0,
        message: "this is no address of this machine; --source sends from any address")
    }
    guard let address = sourceAddress else { return false }
    return try !NetworkInterface.own(address)
  }
}

/// The plans of each family in turn of preference, from what is wished of each.
func rankings(
  _ wishes: [Wishes], purpose: SendPlan.Purpose, door: String?
) throws -> [Family: [SendPlan]] {
  if door == BulkDoorKind.xdp.rawValue { throw Failure("--door xdp is made for many packets: only sweep has it") }
  var rankings: [Family: [SendPlan]] = [:]
  for family in Family.allCases {
    let all = wishes.filter { $0.family == family }
    guard var merged = all.first else { continue }
    for other in all.dropFirst() {
      merged.wishes.formUnion(other.wishes)
      merged.packetLength = max(merged.packetLength, other.packetLength)
      merged.mtu = [merged.mtu, other.mtu].compactMap { $0 }.min()
    }
    rankings[family] = try SendPlan.ranking(
      for: merged, purpose: purpose, door: door.flatMap { DoorKind(rawValue: $0) })
  }
  return rankings
}

/// The doors of a link's plans by name.
func doorNames(_ plans: [Family: SendPlan]) -> String {
  Set(plans.values.map(\.door.rawValue)).sorted().joined(separator: ",")
}

extension Tally {
  /// Whether anything left at all: where every probe failed to be sent, nothing could be tried.
  var wasTried: Bool { sent == 0 || sendFailed < sent }
}
