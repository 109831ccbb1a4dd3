internal import SondeHeaders

/// A segment that came, its options looked up.
struct Arrival {
  let header: TCP
  var payload: [UInt8]
  private(set) var mss: UInt16?
  private(set) var windowScale: UInt8?
  private(set) var isSACKPermitted = false
  private(set) var timestamps: (value: UInt32, echo: UInt32)?
  private(set) var selected: [TCPOption.SACKBlock] = []

  init(_ header: TCP, _ payload: [UInt8]) {
    self.header = header
    self.payload = payload
    for option in header.options {
      switch option {
      case .mss(let size): mss = size
      // RFC 7323 §2.3: more than 14 is taken as 14.
      case .windowScale(let shift): windowScale = min(shift, 14)
      case .sackPermitted: isSACKPermitted = true
      case .sack(let blocks): selected = blocks
      case .timestamps(let value, let reply): timestamps = (value, reply)
      case .endOfList, .noOperation, .option, .octets: break
      }
    }
  }

  var flags: TCP.Flags { header.flags }
  /// SEG.LEN: octets of data, and one each for SYN and FIN.
  var length: Int64 {
    Int64(payload.count) + (flags.contains(.syn) ? 1 : 0) + (flags.contains(.fin) ? 1 : 0)
  }
}
