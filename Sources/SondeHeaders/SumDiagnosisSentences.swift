internal import SondeOctets

extension SumMistake {
  /// The mistake as one plain sentence with its RFC section; no capital, no full stop. What it says of how the
  /// sum was made fits the value exactly; that it was made so is not known.
  ///
  /// - Parameter segment: what the sum was to cover.
  public func sentence(in segment: SummedSegment) -> String {
    switch self {
    case .zeroForOnes:
      "0 was sent instead of 0xffff: the sum comes to zero, which is sent as all ones, because zero means that "
        + "none was computed (RFC 768)"
    case .neverComputed: neverComputed(segment)
    case .fieldNotZeroed(let held): notZeroed(held)
    case .bytesSwapped:
      "the right sum with its octets swapped: stored in the wrong byte order (RFC 1071 §2(B))"
    case .complementForgotten: "the sum itself: its complement was forgotten (RFC 1071 §1)"
    case .pseudoHeaderForgotten: "summed without the pseudo-header (\(segment.pseudoHeaderSection))"
    case .pseudoHeaderWithout(let part):
      "summed with \(part.missing) missing in the pseudo-header, or zero (\(segment.pseudoHeaderSection))"
    case .pseudoHeaderAdded:
      "summed with a pseudo-header, which this protocol has not over IPv4 (\(segment.section))"
    case .carryDropped(let carry): "\(carry.sentence) (RFC 1071 §1)"
    case .oddOctetPaddedInFront:
      "the last, odd octet was padded on the wrong side: it is the high half of its word (RFC 1071 §1)"
    case .oddOctetLeftOut: "the last, odd octet was left out of the sum (RFC 1071 §1)"
    case .oddOctetReadOn:
      "the last, odd octet was summed together with the octet behind it instead of a zero (RFC 1071 §1)"
    case .otherLength(.wholePacket):
      "the pseudo-header's length was that of the whole packet, IP header included "
        + "(\(segment.pseudoHeaderSection))"
    case .otherLength(.dataAlone):
      "the pseudo-header's length was that of the data without its header (\(segment.pseudoHeaderSection))"
    case .otherProtocol(let number):
      "the pseudo-header named protocol \(number), the first next header, and not the segment's own (RFC 8200 §8.1)"
    case .numberSwapped(let part):
      "\(part.missing) stood in the pseudo-header in the wrong byte order (\(segment.pseudoHeaderSection))"
    case .shownDestination(let address):
      "the pseudo-header held \(address), where the packet was going next, and not its final destination "
        + (address.version == 4 ? "(RFC 1122 §3.2.1.8)" : "(RFC 8200 §8.1)")
    case .restForgotten: restForgotten(segment)
    case .readOn(let count): readOn(count, segment)
    case .addressChanged:
      "the IP header's and the \(segment.transportName) sum are off by the same difference, which fits an address "
        + "that changed after both were summed (RFC 1624 §3)"
    case .timeToLiveChanged(let before): timeToLive(before, segment)
    case .typeChanged(let request):
      "the sum of the request with type \(request) that this reply was made of: not updated (RFC 1624 §3)"
    case .offloaded(.withoutLength):
      "the pseudo-header's sum alone, without a length: left to a device that cuts segments itself"
    case .offloaded(.complemented):
      "the complemented sum of the pseudo-header alone: the segment was left out (\(segment.section))"
    case .otherCheck: "another check than the protocol's was computed (\(segment.section))"
    }
  }

  private func neverComputed(_ segment: SummedSegment) -> String {
    if segment.zeroMeansNone {
      return "no sum was computed, which over IPv6 only tunnels may do that say so (RFC 8200 §8.1, RFC 6936)"
    }
    return "the field holds zero: never computed, or left to a device (\(segment.section))"
  }

  private func notZeroed(_ held: Holding) -> String {
    let what =
      switch held {
      case .rightSum: "it held the right sum"
      case .pseudoHeaderSum: "it held the pseudo-header's sum, which counts twice"
      case .sumBeforeHop: "it held the sum that was right one hop before"
      case .sumOfRequest: "it held the sum of the request that this reply was made of"
      }
    return "the field was not zeroed before summing: \(what) (RFC 1071 §1)"
  }

  private func restForgotten(_ segment: SummedSegment) -> String {
    segment.layer == "ip"
      ? "summed without the options, which the header sum covers (RFC 791 §3.1)"
      : "only the header was summed, without its data (\(segment.section))"
  }

  private func readOn(_ count: Int, _ segment: SummedSegment) -> String {
    segment.layer == "ip"
      ? "the sum runs on over the \(count) octets of payload; it covers the header only (RFC 791 §3.1)"
      : "the sum runs on over the \(count) octets of padding behind the packet (\(segment.section))"
  }

  private func timeToLive(_ before: UInt8, _ segment: SummedSegment) -> String {
    let now = segment.octets.count > 8 ? segment.octets[8] : 0
    guard before > now else {
      return "the sum of the header with a time to live of \(before): it changed after summing (RFC 1624 §3)"
    }
    let hops = before - now
    return "the sum of the header with a time to live of \(before), \(hops) \(hops == 1 ? "hop" : "hops") before: "
      + "counted down without updating the sum (RFC 1624 §3)"
  }
}

extension SumMistake.Part {
  fileprivate var missing: String {
    switch self {
    case .source: "the source address"
    case .destination: "the destination address"
    case .addresses: "both addresses"
    case .length: "the length"
    case .protocolNumber: "the protocol number"
    case .lengthAndProtocolNumber: "the length and the protocol number"
    }
  }
}

extension SumMistake.Carry {
  fileprivate var sentence: String {
    switch self {
    case .all: "the end-around carries were dropped"
    case .allLittleEndian: "the end-around carries were dropped by a machine that sums in little-endian order"
    case .last: "the carries were added once, and the carry of that addition was dropped"
    case .lastLittleEndian:
      "the carries were added once in little-endian order, and the carry of that addition was dropped"
    }
  }
}

extension SummedSegment {
  /// Where the protocol's own RFC tells of its checksum.
  fileprivate var section: String {
    switch layer {
    case "ip": "RFC 791 §3.1"
    case "icmp": "RFC 792"
    case "icmpv6": "RFC 4443 §2.3"
    case "tcp": "RFC 9293 §3.1"
    case "udp": "RFC 768"
    case "igmp": "RFC 3376 §4.1.2"
    default: "RFC 1071 §1"
    }
  }

  /// Where the pseudo-header that the sum covers is told of.
  fileprivate var pseudoHeaderSection: String {
    pseudoHeader?.source.version == 6 ? "RFC 8200 §8.1" : section
  }

  fileprivate var transportName: String { layer == "ip" ? "transport's" : layer.rawValue }
}
