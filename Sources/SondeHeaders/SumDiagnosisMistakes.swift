public import SondeOctets

/// A classic mistake in making an Internet checksum.
public enum SumMistake: Hashable, Sendable {
  /// A computed zero went out as 0 instead of 0xffff.
  case zeroForOnes
  /// The field holds 0, as if nobody had filled it in.
  case neverComputed
  /// The field was not set to zero before the octets were summed.
  case fieldNotZeroed(Holding)
  case bytesSwapped
  case complementForgotten
  case pseudoHeaderForgotten
  /// Some parts of the pseudo-header were left out, or stood there as zero.
  case pseudoHeaderWithout(Part)
  /// ICMP or IGMP over IPv4 was summed with a pseudo-header.
  case pseudoHeaderAdded
  case carryDropped(Carry)
  /// The last of an odd number of octets was added as the low half of a word.
  case oddOctetPaddedInFront
  /// The last of an odd number of octets was not added.
  case oddOctetLeftOut
  /// The last of an odd number of octets was added together with the one behind it.
  case oddOctetReadOn
  /// The pseudo-header's length was another.
  case otherLength(Length)
  /// The pseudo-header's protocol number was that of an extension header.
  case otherProtocol(UInt8)
  /// A number of the pseudo-header stood there in little-endian byte order.
  case numberSwapped(Part)
  /// The pseudo-header held the destination that the IP header shows, not the final one.
  case shownDestination(IPAddress)
  /// Only the header was summed, or only the part of it without options.
  case restForgotten
  /// The sum ran on over so many octets behind the last.
  case readOn(Int)
  /// An address changed after both the IP header and the segment had been summed.
  case addressChanged
  /// The time to live was this when the header was summed.
  case timeToLiveChanged(from: UInt8)
  /// A reply was made of its request and kept the request's sum; the number is the request's type.
  case typeChanged(from: UInt8)
  /// Only the pseudo-header was summed, for a device to finish; but not as such a device expects it.
  case offloaded(Offload)
  /// Another check than the protocol's was computed.
  case otherCheck(Check)

  /// What stood in the field while the octets were summed.
  public enum Holding: Hashable, Sendable {
    /// The right checksum.
    case rightSum
    /// The pseudo-header's sum, left there for a device.
    case pseudoHeaderSum
    /// The right checksum of the header with a time to live that was one more.
    case sumBeforeHop
    /// The right checksum of the request that the reply was made of.
    case sumOfRequest
  }

  public enum Part: Hashable, Sendable {
    case source, destination, addresses, length, protocolNumber, lengthAndProtocolNumber
  }

  public enum Carry: Hashable, Sendable {
    /// No carry was added, by a machine that sums in network byte order.
    case all
    /// No carry was added, by a little-endian machine that sums the octets as they lie in memory.
    case allLittleEndian
    /// Carries were added once; the carry of that addition was not.
    case last
    /// The same, by a little-endian machine.
    case lastLittleEndian
  }

  public enum Length: Hashable, Sendable {
    /// That of the whole packet, IP header included.
    case wholePacket
    /// That of the data, without the header.
    case dataAlone
  }

  public enum Offload: Hashable, Sendable {
    /// The pseudo-header's sum without a length, as devices want it that cut segments themselves.
    case withoutLength
    /// The pseudo-header's sum, complemented.
    case complemented
  }

  public enum Check: Hashable, Sendable { case adler32, crc32 }

  /// The mistake's name for programs: lower case, with hyphens.
  public var name: String {
    switch self {
    case .zeroForOnes: "zero-for-ones"
    case .neverComputed: "never-computed"
    case .fieldNotZeroed: "field-not-zeroed"
    case .bytesSwapped: "bytes-swapped"
    case .complementForgotten: "complement-forgotten"
    case .pseudoHeaderForgotten: "pseudo-header-forgotten"
    case .pseudoHeaderWithout: "pseudo-header-incomplete"
    case .pseudoHeaderAdded: "pseudo-header-added"
    case .carryDropped: "carry-dropped"
    case .oddOctetPaddedInFront: "odd-octet-padded-in-front"
    case .oddOctetLeftOut: "odd-octet-left-out"
    case .oddOctetReadOn: "odd-octet-read-on"
    case .otherLength: "pseudo-header-length"
    case .otherProtocol: "pseudo-header-protocol"
    case .numberSwapped: "pseudo-header-byte-order"
    case .shownDestination: "not-final-destination"
    case .restForgotten: "rest-forgotten"
    case .readOn: "read-on"
    case .addressChanged: "address-changed"
    case .timeToLiveChanged: "ttl-changed"
    case .typeChanged: "type-changed"
    case .offloaded: "offload"
    case .otherCheck: "other-check"
    }
  }
}
