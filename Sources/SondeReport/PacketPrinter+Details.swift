internal import SondeCraft
internal import SondeHeaders
internal import SondeOctets

extension PacketPrinter {
  func appendDetails(_ bytes: RawSpan, _ facts: FrameFacts, to text: inout TextOctets) {}
  func appendRecipe(_ bytes: RawSpan, _ facts: FrameFacts, to text: inout TextOctets) {
    text += Registry.dissect(bytes.octets, as: facts.start).recipe
    text.append(octet: 0x0a)
  }
  func appendJSON(_ bytes: RawSpan, _ facts: FrameFacts, to text: inout TextOctets) {}
}
