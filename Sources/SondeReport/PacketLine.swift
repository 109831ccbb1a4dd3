internal import SondeCapture
public import SondeHeaders
public import SondeOctets

/// One line a packet, in the columns and the words of tshark: number, time, source, destination, protocol, length and
/// what the packet says.
///
/// It remembers TCP connections and echo requests, in bounded room, so that the packets of a capture must come in their
/// order. What tshark knows only from a second pass (`reply in 2`) is not told.
public struct PacketLine: Sendable {
  var flows = FlowTable()
  var echoes = EchoTable()
  /// How the last packet stands in its connection; nil where it is no TCP segment.
  var lastStanding: TCPStanding?
  private var firstTime: Int64?
  let showsServices: Bool

  /// - Parameters:
  ///   - isAbsolute: Whether TCP's numbers are those on the wire, rather than counted from each connection's first.
  ///   - showsServices: Whether what a segment or datagram of a known service says stands in place of its numbers.
  public init(isAbsolute: Bool = false, showsServices: Bool = true) {
    flows = FlowTable(isAbsolute: isAbsolute)
    self.showsServices = showsServices
  }

  /// Appends the packet's line without a line feed.
  public mutating func append(_ bytes: RawSpan, _ outline: Outline, _ facts: FrameFacts, to text: inout TextOctets) {
    let number = text.count
    text.append(decimal: facts.number)
    Self.alignRight(from: number, 5, &text)
    text.append(octet: 0x20)
    appendTime(facts, to: &text)
    text.append(octet: 0x20)
    append(bytes, outline, facts, isPadded: true, to: &text)
  }

  /// Appends the line from the source on, in single spaces.
  public mutating func appendSummary(
    _ bytes: RawSpan, _ outline: Outline, _ facts: FrameFacts, to text: inout TextOctets
  ) {
    append(bytes, outline, facts, isPadded: false, to: &text)
  }

  private mutating func append(
    _ bytes: RawSpan, _ outline: Outline, _ facts: FrameFacts, isPadded: Bool, to text: inout TextOctets
  ) {
    lastStanding = nil
    let length = max(facts.record.originalLength, 0)
    let sketch = PacketSketch(outline, bytes, length: max(length, bytes.byteCount))
    let source = text.count
    Self.append(sketch.source, to: &text)
    if isPadded { Self.alignRight(from: source, 12, &text) }
    if isPadded || sketch.source.isThere && sketch.destination.isThere { text += " → " }
    let destination = text.count
    Self.append(sketch.destination, to: &text)
    if isPadded { text.append(spaces: 12 - (text.count - destination)) }
    if isPadded || sketch.source.isThere || sketch.destination.isThere { text.append(octet: 0x20) }
    appendProtocol(sketch, bytes, outline, to: &text)
    text.append(octet: 0x20)
    text.append(decimal: length)
    text.append(octet: 0x20)
    appendInfo(sketch, bytes, outline, facts, to: &text)
    if let stop = outline.stopped { Self.append(stop, isLimited: length > bytes.byteCount, to: &text) }
  }

  // MARK: Columns

  private static func alignRight(from start: Int, _ width: Int, _ text: inout TextOctets) {
    let missing = width - (text.count - start)
    if missing > 0 { text.indent(from: start, by: missing) }
  }

  private mutating func appendTime(_ facts: FrameFacts, to text: inout TextOctets) {
    guard let time = facts.record.timestamp else { return text.append(spaces: 10) }
    let start = text.count
    if firstTime == nil { firstTime = time }
    let first = firstTime ?? time
    // The difference of two times of 64 bits needs 65.
    let magnitude = UInt64(bitPattern: time >= first ? time &- first : first &- time)
    if time < first { text.append(octet: 0x2d) }
    text.append(decimal: magnitude / 1_000_000_000)
    text.append(octet: 0x2e)
    let rest = magnitude % 1_000_000_000
    if facts.isInNanoseconds {
      text.append(decimal: rest, digits: 9)
    } else {
      text.append(decimal: rest / 1000, digits: 6)
    }
    Self.alignRight(from: start, 10, &text)
  }

  private static func append(_ address: PacketSketch.Address, to text: inout TextOctets) {
    switch address {
    case .none: break
    case .mac(let address): text.append(mac: address)
    case .v4(let address): text.append(ipv4: address)
    case .v6(let address): text.append(ipv6: address)
    }
  }

