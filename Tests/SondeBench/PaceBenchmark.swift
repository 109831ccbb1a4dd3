internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeSweep

/// Sends one small packet at a rate by the packet door, as the pacer tells: `pace INTERFACE MAC RATE SECONDS`, in network
/// namespaces of its own; what the other end captures shows how even it is.
func paceBenchmark(_ arguments: [String]) -> Int32 {
  guard arguments.count == 4, let to = MACAddress(arguments[1]), let rate = Double(arguments[2]),
    let seconds = Int(arguments[3])
  else {
    print("usage: SondeBench pace INTERFACE MAC RATE SECONDS")
    return 2
  }
  do {
    let interface = try NetworkInterface.named(arguments[0])
    let hop = NextHop(interface: Int32(interface.index), linkAddress: to, etherType: 0x0800)
    let opening = try BulkOpening([.packet], families: [.ipv4])
    var door = try LinuxBulkDoor(opening, .packet, on: interface)
    var pacer = Pacer(rate: rate)
    var batch = PacketBatch(stride: 64)
    let packet = datagram
    let begin = door.now
    let end = begin + .seconds(seconds)
    var (sent, questions, refused, full) = (0, 0, 0, 0)
    while door.now < end {
      let (count, next) = pacer.allowance(at: door.now)
      questions += 1
      if count > 0 {
        batch.removeAll()
        for _ in 0..<count { batch.append(packet.rawSpan, to: hop) }
        var went = count
        switch door.send(batch, from: 0) {
        case .all: break
        case .full(let some):
          went = some
          full += 1
          door.waitForRoom()
        case .refused(let some, _):
          went = some
          refused += 1
        }
        pacer.sent(went, octets: went * Pacer.onWire(packet.count), at: door.now)
        sent += went
      }
      if next > door.now { door.sleep(until: next) }
    }
    let took = Double((door.now - begin).nanoseconds) * 1e-9
    print("\(Double(sent) / took) packets/s\t\(questions) questions\t\(refused) refused\t\(full) full")
    return 0
  } catch {
    print("\(error)")
    return 1
  }
}
