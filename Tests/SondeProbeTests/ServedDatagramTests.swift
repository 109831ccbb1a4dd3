internal import SondeOctets
internal import SondeProbe
internal import Testing

/// What a service makes of a datagram; and that nobody can be made to suffer by it.
@Suite struct ServedDatagramTests {
  private static let host = IPAddress("192.0.2.1") ?? .v4(.loopback)

  private func served(
    _ service: Service, _ octets: [UInt8] = [1, 2, 3], from source: IPAddress = host, port: UInt16 = 40_000,
    isForMany: Bool = false
  ) -> ServedDatagram {
    ServedDatagram(service, octets[...], from: source, port: port, isForMany: isForMany) { [0x54] }
  }

  private func isRefused(_ served: ServedDatagram) -> Bool {
    if case .refused = served { true } else { false }
  }

  @Test func eachServiceMakesItsOwnOfIt() {
    #expect(served(.echo) == .answer([1, 2, 3]))
    #expect(served(.echo, []) == .answer([]))
    #expect(served(.discard) == .discarded)
    #expect(served(.daytime) == .answer([0x54]))
    #expect(served(.chargen) == .answer(Array(" !\"".utf8)))
  }

  @Test(arguments: [0, 1, 511, 512, 513, 65_507])
  func noAnswerOfChargenIsLongerThanWhatAskedForItNorThan512(count: Int) {
    let answer = served(.chargen, [UInt8](repeating: 0, count: count))
    #expect(answer == .answer(Array(CharacterPattern.octets.prefix(min(count, 512)))))
  }

  @Test(arguments: [7, 9, 13, 17, 19] as [UInt16]) func aPortThatMightAnswerIsNotAnswered(port: UInt16) {
    for service in [Service.echo, .daytime, .chargen] {
      #expect(isRefused(served(service, port: port)))
      #expect(!isRefused(served(service, port: port + 1)))
    }
  }

  /// Two services at ports of their own would answer each other without end, once somebody forges the first question.
  @Test func aPortOfTheServerItselfIsNotAnswered() {
    func served(_ port: UInt16, _ own: Set<UInt16>) -> ServedDatagram {
      ServedDatagram(.echo, [1], from: Self.host, port: port, ownPorts: own, isForMany: false) { [0x54] }
    }
    #expect(isRefused(served(2007, [2007, 2008])) && isRefused(served(2008, [2007, 2008])))
    #expect(!isRefused(served(2009, [2007, 2008])) && !isRefused(served(2007, [])))
  }

  @Test(arguments: ["0.0.0.0", "255.255.255.255", "224.0.0.1", "239.255.255.255", "::", "ff02::1"])
  func aSourceThatIsNoHostIsNotAnswered(source: String) throws {
    #expect(isRefused(served(.echo, from: try #require(IPAddress(source)))))
  }

  @Test(arguments: ["0.0.0.1", "223.255.255.255", "240.0.0.1", "::1", "fe80::1", "2001:db8::1"])
  func aHostIsAnswered(source: String) throws {
    #expect(!isRefused(served(.echo, from: try #require(IPAddress(source)))))
  }

  @Test func whatCameToManyOrFromNoPortIsNotAnswered() {
    #expect(isRefused(served(.echo, isForMany: true)))
    #expect(isRefused(served(.echo, port: 0)))
    #expect(!isRefused(served(.echo, port: 1)))
    // Nothing would be said anyway.
    #expect(served(.discard, port: 7, isForMany: true) == .discarded)
  }
}
