/// What the analysis of a connection needs of a segment.
struct TCPSegment: Sendable {
  static let fin: UInt16 = 1
  static let syn: UInt16 = 2
  static let rst: UInt16 = 4
  static let ack: UInt16 = 16

  var sequence: UInt32
  var acknowledgment: UInt32
  var flags: UInt16
  /// As it stands in the header.
  var window: UInt16
  /// Octets of data.
  var length: UInt32
  /// The shift of the option, where a SYN has it.
  var windowShift: UInt8?
  /// The number of the packet.
  var frame: Int
  /// Nanoseconds since 1970, or since anything.
  var time: Int64

  func has(_ flags: UInt16) -> Bool { self.flags & flags != 0 }
}

/// How a segment stands in its connection.
struct TCPStanding: Sendable {
  /// The remarks that tshark makes on a segment, in its order.
  struct Remarks: OptionSet, Sendable {
    var rawValue: UInt16
    static let retransmission = Remarks(rawValue: 1)
    static let fastRetransmission = Remarks(rawValue: 2)
    static let spuriousRetransmission = Remarks(rawValue: 4)
    static let outOfOrder = Remarks(rawValue: 8)
    static let reusedPorts = Remarks(rawValue: 16)
    static let lost = Remarks(rawValue: 32)
    static let acknowledgedLost = Remarks(rawValue: 64)
    static let windowUpdate = Remarks(rawValue: 128)
    static let windowFull = Remarks(rawValue: 256)
    static let keepAlive = Remarks(rawValue: 512)
    static let keepAliveAck = Remarks(rawValue: 1024)
    static let duplicateAck = Remarks(rawValue: 2048)
    static let zeroWindowProbe = Remarks(rawValue: 4096)
    static let zeroWindow = Remarks(rawValue: 8192)
    static let zeroWindowProbeAck = Remarks(rawValue: 16384)
  }
  /// Counted from the connection's beginning, unless `isAbsolute`.
  var sequence: UInt32
  var acknowledgment: UInt32
  /// What was taken from the acknowledgment, and from the edges of selective ones.
  var acknowledgmentBase: UInt32 = 0
  var isAbsolute: Bool
  /// The window in octets, scaled as the handshake agreed.
  var window: UInt32
  var remarks: Remarks = []
  /// Where the acknowledgment is a duplicate: of which packet's, and the how manieth.
  var duplicateOf = 0
  var duplicateCount = 0
}

/// One connection, as far as a capture shows it in one pass: the rules of tshark's analysis of sequence numbers, which
/// its users' guide tells in "TCP Analysis".
struct TCPFlow: Sendable {
  /// One direction.
  struct Side: Sendable {
    var base: UInt32?
    /// What comes next, one behind the highest octet seen.
    var next: UInt32?
    var nextTime: Int64 = 0
    /// How far the other end can acknowledge without telling of segments that are not in the capture.
    var mostToBeAcknowledged: UInt32?
    var acknowledgment: UInt32?
    var acknowledgmentTime: Int64 = 0
    var duplicates = 0
    var lastFreshFrame = 0
    var window: UInt16?
    /// The window of the last segment in octets.
    var windowByteCount: UInt32 = 0
    /// Whether a SYN told how its window is scaled, by a shift or by none.
    var tellsScale = false
    var shift: UInt8?
    var remarks: TCPStanding.Remarks = []
  }

  private var low = Side()
  private var high = Side()
  private let isAbsolute: Bool
  /// Whether numbers stay as they are on the wire whatever comes.
  private let isForced: Bool
  /// Whether both ends offered to scale windows; nil as long as no SYN-ACK told.
  private var scales: Bool?
  private var synTime: Int64?
  private var firstRoundTrip: Int64?

  init(isAbsolute: Bool, isForced: Bool = false) {
    self.isAbsolute = isAbsolute || isForced
    self.isForced = isForced
  }

  mutating func take(_ segment: TCPSegment, isForward: Bool) -> TCPStanding {
    var (near, far) = isForward ? (low, high) : (high, low)
    var standing = TCPStanding(sequence: 0, acknowledgment: 0, isAbsolute: isAbsolute, window: 0)
    let isSYN = segment.has(TCPSegment.syn)
    if isSYN, !isForced, let base = near.base, base != segment.sequence {
      // Another connection between the same ports; an answer only counts anew from here.
      if segment.has(TCPSegment.ack) {
        near.base = segment.sequence
      } else {
        self = TCPFlow(isAbsolute: false)
        (near, far) = (Side(), Side())
        standing.isAbsolute = false
      }
      standing.remarks.insert(.reusedPorts)
    }
    agree(on: segment, &near, &far)
    standing.sequence = segment.sequence &- (near.base ?? 0)
    standing.acknowledgmentBase = far.base ?? 0
    standing.acknowledgment = segment.acknowledgment &- standing.acknowledgmentBase
    let shift = !isSYN && scales != false ? near.shift ?? 0 : 0
    standing.window = UInt32(segment.window) << UInt32(min(shift, 14))
    if isFirstAcknowledgment(segment, standing), let synTime, firstRoundTrip == nil {
      firstRoundTrip = segment.time &- synTime
    }
    TCPAnalysis(segment: segment, roundTrip: firstRoundTrip).judge(&near, &far, &standing)
    near.windowByteCount = standing.window
    if isForward { (low, high) = (near, far) } else { (high, low) = (near, far) }
    return standing
  }

  /// Learns the first numbers and the window scales.
  private mutating func agree(on segment: TCPSegment, _ near: inout Side, _ far: inout Side) {
    let isSYN = segment.has(TCPSegment.syn)
    let isAck = segment.has(TCPSegment.ack)
    if isAbsolute {
      near.base = near.base ?? 0
      far.base = far.base ?? 0
    }
    if near.base == nil { near.base = isSYN ? segment.sequence : segment.sequence &- 1 }
    // The acknowledgment of a SYN need not be zero: the number is taken from the first that has ACK set.
    if far.base == nil, isAck { far.base = segment.acknowledgment &- 1 }
    guard isSYN else { return }
    near.tellsScale = true
    if let shift = segment.windowShift { near.shift = shift }
    // Where one end does not offer it neither may scale (RFC 7323 §2.2).
    if near.shift == nil {
      scales = false
      far.tellsScale = true
    }
    if isAck {
      scales = near.shift != nil && far.shift != nil
    } else {
      synTime = segment.time
    }
  }

  private func isFirstAcknowledgment(_ segment: TCPSegment, _ standing: TCPStanding) -> Bool {
    segment.flags & (TCPSegment.syn | TCPSegment.ack) == TCPSegment.ack && standing.sequence == 1
      && standing.acknowledgment == 1
  }
}
