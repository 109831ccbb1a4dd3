internal import Glibc
internal import SondeLink
internal import SondeLinux
internal import SondeOctets

/// Sends one small packet again and again by each door for very many packets, in turn, and prints frames a second:
/// `doors INTERFACE MAC COUNT [DOOR…]`, to a sink that drops early, in network namespaces of its own.
func doorBenchmark(_ arguments: [String]) -> Int32 {
  guard arguments.count >= 3, let to = MACAddress(arguments[1]), let count = Int(arguments[2]) else {
    print("usage: SondeBench doors INTERFACE MAC COUNT [packet|raw|xdp…]")
    return 2
  }
  do {
    let interface = try NetworkInterface.named(arguments[0])
    let named = arguments.dropFirst(3).compactMap(BulkDoorKind.init(rawValue:))
    for kind in named.isEmpty ? [.packet, .raw, .xdp] : named {
      let hop = NextHop(
        interface: kind == .raw ? 0 : Int32(interface.index), linkAddress: to, etherType: 0x0800)
      var batch = PacketBatch(stride: 64)
      while !batch.isFull { batch.append(datagram.rawSpan, to: hop) }
      let opening = try BulkOpening([kind], families: [.ipv4])
      var door = try LinuxBulkDoor(opening, kind, on: interface)
      let begin = door.now
      let (sent, refused, waits) = send(batch, count, by: &door)
      let took = (door.now - begin).nanoseconds
      let rate = Int64(sent) * 1_000_000 / (took / 1000)
      print("\(kind.rawValue)\t\(rate) frames/s\t\(sent) sent\t\(refused) refused\t\(waits) waits")
    }
    return 0
  } catch {
    print("\(error)")
    return 1
  }
}

/// IPv4 and UDP from 10.9.0.1 to 10.9.0.2 with 18 octets: a frame of 60 octets.
let datagram: [UInt8] = {
  var octets: [UInt8] = [0x45, 0, 0, 46, 0, 1, 0x40, 0, 64, 17, 0, 0, 10, 9, 0, 1, 10, 9, 0, 2]
  octets += [0x9c, 0x40, 0, 9, 0, 26, 0, 0]
  return octets + [UInt8](repeating: 0x5a, count: 18)
}()

private func send(
  _ batch: PacketBatch, _ count: Int, by door: inout LinuxBulkDoor
) -> (sent: Int, refused: Int, waits: Int) {
  var (sent, refused, waits) = (0, 0, 0)
  var first = 0
  while sent + refused < count {
    switch door.send(batch, from: first) {
    case .all:
      sent += batch.count - first
      first = 0
    case .full(let went):
      sent += went
      first += went
      waits += 1
      door.waitForRoom()
    case .refused(let went, _):
      sent += went
      refused += 1
      first += went + 1
    }
    if first >= batch.count { first = 0 }
  }
  return (sent, refused, waits)
}
