internal import SondeHeaders
internal import SondeLink
internal import SondeProbe
internal import Testing

/// What students of TCP have captured: both ends are conversations, and the numbers those of the captures.
@Suite struct ConversationExperimentTests {
  private struct Exchange {
    var client: Conversation
    var server: Conversation
    var now = Instant.ms(0)
    /// Each segment: who sent it, its flags, its length as a frame of Ethernet and IPv4, and its relative numbers.
    private(set) var lengths: [Int] = []
    private(set) var acknowledgments: [UInt32] = []
    private(set) var windows: [UInt16] = []
    private(set) var flags: [TCP.Flags] = []

    init(_ options: Conversation.Options) throws {
      client = Conversation(from: 46_361, initialSequenceNumber: 0xffff_ff00, options: options)
      server = Conversation(from: 1234, initialSequenceNumber: 77, options: options)
      try server.listen()
      try client.connect(to: 1234, at: now)
    }

    /// Hands segments over, one at a time, until nobody has anything to say.
    mutating func settle() {
      while true {
        _ = client.step(at: now)
        let fromClient = client.takeSegments()
        for segment in fromClient {
          note(segment, isClient: true)
          server.receive(segment.header, segment.payload, at: now)
        }
        _ = server.step(at: now)
        let fromServer = server.takeSegments()
        for segment in fromServer {
          note(segment, isClient: false)
          client.receive(segment.header, segment.payload, at: now)
        }
        now = now + .milliseconds(1)
        if fromClient.isEmpty, fromServer.isEmpty { return }
      }
    }

    /// Hands over what the client has to say, and lets the server wait.
    mutating func handOverFromClient() {
      _ = client.step(at: now)
      for segment in client.takeSegments() {
        note(segment, isClient: true)
        server.receive(segment.header, segment.payload, at: now)
      }
    }

    private mutating func note(_ segment: Conversation.Segment, isClient: Bool) {
      lengths.append(14 + 20 + segment.header.byteCount + segment.payload.count)
      let base: UInt32 = isClient ? 77 : 0xffff_ff00
      acknowledgments.append(segment.header.flags.contains(.ack) ? segment.header.acknowledgmentNumber &- base : 0)
      windows.append(segment.header.window)
      flags.append(segment.header.flags)
    }
  }

  @Test func theEchoOfFifteenOctetsTakesSevenFrames() throws {
    var exchange = try Exchange(.init())
    exchange.settle()
    _ = try exchange.client.write(pattern(15), at: exchange.now)
    exchange.settle()
    let heard = exchange.server.read()
    _ = try exchange.server.write(heard, at: exchange.now)
    exchange.settle()
    #expect(exchange.lengths == [74, 74, 66, 81, 66, 81, 66])
    #expect(exchange.acknowledgments == [0, 1, 1, 1, 16, 16, 16] && exchange.client.read() == pattern(15))
  }

  @Test func theConversationOfTheReportHasItsTwelveFrames() throws {
    var exchange = try Exchange(.init())
    exchange.client.pinWindow(29_200)
    exchange.server.pinWindow(28_960)
    exchange.handOverFromClient()
    exchange.client.pinWindow(29_312)
    exchange.settle()
    exchange.server.pinWindow(29_056)
    let taken = try welcome(exchange)
    #expect(taken.windows.prefix(3) == [29_200, 28_960, 229])
    #expect(taken.lengths == [74, 74, 66, 102, 66, 72, 66, 74, 66, 66, 80, 66])
    #expect(taken.acknowledgments == [0, 1, 1, 1, 37, 37, 7, 7, 45, 45, 8, 59])
    #expect(taken.windows.suffix(9) == [227, 229, 229, 227, 227, 229, 229, 227, 229])
    #expect(taken.client.state == .finWait2 && taken.server.state == .closeWait)
  }

  private func welcome(_ exchange: Exchange) throws -> Exchange {
    var exchange = exchange
    _ = try exchange.server.write(pattern(36), at: exchange.now)
    exchange.settle()
    _ = try exchange.client.write(pattern(6), at: exchange.now)
    exchange.settle()
    _ = try exchange.server.write(pattern(8), at: exchange.now)
    exchange.settle()
    // The server has its last words ready when the FIN comes: they carry its acknowledgment.
    try exchange.client.shutdownWrite(at: exchange.now)
    exchange.handOverFromClient()
    _ = try exchange.server.write(pattern(14), at: exchange.now)
    exchange.settle()
    return exchange
  }
}
