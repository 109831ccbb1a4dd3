internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe

extension Talk {
  /// Puts a segment into a packet.
  mutating func send(_ segment: Conversation.Segment, at now: Instant, _ happened: [Conversation.Event]) {
    guard let local, let remote else { return }
    let edits = edits(for: segment)
    let bytes: [UInt8]
    do throws(CraftError) {
      bytes = try encoded(segment, from: local, to: remote.address, edits)
    } catch {
      remember(error)
      return
    }
    let way = Way(to: remote.address, interface: settings.interface)
    packets.append(Outgoing(probe: nextProbe, bytes: bytes, way: way))
    nextProbe &+= 1
    events.append(.sent(TalkPacket(bytes, at: now, purpose: segment.purpose, edits: edits, events: happened)))
  }

  private mutating func encoded(
    _ segment: Conversation.Segment, from local: IPAddress, to remote: IPAddress, _ edits: [FieldEdit]
  ) throws(CraftError) -> [UInt8] {
    let payload = Payload(octets: segment.payload)
    switch (local, remote) {
    case (.v4(let source), .v4(let destination)):
      let header = IPv4(
        from: source, to: destination, ttl: settings.hopLimit, typeOfService: settings.typeOfService,
        identification: identification, flags: .dontFragment)
      // Zero would leave the choice to the kernel.
      identification = identification == .max ? 1 : identification + 1
      return try Self.encoded(header, segment.header, payload, edits)
    case (.v6(let source), .v6(let destination)):
      let header = IPv6(
        from: source, to: destination, hopLimit: settings.hopLimit, trafficClass: settings.typeOfService)
      return try Self.encoded(header, segment.header, payload, edits)
    default: throw CraftError(layer: IPv4.name, field: "destination", reason: "is of another family than the source")
    }
  }

  private static func encoded(
    _ network: some Header, _ header: TCP, _ payload: Payload, _ edits: [FieldEdit]
  ) throws(CraftError) -> [UInt8] {
    let packet = AnyPacket([network, header, payload])
    return try (edits.isEmpty ? packet : edits.applied(to: packet)).encoded().bytes
  }

  /// What a hand sets in this segment. What is sent once more leaves as it ought to, or a connection that a hand has
  /// disturbed would never recover.
  private mutating func edits(for segment: Conversation.Segment) -> [FieldEdit] {
    guard segment.purpose != .retransmission else { return [] }
    var edits: [FieldEdit] = []
    if !dataEdits.isEmpty, !segment.place.isEmpty {
      for entry in dataEdits where entry.places.overlaps(segment.place) { edits += entry.edits }
      dataEdits.removeAll { $0.places.upperBound <= segment.place.upperBound }
    }
    let isFinish = segment.header.flags.contains(.fin)
    if let index = purposeEdits.firstIndex(where: {
      $0.purposes.contains(segment.purpose) || isFinish && $0.purposes.contains(.finish)
    }) {
      edits += purposeEdits.remove(at: index).edits
    }
    return edits
  }
}
