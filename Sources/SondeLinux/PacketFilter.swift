public import SondeOctets

/// Which packets a packet socket lets through, as a classic BPF program (socket(7), the kernel's
/// networking/filter.rst): the kernel then copies no others.
///
public struct PacketFilter: Hashable, Sendable {
  /// A protocol whose packets may be answers, by the port they come to.
  public struct Flow: Hashable, Sendable {
    /// The IP protocol number, of one whose octets 2 and 3 are the destination port.
    public var protocolNumber: UInt8
    public var destinationPorts: [ClosedRange<UInt16>]

    public init(protocolNumber: UInt8, destinationPorts: [ClosedRange<UInt16>]) {
      self.protocolNumber = protocolNumber
      self.destinationPorts = destinationPorts
    }
  }

  /// Let through everything of IPv4 and IPv6.
  public var passesEverything: Bool
  /// Let through everything that is neither IPv4 nor IPv6.
  public var passesOtherTypes = false
  /// Let through packets whose link address is another machine's too, as answers to frames with a made-up source
  /// are; the frame ear makes the link's interface promiscuous for it.
  public var passesOtherHosts = false
  /// The EtherTypes let through whole, ARP's for one (0x0806). Only the frame ear shows which one a packet has.
  public var etherTypes: [UInt16] = []
  /// The source addresses whose packets are let through, of whatever protocol.
  public var sources: [IPAddress] = []
  public var flows: [Flow]
  /// The ICMPv4 and ICMPv6 message types let through.
  public var icmpTypes: [UInt8]
  public var icmpv6Types: [ClosedRange<UInt8>]

  /// ICMP errors (RFC 792; redirects too), and ICMPv6 errors (types below 128, RFC 4443 §2.1).
  public static let icmpErrors: [UInt8] = [3, 4, 5, 11, 12]
  public static let icmpv6Errors: ClosedRange<UInt8> = 0...127
  /// Echo, timestamp, information and address mask replies (RFC 792, RFC 950), extended echo reply (RFC 8335).
  public static let icmpReplies: [UInt8] = [0, 14, 16, 18, 43]
  /// Echo reply (RFC 4443 §4.2) and extended echo reply (RFC 8335).
  public static let icmpv6Replies: [ClosedRange<UInt8>] = [129...129, 161...161]

  /// ICMP errors and replies, and the flows given; fragments, and IPv6 packets with extension
  /// headers, pass whatever they hold.
  ///
  /// Flows of one protocol become one, and where they name too many ports for a program of the kernel's greatest
  /// length (4096 instructions, BPF_MAXINSNS), all ports between the least and the greatest pass.
  public init(flows: [Flow]) {
    passesEverything = false
    self.flows = Self.merged(flows)
    icmpTypes = Self.icmpErrors + Self.icmpReplies
    icmpv6Types = [Self.icmpv6Errors] + Self.icmpv6Replies
  }

  /// Everything from these addresses, and besides ICMP errors and replies, fragments, and IPv6 packets with extension
  /// headers from any; then whole EtherTypes.
  public init(from sources: [IPAddress], flows: [Flow] = [], etherTypes: [UInt16] = []) {
    self.init(flows: flows)
    self.sources = sources
    self.etherTypes = etherTypes
  }

  /// The most ranges of ports of one protocol: three instructions each, in both families' sections.
  private static let mostRanges = 256

  private static func merged(_ flows: [Flow]) -> [Flow] {
    var protocols: [UInt8] = []
    for flow in flows where !protocols.contains(flow.protocolNumber) { protocols.append(flow.protocolNumber) }
    return protocols.map { number in
      let ranges = flows.filter { $0.protocolNumber == number }.flatMap(\.destinationPorts)
        .sorted { $0.lowerBound < $1.lowerBound }
      var merged: [ClosedRange<UInt16>] = []
      for range in ranges {
        if let last = merged.last, range.lowerBound <= last.upperBound || range.lowerBound - last.upperBound == 1 {
          merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        } else {
          merged.append(range)
        }
      }
      if merged.count > mostRanges, let first = merged.first, let last = merged.last {
        merged = [first.lowerBound...last.upperBound]
      }
      return Flow(protocolNumber: number, destinationPorts: merged)
    }
  }

