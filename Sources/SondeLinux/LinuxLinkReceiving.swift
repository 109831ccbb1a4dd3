internal import CLinuxNet
internal import Glibc
public import SondeLink
internal import SondeOctets

extension LinuxLink {
  /// The places of `watched`.
  private enum Watched: Int, CaseIterable {
    case ipv4Door, ipv6Door, cookedDoor, packetDoor, ipv4Ear, ipv6Ear, packetEar, frameEar, ipv4Others, ipv6Others,
      interrupter, output, input
  }

  /// Fills `watched` and `heard` from the open sockets.
  mutating func watch() {
    watched = Array(
      repeating: clinux_poll(fd: -1, events: KernelNumber.pollIn, revents: 0), count: Watched.allCases.count)
    for place in Watched.allCases {
      let descriptor: Int32? =
        switch place {
        case .ipv4Door: ipv4Door?.socket.number
        case .ipv6Door: ipv6Door?.socket.number
        case .cookedDoor: cookedDoor?.socket.number
        case .packetDoor: packetDoor?.socket.number
        case .ipv4Ear: ipv4Ear?.number
        case .ipv6Ear: ipv6Ear?.number
        case .ipv4Others: ipv4Others?.number
        case .ipv6Others: ipv6Others?.number
        case .packetEar: packetEar?.number
        case .frameEar: frameEar?.number
        case .interrupter: options.interrupter?.descriptor.number
        case .output: options.watchesOutput ? OutputFile.Standard.output.rawValue : nil
        case .input: nil
        }
      // A negative descriptor is passed over (poll(2)).
      watched[place.rawValue].fd = descriptor ?? -1
      // Of standard output only its end is of interest, which poll tells unasked.
      if place == .output { watched[place.rawValue].events = 0 }
    }
    let ears: [Watched] = [.ipv4Ear, .ipv6Ear, .packetEar, .frameEar]
    let doors: [Watched] = [(Family.ipv4, Watched.ipv4Door), (.ipv6, .ipv6Door)]
      .filter { plans[$0.0]?.ear == .datagram }.map { $0.1 }
    heard = (ears + doors).map { watched[$0.rawValue].fd }.filter { $0 >= 0 }
  }

  /// Lets waits end, from now on or no more, as soon as standard input has something to read, and as soon as standard
  /// output takes more.
  public mutating func attend(input: Bool, output: Bool) {
    watched[Watched.input.rawValue].fd = input ? 0 : -1
    watched[Watched.output.rawValue].events = output ? KernelNumber.pollOut : 0
  }

  public mutating func receive(until deadline: Instant, into batch: inout [Received]) throws(LinkError) {
    var wait: Int64 = -1
    if !pending.isEmpty {
      wait = 0
    } else if deadline != .distantFuture {
      wait = max(0, (deadline - now).nanoseconds)
    }
    let ready = unsafe clinux_poll(&watched, watched.count, wait)
    guard ready >= 0 || ready == -EINTR else { throw LinkError("ppoll", -ready) }
    inputIsReady = ready > 0 && watched[Watched.input.rawValue].revents != 0
    if ready > 0 { try drainAll() }
    batch += pending
    pending.removeAll(keepingCapacity: true)
  }

  private mutating func drainAll() throws(LinkError) {
    func happened(_ place: Watched, _ events: Int16) -> Bool { watched[place.rawValue].revents & events != 0 }
    if happened(.interrupter, KernelNumber.pollIn) { options.interrupter?.clear() }
    // Departures first: an answer that follows then finds its probe stamped.
    drainErrorQueues()
    if happened(.ipv4Door, ~0) { try drain(.ipv4Door) }
    if happened(.ipv6Door, ~0) { try drain(.ipv6Door) }
    if happened(.ipv4Ear, ~0) { try drain(.ipv4Ear) }
    if happened(.ipv6Ear, ~0) { try drain(.ipv6Ear) }
    if happened(.ipv4Others, ~0) { try drain(.ipv4Others) }
    if happened(.ipv6Others, ~0) { try drain(.ipv6Others) }
    if happened(.packetEar, ~0) { try drain(.packetEar) }
    if happened(.frameEar, ~0) { try drain(.frameEar) }
  }

  /// How many packets are taken from one socket before the others have their turn.
  private static var packetsInTurn: Int { 256 }

