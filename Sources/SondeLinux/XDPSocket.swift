internal import CLinuxNet
internal import Glibc
internal import SondeLink

/// An AF_XDP socket that sends, its frames, and the two rings by which they go to the kernel and come back (the
/// kernel's networking/af_xdp.rst). It needs no BPF program, since it receives nothing.
///
/// A frame that the kernel has taken from the transmit ring is its own until it comes back by the completion ring.
@safe final class XDPSocket: @unchecked Sendable {
  // The rings and frames are used by the one door that sends.

  /// The longest frame; the kernel knows chunks of 2048 and of 4096 octets.
  static let frameSize = 2048
  /// How many frames are under way at most: a power of two, as rings must be, and so few that the socket's own room
  /// for what is under way, 208 KiB by default, suffices.
  static let frameCount = 256

  let descriptor: Descriptor
  private let frames: UnsafeMutableRawPointer
  private let transmit: clinux_xdp_ring
  private let completion: clinux_xdp_ring
  /// What a kick may send.
  let budget: Int
  /// The frames that are ours, by number.
  private var free: [UInt32]
  /// The next place in the transmit ring, and in the completion ring.
  private var produced: UInt32 = 0
  private var completed: UInt32 = 0

  /// Opens the socket and registers its memory, which are what takes privilege (CAP_NET_RAW, and room in
  /// RLIMIT_MEMLOCK or CAP_IPC_LOCK).
  init() throws(LinkError) {
    descriptor = try Descriptor.socket(KernelNumber.xdp, KernelNumber.raw, 0, as: "socket(AF_XDP)")
    var place: UnsafeMutableRawPointer?
    var transmit = unsafe clinux_xdp_ring()
    var completion = unsafe clinux_xdp_ring()
    try checked(
      unsafe clinux_xdp_prepare(
        descriptor.number, &place, UInt32(Self.frameSize), UInt32(Self.frameCount), &transmit, &completion),
      "setsockopt(AF_XDP)")
    guard let place = unsafe place else { throw LinkError("mmap", refusal: "no memory") }
    unsafe frames = place
    unsafe self.transmit = transmit
    unsafe self.completion = completion
    budget = clinux_xdp_budget(descriptor.number, UInt32(PacketBatch.size)) < 0 ? 32 : PacketBatch.size
    free = (0..<UInt32(Self.frameCount)).reversed()
    descriptor.growSendBuffer()
  }

  deinit {
    unsafe clinux_xdp_unmap(transmit)
    unsafe clinux_xdp_unmap(completion)
    unsafe munmap(frames, Self.frameSize * Self.frameCount)
  }

  /// Binds to the first queue of an interface, in copy mode, which every driver has.
  ///
  /// The kernel may still hold the queue for a socket that has just been closed, so it is asked a few times.
  func bind(to interface: Int32) throws(LinkError) {
    for _ in 0..<100 {
      let result = clinux_xdp_bind(descriptor.number, interface, 0)
      guard result == -EBUSY else {
        try checked(result, "bind(AF_XDP)")
        return
      }
      usleep(1_000)
    }
    throw LinkError("bind(AF_XDP)", EBUSY)
  }

  /// How many frames may be written now.
  var room: Int { free.count }

  /// Takes back the frames that the kernel is done with.
  func reclaim() {
    let end = unsafe clinux_load_acquire(completion.producer)
    let mask = UInt32(Self.frameCount - 1)
    let entries = unsafe completion.entries.assumingMemoryBound(to: UInt64.self)
    while completed != end {
      free.append(UInt32(truncatingIfNeeded: unsafe entries[Int(completed & mask)] / UInt64(Self.frameSize)))
      completed &+= 1
    }
    unsafe clinux_store_release(completion.consumer, completed)
  }

  /// Lends free frames to `write` in turn, which says how long each became, and puts them into the transmit ring; there
  /// is room for so many.
  @inline(__always)
  func put(_ count: Int, _ write: (Int, UnsafeMutableRawBufferPointer) -> Int) {
    let entries = unsafe transmit.entries.assumingMemoryBound(to: xdp_desc.self)
    let first = free.count - count
    var place = produced
    for index in 0..<count {
      let offset = Int(free[first &+ index]) &* Self.frameSize
      let length = unsafe write(index, UnsafeMutableRawBufferPointer(start: frames + offset, count: Self.frameSize))
      unsafe entries[Int(place & UInt32(Self.frameCount - 1))] = xdp_desc(
        addr: UInt64(offset), len: UInt32(truncatingIfNeeded: length), options: 0)
      place &+= 1
    }
    produced = place
    free.removeLast(count)
  }

  /// Shows the kernel what was put.
  func publish() { unsafe clinux_store_release(transmit.producer, produced) }

  /// How many frames the kernel has not taken from the transmit ring yet.
  var untaken: Int { Int(produced &- (unsafe clinux_load_acquire(transmit.consumer))) }

  /// Has the kernel take frames.
  ///
  /// - Returns: 0, or a negative errno.
  func kick() -> Int32 { clinux_xdp_kick(descriptor.number) }

  /// Puts a copy of a frame that the kernel took and dropped into the ring again.
  ///
  /// - Parameter count: how many frames behind it the kernel has not taken.
  func putAgain(takenBefore count: Int) {
    // A frame that was dropped has come back, so there is room.
    reclaim()
    guard !free.isEmpty else { return }
    let entries = unsafe transmit.entries.assumingMemoryBound(to: xdp_desc.self)
    let lost = unsafe entries[Int((produced &- UInt32(count) &- 1) & UInt32(Self.frameCount - 1))]
    unsafe put(1) { [frames] _, room in
      let octets = unsafe UnsafeRawBufferPointer(start: frames + Int(lost.addr), count: Int(lost.len))
      unsafe room.copyMemory(from: octets)
      return octets.count
    }
    publish()
  }
}
