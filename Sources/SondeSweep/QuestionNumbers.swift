internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe

/// The numbers of one question, all from its hash.
struct QuestionNumbers {
  var proof: UInt64

  /// Where among the source ports the first attempt is sent from.
  @inline(__always)
  var portBits: UInt16 { UInt16(truncatingIfNeeded: proof &>> 16) }

  /// Never 0, for which a raw socket puts a number of its own (raw(7)).
  @inline(__always)
  var identification: UInt16 {
    let bits = UInt16(truncatingIfNeeded: proof)
    return bits == 0 ? 1 : bits
  }

  /// TCP's sequence number; of a query the identifier and the first attempt's sequence number.
  @inline(__always)
  var sequence: UInt32 { UInt32(truncatingIfNeeded: proof &>> 32) }

  /// TCP's acknowledgment number, where the segment acknowledges: another one than the sequence number, so that an answer
  /// that has the two exchanged is told from a right one.
  @inline(__always)
  var acknowledgment: UInt32 { ~sequence }

  /// What stands where a timestamp request has its time: a number that is none, which its high bit says
  /// (RFC 792, page 17).
  @inline(__always)
  var originate: UInt32 { UInt32(truncatingIfNeeded: proof) | 0x8000_0000 }

  /// What tells an echo from that of every other run.
  @inline(__always)
  var cookie: Cookie { Cookie(nonce: sequence, probe: proof & 0xffff_ffff) }
}

/// How an echo's data are made where none are written: the question's cookie, the time, and the time's complement, so
/// that a checksum does not depend on the time.
enum EchoData {
  static let byteCount = Cookie.byteCount + 16

  /// The sixteen octets behind the cookie.
  @inline(__always)
  static func number(_ time: Instant) -> UInt128 {
    let time = UInt64(bitPattern: time.nanoseconds)
    return UInt128(time) << 64 | UInt128(~time)
  }

  /// The time in the sixteen octets behind the cookie; nil where they are no time and its complement.
  @inline(__always)
  static func time(in data: RawSpan) -> Instant? {
    let time: UInt64 = data.bigEndian(at: Cookie.byteCount)
    guard data.bigEndian(at: Cookie.byteCount + 8) == ~time else { return nil }
    return Instant(nanoseconds: Int64(bitPattern: time))
  }
}
