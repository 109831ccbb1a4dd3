internal import CLibpcap
internal import Glibc
public import SondeLink

/// A filter in pcap's language (pcap-filter(7)), compiled to instructions of classic BPF.
///
/// Compiling needs neither a device nor a privilege. The program reads frames from their link header on, as a
/// capture file holds them.
public struct CaptureFilter: Hashable, Sendable {
  /// The words of the filter, as written.
  public var expression: String
  /// How the frames that the program reads begin.
  public var linkType: LinkType
  /// The most octets of a frame that are kept.
  public var snapLength: Int
  /// What the kernel or `matches` runs.
  public var program: [PacketFilter.Instruction]

  /// What tcpdump keeps of a frame unless told otherwise, in octets: more than any packet has.
  public static let wholeFrames = 262_144

  /// Compiles a filter; the empty one lets everything through.
  ///
  /// A host's name in it is looked up (getaddrinfo(3)), which may wait for an answer. The corresponding C functions
  /// are `pcap_open_dead` and `pcap_compile`.
  ///
  /// - Throws: `LinkError` with code 0 and libpcap's own reason, and the word at fault where it is known.
  public init(
    _ expression: String, linkType: LinkType, snapLength: Int = CaptureFilter.wholeFrames
  ) throws(LinkError) {
    self.expression = expression
    self.linkType = linkType
    self.snapLength = snapLength
    switch Self.compile(expression, linkType, snapLength) {
    case .success(let program): self.program = program
    case .failure(let reason):
      throw LinkError("filter \"\(expression)\"", refusal: FilterFault.explain(reason.text, expression, linkType))
    }
  }

  /// Whether a frame passes.
  ///
  /// - Parameters:
  ///   - frame: from the header that `linkType` names on, as much of it as there is.
  ///   - originalLength: how long the frame was before it was cut; nil if it was not.
  public func matches(_ frame: RawSpan, originalLength: Int? = nil) -> Bool {
    let length = UInt32(clamping: frame.byteCount)
    let whole = UInt32(clamping: originalLength ?? frame.byteCount)
    return unsafe program.withUnsafeBytes { program in
      unsafe frame.withUnsafeBytes { octets in
        // Both are eight octets: 16-bit code, two jumps, 32-bit operand (`struct bpf_insn`).
        let first = unsafe program.bindMemory(to: bpf_insn.self).baseAddress
        let start = unsafe octets.bindMemory(to: UInt8.self).baseAddress
        return unsafe bpf_filter(first, start, whole, length) != 0
      }
    }
  }

  /// Why a filter was refused, in libpcap's words.
  struct Reason: Error {
    var text: String
  }

  /// libpcap's own number for a link type: the registry's, but for one that systems had numbered before.
  private static func dataLinkType(_ linkType: LinkType) -> Int32 {
    linkType == .raw ? DLT_RAW : Int32(linkType.rawValue)
  }

  static func compile(
    _ expression: String, _ linkType: LinkType, _ snapLength: Int
  ) -> Result<[PacketFilter.Instruction], Reason> {
    let length = Int32(clamping: max(snapLength, 1))
    guard !expression.utf8.contains(0) else { return .failure(Reason(text: "holds an octet of zero")) }
    guard let handle = unsafe pcap_open_dead(dataLinkType(linkType), length) else {
      return .failure(Reason(text: "no memory for it"))
    }
    defer { unsafe pcap_close(handle) }
    var program = unsafe bpf_program()
    let noMask: UInt32 = 0xffff_ffff
    guard unsafe pcap_compile(handle, &program, expression, 1, noMask) == 0 else {
      return .failure(Reason(text: unsafe String(cString: pcap_geterr(handle))))
    }
    defer { unsafe pcap_freecode(&program) }
    let words = unsafe UnsafeBufferPointer(start: program.bf_insns, count: Int(program.bf_len))
    let instructions = unsafe words.map { word in
      PacketFilter.Instruction(word.code, word.k, word.jt, word.jf)
    }
    return .success(instructions)
  }
}
