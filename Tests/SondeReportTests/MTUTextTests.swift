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
    #expect(lines(finding(1300, .unknown)) == ["1300 or more: the run ended before the limit was found"])
    #expect(lines(finding(nil, .unknown))[0].hasPrefix("example.com does not answer, so nothing is known"))
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

  @Test func theObjectNamesARouterOrNobody() {
    func json(_ finding: MTUFinding) -> String { MTUText.json(finding, host: "example.com", interface: "eth0") }
    #expect(
      json(finding(1300, .router(.v4("192.0.2.9")))).hasPrefix(
        #"{"type":"mtu","mtu":1300,"limited_by":"192.0.2.9","evidence":"error","#))
    #expect(
      json(finding(1500, .interface)).hasPrefix(
        #"{"type":"mtu","mtu":1500,"limited_by":null,"evidence":"interface","#))
    #expect(
      json(finding(nil, .unknown)).hasPrefix(#"{"type":"mtu","mtu":null,"limited_by":null,"evidence":"none","#))
  }
}
