import Foundation
import SondeCraft
import SondeHeaders
import SondeLink
import SondeOctets
import SondeReport
import SondeSweep
import Testing

@Suite struct SweepJSONTests {
  private func json(_ asked: Asked, proto: String = "tcp", onlyOpen: Bool = false, isVerbose: Bool = false) -> SweepJSON
  {
    SweepJSON(
      SweepSubject(
        proto: proto, asksPorts: proto != "icmp", start: Instant(nanoseconds: 1_000_000), onlyOpen: onlyOpen,
        isVerbose: isVerbose), asked.questions)
  }

  private func line(_ json: inout SweepJSON, _ event: SweepEvent, _ packet: [UInt8] = []) -> String {
    var text = TextOctets()
    json.append(event, packet.rawSpan, to: &text)
    return String(decoding: text.octets, as: UTF8.self)
  }

  private func read(_ line: String) throws -> [String: Any] {
    #expect(line.hasSuffix("\n") && line.dropLast().allSatisfy { $0 != "\n" })
    return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  @Test func aClosedPortIsOneLineWithAllThatIsKnown() throws {
    var asked = try SweepAnswers.syn()
    var json = json(asked)
    let packet = try SweepAnswers.reset(&asked)
    let line = try read(line(&json, try asked.event(packet), packet))
    #expect(line["type"] as? String == "answer" && line["probe"] as? Int == 7)
    #expect(line["verdict"] as? String == "closed" && line["by"] as? String == "tcp-reset")
    #expect(line["from"] as? String == "192.0.2.7" && line["rtt_ns"] as? Int == 81_234)
    #expect(line["rtt_clock"] as? String == "monotonic" && (line["flags"] as? [String])?.isEmpty == true)
    #expect(line["why"] as? String == "RST that acknowledges our segment" && line["icmp"] is NSNull)
    #expect(line["recipe"] as? String == Registry.dissect(packet).recipe)
    #expect(line["at_ns"] as? Int == 8_000_000 && line["time"] as? String == "2023-11-14T22:13:20.123456789Z")
    #expect(line["ttl"] as? Int == 57 && line["host"] as? String == "192.0.2.7")
    #expect(line["proto"] as? String == "tcp" && line["port"] as? Int == 80)
    #expect(line["bytes"] == nil)
  }

  @Test func theFastLineIsTheSlowLine() throws {
    for isIPv6 in [false, true] {
      var asked = try SweepAnswers.syn(isIPv6: isIPv6)
      var json = json(asked)
      for port: UInt16 in [1, 20, 80, 65_535] {
        let packet = try SweepAnswers.reset(&asked, port: port, isIPv6: isIPv6)
        let flags: [AnswerFlag] = port == 20 ? [.duplicate, .late] : []
        let (fast, slow) = (
          try asked.event(packet, flags: flags), try asked.event(packet, flags: flags, isPlain: false)
        )
        #expect(line(&json, fast, packet) == line(&json, slow, packet))
      }
    }
  }

  @Test func errorsAndRepliesAreToldAsOtherVerbsTellThem() throws {
    var asked = try Asked(UDP(), data: Array("it's\u{1}\"".utf8))
    let question = asked.question(SweepAnswers.target)
    let headers: [any Header] = [
      IPv4(from: "192.0.2.7", to: "192.0.2.1"), ICMPv4(type: .destinationUnreachable, code: 3), Quote(question.packet),
    ]
    let packet = try AnyPacket(headers).encoded().bytes
    var json = json(asked, proto: "udp")
    let written = line(&json, try asked.event(packet), packet)
    #expect(written == line(&json, try asked.event(packet, isPlain: false), packet))
    let object = try read(written)
    #expect(object["verdict"] as? String == "closed")
    #expect(object["why"] as? String == "port-unreachable, quoting our datagram")
    let icmp = try #require(object["icmp"] as? [String: Any])
    #expect(icmp["name"] as? String == "port-unreachable" && icmp["type"] as? Int == 3 && icmp["code"] as? Int == 3)
    #expect(icmp["quoted"] as? String == question.recipe && icmp["mtu"] is NSNull)
    #expect((icmp["extensions"] as? [Any])?.isEmpty == true)
  }

  @Test func aLiveHostHasNoPort() throws {
    for isIPv6 in [false, true] {
      let request: any Header = isIPv6 ? ICMPv6(type: .echoRequest) : ICMPv4(type: .echoRequest)
      var asked = try Asked(request, isIPv6: isIPv6)
      let target = SweepTarget(address: isIPv6 ? .v6("2001:db8::7") : .v4("192.0.2.7"), port: 0)
      let question = asked.question(target)
      var reply: [any Header] = [SweepAnswers.ip(isIPv6)]
      if let icmp = question.first(ICMPv4.self) {
        reply.append(ICMPv4(type: .echoReply, restOfHeader: icmp.restOfHeader))
      } else if let icmp = question.first(ICMPv6.self) {
        reply.append(ICMPv6(type: .echoReply, restOfHeader: icmp.restOfHeader))
      }
      let packet = try AnyPacket(reply + [Payload(octets: question.payload)]).encoded().bytes
      var json = json(asked, proto: "icmp", isVerbose: isIPv6)
      let written = line(&json, try asked.event(packet), packet)
      #expect(written == line(&json, try asked.event(packet, isPlain: false), packet))
      #expect(try read(written)["bytes"] as? String == (isIPv6 ? Hex.text(packet) : nil), "with -v")
      let object = try read(written)
      #expect(object["verdict"] as? String == "reply" && object["port"] == nil && object["proto"] as? String == "icmp")
      #expect(object["recipe"] as? String == Registry.dissect(packet).recipe)
    }
  }

  @Test func silentPortsAreToldAndSilentHostsOnlyIfAskedFor() throws {
    var asked = try SweepAnswers.syn()
    let silence = asked.silent(SweepAnswers.target, .filtered, attempts: 3)
    var all = json(asked)
    let object = try read(line(&all, silence))
    #expect(object["type"] as? String == "silence" && object["verdict"] as? String == "filtered")
    #expect(object["probe"] as? Int == 8 && object["why"] as? String == "no answer to 3 probes")
    #expect(object["host"] as? String == "192.0.2.7" && object["port"] as? Int == 80)
    var open = json(asked, onlyOpen: true)
    #expect(line(&open, silence).isEmpty)
    let packet = try SweepAnswers.reset(&asked)
    #expect(line(&open, try asked.event(packet), packet).isEmpty)
    var hosts = json(asked, proto: "icmp")
    #expect(line(&hosts, silence).isEmpty)
    var verbose = json(asked, proto: "icmp", isVerbose: true)
    #expect(!line(&verbose, silence).isEmpty)
  }

  @Test func noiseIsToldAHundredTimesASecond() throws {
    var json = json(try SweepAnswers.syn())
    func noise(_ at: Int64) -> SweepEvent {
      .noise(
        from: .v4("192.0.2.9"), why: SweepNoise(rawValue: "says \"no\""), at: Instant(nanoseconds: at), wall: 0)
    }
    let object = try read(line(&json, noise(0)))
    #expect(object["type"] as? String == "noise" && object["from"] as? String == "192.0.2.9")
    #expect(object["why"] as? String == "says \"no\"" && object["probe"] is NSNull)
    let lines = (1...200).filter { !line(&json, noise(Int64($0))).isEmpty }
    #expect(lines.count == 99)
    #expect(!line(&json, noise(1_000_000_000)).isEmpty, "another second")
  }

  @Test func namesStandForTheirAddresses() throws {
    var asked = try SweepAnswers.syn()
    var json = SweepJSON(
      SweepSubject(
        proto: "tcp", asksPorts: true, names: [.v4("192.0.2.7"): "example.com"], start: Instant(nanoseconds: 0)),
      asked.questions)
    let packet = try SweepAnswers.reset(&asked)
    #expect(try read(line(&json, try asked.event(packet), packet))["host"] as? String == "example.com")
  }
}