  /// All IPv4 and IPv6 packets that are for this machine.
  public static let everything = PacketFilter()

  /// All that comes to this machine, whatever its EtherType.
  public static let allFrames: PacketFilter = {
    var filter = everything
    filter.passesOtherTypes = true
    return filter
  }()

  private init() {
    passesEverything = true
    flows = []
    icmpTypes = []
    icmpv6Types = []
  }

  /// One instruction of classic BPF: `struct sock_filter`.
  public struct Instruction: Hashable, Sendable {
    public var code: UInt16
    public var ifTrue: UInt8
    public var ifFalse: UInt8
    public var operand: UInt32

    init(_ code: UInt16, _ operand: UInt32, _ ifTrue: UInt8 = 0, _ ifFalse: UInt8 = 0) {
      self.code = code
      self.operand = operand
      self.ifTrue = ifTrue
      self.ifFalse = ifFalse
    }

    static func loadWord(_ at: UInt32) -> Self { Self(0x20, at) }
    static func loadByte(_ at: UInt32) -> Self { Self(0x30, at) }
    static func loadHalf(_ at: UInt32) -> Self { Self(0x28, at) }
    /// Loads at X + `at`.
    static func loadByteIndexed(_ at: UInt32) -> Self { Self(0x50, at) }
    static func loadHalfIndexed(_ at: UInt32) -> Self { Self(0x48, at) }
    /// X = 4 · (low four bits of the octet): the length of the IPv4 header.
    static func headerLength(_ at: UInt32) -> Self { Self(0xb1, at) }
    static func equal(_ value: UInt32, _ yes: UInt8, _ no: UInt8) -> Self { Self(0x15, value, yes, no) }
    static func atLeast(_ value: UInt32, _ yes: UInt8, _ no: UInt8) -> Self { Self(0x35, value, yes, no) }
    static func above(_ value: UInt32, _ yes: UInt8, _ no: UInt8) -> Self { Self(0x25, value, yes, no) }
    static func anyBit(_ value: UInt32, _ yes: UInt8, _ no: UInt8) -> Self { Self(0x45, value, yes, no) }
    /// Jumps by whether A equals X.
    static func equalsX(_ yes: UInt8, _ no: UInt8) -> Self { Self(0x1d, 0, yes, no) }
    /// X = A.
    static let copyToX = Self(0x07, 0)
    static func skip(_ count: Int) -> Self { Self(0x05, UInt32(count)) }
    static let accept = Self(0x06, .max)
    static let reject = Self(0x06, 0)
  }

  /// For an ICMP or ICMPv6 socket (raw(7)): the echo replies with the identifier `own` and all that is no echo reply,
  /// or the others.
  ///
  /// A raw socket's octet 0 is the first of the IPv4 header, but in IPv6 of the message.
  static func echoReplies(to own: UInt16, _ family: Family, passed: Bool) -> [Instruction] {
    let end: [Instruction] = passed ? [.accept, .reject] : [.reject, .accept]
    switch family {
    case .ipv4:
      return [
        .headerLength(0), .loadByteIndexed(0), .equal(0, 0, 2), .loadHalfIndexed(4), .equal(UInt32(own), 0, 1),
      ] + end
    case .ipv6: return [.loadByte(0), .equal(129, 0, 2), .loadHalf(4), .equal(UInt32(own), 0, 1)] + end
    }
  }

  /// Drops whatever comes: for sockets that hold a port, or only send.
  public static let nothing: [Instruction] = [.reject]

  /// SKF_AD_OFF: loads above it read what the kernel knows of a packet, not its octets.
  private static let ancillary: UInt32 = 0xffff_f000
  static let etherType = ancillary
  static let packetType = ancillary + 4
  /// PACKET_OTHERHOST; host, broadcast and multicast are below it, outgoing is above.
  static let otherHost: UInt32 = 3
  /// SKF_NET_OFF: loads above it count from the network header.
  private static let networkHeader: UInt32 = 0xfff0_0000

