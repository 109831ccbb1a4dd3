public import SondeHeaders
internal import SondeLink
internal import SondeProbe

/// A packet that was sent, and what is known of how it, or each of its fragments, left.
struct Departing: Sendable {
  let sent: Sent
  /// The fields that left otherwise than asked; nil where one frame cannot be compared.
  private(set) var changed: [String]? = []
  /// How many of its frames have been told of.
  private var told: Set<Int> = []

  init(_ sent: Sent) { self.sent = sent }

  /// Whether all its frames have been told of.
  var isWhole: Bool { told.count == max(sent.fragments.count, 1) }

  /// The fragments that nothing was told of.
  var missing: [[UInt8]] { sent.fragments.indices.filter { !told.contains($0) }.map { sent.fragments[$0] } }

  /// Takes word of a frame.
  mutating func add(_ departure: Departure) {
    let asked: Dissection
    if sent.fragments.isEmpty {
      told.insert(0)
      asked = sent.asked
    } else if let place = place(of: departure) {
      told.insert(place)
      asked = Registry.dissect(sent.fragments[place], as: sent.start)
    } else {
      return
    }
    guard let names = kernelChanges(in: asked, sent.linkType, departure), let before = changed else {
      return changed = nil
    }
    changed = before + names.filter { !before.contains($0) }
  }

  /// Which fragment it was: the one that lies where the frame's does.
  private func place(of departure: Departure) -> Int? {
    guard let bytes = departure.bytes else { return nil }
    let offset = Registry.dissect(bytes, as: sent.start).fragmentOffset
    return sent.fragments.indices.first {
      Registry.dissect(sent.fragments[$0], as: sent.start).fragmentOffset == offset && !told.contains($0)
    }
  }
}

extension Sent {
  /// How its octets are read.
  fileprivate var start: Registry.Start { linkType == .raw ? .ip : .link(linkType.rawValue) }
}

extension Dissection {
  /// Where in its datagram a fragment lies, in units of eight octets.
  fileprivate var fragmentOffset: UInt16? {
    first(IPv4.self)?.fragmentOffset ?? first(IPv6Fragment.self)?.fragmentOffset
  }
}

/// The fields of a packet that left otherwise than it was asked to, as `layer.field` in Scapy's names; nil where it is
/// not known how it left.
private func kernelChanges(in asked: Dissection, _ linkType: LinkType, _ departure: Departure) -> [String]? {
  guard !asked.layers.isEmpty else { return nil }
  return departure.changes(from: Outgoing(probe: departure.probe, bytes: asked.bytes, linkType: linkType))
    .map { fieldNames(of: $0, in: asked) }
}

/// The fields of a packet that runs of bits lie in, as `layer.field` in Scapy's names, and `length` for what is behind
/// its end.
public func fieldNames(of bits: [Range<Int>], in packet: Dissection) -> [String] {
  var names: [String] = []
  for layer in packet.layers {
    let start = layer.offset * 8
    for field in layer.header.fields {
      let place = start + field.bits.lowerBound..<start + field.bits.upperBound
      if bits.contains(where: { $0.overlaps(place) }) { names.append("\(layer.header.scapyName).\(field.alias)") }
    }
  }
  let end = packet.bytes.count * 8
  if bits.contains(where: { $0.upperBound > end }) { names.append("length") }
  return names
}

extension Header {
  /// Scapy's name of the layer in lower case, or its own where Scapy has none.
  var scapyName: String { recipeName(isQuoted: false)?.lowercased() ?? Self.name.rawValue }
}
