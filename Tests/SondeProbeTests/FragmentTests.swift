internal import SondeHeaders
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// A fragment is a part of an answer, which is compared as far as it goes.
@Suite struct FragmentTests {
  private static let text = Payload(octets: (0..<3000).map { UInt8(truncatingIfNeeded: $0 / 7) })
  private static let asked: [any Header] = [
    Hosts.there, ICMPv4.echoRequest(identifier: 5, sequenceNumber: 1), text,
  ]

  private func fragment(_ range: Range<Int>, altered: Int? = nil, isLast: Bool = false) throws -> Outcome {
    var whole = try bytes([Hosts.back, ICMPv4.echoReply(identifier: 5, sequenceNumber: 1), Self.text])
    if let altered { whole[altered] ^= 1 }
    let ip = IPv4(
      from: Hosts.asked, to: Hosts.us, flags: isLast ? [] : .moreFragments,
      fragmentOffset: UInt16((range.lowerBound - 20) / 8), protocol: 1)
    return try Outcome(asking: Self.asked, hearing: [ip, Payload(octets: Array(whole[range]))])
  }

  @Test func theFirstFragmentOfAReplyIsFlaggedAsOne() throws {
    #expect(try fragment(20..<1500) == .answer(.reply, .echoReply, [.fragmented]))
    #expect(try fragment(20..<1500, altered: 1400) == .answer(.reply, .echoReply, [.fragmented, .dataMismatch]))
    // What was altered is not in this fragment.
    #expect(try fragment(20..<1500, altered: 1600) == .answer(.reply, .echoReply, [.fragmented]))
  }

  @Test func laterFragmentsNameNobody() throws {
    #expect(try fragment(1500..<3028, isLast: true) == .nothing)
  }

  @Test func aShortReplyThatIsWholeIsDamaged() throws {
    let short = Payload(octets: Array(Self.text.octets.prefix(1000)))
    let reply: [any Header] = [Hosts.back, ICMPv4.echoReply(identifier: 5, sequenceNumber: 1), short]
    #expect(try Outcome(asking: Self.asked, hearing: reply) == .answer(.reply, .echoReply, [.dataMismatch]))
  }
}
