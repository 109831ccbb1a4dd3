internal import SondeHeaders
internal import SondeLink
internal import SondeProbe

/// The fields of a packet that left otherwise than it was asked to, as `layer.field` in Scapy's names; nil where it is
/// not known how it left.
func kernelChanges(in sent: Sent, _ departure: Departure) -> [String]? {
  // A departure tells of one frame; which fragment it was, it does not say.
  guard sent.fragments.isEmpty, !sent.asked.layers.isEmpty else { return nil }
  let asked = Outgoing(probe: sent.probe, bytes: sent.asked.bytes, linkType: sent.linkType)
  guard let changes = departure.changes(from: asked) else { return nil }
  var names: [String] = []
  for layer in sent.asked.layers {
    let start = layer.offset * 8
    for field in layer.header.fields {
      let bits = start + field.bits.lowerBound..<start + field.bits.upperBound
      if changes.contains(where: { $0.overlaps(bits) }) { names.append("\(layer.header.scapyName).\(field.alias)") }
    }
  }
  let end = sent.asked.bytes.count * 8
  if changes.contains(where: { $0.upperBound > end }) { names.append("length") }
  return names
}

extension Header {
  /// Scapy's name of the layer in lower case, or its own where Scapy has none.
  var scapyName: String { recipeName(isQuoted: false)?.lowercased() ?? Self.name.rawValue }
}
