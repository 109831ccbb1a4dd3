public import SondeLink

/// When packets may leave, for a rate in packets and in bits a second: it holds the rate, and never bursts.
///
/// Two rules at once. The *schedule* gives the packet of number k its time, k over the rate after the first; what was
/// missed, because the thread overslept or the door was full, is owed and made good. The *brake* is a leaky bucket that
/// runs out at 1.4 times the rate and holds 0.58 of a millisecond's share and one packet, so that no millisecond,
/// wherever it begins, carries more than twice its share and one packet, also while a debt is paid. Above 50,000
/// packets a second the bucket holds at least a batch.
public struct Pacer: Sendable {
  /// The most that one allowance grants.
  public static let batch = 64

  /// Packets a second; 0 for no limit.
  public private(set) var rate: Double
  /// Bits a second; 0 for no limit.
  public let bandwidth: Double
  private var packets: PaceMeter?
  private var bits: PaceMeter?
  /// Bits of a packet, the mean of those sent last.
  private var size: Double

  /// - Parameters:
  ///   - rate: packets a second; 0 for as fast as the door takes them.
  ///   - bandwidth: bits a second of the wire, as `onWire` counts its octets; 0 for no limit.
  ///   - expected: octets of a packet from its IP header on, until some were sent.
  public init(rate: Double, bandwidth: Double = 0, expected: Int = 40) {
    precondition(rate >= 0 && bandwidth >= 0, "a rate is not negative")
    self.rate = rate
    self.bandwidth = bandwidth
    size = Double(8 * Self.onWire(max(0, expected)))
    if rate > 0 { packets = PaceMeter(rate: rate, unit: 1) }
    if bandwidth > 0 { bits = PaceMeter(rate: bandwidth, unit: size) }
  }

  /// The time that a packet takes of an Ethernet link, in octets: its own, from the network header on, header, padding
  /// and check sequence (IEEE 802.3 §3.1), preamble and gap (§4.4.2).
  @inline(__always)
  public static func onWire(_ octets: Int) -> Int { max(octets + 14, 60) + 4 + 8 + 12 }

  /// How many packets may leave now, at most a batch, and when to ask again if they do; who sends fewer may ask at
  /// once.
  ///
  /// - Parameter at: read before they are offered to the door.
  public mutating func allowance(at now: Instant) -> (count: Int, next: Instant) {
    var granted = Double(Self.batch)
    granted = min(granted, packets?.allowance(at: now) ?? granted)
    granted = min(granted, bits?.allowance(at: now) ?? granted)
    let count = Int(granted)
    guard count < Self.batch else { return (count, now) }
    var wait: Double = 0
    wait = max(wait, packets?.wait(after: granted, at: now) ?? 0)
    wait = max(wait, bits?.wait(after: granted, at: now) ?? 0)
    return (count, now + .nanoseconds(Int64(wait.rounded(.up))))
  }

  /// Tells of packets that the door took.
  ///
  /// - Parameters:
  ///   - octets: of the wire, of all of them together (see `onWire`).
  ///   - at: read after the door took them; a time from before it weakens the brake by as long as the door took.
  public mutating func sent(_ count: Int, octets: Int, at now: Instant) {
    guard count > 0 else { return }
    packets?.spend(Double(count), at: now)
    guard bits != nil else { return }
    let total = Double(8 * octets)
    size += (total / Double(count) - size) / 8
    bits?.spend(total, at: now)
    bits?.unit = max(1, size)
  }

  /// Tells that there was nothing to send until now: the time is not made good.
  public mutating func rested(at now: Instant) {
    packets?.forgive(at: now)
    bits?.forgive(at: now)
  }

  /// Goes on at another rate; a debt is kept by a higher one and forgiven by a lower one.
  public mutating func change(rate new: Double, at now: Instant) {
    precondition(new >= 0, "a rate is not negative")
    guard new != rate else { return }
    if new == 0 {
      packets = nil
    } else if packets == nil {
      packets = PaceMeter(rate: new, unit: 1)
    } else {
      packets?.change(rate: new, at: now)
    }
    rate = new
  }
}
