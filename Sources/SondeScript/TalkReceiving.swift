internal import SondeHeaders
public import SondeLink
internal import SondeOctets
internal import SondeProbe

extension Talk {
  /// Takes in what a link received; what is not of this connection is passed over.
  public mutating func receive(_ received: Received, at now: Instant) {
    switch received {
    case .frame(let frame): receive(frame, at: now)
    case .departure: break
    case .failure(let error, _):
      failed(error, at: now)
      // The kernel does not say which segment it was: the first that is not acknowledged was on its way.
      conversation.unreachable(
        quoting: conversation.status.sendUnacknowledged, why: error.message, isHard: true, at: now)
      close(now)
    }
  }

  private mutating func receive(_ frame: Frame, at now: Instant) {
    guard frame.linkType == .raw else { return }
    let bytes = frame.bytes.rawSpan
    outline.read(bytes, as: .ip)
    var packet = TalkPacket(frame.bytes, at: now, wall: frame.stamp.wall, checksumNotReady: frame.checksumNotReady)
    guard let index = outline.layers.firstIndex(where: { $0.type == TCP.self }) else {
      if outline.stopped == nil { receiveError(frame, packet, at: now) }
      return
    }
    if outline.layers.contains(where: { $0.type == Quote.self }) { return receiveError(frame, packet, at: now) }
    let layer = outline.layers[index]
    guard let ends = layer.pseudoHeader, outline.stopped == nil else { return }
    var reader = Reader(bytes.extracting(0..<layer.end), at: layer.offset)
    guard let header = try? TCP(from: &reader), header.destinationPort == conversation.localPort else { return }
    if let local, local != ends.destination { return }
    if let remote, remote.address != ends.source || remote.port != header.sourcePort {
      return events.append(.stranger(ends.source, packet))
    }
    if let damage = damage(layer, frame) { return events.append(.damaged(damage, packet)) }
    if remote == nil { meet(End(ends.source, header.sourcePort), at: ends.destination, header) }
    let payload = Array(frame.bytes[layer.offset + layer.byteCount..<layer.end])
    conversation.receive(header, payload, at: now)
    packet.events = conversation.takeEvents()
    events.append(.received(packet))
    if conversation.state == .listen {
      // A reset led back: anybody may call again.
      send(conversation.takeSegments(), at: now)
      (local, remote) = (nil, nil)
    }
  }

  /// A peer that calls while nobody is spoken with.
  private mutating func meet(_ peer: End, at address: IPAddress, _ header: TCP) {
    local = address
    remote = peer
    guard conversation.state == .listen, header.flags.contains(.syn) else { return }
    conversation = fitted(to: peer.address)
    try? conversation.listen()
    _ = conversation.takeEvents()
  }

  private mutating func send(_ segments: [Conversation.Segment], at now: Instant) {
    for segment in segments { send(segment, at: now, []) }
  }

  private func damage(_ layer: Outline.Layer, _ frame: Frame) -> String? {
    if layer.isCut { return "it is shorter than its headers say" }
    if layer.isFragment { return "it is a fragment, and those are not put together here" }
    guard let check = layer.check(in: frame.bytes.rawSpan), check.verdict == .wrong, !frame.checksumNotReady else {
      return nil
    }
    return "its checksum is \(Hex.word(check.found)), not \(Hex.word(check.expected ?? 0))"
  }

  /// An ICMP error that quotes a segment of ours.
  private mutating func receiveError(_ frame: Frame, _ packet: TalkPacket, at now: Instant) {
    let dissection = Registry.dissect(frame.bytes)
    guard let report = dissection.errorReport, let quoted = dissection.quoted, let remote,
      dissection.damage(of: frame) == nil, quoted.destination == remote.address, quoted.source == local,
      let offset = quoted.offset(of: TCP.self), quoted.bytes.count >= offset + 8
    else { return }
    let span = quoted.bytes.rawSpan
    guard span.bigEndian(at: offset, as: UInt16.self) == conversation.localPort,
      span.bigEndian(at: offset + 2, as: UInt16.self) == remote.port
    else { return }
    let number = span.bigEndian(at: offset + 4, as: UInt32.self)
    var packet = packet
    if let mtu = report.mtu, !report.isAdvice {
      let room = Int(mtu) - (remote.address.version == 4 ? 40 : 60)
      // Less than every host takes is no router's word (RFC 1191 §3, RFC 8200 §5).
      if mtu >= (remote.address.version == 4 ? 68 : 1280) { conversation.setLargestSegment(room, at: now) }
    } else if !report.isAdvice {
      conversation.unreachable(
        quoting: number, why: report.name, isHard: report.isDestinationUnreachable, at: now)
    }
    packet.events = conversation.takeEvents()
    events.append(.error(report, from: dissection.source, packet))
  }

  private mutating func close(_ now: Instant) {
    let happened = conversation.takeEvents()
    if !happened.isEmpty { events.append(.happened(happened, at: now)) }
  }
}
