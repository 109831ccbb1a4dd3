/// Reads pcap and pcapng files from pieces of any size.
///
/// `feed` it octets, then take packets from `next` until it gives nil; call `finish` when the file has
/// ended. Both byte orders are read, pcap with microseconds and nanoseconds, pcapng with any time unit,
/// several interfaces and several sections (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng); blocks that
/// hold no packet are passed over. As long as `next` is called until it gives nil before more is fed, it
/// holds no more than one block and twice what was fed last.
public struct CaptureReader: Sendable {
  /// The longest record or block that is read, in octets: 64 MiB.
  public static let largestBlock = 64 << 20
  /// The most interfaces that one section may describe.
  public static let mostInterfaces = 65_536

  /// The interfaces described so far in the current section, by number; a pcap file has one.
  public internal(set) var interfaces: [CapturedInterface] = []

  var format: Format?
  private var buffer: [UInt8] = []
  /// The index in `buffer` of the first octet not yet read.
  private var position = 0
  /// The file offset of the first octet of `buffer`.
  private var base: UInt64 = 0
  private var isFinished = false
  private var failure: CaptureError?

  enum Format: Sendable {
    case pcap(ByteOrder)
    case pcapng(ByteOrder)
  }

  public init() {}

  /// Takes the next octets of the file. After an error, or after `finish`, they are ignored.
  public mutating func feed(_ octets: some Sequence<UInt8>) {
    guard failure == nil, !isFinished else { return }
    // Moving what is left to the front only when it is the smaller part keeps the work linear.
    if position > buffer.count / 2 {
      buffer.removeFirst(position)
      base += UInt64(position)
      position = 0
    }
    buffer.append(contentsOf: octets)
  }

  /// Says that the file has ended.
  public mutating func finish() { isFinished = true }

  /// The next packet; nil if more octets are needed for it or, after `finish`, if there is none.
  ///
  /// - Throws: `CaptureError` where the file is no capture, contradicts itself or, after `finish`, was cut off
  ///   inside a header, a record or a block: every packet before that place has been given by then. The
  ///   error stays: each later call throws it again.
  public mutating func next() throws(CaptureError) -> CapturedPacket? {
    if let failure { throw failure }
    do throws(CaptureError) {
      while true {
        switch try step() {
        case .packet(let packet): return packet
        case .other: continue
        case .wait: return nil
        }
      }
    } catch {
      failure = error
      buffer = []
      position = 0
      throw error
    }
  }

  /// What one header, record or block came to.
  enum Step {
    case packet(CapturedPacket)
    case other
    case wait
  }

  private mutating func step() throws(CaptureError) -> Step {
    switch format {
    case nil: try readMagic()
    case .pcap(let order): try readRecord(order)
    case .pcapng(let order): try readBlock(order)
    }
  }

  // MARK: The buffer

  /// The file offset of the next octet.
  var offset: UInt64 { base + UInt64(position) }

  /// The next `count` octets, not yet passed over; nil if they have not come yet.
  ///
  /// - Throws: `cut` if they will not come any more, unless nothing at all is left and `mayEnd` says that the
  ///   file may end here.
  func peek(_ count: Int, mayEnd: Bool = false) throws(CaptureError) -> ArraySlice<UInt8>? {
    let available = buffer.count - position
    if available >= count { return buffer[position..<position + count] }
    guard isFinished, available > 0 || !mayEnd else { return nil }
    throw CaptureError(.cut(needed: count, available: available), at: offset)
  }

  mutating func pass(_ count: Int) { position += count }

  private mutating func readMagic() throws(CaptureError) -> Step {
    guard let octets = try peek(4) else { return .wait }
    let magic = ByteOrder.big.number(octets, as: UInt32.self)
    switch magic {
    case Pcapng.Block.sectionHeader:
      // The section header that follows brings the byte order.
      format = .pcapng(.little)
      return .other
    case 0xa1b2_c3d4: return try readFileHeader(.big, .microseconds)
    case 0xd4c3_b2a1: return try readFileHeader(.little, .microseconds)
    case 0xa1b2_3c4d: return try readFileHeader(.big, .nanoseconds)
    case 0x4d3c_b2a1: return try readFileHeader(.little, .nanoseconds)
    default: throw CaptureError(.unknownFormat(magic: magic), at: offset)
    }
  }
}