  /// The program for a packet socket of kind SOCK_RAW, whose octet 0 is the first of the link header: the same, with
  /// every load counted from the network header.
  var frameProgram: [Instruction] {
    program.map { instruction in
      var instruction = instruction
      let loads: Set<UInt16> = [0x20, 0x28, 0x30, 0x48, 0x50, 0xb1]
      if loads.contains(instruction.code), instruction.operand < Self.networkHeader {
        instruction.operand += Self.networkHeader
      }
      return instruction
    }
  }

  /// The program for a packet socket of kind SOCK_DGRAM, whose octet 0 is the first of the IP header.
  public var program: [Instruction] {
    let refused = passesOtherHosts ? Self.otherHost + 1 : Self.otherHost
    var program: [Instruction] = [.loadHalf(Self.packetType), .atLeast(refused, 0, 1), .reject]
    let ipv4 = passesEverything ? [.accept] : ipv4Section
    let ipv6 = passesEverything ? [.accept] : ipv6Section
    let isIPv4 = UInt32(KernelNumber.etherIPv4)
    program += [.loadHalf(Self.etherType)] + etherTypes.flatMap { [.equal(UInt32($0), 0, 1), .accept] }
    let otherwise: Instruction = passesOtherTypes ? .accept : .reject
    program += [.equal(isIPv4, 2, 0), .equal(UInt32(KernelNumber.etherIPv6), 1, 0), otherwise]
    // Conditional jumps reach 255 instructions, the unconditional one any number.
    program += [.equal(isIPv4, 1, 0), .skip(ipv4.count)]
    return program + ipv4 + ipv6
  }

  private var ipv4Section: [Instruction] {
    guard let fromSources = ipv4Sources else { return [.accept] }
    // Fragment bits: More Fragments or an offset.
    var section = fromSources + [.loadHalf(6), .anyBit(0x3fff, 0, 1), .accept, .headerLength(0)]
    let icmp = [.loadByteIndexed(0)] + icmpTypes.flatMap { Self.accepting(UInt32($0)...UInt32($0)) } + [.reject]
    section += [.loadByte(9)] + Self.when(equal: 1, icmp)
    for flow in flows {
      section += Self.when(equal: flow.protocolNumber, [.loadHalfIndexed(2)] + ports(flow) + [.reject])
    }
    return section + [.reject]
  }

  private var ipv6Section: [Instruction] {
    guard let fromSources = ipv6Sources else { return [.accept] }
    var section = fromSources + [.loadByte(6)]
    // Hop-by-hop options, routing, fragment, authentication, destination options.
    for header: UInt32 in [0, 43, 44, 51, 60] { section += [.equal(header, 0, 1), .accept] }
    let types = icmpv6Types.flatMap { Self.accepting(UInt32($0.lowerBound)...UInt32($0.upperBound)) }
    section += Self.when(equal: 58, [.loadByte(40)] + types + [.reject])
    for flow in flows {
      section += Self.when(equal: flow.protocolNumber, [.loadHalf(42)] + ports(flow) + [.reject])
    }
    return section + [.reject]
  }

  private func ports(_ flow: Flow) -> [Instruction] {
    flow.destinationPorts.flatMap { Self.accepting(UInt32($0.lowerBound)...UInt32($0.upperBound)) }
  }

  /// Accepts if A is in the range, else goes on.
  private static func accepting(_ range: ClosedRange<UInt32>) -> [Instruction] {
    [.atLeast(range.lowerBound, 0, 2), .above(range.upperBound, 1, 0), .accept]
  }

  /// Runs `body`, which ends in a verdict, if A equals the number, else goes on with A unchanged.
  private static func when(equal number: UInt8, _ body: [Instruction]) -> [Instruction] {
    [.equal(UInt32(number), 1, 0), .skip(body.count)] + body
  }
}
