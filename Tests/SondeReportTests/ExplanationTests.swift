import SondeHeaders
import SondeOctets
import SondeReport
import Testing

@testable import SondeProbe

/// Every answer has a sentence that says what it proves, and where that is written.
@Suite struct ExplanationTests {
  private static let there = IPv4(from: "192.0.2.1", to: "198.51.100.7")
  private static let there6 = IPv6(from: "2001:db8::1", to: "2001:db8:7::7")

  private func asked(_ layers: any Header...) throws -> Dissection {
    Registry.dissect(try AnyPacket(layers).encoded().bytes)
  }

  private var probes: [Dissection] {
    get throws {
      [
        try asked(Self.there, TCP(from: 4000, to: 80)), try asked(Self.there, TCP(from: 4000, to: 80, flags: .ack)),
        try asked(Self.there, TCP(from: 4000, to: 80, flags: [.fin, .ack])),
        try asked(Self.there, TCP(from: 4000, to: 80, flags: .fin)), try asked(Self.there, UDP(from: 4000, to: 53)),
        try asked(Self.there, ICMPv4.echoRequest()), try asked(Self.there6, ICMPv6.echoRequest()),
        try asked(Self.there, ICMPv4.timestampRequest()), try asked(Self.there, Payload("raw")),
      ]
    }
  }

  private static let bases: [Basis] = [
    .echoReply, .timestampReply, .informationReply, .addressMaskReply, .extendedEchoReply, .udp, .tcpSYNACK, .tcpSYN,
    .tcpReset, .arpReply, .arpRequest, .neighborAdvertisement, .neighborSolicitation, .icmpError, .localError, .sctp,
    .sctpInitACK, .sctpAbort, Basis(rawValue: "what nobody knows yet"),
  ]
  private static let verdicts: [Verdict] = [
    .reply, .open, .closed, .filtered, .unfiltered, .openOrFiltered, .unreachable, .timeExceeded, .tooBig,
    .parameterProblem, .addressInUse, .timeout, .sendFailed,
  ]

  /// Whether it is a sentence that names a section or a page of an RFC.
  private func isSourced(_ sentence: String) -> Bool {
    guard sentence.hasSuffix(")."), !sentence.contains("  ") else { return false }
    return sentence.contains(/RFC \d+( §|, page|, app|, Fields|, Packet)/)
  }

  @Test func everyBasisHasASentenceWithItsSource() throws {
    for probe in try probes + [nil] {
      for basis in Self.bases {
        for verdict in Self.verdicts {
          let sentence = explanation(of: Happening.answer(1, verdict, by: basis), asked: probe)
          #expect(isSourced(sentence), "\(basis): \(sentence)")
        }
      }
    }
  }

  @Test func anAdvertisementOfAnAddressInUseIsNotCalledSolicited() throws {
    // Nobody can solicit from no address: such advertisements go to all (RFC 4861 §7.2.4).
    let inUse = explanation(of: Happening.answer(1, .addressInUse, by: .neighborAdvertisement), asked: nil)
    #expect(inUse.contains("another node on this link has it (RFC 4862 §5.4.4)") && !inUse.contains("solicited"))
    let reply = explanation(of: Happening.answer(1, .reply, by: .neighborAdvertisement), asked: nil)
    #expect(reply.hasPrefix("A solicited neighbor advertisement"))
  }

  @Test func everyFlagHasASentenceOfItsOwnWithItsSource() throws {
    let plain = explanation(of: Happening.answer(1), asked: nil)
    var sentences: Set<String> = []
    for flag in AnswerFlag.allCases {
      let sentence = explanation(of: Happening.answer(1, flags: [flag]), asked: nil)
      #expect(sentence.hasPrefix(plain + " "), "\(flag): \(sentence)")
      let added = String(sentence.dropFirst(plain.count + 1))
      #expect(isSourced(added), "\(flag): \(added)")
      #expect(sentences.insert(added).inserted, "\(flag) has another flag's sentence")
    }
    #expect(sentences.count == AnswerFlag.allCases.count)
    #expect(explanation(of: Happening.answer(1, flags: [AnswerFlag(rawValue: "new")]), asked: nil) == plain)
  }

