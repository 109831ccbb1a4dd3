import Sonde
import Testing
import WireSupport

/// The library's own way out and back, between two hosts of a private network.
@Suite(.wire) struct AskingWireTests {
  /// The first answers, by the packet's place.
  private func answers(_ asking: Asking) throws -> [Int: Answer] {
    var answers: [Int: Answer] = [:]
    try asking.run { event in
      if case .answer(let answer) = event, answer.isFirst { answers[answer.target] = answer }
    }
    return answers
  }

  @Test func everyPacketGetsItsOwnAnswer() throws {
    let verdicts = try WireNetwork.run { _ in
      let packets = [
        Packet {
          IPv4(to: "10.9.0.2")
          ICMPv4.echoRequest(identifier: 0x0101, sequenceNumber: 0x0202)
        }.erased,
        Packet {
          IPv4(to: "10.9.0.2")
          TCP(from: 40_001, to: 9, flags: .syn, sequenceNumber: 7, options: [.mss(1460), .sackPermitted])
        }.erased,
        Packet {
          IPv6(to: "fd09::2")
          UDP(from: 40_002, to: 9)
          "hello"
        }.erased,
        // Nobody is there: the router in between has no route.
        Packet {
          IPv4(to: "10.9.2.7")
          ICMPv4.echoRequest(identifier: 0x0101, sequenceNumber: 0x0203)
        }.erased,
      ]
      return try answers(Asking(packets, timeout: .seconds(30))).mapValues { "\($0.verdict) by \($0.by)" }
    }
    #expect(
      verdicts == [
        0: "reply by echo-reply", 1: "closed by tcp-reset", 2: "closed by icmp-error", 3: "unreachable by icmp-error",
      ])
  }

  @Test func silenceIsAnEventToo() throws {
    let tally = try WireNetwork.run { _ in
      let dropped = Packet {
        IPv4(to: "10.9.0.2")
        ICMPv4.echoRequest(identifier: 1, sequenceNumber: 1, checksum: 0xdead)
      }
      return try Asking([dropped.erased], timeout: .milliseconds(300)).run { _ in }
    }
    #expect(tally.sent == 1 && tally.silent == 1 && tally.answered == 0)
  }

  @Test func aDoorThatCannotKeepAFieldIsNotTaken() throws {
    let answered = try WireNetwork.run { _ in
      let packet = Packet {
        IPv4(to: "10.9.0.2", totalLength: 28)
        ICMPv4.echoRequest(identifier: 1, sequenceNumber: 1)
      }
      // Only the cooked door keeps a written total length; it is right, so the host answers.
      return try answers(Asking([packet.erased], timeout: .seconds(30))).count
    }
    #expect(answered == 1)
  }

  @Test func noRouteIsAnErrorAndNothingIsSent() throws {
    let message = try WireNetwork.run { _ in
      let packet = Packet {
        IPv4(to: "192.0.2.1")
        UDP()
      }
      do throws(LinkError) {
        try Asking([packet.erased]).run { _ in }
        return ""
      } catch {
        return error.message
      }
    }
    #expect(message == "no route to that network from here")
  }

  @Test func eventsComeAsASequence() async throws {
    let packet = Packet {
      IPv4(to: "127.0.0.1")
      ICMPv4.echoRequest(identifier: 5, sequenceNumber: 6)
    }
    let stream = try Asking([packet.erased], timeout: .seconds(30)).events()
    var verdicts: [Verdict] = []
    for try await event in stream {
      if case .answer(let answer) = event { verdicts.append(answer.verdict) }
    }
    #expect(verdicts == [.reply])
  }
}

/// Several packets of one run, each with its own ports.
@Suite(.wire) struct AskingSeveralWireTests {
  @Test func everyFlowIsHeard() throws {
    let verdicts = try WireNetwork.run { _ in
      let packets = ([1000, 2000, 3000] as [UInt16]).map { port in
        Packet {
          IPv4(to: "10.9.0.2")
          UDP(from: port, to: 9)
        }.erased
      }
      var verdicts: [Verdict] = []
      try Asking(packets, timeout: .seconds(5)).run { event in
        if case .answer(let answer) = event { verdicts.append(answer.verdict) }
      }
      return verdicts
    }
    #expect(verdicts == [.closed, .closed, .closed])
  }

  @Test func everyMemberOfABroadcastAnswersForItself() throws {
    let flags = try WireNetwork.run { network in
      try network.onFar { try network.sh("echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_broadcasts") }
      let packet = Packet {
        IPv4(to: "10.9.0.255")
        ICMPv4.echoRequest(identifier: 3, sequenceNumber: 4)
      }
      var flags: [[AnswerFlag]] = []
      try Asking([packet.erased], timeout: .milliseconds(500)).run { event in
        if case .answer(let answer) = event { flags.append(answer.flags) }
      }
      return flags
    }
    #expect(flags == [[.otherAddress]])
  }
}
