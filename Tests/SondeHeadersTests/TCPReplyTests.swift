internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What counts as a direct answer to a TCP segment (RFC 9293 §3.5.2 and §3.10.7.1), and what nearly does.
@Suite struct TCPReplyTests {
  private func outcome(
    _ flags: TCP.Flags, seq: UInt32 = 1000, ack: UInt32 = 0, data: Int = 0, answer: TCP.Flags, at theirs: UInt32 = 0,
    acknowledging acknowledged: UInt32 = 0
  ) throws -> Outcome {
    let segment = TCP(from: 40000, to: 80, flags: flags, sequenceNumber: seq, acknowledgmentNumber: ack)
    let payload: [any Header] = data > 0 ? [Payload(octets: [UInt8](repeating: 0x61, count: data))] : []
    let reply = TCP(
      from: 80, to: 40000, flags: answer, sequenceNumber: theirs, acknowledgmentNumber: acknowledged)
    return try Outcome([Hosts.there, segment] + payload, [Hosts.back, reply])
  }

  private let open = Outcome.answer(.open, .tcpSYNACK, [])
  private let closed = Outcome.answer(.closed, .tcpReset, [])
  private let unfiltered = Outcome.answer(.unfiltered, .tcpReset, [])

  // SYN and its acknowledgment.

  @Test(
    arguments: [
      (1000, 0, 1001), (1000, 5, 1001), (1000, 5, 1006), (1000, 5, 1003), (0xffff_ffff, 0, 0), (0xffff_fffe, 5, 4),
      (0xffff_fffe, 5, 0xffff_ffff), (0, 0, 1), (0x7fff_ffff, 0, 0x8000_0000),
    ] as [(UInt32, Int, UInt32)])
  func aSYNACKThatAcknowledgesOurSYNOpens(_ seq: UInt32, _ data: Int, _ ack: UInt32) throws {
    #expect(try outcome(.syn, seq: seq, data: data, answer: [.syn, .ack], at: 77, acknowledging: ack) == open)
  }

  @Test(
    arguments: [
      (1000, 0, 1000), (1000, 0, 1002), (1000, 0, 999), (1000, 5, 1000), (1000, 5, 1007), (1000, 0, 0),
      (1000, 0, 1001 + 0x8000_0000), (0xffff_ffff, 0, 0xffff_ffff), (0xffff_ffff, 0, 1), (1000, 0, 0xe903_0000),
    ] as [(UInt32, Int, UInt32)])
  func aSYNACKThatAcknowledgesSomethingElseIsNoise(_ seq: UInt32, _ data: Int, _ ack: UInt32) throws {
    #expect(try outcome(.syn, seq: seq, data: data, answer: [.syn, .ack], at: 77, acknowledging: ack).isNoise)
  }

