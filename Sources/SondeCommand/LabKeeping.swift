internal import SondeLink
internal import SondeLinux
internal import SondeReport
internal import SondeScript

/// What a keeper does: it builds a lab, says where it stands, and holds it until it is asked to end.
enum LabKeeping {
  /// Runs to the end of the lab; what goes wrong before it stands is told to whoever started it.
  static func run(_ topology: Topology, in folder: LabFolder, _ voice: borrowing KeeperVoice) {
    do throws(LinkError) {
      // From the first on: whoever ends the keeper while it builds is not to leave half a lab.
      let interrupter = try Interrupter()
      _ = try Signals.watch([.interrupt, .terminate], waking: interrupter)
      _ = voice.say("keeper \(System.processID)")
      guard let claim = try folder.claim(topology.name) else {
        _ = voice.say("failure \(topology.name) stands already")
        return
      }
      try keep(topology, claim, voice, interrupter)
    } catch {
      _ = voice.say("failure \(error)")
    }
  }

  private static func keep(
    _ topology: Topology, _ claim: consuming LabClaim, _ voice: borrowing KeeperVoice, _ interrupter: Interrupter
  ) throws(LinkError) {
    if let left = claim.left {
      LabRemains.clear(left, hosts: hosts(of: left))
      _ = voice.say("note \(left.name) had been killed; what was left of it is removed")
    }
    let isNamed = Privileges.isRoot && Laboratory.isPrivileged
    var record = LabRecord(
      name: topology.name, keeper: System.processID, prefix: isNamed ? "sonde-\(topology.name)" : nil,
      topology: topology.text)
    // Whoever finds the lab half built knows by this what to remove.
    try claim.write(record)
    do throws(LinkError) {
      try hold(topology, &record, claim, voice, interrupter)
    } catch {
      // A name that somebody else had given may be why it could not be built: that stays.
      if !record.hosts.isEmpty { LabRemains.clear(record, hosts: topology.hosts.map(\.name)) }
      claim.remove()
      throw error
    }
    LabRemains.clear(record, hosts: topology.hosts.map(\.name))
    claim.remove()
  }

  /// Builds it and holds it; when the call returns or throws, the laboratory itself is closed.
  private static func hold(
    _ topology: Topology, _ record: inout LabRecord, _ claim: borrowing LabClaim, _ voice: borrowing KeeperVoice,
    _ interrupter: Interrupter
  ) throws(LinkError) {
    let isUsers = !Laboratory.isPrivileged
    // Before any thread: relays begin with the laboratory.
    if isUsers { try Laboratory.enterUserNamespace() }
    let laboratory = try Laboratory(topology, naming: record.prefix.map { .named(prefix: $0) } ?? .anonymous)
    defer { laboratory.close() }
    for host in topology.hosts {
      let place = try laboratory.place(of: host.name)
      let inode = try laboratory.inode(of: host.name)
      let cookie = try laboratory.on(host.name) { () throws(LinkError) in LabRemains.networkCookie }
      record.hosts.append(
        LabRecord.Host(
          host.name, inode: inode, cookie: cookie, userNamespace: isUsers ? place.userNamespace : nil,
          networkNamespace: place.networkNamespace))
      record.names = place.names
    }
    try claim.write(record)
    guard voice.say("ready") else { return }
    var told = LabCounts()
    let period: Duration = laboratory.counts.isEmpty ? .seconds(3600) : .milliseconds(200)
    Keeper.wait(interrupter, every: period) {
      let counts = Self.counts(laboratory)
      guard counts != told else { return }
      told = counts
      // A count that could not be told is told the next time.
      try? claim.write(counts: counts.text)
    }
  }

  private static func counts(_ laboratory: Laboratory) -> LabCounts {
    let all = laboratory.counts
    return LabCounts(
      laboratory.topology.networks.flatMap { network in
        (all[network.name] ?? []).enumerated().map { end, count in
          LabCounts.Line(
            network: network.name, end: end,
            values: [
              count.offered, count.passed, count.lost, count.duplicated, count.reordered, count.corrupted,
              count.overflowed,
            ])
        }
      })
  }

  /// The hosts of a record, as its topology names them: it may have been written before they were built.
  static func hosts(of record: LabRecord) -> [String] {
    (try? Topology(text: record.topology))?.hosts.map(\.name) ?? record.hosts.map(\.name)
  }
}

extension LabStatus {
  /// What a folder knows of a lab.
  init(_ folder: LabFolder, _ name: String) {
    let state = folder.state(of: name)
    let record: LabRecord? =
      switch state {
      case .standing(let record): record
      case .abandoned(let record): record
      case .changing, nil: nil
      }
    let isStanding = if case .standing? = state { true } else { false }
    self.init(
      name: name, state: isStanding ? .standing : state == .changing ? .changing : .abandoned,
      keeper: isStanding ? record?.keeper : nil, prefix: record?.prefix,
      topology: record.flatMap { try? Topology(text: $0.topology) }, counts: LabCounts(folder.counts(of: name)))
  }
}
