public import SondeOctets

/// The start of a packet, as an ICMP error quotes it (RFC 792; RFC 1812 §4.3.2.3; RFC 4443 §2.4).
///
/// Lengths and sums inside are those of the whole packet: it is encoded whole and then cut.
public struct Quote: Header {
  /// The packet that is quoted.
  public var packet: AnyPacket
  /// How many octets of it are quoted, its IP header included; nil for all.
  public var cut: Int?

  /// How many octets there are at least: zeros fill up a shorter packet, as before extensions (RFC 4884 §3).
  public var fill: Int

  public init(_ packet: AnyPacket, cut: Int? = nil, fill: Int = 0) {
    self.packet = packet
    self.cut = cut
    self.fill = fill
  }

  public static var name: Name { "quote" }
  public var fields: [FieldSpec] { .consecutive([.init("packet", byteCount * 8)]) }
  public var byteCount: Int { max(quotedByteCount, fill) }
  private var quotedByteCount: Int { min(max(cut ?? .max, 0), packet.byteCount) }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    let whole = try packet.encoded()
    output.append(octets: Array(whole.bytes.prefix(quotedByteCount)))
    for _ in quotedByteCount..<byteCount { output.append(0) }
  }

  public init(from reader: inout Reader) throws(ParseError) {
    // A quote is evidence: its bytes are kept as they are, damage and all.
    self.init(Registry.dissect(reader.readRest(), as: .quote).packet)
  }
}
