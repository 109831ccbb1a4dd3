internal import CLinuxNet
internal import Glibc
public import SondeLink
public import SondeOctets

/// Sends by an AF_XDP socket, which hands frames to the interface's driver: past the firewall, the queue and every
/// capture. Four times cheaper than a system call for each packet, where nothing queues.
///
/// A frame counts as sent when the kernel has taken it from the ring, and one that the driver then drops is put
/// there again.
public struct XDPBulkDoor: ~Copyable, BulkDoor {
  private let socket: XDPSocket
  private let source: MACAddress
  /// The longest packet, in octets: drivers do not check the MTU.
  private let longest: Int
  private var rest: BulkRest
  /// Since when the kernel has taken nothing, or the driver has dropped all of it.
  private var stuck: Instant?
  /// Frames that the kernel took and the driver dropped, all put into the ring once more.
  public private(set) var repeats: UInt64 = 0

  /// Binds the opening's AF_XDP socket to an interface.
  ///
  /// - Parameter source: the link address that frames leave from; nil is the interface's own.
  /// - Throws: `LinkError` if no such socket was opened, if the link has no link addresses, or naming what the kernel
  ///   refused.
  public init(
    _ opening: BulkOpening, on interface: NetworkInterface, source: MACAddress? = nil, interrupter: Interrupter? = nil
  ) throws(LinkError) {
    guard let address = source ?? interface.linkAddress,
      KernelNumber.ethernetHardware.contains(interface.hardwareType)
    else { throw LinkError("door xdp", refusal: "\(interface.name) carries no Ethernet frames") }
    guard let socket = opening.xdp.take() else { throw LinkError("door xdp", refusal: "no AF_XDP socket is open") }
    try socket.bind(to: Int32(clamping: interface.index))
    self.socket = socket
    self.source = address
    longest = min(interface.mtu, XDPSocket.frameSize - Self.headerLength)
    rest = BulkRest(interrupter)
  }

  deinit {
    // Closing it takes the kernel two grace periods, which nobody has to wait for.
    let socket = socket
    Worker.start { withExtendedLifetime(socket) {} }
  }

  public var now: Instant { Clock.monotonic }
  public var name: String { BulkDoorKind.xdp.rawValue }

  public mutating func send(_ batch: borrowing PacketBatch, from first: Int) -> BulkOutcome {
    send(batch, first..<batch.count)
  }

  mutating func send(_ batch: borrowing PacketBatch, _ range: Range<Int>) -> BulkOutcome {
    let lengths = batch.lengths
    let hops = batch.hops
    let octets = batch.octets
    let stride = batch.stride
    var next = range.lowerBound
    // What an earlier call could not have taken goes first.
    var code = socket.untaken > 0 ? push() : 0
    if code != 0 { return rest.outcome(0, code, "sendto(AF_XDP)") }
    while next < range.upperBound, code == 0 {
      if socket.room < PacketBatch.size { socket.reclaim() }
      let end = min(range.upperBound, next + min(socket.room, socket.budget))
      guard end > next else {
        code = ENOBUFS
        break
      }
      let first = next
      while next < end, hops[next].linkAddress != nil, lengths[next] <= longest { next += 1 }
      let source = source.rawValue
      unsafe octets.withUnsafeBytes { octets in
        unsafe socket.put(next - first) { index, room in
          let index = first &+ index
          let hop = hops[index]
          let start = index &* stride
          let packet = unsafe UnsafeRawBufferPointer(rebasing: octets[start..<start &+ lengths[index]])
          unsafe Self.header(hop.linkAddress?.rawValue ?? 0, source, hop.etherType, into: room)
          unsafe UnsafeMutableRawBufferPointer(rebasing: room[Self.headerLength...]).copyMemory(from: packet)
          return Self.headerLength &+ packet.count
        }
      }
      code = push()
      if code != 0 { next = max(range.lowerBound, next - socket.untaken) }
      if code == 0, next < end { code = hops[next].linkAddress == nil ? EHOSTUNREACH : EMSGSIZE }
    }
    return rest.outcome(next - range.lowerBound, code, "sendto(AF_XDP)")
  }

  private static let headerLength = 14

  @inline(__always)
  private static func header(
    _ to: UInt64, _ from: UInt64, _ etherType: UInt16, into room: UnsafeMutableRawBufferPointer
  ) {
    unsafe room.storeBytes(of: (to << 16 | from >> 32).bigEndian, toByteOffset: 0, as: UInt64.self)
    unsafe room.storeBytes(of: UInt32(truncatingIfNeeded: from).bigEndian, toByteOffset: 8, as: UInt32.self)
    unsafe room.storeBytes(of: etherType.bigEndian, toByteOffset: 12, as: UInt16.self)
  }

  /// Has the kernel take all that is in the ring, however long that needs: what was put there cannot be taken back.
  ///
  /// - Returns: 0, or why it has not taken all of it, as an errno.
  private mutating func push() -> Int32 {
    socket.publish()
    var before = socket.untaken
    while before > 0 {
      let code = -socket.kick()
      let after = socket.untaken
      // A kick takes as many as its budget, and then says EAGAIN; with EBUSY the driver has dropped the last one.
      guard [0, EINTR, EAGAIN, EBUSY].contains(code) else { return code }
      let went = before - after - (code == EBUSY ? 1 : 0)
      if code == EBUSY {
        repeats &+= 1
        socket.putAgain(takenBefore: after)
      }
      before = socket.untaken
      if went > 0 {
        stuck = nil
      } else {
        let since = stuck ?? Clock.monotonic
        guard Clock.monotonic - since < BulkRest.patience else { return ENETDOWN }
        if stuck != nil { rest.waitForRoom(of: socket.descriptor.number) }
        stuck = since
      }
    }
    return 0
  }

  /// Waits until frames may have come back from the driver, a millisecond at most.
  public mutating func waitForRoom() { rest.waitForRoom(of: socket.descriptor.number) }

  public mutating func sleep(until deadline: Instant) { rest.sleep(until: deadline) }
}
