internal import SondeOctets

// What Ethernet and the VLAN tag share: two octets that name a protocol or count the data (IEEE 802.3 §3.2.6).

/// The least number that names a protocol; those below count the data.
let leastEtherType: UInt16 = 1536

extension Following {
  /// What follows the two octets: the protocol that they name, or as many octets of data as they count.
  init(etherTypeOrLength number: UInt16) {
    if number < leastEtherType {
      self.init(.payload, byteCount: Int(number))
    } else {
      self.init(.etherType(number))
    }
  }
}

/// The two octets where they are computed: the count of the data, or the next layer's EtherType.
func computedEtherType(
  isLength: Bool, _ layer: Name, _ around: Surroundings, orElse usual: UInt16
) throws(CraftError) -> UInt16 {
  guard isLength else { return around.next.etherType ?? usual }
  let count = around.innerByteCount
  guard let length = UInt16(exactly: count), length < leastEtherType else {
    throw CraftError(layer: layer, field: "etherType", reason: "counts at most 1535 octets, the frame has \(count)")
  }
  return length
}
