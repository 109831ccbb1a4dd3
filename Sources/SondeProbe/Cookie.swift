internal import SondeOctets

/// Sixteen octets at the start of a payload that tell our echo from every other: a magic number, a
/// number drawn for this run, the probe's number, and a check over them.
///
/// Identifier and sequence number are 16 bits each and chosen by everybody; two programs on one
/// machine meet there. A payload that differs from ours is still an answer (hosts and middleboxes alter payloads),
/// unless it carries another cookie whole: then it is another run's answer, or that of a probe long forgotten.
public struct Cookie: Hashable, Sendable {
  /// Drawn at random for the run.
  public var nonce: UInt32
  /// The probe's number, so that payloads of one run differ too.
  public var probe: UInt32

  public init(nonce: UInt32, probe: UInt64) {
    self.nonce = nonce
    self.probe = UInt32(truncatingIfNeeded: probe)
  }

  /// How many octets a cookie takes.
  public static let byteCount = 16
  private static let magic: UInt32 = 0x736f_6e64  // "sond"

  /// The cookie's octets as a number, the first octet highest.
  public var number: UInt128 {
    UInt128(UInt64(Self.magic) << 32 | UInt64(nonce)) << 64 | UInt128(UInt64(probe) << 32 | UInt64(check))
  }

  /// The cookie's octets.
  public var octets: [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: number >> (120 - 8 * UInt128($0))) } }

  /// The cookie at the start of a payload; nil unless magic number and check are right.
  public init?(startOf payload: [UInt8]) {
    guard payload.count >= Self.byteCount else { return nil }
    self.init(payload.rawSpan.bigEndian(at: 0))
  }

  /// The cookie whose octets make a number; nil unless magic number and check are right.
  public init?(_ number: UInt128) {
    guard UInt32(truncatingIfNeeded: number >> 96) == Self.magic else { return nil }
    nonce = UInt32(truncatingIfNeeded: number >> 64)
    probe = UInt32(truncatingIfNeeded: number >> 32)
    guard UInt32(truncatingIfNeeded: number) == check else { return nil }
  }

  // A mix of the two numbers (the finaliser of MurmurHash3): not secret, but altered payloads do not
  // pass for cookies by chance.
  private var check: UInt32 {
    var hash = nonce ^ (probe &* 0x9e37_79b9) ^ Self.magic
    hash = (hash ^ hash >> 16) &* 0x85eb_ca6b
    hash = (hash ^ hash >> 13) &* 0xc2b2_ae35
    return hash ^ hash >> 16
  }
}
