internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeReport

/// What `--dry-run` prints: the first packet to each destination, and the door that it would leave by.
struct DryRun {
  /// The plan of each family and whether this user may open it.
  private var plans: [Family: (door: DoorKind, isOpen: Bool)] = [:]

  /// Opens the sockets of a run and closes them again, so that the door named is the one that a run takes.
  init(_ rankings: [Family: [SendPlan]], _ options: SendOptions) {
    for (family, ranking) in rankings {
      guard let preferred = ranking.first else { continue }
      do throws(LinkError) {
        let openings = try Openings.open([family: ranking], mark: options.firewallMark)
        plans[family] = (openings.plans[family]?.door ?? preferred.door, true)
      } catch {
        plans[family] = (preferred.door, false)
      }
    }
  }

  /// Prints the packet of each destination; a line each, or a JSON object each.
  ///
  /// - Throws: `CraftError` where a packet does not encode.
  func show(
    _ destinations: [Destination], as output: OutputOptions, on console: Console, packet: (Destination) -> AnyPacket
  ) throws(CraftError) {
    for (index, destination) in destinations.enumerated() {
      let bytes = Hex.text(try packet(destination).encoded().bytes)
      guard let plan = plans[destination.family] else { continue }
      if output.json {
        var members: [(String, JSON)] = [
          ("type", "sent"), ("probe", .integer(index + 1)), ("bytes", .string(bytes)),
          ("door", .string(plan.door.rawValue)),
        ]
        if !plan.isOpen { members.append(("open", false)) }
        console.print(JSON.object(members).line)
      } else {
        let refusal = plan.isOpen ? "" : ", which is not open to you"
        console.print("\(destination.name) by the \(plan.door.rawValue) door\(refusal): \(bytes)")
      }
    }
    console.flush()
  }
}
