internal import SondeCraft
internal import SondeHeaders
internal import SondeOctets

extension PacketPrinter {
  /// The tree and the octets, as they were asked for, and an empty line that ends the packet.
  func appendDetails(_ bytes: RawSpan, _ facts: FrameFacts, to text: inout TextOctets) {
    let dissection = Registry.dissect(bytes.octets, as: facts.start)
    let layers = LayerWalk(judging: dissection, sumsAreUnfinished: facts.sumsAreUnfinished).layers
    if details.showsTree {
      let tree = FieldTree(isColored: details.isColored, standing: line.lastStanding)
      tree.append(facts, captured: bytes.byteCount, to: &text)
      tree.append(layers, bytes, to: &text)
      if let stop = dissection.stopped { tree.append(stop, to: &text) }
    }
    if details.showsOctets {
      HexNotes(width: details.width, isColored: details.isColored).append(layers, bytes, to: &text)
    }
    text.append(octet: 0x0a)
  }

  func appendRecipe(_ bytes: RawSpan, _ facts: FrameFacts, to text: inout TextOctets) {
    Registry.dissect(bytes.octets, as: facts.start).appendRecipe(to: &text)
    text.append(octet: 0x0a)
  }
}
