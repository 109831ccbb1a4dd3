public import SondeHeaders
internal import SondeLink
internal import SondeOctets

/// What the probes of a trace hold above IP: all of one flow look the same to whoever shares flows out over several
/// ways, and yet the shortest quote tells which of them it quotes.
///
/// Routers hash addresses, ports, the flow label, of ICMP also identifier and checksum (Augustin et al., "Avoiding
/// traceroute anomalies with Paris traceroute", IMC 2006). So these stay. What varies stands in the eight octets that
/// every router quotes (RFC 792) and is not hashed: ICMP's sequence number, with two octets of data that keep the
/// checksum; UDP's length and the checksum of its data, so that one tells where the other was rewritten; TCP's
/// sequence number.
public struct TraceMessage: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// An ICMP echo request, of IP version 4 or 6.
    case icmp(version: Int)
    case udp(port: UInt16)
    case tcp(port: UInt16)
  }

  /// How many lengths of UDP datagrams there are: more than probes wait for answers at a time.
  public static let datagramLengths = 128
  /// The octets of data that the shortest datagram has.
  private static let leastData = 16

  public var kind: Kind
  /// Random numbers come from it, the same each time.
  public var secret: UInt64

  public init(_ kind: Kind, secret: UInt64) {
    self.kind = kind
    self.secret = secret
  }

  /// The headers of a probe.
  ///
  /// - Parameters:
  ///   - number: the probe's own.
  ///   - flow: ICMP's identifier, or the source port.
  public func headers(_ number: UInt64, flow: UInt16) -> [any Header] {
    switch kind {
    case .tcp(let port):
      var draw = SeededGenerator(seed: secret ^ number &+ 1)
      return [
        TCP(
          from: flow, to: port, flags: .syn, sequenceNumber: UInt32(truncatingIfNeeded: draw.next()),
          window: 64_240, options: [.mss(1460)])
      ]
    case .udp(let port):
      // An odd factor makes another word of each of 65536 numbers.
      let word = UInt16(truncatingIfNeeded: secret &+ number &* 0x9e37)
      let rest = [UInt8](repeating: 0, count: Self.leastData - 2 + Int(number % UInt64(Self.datagramLengths)))
      return [UDP(from: flow, to: port), Payload(octets: octets(word) + rest)]
    case .icmp(let version):
      let sequenceNumber = UInt16(truncatingIfNeeded: number &+ 1)
      let cookie = Cookie(nonce: UInt32(truncatingIfNeeded: secret), probe: number).octets
      var sum = InternetChecksum()
      sum.add(cookie.rawSpan)
      sum.add(sequenceNumber)
      // Sequence number, cookie and this word add up to the same in each probe.
      let data = Payload(octets: cookie + octets(sum.checksum))
      if version == 4 { return [ICMPv4.echoRequest(identifier: flow, sequenceNumber: sequenceNumber), data] }
      return [ICMPv6.echoRequest(identifier: flow, sequenceNumber: sequenceNumber), data]
    }
  }

  /// An IPv4 identification that few probes share, and never zero, which the kernel would fill in.
  public func identification(_ number: UInt64) -> UInt16 {
    max(1, UInt16(truncatingIfNeeded: secret >> 16 &+ number))
  }

  private func octets(_ word: UInt16) -> [UInt8] { [UInt8(word >> 8), UInt8(truncatingIfNeeded: word)] }
}
