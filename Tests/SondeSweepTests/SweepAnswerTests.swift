import SondeHeaders
import SondeLink
import SondeOctets
import SondeProbe
import Testing

@testable import SondeSweep

/// Accepted answers, and beside each what comes near and is none.
@Suite struct SweepAnswerTests {
  private static let port80 = SweepTarget(address: .v4(Hosts.asked), port: 80)
  private static let host = SweepTarget(address: .v4(Hosts.asked), port: 0)

  /// The packet from a host to us.
  private func packet(_ layers: any Header..., from host: IPv4Address = Hosts.asked) -> [UInt8] {
    AnyPacket([IPv4(from: host, to: Hosts.us, ttl: 57)] + layers).octets
  }

  private func tcp(
    _ asked: TCP, _ flags: TCP.Flags, ack: UInt32, from port: UInt16? = nil, to our: UInt16? = nil
  ) -> TCP {
    TCP(
      from: port ?? asked.destinationPort, to: our ?? asked.sourcePort, flags: flags, sequenceNumber: 5,
      acknowledgmentNumber: ack, window: 100)
  }

  @Test func segmentsThatAcknowledgeTheQuestionAnswerIt() throws {
    let questions = try Way.syn.questions()
    for attempt in 0..<2 as Range<UInt8> {
      let asked = try #require(Registry.dissect(questions.question(Self.port80, attempt: attempt)).first(TCP.self))
      let next = asked.sequenceNumber &+ 1
      let open = try #require(questions.read(packet(tcp(asked, [.syn, .ack], ack: next))).answer)
      #expect(open.target == Self.port80 && open.attempt == attempt && open.verdict == .open)
      #expect(open.by == .tcpSYNACK && open.from == .v4(Hosts.asked) && open.hopLimit == 57 && open.isPlain)
      let closed = try #require(questions.read(packet(tcp(asked, [.rst, .ack], ack: next))).answer)
      #expect(closed.verdict == .closed && closed.by == .tcpReset && closed.isPlain && closed.asked == nil)
      for near in [next &+ 1, next &- 1, next.byteSwapped] {
        let why = questions.read(packet(tcp(asked, [.syn, .ack], ack: near))).noise
        #expect(why?.hasPrefix("acknowledges \(near), not our \(next)") == true)
        #expect(questions.read(packet(tcp(asked, [.rst, .ack], ack: near))).answer == nil)
      }
      #expect(questions.read(packet(tcp(asked, .rst, ack: next))).noise?.contains("RST without ACK") == true)
      #expect(questions.read(packet(tcp(asked, [.syn, .ack], ack: next, from: 81))).answer == nil)
      #expect(questions.read(packet(tcp(asked, [.syn, .ack], ack: next), from: Hosts.other)).answer == nil)
      #expect(questions.read(packet(tcp(asked, [.syn, .ack], ack: next, to: asked.sourcePort &- 2))).answer == nil)
    }
  }

  @Test func anAttemptThatWasNeverMadeIsNotAnswered() throws {
    let (two, three) = (try Way.syn.questions(attempts: 2), try Way.syn.questions(attempts: 3))
    let asked = try #require(Registry.dissect(three.question(Self.port80, attempt: 2)).first(TCP.self))
    let reply = packet(tcp(asked, [.syn, .ack], ack: asked.sequenceNumber &+ 1))
    #expect(three.read(reply).answer?.attempt == 2)
    #expect(two.read(reply).noise?.hasPrefix("is for port \(asked.sourcePort), not for our") == true)
  }

  @Test func ofOnePortAttemptsAreNotTold() throws {
    let questions = try Way.syn.questions(sourcePorts: 12_345...12_345)
    let asked = try #require(Registry.dissect(questions.question(Self.port80, attempt: 1)).first(TCP.self))
    let reply = packet(tcp(asked, [.syn, .ack], ack: asked.sequenceNumber &+ 1))
    let answer = try #require(questions.read(reply).answer)
    #expect(answer.attempt == nil && answer.isPlain)
    let looked = questions.examine(reply.rawSpan, .plain)
    #expect(looked.finding.answer?.verdict == .open && looked.finding.answer?.attempt == nil)
    #expect(looked.match?.why == "SYN-ACK that acknowledges our SYN")
  }

