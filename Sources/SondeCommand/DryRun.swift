internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeReport

/// What `--dry-run` prints: the first packet to each destination, the door that it would leave by, and what the kernel
/// would change in it.
struct DryRun {
  /// The plan of each family and whether this user may open it.
  private var plans: [Family: (door: DoorKind, isOpen: Bool)] = [:]
  private let mark: UInt32?

  /// Opens the sockets of a run and closes them again, so that the door named is the one that a run takes.
  init(_ rankings: [Family: [SendPlan]], _ options: SendOptions) {
    mark = options.firewallMark
    for (family, ranking) in rankings {
      guard let preferred = ranking.first else { continue }
      do throws(LinkError) {
        let openings = try Openings.open([family: ranking], mark: mark)
        plans[family] = (openings.plans[family]?.door ?? preferred.door, true)
      } catch {
        plans[family] = (preferred.door, false)
      }
    }
  }

  /// Prints the packet of each destination, and its recipe where that is asked for; or a JSON object each.
  ///
  /// - Throws: `CraftError` where a packet does not encode.
  func show(
    _ destinations: [Destination], withRecipe: Bool = false, as output: OutputOptions, on console: Console,
    packet: (Destination) -> AnyPacket
  ) throws(CraftError) {
    for (index, destination) in destinations.enumerated() {
      guard let plan = plans[destination.family] else { continue }
      try show(
        packet(destination), index + 1, destination.name, destination.family, plan, withRecipe: withRecipe,
        as: output, on: console)
    }
    console.flush()
  }

  /// Prints one packet, its recipe and its door; a frame leaves by the packet door.
  func show(
    _ packet: AnyPacket, _ number: Int, _ family: Family?, isFrame: Bool, as output: OutputOptions, on console: Console
  ) throws(CraftError) {
    guard let plan = isFrame ? (.packet, packetDoorIsOpen) : family.flatMap({ plans[$0] }) else { return }
    try show(
      packet, number, "packet \(number)", isFrame ? nil : family, plan, withRecipe: true, as: output, on: console)
  }

  /// Whether this user may send frames.
  private var packetDoorIsOpen: Bool {
    do throws(LinkError) {
      _ = try Openings.open([:], frames: true, mark: mark)
      return true
    } catch {
      return false
    }
  }

  /// - Parameter family: of a packet that begins with an IP header; nil of a frame, in which nothing is changed.
  private func show(
    _ packet: AnyPacket, _ number: Int, _ name: String, _ family: Family?, _ plan: (door: DoorKind, isOpen: Bool),
    withRecipe: Bool, as output: OutputOptions, on console: Console
  ) throws(CraftError) {
    let octets = try packet.encoded().bytes
    let bytes = Hex.text(octets)
    let changed =
      family.map { family in
        fieldNames(of: plan.door.rewritten(octets, family), in: Registry.dissect(octets))
      } ?? []
    let recipe = try packet.recipe
    if output.json {
      var members: [(String, JSON)] = [
        ("type", "sent"), ("probe", .integer(number)), ("recipe", .string(recipe)), ("bytes", .string(bytes)),
        ("door", .string(plan.door.rawValue)), ("kernel_changed", .array(changed.map { .string($0) })),
      ]
      if !plan.isOpen { members.append(("open", false)) }
      console.print(JSON.object(members).line)
    } else {
      let refusal = plan.isOpen ? "" : ", which is not open to you"
      console.print("\(name) by the \(plan.door.rawValue) door\(refusal): \(bytes)")
      if withRecipe { console.print("  \(recipe)") }
      if !changed.isEmpty { console.print("  the kernel will set \(changed.joined(separator: " and "))") }
    }
  }
}
