internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

extension Dissection {
  /// Why the packet must not be believed: a checksum that is wrong, where none had still to be computed.
  func damage(of frame: Frame) -> String? {
    if frame.isRebuilt { return nil }
    for check in sums() {
      switch check.verdict {
      case .valid, .absent, .unverifiable, .offload: break
      case .wrong where frame.checksumNotReady && isCompletedByDevices(check): break
      case .wrong:
        return "\(check.layer) checksum is \(Hex.word(check.found)), not \(Hex.word(check.expected ?? 0))"
      case .illegal: return "\(check.layer) checksum is 0, which IPv6 forbids"
      }
    }
    return nil
  }

  /// Whether a device may complete the sum; that of a header alone the kernel always finishes
  /// (checksum-offloads.rst).
  private func isCompletedByDevices(_ check: SumCheck) -> Bool {
    layers.contains { $0.offset == check.layerOffset && type(of: $0.header).sumRule?.coverage != .header }
  }
}