  @Test func aRSTHasToGiveBackTheNumberThatAnACKCarried() throws {
    for kept in [[], .acknowledgmentNumber] as [SweepQuestions.Kept] {
      let questions = try Way.ack.questions(keeping: kept)
      let asked = try #require(Registry.dissect(questions.question(Self.port80)).first(TCP.self))
      #expect((asked.acknowledgmentNumber == 0x0102_0304) == (kept == .acknowledgmentNumber))
      func answer(_ number: UInt32) -> [UInt8] {
        packet(TCP(from: 80, to: asked.sourcePort, flags: .rst, sequenceNumber: number))
      }
      let answered = questions.read(answer(asked.acknowledgmentNumber)).answer
      #expect(answered?.verdict == .unfiltered && answered?.isPlain == true)
      for near in [asked.acknowledgmentNumber &+ 1, asked.acknowledgmentNumber &- 1, asked.sequenceNumber, 0] {
        #expect(questions.read(answer(near)).noise != nil)
      }
    }
    let (one, other) = (try Way.ack.questions(), try Way.ack.questions(key: SweepKey(1, 3)))
    let numbers = [one, other].map { Registry.dissect($0.question(Self.port80)).first(TCP.self)?.acknowledgmentNumber }
    #expect(numbers[0] != numbers[1])
  }

  @Test(arguments: Way.allCases) func anotherRunsAnswerIsNoise(_ way: Way) throws {
    let (ours, theirs) = (try way.questions(), try way.questions(key: SweepKey(1, 3)))
    let target = way.hasPorts ? Self.port80 : Self.host
    let asked = Registry.dissect(theirs.question(target))
    let reply: [UInt8] =
      if let segment = asked.first(TCP.self) {
        way == .ack
          ? packet(TCP(from: 80, to: segment.sourcePort, flags: .rst, sequenceNumber: segment.acknowledgmentNumber))
          : packet(
            tcp(segment, [.rst, .ack], ack: segment.sequenceNumber &+ UInt32(asked.payload.count) &+ 1))
      } else if let datagram = asked.first(UDP.self) {
        packet(UDP(from: 80, to: datagram.sourcePort), Payload("x"))
      } else if let query = asked.first(ICMPv4.self), let type = query.type.reply {
        packet(
          ICMPv4(type: type, restOfHeader: query.restOfHeader, numbers: query.numbers), Payload(octets: asked.payload))
      } else {
        []
      }
    #expect(theirs.read(reply).answer?.isPlain == true)
    #expect(ours.read(reply).noise != nil)
    let error = packet(ICMPv4.destinationUnreachable(code: 1), Payload(octets: asked.bytes), from: Hosts.router)
    #expect(theirs.read(error).answer?.isPlain == true)
    #expect(ours.read(error).noise != nil)
  }