  @Test func noiseSaysWhatItAcknowledges() throws {
    #expect(
      try outcome(.syn, seq: 4242, answer: [.syn, .ack], acknowledging: 77)
        == .noise("acknowledges 77, not our 4243"))
    #expect(
      try outcome(.syn, seq: 4242, data: 2, answer: [.syn, .ack], acknowledging: 77)
        == .noise("acknowledges 77, not our 4243 to 4245"))
    #expect(
      try outcome(.syn, seq: 4242, answer: [.rst, .ack], acknowledging: 77)
        == .noise("RST acknowledges 77, not our 4243"))
    #expect(
      try outcome(.ack, ack: 5000, answer: .rst, at: 1)
        == .noise("RST has sequence number 1, not the 5000 that we acknowledged"))
  }

  @Test func aSYNAloneOpensToo() throws {
    #expect(try outcome(.syn, answer: .syn, at: 9) == .answer(.open, .tcpSYN, []))
    #expect(try outcome(.ack, answer: .syn, at: 9).isNoise)
    #expect(try outcome(.fin, answer: .syn, at: 9).isNoise)
  }

  @Test(arguments: [TCP.Flags.ack, [.ack, .psh], [.fin, .ack], [], .fin, .urg])
  func aSegmentWithoutSYNOrRSTIsNoise(_ flags: TCP.Flags) throws {
    #expect(try outcome(.syn, answer: flags, at: 9, acknowledging: 1001).isNoise)
    #expect(try outcome(.ack, ack: 5000, answer: flags, at: 5000, acknowledging: 1000).isNoise)
    #expect(try outcome(.fin, answer: flags, acknowledging: 1001).isNoise)
  }

  @Test func aSYNACKToASegmentThatDoesNotOpenIsNoise() throws {
    #expect(try outcome(.ack, seq: 1000, ack: 5000, answer: [.syn, .ack], at: 5000, acknowledging: 1000).isNoise)
    #expect(try outcome(.fin, seq: 1000, answer: [.syn, .ack], acknowledging: 1001).isNoise)
    #expect(
      try outcome([.syn, .ack], seq: 1000, ack: 5000, answer: [.syn, .ack], at: 5000, acknowledging: 1001).isNoise)
  }

  // RST to a segment without ACK: it acknowledges the segment's whole length.

  @Test(
    arguments: [
      (.syn, 1000, 0, 1001), (.syn, 1000, 5, 1006), (.syn, 0xffff_ffff, 0, 0), (.syn, 0xffff_ffff, 5, 5),
      (.fin, 1000, 0, 1001), ([], 1000, 0, 1000), ([], 1000, 3, 1003), ([.fin, .psh, .urg], 1000, 3, 1004),
      ([.syn, .fin], 1000, 0, 1002), ([.syn, .fin], 1000, 4, 1006), (.psh, 0xffff_fffe, 3, 1),
    ] as [(TCP.Flags, UInt32, Int, UInt32)])
  func aRSTThatAcknowledgesOurSegmentCloses(_ flags: TCP.Flags, _ seq: UInt32, _ data: Int, _ ack: UInt32) throws {
    #expect(try outcome(flags, seq: seq, data: data, answer: [.rst, .ack], acknowledging: ack) == closed)
    for off in [1, 0xffff_ffff, 0x8000_0000, 0x0001_0000] as [UInt32] {
      #expect(
        try outcome(flags, seq: seq, data: data, answer: [.rst, .ack], acknowledging: ack &+ off).isNoise,
        "off by \(off)")
    }
    #expect(try outcome(flags, seq: seq, data: data, answer: .rst, acknowledging: ack).isNoise, "RST without ACK")
    #expect(try outcome(flags, seq: seq, data: data, answer: .rst, at: ack).isNoise, "RST without ACK")
  }

  @Test func aRSTThatAcknowledgesOnlyTheSYNOfSYNAndDataIsNoise() throws {
    #expect(try outcome(.syn, data: 5, answer: [.rst, .ack], acknowledging: 1001).isNoise)
  }

  // RST to a segment with ACK: it stands where we acknowledged.

  @Test(
    arguments: [
      (.ack, .rst), (.ack, [.rst, .ack]), ([.ack, .psh], .rst), ([.syn, .ack], .rst), ([.ack, .urg], .rst),
    ] as [(TCP.Flags, TCP.Flags)])
  func aRSTWhereWeAcknowledgedIsUnfiltered(_ flags: TCP.Flags, _ answer: TCP.Flags) throws {
    for ack in [5000, 0, 0xffff_ffff, 0x8000_0000] as [UInt32] {
      #expect(try outcome(flags, ack: ack, answer: answer, at: ack) == unfiltered)
      for off in [1, 0xffff_ffff, 0x8000_0000] as [UInt32] {
        #expect(
          try outcome(flags, ack: ack, answer: answer, at: ack &+ off, acknowledging: 1000).isNoise, "off by \(off)")
      }
    }
  }

  @Test func aRSTToFINAndACKCloses() throws {
    #expect(try outcome([.fin, .ack], ack: 5000, answer: .rst, at: 5000) == closed)
    #expect(try outcome([.fin, .ack], ack: 5000, answer: [.rst, .ack], at: 0, acknowledging: 1001).isNoise)
  }

  // Ports and addresses.

  @Test(arguments: [(40000, 80), (80, 40001), (81, 40000), (0, 40000), (80, 0)] as [(UInt16, UInt16)])
  func otherPortsAreNoise(_ source: UInt16, _ destination: UInt16) throws {
    let asked: [any Header] = [Hosts.there, TCP(from: 40000, to: 80, sequenceNumber: 1000)]
    let reply = TCP(from: source, to: destination, flags: [.syn, .ack], acknowledgmentNumber: 1001)
    #expect(try Outcome(asked, [Hosts.back, reply]).isNoise)
  }

  @Test func otherAddressesAreNoise() throws {
    let asked: [any Header] = [Hosts.there6, TCP(from: 40000, to: 80, sequenceNumber: 1000)]
    let reply = TCP(from: 80, to: 40000, flags: [.syn, .ack], acknowledgmentNumber: 1001)
    #expect(try Outcome(asked, [Hosts.back6, reply]) == open)
    #expect(try Outcome(asked, [IPv6(from: Hosts.router6, to: Hosts.us6), reply]).isNoise)
    #expect(try Outcome(asked, [IPv6(from: Hosts.asked6, to: Hosts.router6), reply]).isNoise)
    #expect(try Outcome(asked, [Hosts.there6, reply]).isNoise)
  }

  /// A receiver counts the data that the IP header's length leaves, and no link padding.
  @Test func dataIsWhatTheLengthsLeave() throws {
    let segment = TCP(from: 40000, to: 80, sequenceNumber: 1000)
    let reset = TCP(from: 80, to: 40000, flags: [.rst, .ack], acknowledgmentNumber: 1003)
    let asked: [any Header] = [
      IPv4(from: Hosts.us, to: Hosts.asked, totalLength: 42), segment, Payload("1234"), Trailer(octets: [0, 0]),
    ]
    #expect(try Outcome(asked, [Hosts.back, reset]) == closed)
  }
}
