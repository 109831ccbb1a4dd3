internal import SondeLink
internal import SondeLinux
internal import SondeOctets

/// Asks every TCP port of 10.9.0.2 once from 10.9.0.1, hears the answers by the ring between the batches, and prints
/// how long that took and what was heard: `ring INTERFACE MAC [DOOR…]`. It is the floor beneath a sweep.
func ringBenchmark(_ arguments: [String]) -> Int32 {
  guard arguments.count >= 2, let to = MACAddress(arguments[1]) else {
    print("usage: SondeBench ring INTERFACE MAC [packet|raw|xdp…]")
    return 2
  }
  do {
    let interface = try NetworkInterface.named(arguments[0])
    let named = arguments.dropFirst(2).compactMap(BulkDoorKind.init(rawValue:))
    for kind in named.isEmpty ? BulkDoorKind.allCases : named {
      let opening = try BulkOpening([kind], families: [.ipv4])
      var door = try LinuxBulkDoor(opening, kind, on: interface)
      let filter = SweepFilter(.tcp(from: 9999...9999), families: [.ipv4])
      var ear = try RingEar(opening, RingEar.Options(filter, interfaces: [interface.index]))
      let hop = NextHop(interface: kind == .raw ? 0 : Int32(interface.index), linkAddress: to, etherType: 0x0800)
      let begin = door.now
      let heard = ask(hop, by: &door, &ear)
      let sent = (door.now - begin).nanoseconds
      let rest = listen(&ear, heard)
      let took = (door.now - begin).nanoseconds
      let counts = ear.counts()
      print(
        "\(kind.rawValue)\tsent in \(sent / 1000) µs, all heard in \(took / 1000) µs: \(rest) lent, "
          + "\(counts.seen) seen, \(counts.dropped) dropped")
    }
    return 0
  } catch {
    print("\(error)")
    return 1
  }
}

private func ask(_ hop: NextHop, by door: inout LinuxBulkDoor, _ ear: inout RingEar) -> Int {
  var batch = PacketBatch(stride: 64)
  var heard = 0
  for port in UInt16(1)...UInt16.max {
    batch.append(segment(to: port).rawSpan, to: hop)
    guard batch.isFull || port == .max else { continue }
    var first = 0
    while first < batch.count {
      switch door.send(batch, from: first) {
      case .all: first = batch.count
      case .full(let went):
        first += went
        door.waitForRoom()
      case .refused(let went, _): first += went + 1
      }
    }
    batch.removeAll()
    heard += ear.drain(limit: .max) { bytes, _ in consume(UInt64(bytes[0])) }
  }
  return heard
}

/// Listens until all is answered, or nothing more came for a tenth of a second.
private func listen(_ ear: inout RingEar, _ before: Int) -> Int {
  var heard = before
  while heard < 65_535 {
    ear.wait(until: ear.now + .milliseconds(100))
    let count = ear.drain(limit: .max) { bytes, _ in consume(UInt64(bytes[0])) }
    if count == 0 { break }
    heard += count
  }
  ear.close()
  heard += ear.drain(limit: .max) { _, _ in }
  return heard
}

/// A SYN with both checksums, whose sum is the blank's and the port's.
private func segment(to port: UInt16) -> [UInt8] {
  var octets: [UInt8] = [0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, 6, 0x26, 0xbb, 10, 9, 0, 1, 10, 9, 0, 2]
  octets += [0x27, 0x0f, UInt8(port >> 8), UInt8(port & 0xff), 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 4, 0, 0, 0, 0, 0]
  var sum: UInt32 = 0x0a09 + 1 + 0x0a09 + 2 + 6 + 20
  for at in stride(from: 20, to: 40, by: 2) { sum += UInt32(octets[at]) << 8 | UInt32(octets[at + 1]) }
  while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
  octets[36] = UInt8(~sum >> 8 & 0xff)
  octets[37] = UInt8(~sum & 0xff)
  return octets
}