  private mutating func drain(_ place: Watched) throws(LinkError) {
    var errors = 0
    // Other programs' answers are at most noise: however many there are, our own come first.
    let isOthers = place == .ipv4Others || place == .ipv6Others
    for _ in 0..<(isOthers ? Self.packetsInTurn / 8 : Self.packetsInTurn) {
      let count: Int? =
        switch place {
        case .ipv4Door: ipv4Door?.socket.receive(into: &buffer, errorQueue: false)
        case .ipv6Door: ipv6Door?.socket.receive(into: &buffer, errorQueue: false)
        case .ipv4Ear: ipv4Ear?.receive(into: &buffer, errorQueue: false)
        case .ipv6Ear: ipv6Ear?.receive(into: &buffer, errorQueue: false)
        case .ipv4Others: ipv4Others?.receive(into: &buffer, errorQueue: false)
        case .ipv6Others: ipv6Others?.receive(into: &buffer, errorQueue: false)
        case .packetEar: packetEar?.receive(into: &buffer, errorQueue: false)
        case .frameEar: frameEar?.receive(into: &buffer, errorQueue: false)
        case .cookedDoor, .packetDoor, .interrupter, .output, .input: nil
        }
      guard let count, count != -Int(EAGAIN) else { return }
      if count < 0 {
        // A pending error is reported once, and reading it clears it; one that stays is the end.
        errors += 1
        guard errors < 8 else { throw LinkError("recvmsg", Int32(-count)) }
        continue
      }
      let stamp = Clock.stamp(kernel: buffer.messages.timestamp)
      if let frame = frame(from: place, stamp) { pending.append(.frame(frame)) }
    }
  }

  private func frame(from place: Watched, _ stamp: Stamp) -> Frame? {
    let messages = buffer.messages
    let bytes = buffer.bytes[..<buffer.count]
    switch place {
    case .packetEar:
      let isUnfinished = (messages.packetStatus ?? 0) & KernelNumber.checksumNotReady != 0
      let interface = Int(clinux_link_interface(buffer.address))
      return Frame(bytes: Array(bytes), stamp: stamp, checksumNotReady: isUnfinished, interface: interface)
    case .frameEar:
      let hardware = clinux_link_hardware(buffer.address)
      let isEthernet = KernelNumber.ethernetHardware.contains(hardware)
      // What other links put before the network layer is not known.
      guard isEthernet || KernelNumber.headerlessHardware.contains(hardware) else { return nil }
      let whole = messages.tag.map { isEthernet ? $0.inserted(into: bytes) : Array(bytes) } ?? Array(bytes)
      return Frame(
        bytes: whole, linkType: isEthernet ? .ethernet : .raw, stamp: stamp,
        checksumNotReady: (messages.packetStatus ?? 0) & KernelNumber.checksumNotReady != 0,
        interface: Int(clinux_link_interface(buffer.address)))
    case .ipv4Ear, .ipv4Others:
      return Frame(bytes: Array(bytes), stamp: stamp, isTakenIn: true, interface: messages.interface)
    default:
      guard let source = buffer.address.ip, let destination = messages.destination else { return nil }
      let packet = Rebuilt.packet(
        from: source, to: destination, protocolNumber: source.version == 4 ? 1 : 58, hopLimit: messages.hopLimit ?? 0,
        trafficClass: messages.trafficClass ?? 0, payload: bytes)
      return packet.map { Frame(bytes: $0, stamp: stamp, isRebuilt: true, interface: messages.interface) }
    }
  }

  /// Takes what the doors' error queues hold: transmit timestamps, ICMP errors, own failures.
  mutating func drainErrorQueues() {
    let start = pending.count
    ipv4Door?.drainErrors(into: &pending, &buffer)
    ipv6Door?.drainErrors(into: &pending, &buffer)
    cookedDoor?.drainErrors(into: &pending, &buffer)
    packetDoor?.drainErrors(into: &pending, &buffer)
    for index in start..<pending.count {
      guard case .departure(var departure) = pending[index] else { continue }
      resolutions.complete(&departure)
      pending[index] = .departure(departure)
    }
  }
}

extension clinux_address {
  /// The IP address; nil for another family's.
  var ip: IPAddress? {
    switch clinux_family(self) {
    case KernelNumber.ipv4: .v4(IPv4Address(rawValue: clinux_ipv4_of(self)))
    case KernelNumber.ipv6: .v6(IPv6Address(high: clinux_ipv6_high(self), low: clinux_ipv6_low(self)))
    default: nil
    }
  }
}
