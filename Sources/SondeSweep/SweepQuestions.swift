internal import SondeCraft
public import SondeHeaders
public import SondeLink
public import SondeOctets

/// Questions made from packets that a person wrote, one of each family: TCP segments, UDP datagrams, ICMP echo or
/// timestamp requests.
///
/// Every field stays as it stands in the packet but for these, which a keyed hash of protocol, address and port fills:
/// the destination and its port, the source port (which tells the attempt too), TCP's sequence number and, where it
/// counts, the acknowledgment number, the identification of IPv4, a query's identifier and sequence number (which tells the attempt), an echo's data where the
/// packet has none, and the number that a UDP service gives back. Nothing is remembered of a question: what comes is
/// an answer if it gives back what the hash says.
public struct SweepQuestions: SweepForm {
  /// What of a packet stays as it was written, though the hash would fill it.
  public struct Kept: OptionSet, Hashable, Sendable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// TCP's sequence number, or a query's.
    public static let sequenceNumber = Kept(rawValue: 1)
    /// The identification in the IPv4 header.
    public static let identification = Kept(rawValue: 2)
    /// A query's identifier.
    public static let identifier = Kept(rawValue: 4)
    /// TCP's acknowledgment number.
    public static let acknowledgmentNumber = Kept(rawValue: 8)
  }

  /// What is asked.
  enum Kind: UInt8, Sendable {
    case tcp = 6
    case udp = 17
    case echo = 1
    case timestamp = 13
  }

  let key: SweepKey
  let kind: Kind
  let sourcePorts: ClosedRange<UInt16>
  /// How many source ports there are.
  let span: UInt32
  private let divisor: SteadyDivisor
  let attempts: UInt32
  let kept: Kept
  /// One for each payload; of UDP, where services are asked in their own words, several. IPv4 before IPv6.
  var templates: [QuestionTemplate]
  /// Which template a port is asked by, in the family's own row.
  let rows: (v4: TemplateRow, v6: TemplateRow)
  /// Where questions come from.
  let sources: (v4: IPv4Address?, v6: IPv6Address?)
  /// What silence says of a question.
  public let silence: Verdict
  public let longest: Int

  /// - Parameters:
  ///   - packets: One or two, of different families, each an IP header and what asks.
  ///   - sourcePorts: Those that questions are asked from; a port alone tells no attempts apart. The usual ones lie
  ///     beyond those that Linux gives to programs (ip_local_port_range: 32768 to 60999).
  ///   - attempts: How often a question is asked at most.
  ///   - kept: What stays as written.
  ///   - payloads: What UDP ports are asked where the packet has no data.
  /// - Throws: `SweepFormError`
  public init(
    _ packets: [AnyPacket], key: SweepKey, sourcePorts: ClosedRange<UInt16> = 61_440...65_535, attempts: Int = 1,
    keeping kept: Kept = [], payloads: SweepPayloads = .none
  ) throws(SweepFormError) {
    var templates: [QuestionTemplate] = []
    var rows = (v4: TemplateRow(), v6: TemplateRow())
    var kinds: Set<Kind> = []
    var silence: Verdict?
    for packet in packets {
      let kind = try Kind(asking: packet)
      kinds.insert(kind)
      let isIPv4 = packet.first(IPv4.self) != nil
      guard (isIPv4 ? rows.v4 : rows.v6).isEmpty else { throw .twoOfOneFamily }
      let choices = kind == .udp && packet.first(Payload.self) == nil ? payloads.choices : [.none]
      let row = TemplateRow(first: templates.count, choices)
      for choice in choices {
        templates.append(try QuestionTemplate(packet, kind, choice, kept))
      }
      if isIPv4 { rows.v4 = row } else { rows.v6 = row }
      silence = silence ?? packet.layers.layers.lazy.reversed().compactMap(\.silence).first
    }
    guard let kind = kinds.first else { throw .nothing }
    guard kinds.count == 1 else { throw .differentKinds }
    self.key = key
    self.kind = kind
    self.sourcePorts = sourcePorts
    span = UInt32(sourcePorts.upperBound - sourcePorts.lowerBound) + 1
    divisor = SteadyDivisor(UInt64(span))
    self.attempts = UInt32(min(max(attempts, 1), 256))
    self.kept = kept
    self.templates = templates
    self.rows = rows
    self.silence = silence ?? .timeout
    sources = (
      packets.lazy.compactMap { $0.first(IPv4.self)?.source }.first,
      packets.lazy.compactMap { $0.first(IPv6.self)?.source }.first
    )
    longest = templates.lazy.map(\.byteCount).max() ?? 0
  }

  /// Whether there is a packet to ask an address of this family by.
  public func asks(_ address: IPAddress) -> Bool { !row(of: address).isEmpty }

  @inline(__always)
  func row(of address: IPAddress) -> TemplateRow {
    switch address {
    case .v4: rows.v4
    case .v6: rows.v6
    }
  }

  public mutating func write(_ target: SweepTarget, attempt: UInt8, at now: Instant, _ body: (RawSpan) -> Void) {
    let row = row(of: target.address)
    precondition(!row.isEmpty, "a packet of the target's family")
    let numbers = numbers(of: target)
    let index = row.template(of: target.port)
    templates[index].fill(target, numbers, port(numbers, attempt), attempt, now)
    templates[index].lend(body)
  }

  /// What the hash says of a target.
  @inline(__always)
  func numbers(of target: SweepTarget) -> QuestionNumbers {
    QuestionNumbers(proof: key.proof(of: target, protocol: kind.rawValue))
  }

  /// The source port of an attempt.
  @inline(__always)
  func port(_ numbers: QuestionNumbers, _ attempt: UInt8) -> UInt16 {
    let place = divisor.divide(UInt64(numbers.portBits) &+ UInt64(attempt)).remainder
    return sourcePorts.lowerBound &+ UInt16(truncatingIfNeeded: place)
  }

  /// Which attempt is sent from a port; nil if none is.
  @inline(__always)
  func attempt(from port: UInt16, _ numbers: QuestionNumbers) -> QuestionAttempt? {
    guard port >= sourcePorts.lowerBound, port <= sourcePorts.upperBound else { return nil }
    let place = UInt32(port &- sourcePorts.lowerBound)
    let first = UInt32(truncatingIfNeeded: divisor.divide(UInt64(numbers.portBits)).remainder)
    let attempt = place >= first ? place &- first : place &+ span &- first
    guard attempt < attempts else { return nil }
    let number = UInt8(truncatingIfNeeded: attempt)
    return QuestionAttempt(number: span < attempts ? nil : number, place: number)
  }

  /// Which attempt has an identifier and a sequence number; nil if none has.
  @inline(__always)
  func attempt(ofQuery second: UInt32, _ numbers: QuestionNumbers, _ image: borrowing QuestionImage) -> QuestionAttempt?
  {
    guard image.tellsAttempts else {
      return second == image.second(numbers, 0) ? QuestionAttempt(number: attempts == 1 ? 0 : nil, place: 0) : nil
    }
    let attempt = UInt16(truncatingIfNeeded: second) &- UInt16(truncatingIfNeeded: numbers.sequence)
    guard UInt32(attempt) < attempts else { return nil }
    let number = UInt8(truncatingIfNeeded: attempt)
    return second == image.second(numbers, number) ? QuestionAttempt(number: number, place: number) : nil
  }
}

/// Which attempt a packet tells of.
struct QuestionAttempt {
  /// Nil where several have the same numbers.
  var number: UInt8?
  /// The first that has these.
  var place: UInt8
}