  private func answer(_ error: any Header, by probe: Dissection) throws -> Answer {
    let isOld = probe.layers.first?.header is IPv4
    let outer: any Header =
      isOld
      ? IPv4(from: "203.0.113.1", to: "192.0.2.1") : IPv6(from: "2001:db8:99::1", to: "2001:db8::1") as any Header
    let reply = try asked(outer, error, Quote(probe.packet))
    return Happening.answer(1, .unreachable, by: .icmpError, report: reply.errorReport)
  }

  @Test func everyNamedCodeHasASentenceOfItsOwn() throws {
    let echo = try asked(Self.there, ICMPv4.echoRequest())
    var sentences: [String: String] = [:]
    for type in [3, 11, 12] as [UInt8] {
      for code in 0...17 as ClosedRange<UInt8> {
        let answer = try answer(ICMPv4(type: .init(rawValue: type), code: code), by: echo)
        let sentence = explanation(of: answer, asked: echo)
        #expect(isSourced(sentence), "\(type)/\(code): \(sentence)")
        guard answer.report?.isOddCode == false else { continue }
        let before = sentences.updateValue("\(type)/\(code)", forKey: sentence)
        #expect(before == nil, "\(type)/\(code) has the sentence of \(before ?? "")")
      }
    }
    #expect(sentences.count == 16 + 2 + 3)
  }

  @Test func everyNamedCodeOfICMPv6HasASentenceOfItsOwn() throws {
    let echo = try asked(Self.there6, ICMPv6.echoRequest())
    var sentences: [String: String] = [:]
    for type in [1, 2, 3, 4, 77] as [UInt8] {
      for code in 0...12 as ClosedRange<UInt8> {
        let answer = try answer(ICMPv6(type: .init(rawValue: type), code: code), by: echo)
        let sentence = explanation(of: answer, asked: echo)
        #expect(isSourced(sentence), "\(type)/\(code): \(sentence)")
        guard answer.report?.isOddCode == false else { continue }
        let before = sentences.updateValue("\(type)/\(code)", forKey: sentence)
        #expect(before == nil, "\(type)/\(code) has the sentence of \(before ?? "")")
      }
    }
    #expect(sentences.count == 9 + 1 + 2 + 11)
  }

  @Test func portUnreachableMeansAnotherThingForEachProbeAndSender() throws {
    let (tcp, udp, echo) = (try probes[0], try probes[4], try probes[5])
    let error = ICMPv4.destinationUnreachable(code: 3)
    var closed = try answer(error, by: udp)
    closed.verdict = .closed
    let sentences = [
      explanation(of: closed, asked: udp), explanation(of: try answer(error, by: udp), asked: udp),
      explanation(of: try answer(error, by: tcp), asked: tcp),
      explanation(of: try answer(error, by: echo), asked: echo),
    ]
    #expect(Set(sentences).count == 4)
    #expect(sentences[0].contains("no program takes datagrams at the port"))
    #expect(sentences[2].contains("RFC 9293"))
    #expect(sentences.allSatisfy(isSourced))
  }

  @Test func aResetMeansAnotherThingForEachSegment() throws {
    let sentences = try probes[..<4].map { explanation(of: Happening.answer(1, .closed, by: .tcpReset), asked: $0) }
    #expect(Set(sentences).count == 4)
    #expect(sentences[0].contains("nothing listens on the port"))
    #expect(sentences[1].contains("whether the port is open it does not tell"))
  }

