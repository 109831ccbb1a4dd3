internal import SondeOctets

/// The control bits by name, as tshark lists them.
enum TCPFlagsText {
  private static let names = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"]

  /// - Parameter flags: the twelve bits before the window, the reserved ones highest.
  static func append(_ flags: UInt16, to text: inout TextOctets) {
    switch flags {
    case 0x010: return text += "ACK"
    case 0x018: return text += "PSH, ACK"
    case 0: return text += "<None>"
    default: break
    }
    var isFirst = true
    for bit in 0..<9 where flags & 1 << UInt16(bit) != 0 {
      if !isFirst { text += ", " }
      text += names[bit]
      isFirst = false
    }
    if flags & 0xe00 != 0 { text += isFirst ? "Reserved" : ", Reserved" }
  }
}

/// What tshark remarks on a segment.
enum TCPRemarks {
  private static let words: [(TCPStanding.Remarks, String)] = [
    (.zeroWindowProbeAck, "ZeroWindowProbeAck"), (.zeroWindow, "ZeroWindow"), (.zeroWindowProbe, "ZeroWindowProbe"),
    (.duplicateAck, "Dup ACK"), (.keepAliveAck, "Keep-Alive ACK"), (.keepAlive, "Keep-Alive"),
    (.windowFull, "Window Full"), (.windowUpdate, "Window Update"), (.acknowledgedLost, "ACKed unseen segment"),
    (.lost, "Previous segment not captured"), (.outOfOrder, "Out-Of-Order"),
    (.spuriousRetransmission, "Spurious Retransmission"), (.fastRetransmission, "Fast Retransmission"),
    (.retransmission, "Retransmission"),
    (.reusedPorts, "Port numbers reused"),
  ]

  static func append(_ standing: TCPStanding, to text: inout TextOctets) {
    for (remark, word) in words where standing.remarks.contains(remark) {
      text += "[TCP "
      text += word
      if remark == .duplicateAck {
        text += " "
        text.append(decimal: standing.duplicateOf)
        text += "#"
        text.append(decimal: standing.duplicateCount)
      }
      text += "] "
    }
  }
}

/// The options of a segment in tshark's short form.
enum TCPOptionText {
  /// The shift of the window scale option; nil where there is none.
  static func windowShift(_ options: RawSpan) -> UInt8? {
    var offset = 0
    while let (kind, length) = next(options, offset), kind != 0 {
      if kind == 3, length == 3 { return options[offset &+ 2] }
      offset &+= length
    }
    return nil
  }

  /// Kind and length of the option at `offset`; nil at the end, or where a length lies.
  private static func next(_ options: RawSpan, _ offset: Int) -> (kind: UInt8, length: Int)? {
    guard offset < options.byteCount else { return nil }
    let kind = options[offset]
    if kind <= 1 { return (kind, 1) }
    guard offset &+ 1 < options.byteCount else { return nil }
    let length = Int(options[offset &+ 1])
    guard length >= 2, offset &+ length <= options.byteCount else { return nil }
    return (kind, length)
  }

  /// - Parameter base: what relative numbers of the other direction leave out.
  static func append(_ options: RawSpan, base: UInt32, to text: inout TextOctets) {
    var offset = 0
    while let (kind, length) = next(options, offset), kind != 0 {
      append(kind, options.extracting(offset..<offset &+ length), base, to: &text)
      offset &+= length
    }
    if offset < options.byteCount, options[offset] != 0 { text += " [bad option at octet \(20 + offset)]" }
  }

  private static func append(_ kind: UInt8, _ option: RawSpan, _ base: UInt32, to text: inout TextOctets) {
    switch (kind, option.byteCount) {
    case (1, _): break
    case (2, 4):
      text += " MSS="
      text.append(decimal: option.bigEndian(at: 2, as: UInt16.self))
    case (3, 3):
      // A shift above 14 counts as 14 (RFC 7323 §2.3).
      text += " WS="
      text.append(decimal: 1 << Int(min(option[2], 14)))
    case (4, 2): text += " SACK_PERM"
    case (5, let count) where count > 2 && (count - 2) % 8 == 0:
      for edge in stride(from: 2, to: count, by: 8) {
        text += " SLE="
        text.append(decimal: option.bigEndian(at: edge, as: UInt32.self) &- base)
        text += " SRE="
        text.append(decimal: option.bigEndian(at: edge &+ 4, as: UInt32.self) &- base)
      }
    case (8, 10):
      text += " TSval="
      text.append(decimal: option.bigEndian(at: 2, as: UInt32.self))
      text += " TSecr="
      text.append(decimal: option.bigEndian(at: 6, as: UInt32.self))
    case (19, 18): text += " MD5"
    case (28, 4): text += " USER_TO=\(option.bigEndian(at: 2, as: UInt16.self))"
    case (29, 4...): text += " TCP-AO"
    case (30, _): text += " MPTCP"
    case (34, _): text += option.byteCount > 2 ? " TFO=C" : " TFO=R"
    default: text += " Option\(kind)"
    }
  }
}
