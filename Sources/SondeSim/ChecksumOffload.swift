internal import SondeHeaders
internal import SondeOctets

/// How transport checksums that a device was to compute come in.
///
/// Over veth and loopback no device ever does: the SYN-ACKs and UDP answers of a kernel hold only the folded
/// sum of the pseudo-header, while its resets and ICMP errors are finished.
public enum ChecksumOffload: Hashable, Sendable {
  /// All sums are finished.
  case none
  /// They are not, and the frame says so (TP_STATUS_CSUMNOTREADY).
  case flagged
  /// They are not, and nothing says so.
  case unflagged
}

/// The packet with its transport sum left to a device; nil for packets whose sums a kernel finishes itself,
/// and for those whose sum is wrong, which somebody made so.
func unfinishedSum(of bytes: [UInt8]) -> [UInt8]? {
  let packet = Registry.dissect(bytes)
  guard !packet.sums().contains(where: { $0.verdict != .valid }) else { return nil }
  if let layer = packet.layer(of: TCP.self), let segment = layer.header as? TCP, segment.flags.contains([.syn, .ack]) {
    let partial = layer.place.pseudoHeaderSum(protocol: 6)
    return try? packet.packet.changing(TCP.self) { $0.checksum = .set(partial) }.encoded().bytes
  }
  if let layer = packet.layer(of: UDP.self) {
    let partial = layer.place.pseudoHeaderSum(protocol: 17)
    return try? packet.packet.changing(UDP.self) { $0.checksum = .set(partial) }.encoded().bytes
  }
  return nil
}

extension Outline.Layer {
  fileprivate func pseudoHeaderSum(protocol number: UInt8) -> UInt16 {
    var sum = InternetChecksum()
    guard let pseudoHeader else { return 0 }
    PseudoHeader(source: pseudoHeader.source, destination: pseudoHeader.destination)
      .add(to: &sum, protocol: number, length: end - offset)
    return sum.sum
  }
}
