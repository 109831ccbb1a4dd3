internal import CLinuxNet
internal import Glibc
internal import SondeLink
internal import SondeOctets

extension Door {
  /// Reads the error queue (recvmsg(2), MSG_ERRQUEUE) to its end without waiting.
  mutating func drainErrors(into received: inout [Received], _ buffer: inout ReceiveBuffer) {
    var isEmpty = true
    while socket.receive(into: &buffer, errorQueue: true) >= 0 {
      isEmpty = false
      let messages = buffer.messages
      guard let error = messages.error else { continue }
      let bytes = buffer.bytes[..<buffer.count]
      switch error.origin {
      case KernelNumber.originTimestamping:
        if let departure = departure(error, messages, bytes) { received.append(.departure(departure)) }
      case KernelNumber.originLocal:
        // The refused send has already said so.
        guard error.code != reported else { continue }
        received.append(.failure(LinkError("send", error.code), probe: nil))
      case KernelNumber.originICMP, KernelNumber.originICMPv6:
        if let frame = frame(error, messages, about: buffer.address.ip, bytes) { received.append(.frame(frame)) }
      default: continue
      }
    }
    // An error without a message would make every wait return at once; reading it clears it.
    if isEmpty { _ = socket.get(KernelNumber.socketLevel, KernelNumber.error) }
  }

  private func departure(_ error: ExtendedError, _ messages: ControlMessages, _ frame: ArraySlice<UInt8>) -> Departure?
  {
    guard let stamp = messages.timestamp, let entry = ledger.entry(error.data) else { return nil }
    // The queue returns the whole frame: what it is longer than the packet is the link header.
    let headerLength = frame.count - entry.length
    let packet = headerLength >= 0 ? Array(frame.dropFirst(headerLength)) : nil
    return Departure(
      probe: entry.probe, kernel: Instant(nanoseconds: stamp &- Clock.realTimeAhead), wall: stamp, bytes: packet,
      linkType: entry.linkType)
  }

  /// The ICMP error that an error queue entry tells of, as a packet.
  private func frame(
    _ error: ExtendedError, _ messages: ControlMessages, about destination: IPAddress?, _ quoted: ArraySlice<UInt8>
  ) -> Frame? {
    guard hears, let destination, let offender = error.offender, let us = messages.destination else {
      return nil
    }
    let packet = Rebuilt.error(
      error, from: offender, to: us, about: destination, hopLimit: messages.hopLimit ?? 0,
      trafficClass: messages.trafficClass ?? 0, quoted: quoted)
    let stamp = Clock.stamp(kernel: messages.timestamp)
    return packet.map {
      Frame(bytes: $0, stamp: stamp, isRebuilt: true, quoteIsRebuilt: true, interface: messages.interface)
    }
  }
}
