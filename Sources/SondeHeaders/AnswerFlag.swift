/// What is odd about an answer.
public struct AnswerFlag: RawRepresentable, Hashable, Sendable, CaseIterable, CustomStringConvertible {
  public var rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public var description: String { rawValue }

  /// This probe had an answer of the same verdict before (of a group: from the same host): the network or a host
  /// repeats packets (RFC 1122 §1.1.3).
  public static let duplicate = AnswerFlag(rawValue: "duplicate")
  /// It came after the probe's time was up; what was said of the probe then stands (RFC 1122 §1.1.3).
  public static let late = AnswerFlag(rawValue: "late")
  /// A later probe to the same target was answered before (RFC 791 §1.2: IP keeps no sequence).
  public static let outOfOrder = AnswerFlag(rawValue: "out-of-order")
  /// Its data are not those that were sent, which an echo returns (RFC 792, page 14; RFC 4443 §4.2).
  public static let dataMismatch = AnswerFlag(rawValue: "data-mismatch")
  /// A group was asked, and a member answers from its own address (RFC 1122 §3.2.1.3, §3.2.2.6; RFC 4443 §4.2).
  public static let otherAddress = AnswerFlag(rawValue: "other-address")
  /// An error which only the host asked could know comes from another: protocol or port unreachable, a reassembly that
  /// timed out (RFC 1122 §3.2.2.1, §3.2.2.4; RFC 4443 §3.1, §3.3), an unrecognized header or option (RFC 4443 §3.4).
  public static let thirdParty = AnswerFlag(rawValue: "third-party")
  /// An error that quotes too little to be sure that it is about this probe: ports without the sequence number
  /// (RFC 5927 §4.1); or a datagram that does not repeat the number by which its service tells questions apart.
  public static let weakMatch = AnswerFlag(rawValue: "weak-match")
  /// The packet that the error quotes differs from what was sent in something that an honest path leaves alone
  /// (RFC 792: the internet header and the first octets of the original datagram's data; RFC 1812 §4.3.2.3,
  /// RFC 4443 §2.4 c). Smaller hop counts and the header checksum are no difference (RFC 1812 §5.3.1).
  public static let quoteAltered = AnswerFlag(rawValue: "quote-altered")
  /// No RFC names this code of this type (RFC 792; RFC 4443 §2.1; IANA "ICMP Parameters").
  public static let oddCode = AnswerFlag(rawValue: "odd-code")
  /// Its options cannot be read to their end, or one has not the length of its kind (RFC 9293 §3.1, §3.2;
  /// RFC 791 §3.1; RFC 8200 §4.2).
  public static let malformedOption = AnswerFlag(rawValue: "malformed-option")
  /// Two answers to one probe that cannot both be true (RFC 5927 §4, RFC 5961 §3: either may be forged).
  public static let conflict = AnswerFlag(rawValue: "conflict")
  /// It came in fragments, and was put together; or it is the first fragment only, and the rest was not seen, nor its
  /// checksum (RFC 791 §3.2, RFC 8200 §4.5).
  public static let fragmented = AnswerFlag(rawValue: "fragmented")
  /// This machine itself says so, not the network: a neighbour that nobody resolves, a route of its own
  /// (RFC 1122 §2.3.2.2, RFC 4861 §7.2.2).
  public static let local = AnswerFlag(rawValue: "local")
  /// A packet too big whose MTU cannot be: 0, below what every link carries (RFC 791 §3.2: 68; RFC 8200 §5: 1280), or
  /// not below the length of what was sent (RFC 1191 §3, RFC 8201 §4).
  public static let invalidMTU = AnswerFlag(rawValue: "invalid-mtu")
  /// One link address answers for several addresses: another than their owners, or a host that has them all
  /// (RFC 1027 §2; RFC 4861 §7.2.8).
  public static let proxy = AnswerFlag(rawValue: "proxy")
  /// Parts of it contradict each other: a UDP length that leaves octets over which are no options (RFC 768, RFC 9868), SYN beside FIN or RST
  /// (RFC 9293 §3.10.7.3), a link header from another than the ARP sender (RFC 826).
  public static let inconsistent = AnswerFlag(rawValue: "inconsistent")
  /// A SYN-ACK whose window is 0: the port is open and takes no data yet (RFC 9293 §3.8.6.1).
  public static let zeroWindow = AnswerFlag(rawValue: "zero-window")

  /// All that have a name here.
  public static let allCases: [AnswerFlag] = [
    .duplicate, .late, .outOfOrder, .dataMismatch, .otherAddress, .thirdParty, .weakMatch, .quoteAltered, .oddCode,
    .malformedOption, .conflict, .fragmented, .local, .invalidMTU, .proxy, .inconsistent, .zeroWindow,
  ]
}