  /// Where and why reading stopped, and whether that is the capture's doing.
  private static func append(_ stop: Outline.Stop, isLimited: Bool, to text: inout TextOctets) {
    if text.octets.last != 0x20 { text.append(octet: 0x20) }
    text += "[stopped in \(stop.layer): \(stop.error)]"
    if isLimited { text += " [Packet size limited during capture]" }
  }

  private func appendProtocol(
    _ sketch: PacketSketch, _ bytes: RawSpan, _ outline: Outline, to text: inout TextOctets
  ) {
    if let stop = outline.stopped, !sketch.isMessage {
      return text += stop.layer.rawValue.hasPrefix("ipv6") ? "IPv6" : Self.name(stop.layer)
    }
    switch sketch.subject {
    case .tcp, .udp:
      if showsServices, EchoPort.isSpoken(sketch, bytes, outline.layers[sketch.layer]) {
        text += "ECHO"
      } else {
        text += isTCP(sketch) ? "TCP" : "UDP"
      }
    case .icmpv4: text += "ICMP"
    case .icmpv6: text += "ICMPv6"
    case .ipv4: text += "IPv4"
    case .ipv6: text += "IPv6"
    case .arp: text += ARPLine.name(bytes, outline.layers[sketch.layer].offset)
    case .igmp: text += IGMPLine.name(bytes, outline.layers[sketch.layer])
    case .ethernet: EthernetLine.appendProtocol(sketch, to: &text)
    case .ports, .other: text += Self.name(outline.layers[sketch.layer].type.name)
    case .nothing: text += "Data"
    }
  }

  /// A layer's name as it is written where people read it.
  static func name(_ layer: Name) -> String {
    switch layer {
    case IPv4.name: "IPv4"
    case IPv6.name: "IPv6"
    case ICMPv6.name: "ICMPv6"
    case Ethernet.name: "Ethernet"
    case VLANTag.name: "VLAN tag"
    case IPv6HopByHop.name: "IPv6 hop-by-hop options"
    case IPv6Destination.name: "IPv6 destination options"
    case IPv6Routing.name: "IPv6 routing header"
    case IPv6Fragment.name: "IPv6 fragment header"
    case LinuxCooked.name: "Linux cooked capture"
    case LinuxCookedV2.name: "Linux cooked capture, version 2"
    case Loopback.name: "Loopback"
    case NeighborDiscoveryOption.name: "Neighbor discovery option"
    case ExtensionStructure.name: "ICMP extensions"
    case ExtensionObject.name: "ICMP extension object"
    case RouterAddress.name: "Router address"
    default: layer.rawValue.uppercased()
    }
  }

  private func isTCP(_ sketch: PacketSketch) -> Bool {
    if case .tcp = sketch.subject { true } else { false }
  }

  // MARK: What the packet says

  private mutating func appendInfo(
    _ sketch: PacketSketch, _ bytes: RawSpan, _ outline: Outline, _ facts: FrameFacts, to text: inout TextOctets
  ) {
    if let stop = outline.stopped, !sketch.isMessage {
      // The ports, and the type of a message, come first, and may be there when the rest is not.
      if stop.layer == TCP.name || stop.layer == UDP.name, stop.offset + 4 <= bytes.byteCount {
        PortsText.append(bytes, stop.offset, to: &text)
      } else if stop.layer == ICMPv4.name, stop.offset < bytes.byteCount {
        text += ICMPWords.v4(bytes[stop.offset])
      } else if stop.layer == ICMPv6.name, stop.offset < bytes.byteCount {
        text += ICMPWords.v6(bytes[stop.offset])
      }
      return
    }
    guard outline.layers.indices.contains(sketch.layer) else { return text += "no octets" }
    let layer = outline.layers[sketch.layer]
    switch sketch.subject {
    case .tcp: appendTCP(sketch, layer, bytes, facts, to: &text)
    case .udp: UDPLine.append(sketch, layer, bytes, to: &text)
    case .icmpv4: appendICMPv4(sketch, layer, bytes, facts, to: &text)
    case .icmpv6: appendICMPv6(sketch, layer, bytes, facts, to: &text)
    case .arp: ARPLine.append(bytes, layer, to: &text)
    case .ipv4, .ipv6: IPLine.append(sketch, outline, bytes, to: &text)
    case .igmp: IGMPLine.append(layer, bytes, to: &text)
    case .ports: PortsText.append(layer, bytes, to: &text)
    case .ethernet: EthernetLine.append(sketch, layer, to: &text)
    case .other, .nothing:
      text.append(decimal: max(0, layer.end - layer.offset))
      text += " octets"
    }
  }
}
