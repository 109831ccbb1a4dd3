internal import CLinuxNet
internal import SondeLink

/// The memory that the kernel writes captured frames to (the kernel's networking/packet_mmap.rst, TPACKET_V3).
///
/// It is a circle of blocks; the kernel hands one over when it is full or has waited long enough, and gets it back
/// when its last frame has been looked at.
@safe struct CaptureRing: ~Copyable, @unchecked Sendable {
  // The memory is its alone, and goes where it goes.
  /// How long a frame of a capture may wait in a block that does not fill, in milliseconds.
  static let patience: UInt32 = 10
  /// Free octets before each frame, for a header that the kernel does not write.
  static let reserve: UInt32 = 32
  static let blockSizes = 4096...262_144

  private let memory: UnsafeMutableRawPointer
  private let blockSize: Int
  let blockCount: Int
  private var block = 0
  private var frame: UnsafeMutableRawPointer
  /// How many frames of the block are still to be looked at, the one at `frame` among them.
  private var remaining: UInt32 = 0

  /// Makes the ring of a packet socket that is not bound yet.
  ///
  /// - Parameters:
  ///   - size: its least length in octets.
  ///   - patience: how long a frame may wait in a block that does not fill, in milliseconds.
  ///   - reserve: free octets before each frame.
  ///   - blockSizes: of how many octets a block may be.
  /// - Throws: `LinkError` if the kernel has no such memory.
  init(
    _ socket: borrowing Descriptor, size: Int, patience: UInt32 = patience, reserve: UInt32 = reserve,
    blockSizes: ClosedRange<Int> = blockSizes
  ) throws(LinkError) {
    var blockSize = blockSizes.lowerBound
    // Few large blocks hold long frames, several let the kernel fill one while another is read.
    while blockSize < blockSizes.upperBound, blockSize * 16 <= size { blockSize *= 2 }
    let blockCount = max(2, (min(size, 1 << 30) + blockSize - 1) / blockSize)
    try checked(
      clinux_ring(socket.number, UInt32(blockSize), UInt32(blockCount), patience, reserve),
      "setsockopt(PACKET_RX_RING)")
    var place: UnsafeMutableRawPointer?
    try checked(unsafe clinux_map(socket.number, blockSize * blockCount, &place), "mmap")
    guard let place = unsafe place else { throw LinkError("mmap", refusal: "no memory") }
    unsafe memory = place
    unsafe frame = place
    self.blockSize = blockSize
    self.blockCount = blockCount
  }

  deinit { unsafe clinux_unmap(memory, blockSize * blockCount) }

  /// The frame to look at next; nil if the kernel has handed none over.
  mutating func current() -> RingFrame? {
    while remaining == 0 {
      let start = unsafe memory + block * blockSize
      guard unsafe clinux_block_is_ready(start) != 0 else { return nil }
      let header = unsafe start.assumingMemoryBound(to: tpacket_block_desc.self).pointee.hdr.bh1
      remaining = header.num_pkts
      unsafe frame = start + Int(header.offset_to_first_pkt)
      if remaining == 0 { release() }
    }
    return unsafe RingFrame(start: frame)
  }

  /// Goes on to the next frame; the one before may be overwritten from now on.
  ///
  /// - Returns: whether the circle's last block has just been given back.
  mutating func advance() -> Bool {
    guard remaining > 0 else { return false }
    remaining -= 1
    guard remaining > 0 else {
      release()
      return block == 0
    }
    let next = unsafe frame.assumingMemoryBound(to: tpacket3_hdr.self).pointee.tp_next_offset
    unsafe frame += Int(next)
    return false
  }

  /// How many frames the kernel has handed over that are still to be looked at.
  func waiting() -> Int {
    var count = Int(remaining)
    for step in (remaining > 0 ? 1 : 0)..<blockCount {
      let start = unsafe memory + (block + step) % blockCount * blockSize
      guard unsafe clinux_block_is_ready(start) != 0 else { break }
      count += Int(unsafe start.assumingMemoryBound(to: tpacket_block_desc.self).pointee.hdr.bh1.num_pkts)
    }
    return count
  }

  private mutating func release() {
    unsafe clinux_block_release(memory + block * blockSize)
    block = (block + 1) % blockCount
  }
}

/// One frame in the ring: `struct tpacket3_hdr`, `struct sockaddr_ll`, the octets.
@unsafe struct RingFrame {
  let start: UnsafeMutableRawPointer

  var header: tpacket3_hdr { unsafe start.assumingMemoryBound(to: tpacket3_hdr.self).pointee }

  var address: sockaddr_ll {
    // TPACKET_ALIGN keeps the header's 48 octets as they are.
    unsafe (start + MemoryLayout<tpacket3_hdr>.size).assumingMemoryBound(to: sockaddr_ll.self).pointee
  }

  /// The octets that the kernel kept, from where the socket's frames begin.
  var octets: UnsafeMutableRawBufferPointer {
    let header = unsafe header
    return unsafe UnsafeMutableRawBufferPointer(start: start + Int(header.tp_mac), count: Int(header.tp_snaplen))
  }

  /// The kernel's software timestamp in nanoseconds since 1970.
  var wall: Int64 {
    let header = unsafe header
    return Int64(header.tp_sec) &* 1_000_000_000 &+ Int64(header.tp_nsec)
  }
}
