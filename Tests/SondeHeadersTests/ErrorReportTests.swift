internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What ICMP errors are called and carry; names are IANA's.
@Suite struct ErrorReportTests {
  @Test(arguments: [
    ("net unreachable, UDP, whole", "net-unreachable", Verdict.unreachable),
    ("port unreachable, TCP, 8 octets", "port-unreachable", .unreachable),
    ("fragmentation needed, ICMP, whole", "fragmentation-needed", .tooBig),
    ("time exceeded, UDP, 8 octets", "ttl-exceeded", .timeExceeded),
    ("parameter problem, UDP, 8 octets", "parameter-problem", .parameterProblem),
    ("unreachable 3/77, UDP, whole", "destination-unreachable-code-77", .unreachable),
    ("ICMPv6 no route, whole", "no-route", .unreachable), ("ICMPv6 port, whole", "port-unreachable", .unreachable),
    ("ICMPv6 too big, 8 octets", "packet-too-big", .tooBig),
    ("ICMPv6 hop limit, whole", "hop-limit-exceeded", .timeExceeded),
    ("ICMPv6 parameter, whole", "unrecognized-next-header", .parameterProblem),
  ])
  func goldenErrorsAreNamed(_ name: String, _ called: String, _ verdict: Verdict) throws {
    let vector = try #require(Vectors.file("quote").first { $0.name == name })
    let report = try #require(Registry.dissect(vector.bytes).errorReport)
    #expect(report.name == called)
    #expect(report.verdict == verdict)
    #expect(report.isPortUnreachable == name.contains("port"))
    #expect(report.isOddCode == name.contains("77"))
    #expect(!report.isAdvice)
    #expect(report.mtu == (name.contains("fragmentation") ? 1400 : name.contains("too big") ? 1280 : nil))
    #expect(report.pointer == (name.contains("parameter") ? name.contains("ICMPv6") ? 6 : 20 : nil))
  }

  /// The octet before the MTU counts the words of an extended quote (RFC 4884 §4.1).
  @Test func theMTUIsTheLowHalfAlone() {
    let extended = ICMPv4(type: .destinationUnreachable, code: 4, restOfHeader: 0x0020_0578)
    #expect(extended.errorReport?.mtu == 1400)
    #expect(ICMPv4(type: .parameterProblem, restOfHeader: 0x1420_0000).errorReport?.pointer == 20)
    #expect(ICMPv6.packetTooBig(mtu: 0x0001_0000).errorReport?.mtu == 65536)
  }

  @Test func everyOtherTypeIsNoError() {
    for type in UInt8.min ... .max {
      #expect((ICMPv4(type: .init(rawValue: type)).errorReport != nil) == [3, 4, 5, 11, 12].contains(type))
      let report = ICMPv6(type: .init(rawValue: type)).errorReport
      #expect((report != nil) == (type < 128))
      #expect(report.map { $0.isOddCode } == (type < 128 ? !(1...4).contains(type) : nil))
    }
  }

  @Test func namedCodesEndWhereIANAsDo() {
    let last: [(UInt8, UInt8)] = [(3, 15), (4, 0), (5, 3), (11, 1), (12, 2)]
    for (type, code) in last {
      #expect(ICMPv4(type: .init(rawValue: type), code: code).errorReport?.isOddCode == false)
      #expect(ICMPv4(type: .init(rawValue: type), code: code + 1).errorReport?.isOddCode == true)
    }
    for (type, code) in [(1, 8), (2, 0), (3, 1), (4, 10)] as [(UInt8, UInt8)] {
      #expect(ICMPv6(type: .init(rawValue: type), code: code).errorReport?.isOddCode == false)
      #expect(ICMPv6(type: .init(rawValue: type), code: code + 1).errorReport?.isOddCode == true)
    }
  }

  @Test func portUnreachableIsOneCodeOfEachVersion() {
    for code in UInt8.min ... .max {
      #expect(ICMPv4.destinationUnreachable(code: code).errorReport?.isPortUnreachable == (code == 3))
      #expect(ICMPv6.destinationUnreachable(code: code).errorReport?.isPortUnreachable == (code == 4))
      #expect(ICMPv4.timeExceeded(code: code).errorReport?.isPortUnreachable == false)
    }
  }
}