  @Test func ourOwnQuestionIsNoAnswer() throws {
    for way in Way.allCases {
      let questions = try way.questions()
      let question = questions.question(way.hasPorts ? Self.port80 : Self.host)
      #expect(questions.read(question).noise == "is our own question, heard as it left")
      let other = try way.questions(key: SweepKey(3, 4)).question(way.hasPorts ? Self.port80 : Self.host)
      #expect(
        questions.read(other).noise != nil && questions.read(other).noise != "is our own question, heard as it left")
      // Sent back by the host, with the addresses exchanged.
      var echoed = question
      echoed.replaceSubrange(12..<20, with: question[16..<20] + question[12..<16])
      #expect(questions.read(echoed).answer == nil)
    }
  }

  @Test func anEchoReplyBringsItsTimeBack() throws {
    let questions = try Way.echo.questions()
    let sent = Instant(nanoseconds: 123_456_789_012)
    let asked = Registry.dissect(questions.question(Self.host, attempt: 1, at: sent))
    let query = try #require(asked.first(ICMPv4.self))
    func reply(_ data: [UInt8], _ word: UInt32? = nil) -> SweepFinding {
      questions.read(
        packet(ICMPv4(type: .echoReply, restOfHeader: word ?? query.restOfHeader), Payload(octets: data)))
    }
    let answer = try #require(reply(asked.payload).answer)
    #expect(answer.attempt == 1 && answer.asked == sent && answer.verdict == .reply && answer.isPlain)
    #expect(reply(asked.payload, query.restOfHeader &+ 1).noise?.contains("sequence number") == true)
    #expect(reply(asked.payload, query.restOfHeader &+ 0x1_0000).noise?.contains("carries id") == true)
    // An altered octet is told, be it in the cookie or in the time; another run's whole cookie is not ours.
    for place in [0, 17, 31] {
      var data = asked.payload
      data[place] ^= 1
      #expect(reply(data).answer?.flags == [.dataMismatch])
    }
    let theirs = try Way.echo.questions(key: SweepKey(9, 9)).question(Self.host, at: sent)
    #expect(reply(Registry.dissect(theirs).payload).noise?.contains("cookie") == true)
    #expect(reply([]).answer?.flags == [.dataMismatch])
  }

  @Test func aPortUnreachableIsTheHostsWord() throws {
    let questions = try Way.udp.questions()
    let question = questions.question(Self.port80, attempt: 1)
    let error = ICMPv4.destinationUnreachable(code: 3)
    let closed = try #require(questions.read(packet(error, Payload(octets: question))).answer)
    #expect(closed.verdict == .closed && closed.by == .icmpError && closed.attempt == 1 && closed.isPlain)
    #expect(closed.icmp?.type == 3 && closed.icmp?.code == 3 && closed.target == Self.port80)
    let rejected = try #require(
      questions.read(packet(error, Payload(octets: question), from: Hosts.router)).answer)
    #expect(rejected.verdict == .filtered && rejected.flags == [.thirdParty] && rejected.from == .v4(Hosts.router))
    #expect(!rejected.isPlain)
    let short = questions.read(packet(error, Payload(octets: Array(question.prefix(27)))))
    #expect(short.noise?.hasPrefix("quotes only 7 octets of the udp header") == true)
    let whole = questions.read(packet(error, Payload(octets: Array(question.prefix(28)))))
    #expect(whole.answer?.isPlain == true)
  }

  @Test func halfAnAlteredChecksumIsTold() throws {
    let questions = try Way.syn.questions()
    var quote = Array(questions.question(Self.port80).prefix(37))
    let error = ICMPv4.destinationUnreachable(code: 1)
    #expect(questions.read(packet(error, Payload(octets: quote), from: Hosts.router)).answer?.flags == [])
    quote[36] ^= 1
    #expect(questions.read(packet(error, Payload(octets: quote), from: Hosts.router)).answer?.flags == [.quoteAltered])
  }

  @Test func aWrongSumIsNoiseUnlessNobodyHasComputedIt() throws {
    let questions = try Way.syn.questions()
    let asked = try #require(Registry.dissect(questions.question(Self.port80)).first(TCP.self))
    var reply = packet(tcp(asked, [.syn, .ack], ack: asked.sequenceNumber &+ 1))
    reply[36] ^= 0xff
    #expect(questions.read(reply).noise?.hasPrefix("tcp checksum is") == true)
    var facts = BulkFacts.plain
    facts.checksumNotReady = true
    #expect(questions.read(reply, facts).answer?.verdict == .open)
    reply[10] ^= 0xff
    #expect(questions.read(reply, facts).noise?.hasPrefix("ip checksum is") == true)
  }

  @Test func whatTheEarCutShortStillAnswers() throws {
    let questions = try Way.udp.questions()
    let asked = try #require(Registry.dissect(questions.question(Self.port80)).first(UDP.self))
    let reply = packet(UDP(from: 80, to: asked.sourcePort), Payload(octets: [UInt8](repeating: 1, count: 500)))
    let cut = Array(reply.prefix(200))
    var facts = BulkFacts.plain
    facts.length = reply.count
    let ours = questions.read(cut.rawSpan, facts)
    #expect(ours.answer?.verdict == .open)
    // Cut by another it promises more than came.
    facts.length = 200
    let theirs = questions.read(cut.rawSpan, facts)
    #expect(theirs.noise?.contains("but only 200 octets came") == true)
  }

  @Test func aFragmentIsNoise() throws {
    let questions = try Way.udp.questions()
    let asked = try #require(Registry.dissect(questions.question(Self.port80)).first(UDP.self))
    let reply = AnyPacket([
      IPv4(from: Hosts.asked, to: Hosts.us, flags: .moreFragments), UDP(from: 80, to: asked.sourcePort),
    ]).octets
    #expect(questions.read(reply).noise == "is a fragment, which is not put together here")
  }

  @Test func aServiceThatRepeatsNotOurNumberAnswersWeakly() throws {
    let questions = try Way.services.questions()
    for (port, answered) in [(53, 0), (123, 24), (161, 9), (3478, 8)] as [(UInt16, Int)] {
      let target = SweepTarget(address: .v4(Hosts.asked), port: port)
      let asked = Registry.dissect(questions.question(target))
      let datagram = try #require(asked.first(UDP.self))
      var data = asked.payload
      if port == 123 { data.replaceSubrange(24..<32, with: data[40..<48]) }
      let right = questions.read(packet(UDP(from: port, to: datagram.sourcePort), Payload(octets: data)))
      #expect(right.answer?.isPlain == true && right.answer?.flags == [])
      data[answered] ^= 1
      let wrong = questions.read(packet(UDP(from: port, to: datagram.sourcePort), Payload(octets: data)))
      #expect(wrong.answer?.verdict == .open && wrong.answer?.flags == [.weakMatch])
    }
  }
}