  @Test func everySilenceHasASentence() throws {
    for probe in try probes + [nil] {
      for verdict in Self.verdicts {
        let silence = explanation(of: Happening.silence(1, verdict), asked: probe)
        #expect(isSourced(silence), "\(silence)")
        #expect(explanation(of: Happening.settlement(0, verdict), asked: probe) == silence)
      }
    }
    #expect(
      explanation(of: Happening.silence(1, .openOrFiltered), asked: try probes[4])
        != explanation(of: Happening.silence(1, .openOrFiltered), asked: try probes[3]))
  }

  /// A flag may mean less than its usual case: what it says holds of every answer that has it.
  @Test func noFlagClaimsMoreThanItsAnswer() throws {
    func added(_ flag: AnswerFlag, _ probe: Dissection) -> String {
      let plain = explanation(of: Happening.answer(1), asked: probe)
      return String(explanation(of: Happening.answer(1, flags: [flag]), asked: probe).dropFirst(plain.count + 1))
    }
    let (tcp, raw) = (try probes[0], try probes[8])
    #expect(added(.weakMatch, tcp).contains("sequence number"))
    #expect(!added(.weakMatch, raw).contains("ports") && isSourced(added(.weakMatch, raw)))
    // A router's error may be late as well, one host may have two addresses, and a cluster answers in two names.
    #expect(!added(.late, tcp).contains("the host answers"))
    #expect(added(.proxy, raw).contains("one host that has them all"))
    #expect(!added(.inconsistent, raw).contains("honest"))
  }

  @Test func noiseIsExplained() throws {
    for why in [
      "carries id 8, not our 7", "udp checksum is 0x1234, not 0x4321",
      "source-quench only advises, and answers nothing",
      "is our own SYN sent back, sequence number 7", "quotes only 2 octets of the udp header, too few to know it by",
      "quotes sequence number 7, not our 8", "quotes source port 1, not our 2", "acknowledges 77, not our 4243",
      "has hop limit 64, not 255: it did not come from this link", "comes from port 1, not from 2",
    ] {
      guard case .noise(var noise) = Happening.noise(at: 0) else { continue }
      noise.why = why
      for probe in try probes { #expect(isSourced(explanation(of: noise, asked: probe)), "\(why)") }
    }
  }

  @Test func eventsAreExplainedByWhatWasAsked() throws {
    var explainer = Explainer()
    #expect(explainer.sentence(Happening.sent(1)) == nil)
    let answer = Happening.answer(1)
    #expect(explainer.sentence(.answer(answer))?.contains("RFC 792, page 14") == true)
    #expect(explainer.sentence(.silence(Happening.silence(1)))?.contains("RFC 1122 §3.2.2.6") == true)
    #expect(explainer.sentence(.silence(Happening.silence(2)))?.contains("silence proves nothing") == true)
  }

  @Test func jsonSaysItOnlyWhenAsked() {
    for explains in [true, false] {
      var json = EventJSON([.init(host: "example.com")], explains: explains, door: { _ in "raw" })
      _ = json.lines(Happening.sent(1))
      for event in [.answer(Happening.answer(1)), .silence(Happening.silence(1)), Happening.noise(at: 0)] as [Event] {
        let line = json.lines(event).first ?? ""
        #expect(line.contains(#""explain":""#) == explains, "\(line)")
      }
    }
  }

  @Test func aTableExplainsEachReasonOnce() {
    let ports = (1...3).map { port in
      PortTable.Port(
        port: UInt16(port), proto: "tcp",
        settlement: Happening.settlement(port, .closed, Happening.answer(1, .closed, by: .tcpReset)),
        explanation: port == 3 ? "Another (RFC 791 §1.2)." : "Nothing listens (RFC 9293 §3.5.2).")
    }
    let lines = PortTable(ports).lines()
    #expect(lines.count == 6)
    #expect(lines[2] == "    Nothing listens (RFC 9293 §3.5.2).")
    #expect(lines[5] == "    Another (RFC 791 §1.2).")
    #expect(PortTable(Array(ports.prefix(2))).lines().count == 4)
  }
}
