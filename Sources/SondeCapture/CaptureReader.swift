internal import SondeOctets

/// Reads pcap and pcapng files from pieces of any size.
///
/// `feed` it octets, then take packets from `nextRecord` or `next` until that gives nil; call `finish` when the
/// file has ended. Both byte orders are read, pcap with microseconds and nanoseconds, pcapng with any time unit,
/// several interfaces and several sections (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng); blocks of other
/// kinds are passed over. As long as packets are taken until there is none before more is fed, it keeps no more
/// than two blocks and what was fed last, beside the descriptions of one section's interfaces: how long the
/// file is does not matter.
///
/// ```swift
/// reader.feed(octets)
/// while let record = try reader.nextRecord() { show(record, reader.bytes) }
/// ```
public struct CaptureReader: Sendable {
  /// The longest record or block that is read, in octets: 64 MiB.
  public static let largestBlock = 64 << 20
  /// The most interfaces that one section may describe.
  public static let mostInterfaces = 65_536

  /// The interfaces described so far in the current section, by number; a pcap file has one.
  public internal(set) var interfaces: [CapturedInterface] = []
  /// What the file says of the current section; nil before the first one, and in a pcap file.
  public internal(set) var section: CaptureSection?

  var format: Format?
  var window = OctetWindow()
  /// How many octets the last packet has, and how far behind them the next record or block begins.
  private var current = Extent(count: 0, tail: 0)
  private var failure: CaptureError?

  enum Format: Sendable {
    case pcap(ByteOrder)
    case pcapng(ByteOrder)
  }

  public init() {}

  /// Takes the next octets of the file. After an error, or after `finish`, they are ignored.
  ///
  /// Pieces of about 256 KiB are read fastest.
  public mutating func feed(_ octets: RawSpan) {
    guard failure == nil, !window.isComplete else { return }
    current = Extent(count: 0, tail: 0)
    window.append(octets)
  }

  /// Takes the next octets of the file, as `feed` of borrowed ones does.
  public mutating func feed(_ octets: [UInt8]) { feed(octets.rawSpan) }

  /// Says that the file has ended.
  public mutating func finish() { window.isComplete = true }

  /// What the file says of the next packet, whose octets `bytes` then lends; nil if more octets of the file are
  /// needed for it or, after `finish`, if there is none.
  ///
  /// Nothing is copied or allocated, but for comments.
  ///
  /// - Throws: `CaptureError` where the file is no capture, contradicts itself or, after `finish`, was cut off
  ///   inside a header, a record or a block: every packet before that place has been given by then. The
  ///   error stays: each later call throws it again.
  public mutating func nextRecord() throws(CaptureError) -> CaptureRecord? {
    if let failure { throw failure }
    current = Extent(count: 0, tail: 0)
    do throws(CaptureError) {
      while true {
        switch try step() {
        case .packet(let record, let extent):
          current = extent
          return record
        case .other: continue
        case .wait: return nil
        }
      }
    } catch {
      failure = error
      window.clear()
      throw error
    }
  }

  /// The octets of the packet that `nextRecord` gave last, borrowed; none once more has been fed.
  public var bytes: RawSpan {
    @_lifetime(borrow self) get { window.passed(current.count, endingBefore: current.tail) }
  }

  /// The next packet with a copy of its octets; gives nil and throws as `nextRecord` does.
  public mutating func next() throws(CaptureError) -> CapturedPacket? {
    guard let record = try nextRecord() else { return nil }
    return CapturedPacket(record, bytes: bytes.octets)
  }

  /// Where a packet's octets are in what has just been passed over.
  struct Extent: Sendable {
    var count: Int
    /// How many octets follow them.
    var tail: Int
  }

  /// What one header, record or block came to.
  enum Step {
    case packet(CaptureRecord, Extent)
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

  private mutating func readMagic() throws(CaptureError) -> Step {
    if window.isComplete, window.kept == 0 { throw CaptureError(.empty, at: 0) }
    guard try window.holds(4) else { return .wait }
    let magic: UInt32 = window.number(at: 0, .big)
    switch magic {
    case Pcapng.Block.sectionHeader:
      // The section header that follows brings the byte order.
      format = .pcapng(.little)
      return .other
    case Pcap.microsecondsMagic: return try readFileHeader(.big, .microseconds)
    case Pcap.microsecondsMagic.byteSwapped: return try readFileHeader(.little, .microseconds)
    case Pcap.nanosecondsMagic: return try readFileHeader(.big, .nanoseconds)
    case Pcap.nanosecondsMagic.byteSwapped: return try readFileHeader(.little, .nanoseconds)
    default:
      if let format = CaptureError.ForeignFormat(magic: magic) { throw CaptureError(.foreignFormat(format), at: 0) }
      throw CaptureError(.unknownFormat(magic: magic), at: 0)
    }
  }
}
