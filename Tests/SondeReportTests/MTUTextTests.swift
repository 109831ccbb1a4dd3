import SondeHeaders
import SondeOctets
import SondeProbe
import SondeReport
import Testing

@Suite struct MTUTextTests {
  private func finding(
    _ mtu: Int?, _ limit: MTUFinding.Limit, hole: MTUFinding.Hole? = nil, isIPv6: Bool = false,
    _ oddities: [MTUFinding.Oddity] = []
  ) -> MTUFinding {
    MTUFinding(mtu: mtu, limit: limit, isIPv6: isIPv6, oddities: oddities, hole: hole)
  }

  private func stopped(_ mtu: Int?, _ refused: Int? = nil) -> MTUFinding {
    MTUFinding(mtu: mtu, limit: .unknown, isIPv6: false, refused: refused, isStopped: true)
  }

  private func lines(_ finding: MTUFinding, isCapped: Bool = false) -> [String] {
    MTUText.lines(finding, host: "example.com", interface: "eth0", isCapped: isCapped)
  }

  @Test func theNumberComesFirstThenWhatLimits() {
    #expect(lines(finding(1300, .router(.v4("192.0.2.9")))) == ["1300 limited by 192.0.2.9"])
    #expect(lines(finding(1500, .interface)) == ["1500 limited by the interface eth0"])
    #expect(lines(finding(900, .interface), isCapped: true) == ["900 got through, and no larger size was asked for"])
    #expect(
      lines(finding(1300, .silence)) == ["1300 limited by a black hole: 1301 octets are lost without an error"])
    #expect(
      lines(finding(1300, .silence, hole: .init(behind: .v4("192.0.2.9"), before: .v4("198.51.100.1")))) == [
        "1300 limited by a black hole between 192.0.2.9 and 198.51.100.1: 1301 octets are lost without an error"
      ])
    #expect(lines(finding(65_535, .interface)) == ["65535, the largest IPv4 packet there is"])
    #expect(lines(finding(65_535, .interface, isIPv6: true)) == ["65535 limited by the interface eth0"])
    #expect(lines(finding(65_534, .interface)) == ["65534 limited by the interface eth0"])
  }

  @Test func aStoppedRunSaysBetweenWhichSizesItWas() {
    #expect(lines(stopped(1300)) == ["1300 or more: the run was stopped before the limit was found"])
    #expect(
      lines(stopped(1300, 1500)) == [
        "1300 or more, and less than 1500: the run was stopped before the limit was found"
      ])
    #expect(
      lines(stopped(nil)) == ["the run was stopped before example.com had answered, so nothing is known yet"])
  }

  @Test func theAdviceOnSilenceIsNotWhatWasAlreadyDone() {
    func advice(_ transport: String?) -> String? {
      MTUText.lines(finding(nil, .unknown), host: "example.com", interface: "eth0", transport: transport).first
    }
    let silent = "example.com does not answer, so nothing is known; "
    #expect(advice(nil) == silent + "--udp or --tcp with a port may be answered")
    #expect(advice("udp") == silent + "another port, --tcp, or echo requests without --udp may be answered")
    #expect(advice("tcp") == silent + "another port, --udp, or echo requests without --tcp may be answered")
  }

  @Test func whatIsNotBelievedIsSaid() {
    let odd = [
      MTUFinding.Oddity(from: .v4("192.0.2.9"), mtu: 0, size: 1500, reason: .zero),
      MTUFinding.Oddity(from: .v4("192.0.2.9"), mtu: 9000, size: 1500, reason: .notSmaller),
    ]
    #expect(
      lines(finding(1300, .refuser(.v4("192.0.2.9")), odd)) == [
        "1300 limited by 192.0.2.9, which does not say so: found by search",
        "192.0.2.9 called 1500 octets too big and named no MTU, as routers older than RFC 1191 do: the usual sizes "
          + "were tried",
        "192.0.2.9 called 1500 octets too big and named 9000, which is no smaller: not believed",
      ])
    #expect(lines(finding(1000, .silence, isIPv6: true)).last?.contains("RFC 8200 §5") == true)
    #expect(lines(finding(1280, .silence, isIPv6: true)).count == 1)
  }

  @Test func theSentenceOfThePacketThatDecidedIsFound() throws {
    var explainer = MTUExplainer()
    var tooBig = Happening.unreachable(4, "fragmentation-needed")
    (tooBig.verdict, tooBig.mtu) = (.tooBig, 1300)
    var sentences: [String] = []
    for event in [
      Happening.sent(1), .answer(Happening.answer(1, target: 1300)), Happening.sent(2),
      .answer(
        Happening.answer(2, .tooBig, by: .icmpError, from: "192.0.2.9", target: 1500, report: tooBig)),
      Happening.sent(3), .silence(Happening.silence(3, target: 1301)),
    ] as [Event] {
      if let sentence = explainer.sentence(event) { sentences.append(sentence) }
    }
    #expect(Set(sentences).count == 3)
    func deciding(_ limit: MTUFinding.Limit, mtu: Int = 1300, refused: Int? = nil) -> String? {
      explainer.sentence(deciding: MTUFinding(mtu: mtu, limit: limit, isIPv6: false, refused: refused))
    }
    #expect(deciding(.interface) == sentences[0])
    #expect(deciding(.router("192.0.2.9"), refused: 1301) == sentences[1])
    #expect(deciding(.refuser("192.0.2.9"), refused: 1500) == sentences[1])
    #expect(deciding(.silence, refused: 1301) == sentences[2])
    #expect(deciding(.router("192.0.2.8")) == nil && deciding(.silence, refused: 1400) == nil)
    #expect(
      MTUText.json(finding(1300, .interface), host: "example.com", interface: "eth0", explain: "So.")
        .hasSuffix(#","explain":"So."}"#))
  }

  @Test func theObjectNamesARouterOrNobody() {
    func json(_ finding: MTUFinding) -> String { MTUText.json(finding, host: "example.com", interface: "eth0") }
    #expect(
      json(finding(1300, .router(.v4("192.0.2.9")))).hasPrefix(
        #"{"type":"mtu","mtu":1300,"limited_by":"192.0.2.9","evidence":"error","#))
    #expect(
      json(finding(1500, .interface)).hasPrefix(
        #"{"type":"mtu","mtu":1500,"limited_by":null,"evidence":"interface","#))
    #expect(
      json(finding(65_535, .interface)).hasPrefix(
        #"{"type":"mtu","mtu":65535,"limited_by":null,"evidence":"interface","why":"the largest IPv4 packet there is""#)
    )
    #expect(json(stopped(1280, 1500)).hasSuffix(#""refused":1500,"stopped":true}"#))
    #expect(
      json(finding(nil, .unknown)).hasPrefix(#"{"type":"mtu","mtu":null,"limited_by":null,"evidence":"none","#))
  }
}
