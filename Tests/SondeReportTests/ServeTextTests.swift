internal import SondeProbe
internal import SondeReport
internal import Testing

/// What a server tells.
@Suite struct ServeTextTests {
  private static let near = ServedClient(number: 1, service: .echo, address: "127.0.0.1", port: 40_001)
  private static let far = ServedClient(number: 12, service: .welcome, address: "2001:db8::1", port: 9)
  private static let octets = {
    var octets = ServedOctets()
    (octets.received, octets.sent) = (15, 66)
    return octets
  }()

  @Test func aReadyServiceSaysWhere() {
    let both = ReadyService(.echo, port: 7, overTCP: true, overUDP: true, addresses: ["127.0.0.1", "::1"])
    #expect(ServeText.ready(both) == "echo is ready: TCP and UDP port 7 at 127.0.0.1 and ::1")
    #expect(
      ServeJSON.ready(both).line
        == #"{"type":"ready","service":"echo","port":7,"transports":["tcp","udp"],"addresses":["127.0.0.1","::1"]}"#)
    let one = ReadyService(.welcome, port: 1234, overTCP: true, overUDP: false, addresses: ["::"])
    #expect(ServeText.ready(one) == "welcome is ready: TCP port 1234 at ::")
  }

  @Test func aConnectionHasALineAtEachEnd() {
    #expect(ServeText.opened(Self.near) == "1 echo 127.0.0.1:40001 opened")
    #expect(
      ServeText.closed(Self.near, Self.octets, after: 12_345_678, .client)
        == "1 echo 127.0.0.1:40001 closed by the client after 0.012 s: 15 octets in, 66 out")
    #expect(
      ServeText.closed(Self.far, ServedOctets(), after: 0, .failure("no memory"))
        == "12 welcome [2001:db8::1]:9 failed: no memory after 0.000 s: 0 octets in, 0 out")
  }

  @Test(arguments: [
    (ServedEnding.client, "client"), (.service, "service"), (.reset, "reset"), (.silence, "silence"), (.idle, "idle"),
    (.limit, "limit"), (.stopped, "stopped"),
  ])
  func theEndIsAWordInJSON(ending: ServedEnding, word: String) {
    let object = ServeJSON.closed(Self.near, Self.octets, after: 5, ending, wall: 0, elapsed: 7)
    #expect(
      object.line
        == #"{"type":"closed","connection":1,"service":"echo","from":"127.0.0.1","port":40001,"#
        + #""time":"1970-01-01T00:00:00.000000000Z","at_ns":7,"duration_ns":5,"octets_in":15,"octets_out":66,"#
        + "\"ended\":\"\(word)\",\"why\":null}")
  }

  @Test func aRefusedDatagramSaysWhy() {
    #expect(
      ServeText.datagram(Self.near, Self.octets, refusal: nil)
        == "echo 127.0.0.1:40001 datagram: 15 octets in, 66 out")
    #expect(
      ServeText.datagram(Self.near, ServedOctets(), refusal: "it has no source port")
        == "echo 127.0.0.1:40001 datagram: 0 octets in, 0 out; not answered: it has no source port")
    let object = ServeJSON.datagram(Self.near, ServedOctets(), refusal: "so", wall: 0, elapsed: 0)
    #expect(object.line.hasSuffix(#""octets_in":0,"octets_out":0,"why":"so"}"#))
  }

  @Test func theSummaryCountsAll() {
    var totals = ServedTotals()
    #expect(ServeText.summary(totals) == "0 connections, 0 datagrams: 0 octets in, 0 out")
    (totals.connections, totals.datagrams, totals.refused, totals.octets.received) = (1, 2, 1, 1)
    #expect(ServeText.summary(totals) == "1 connection, 2 datagrams, 1 datagram not answered: 1 octet in, 0 out")
    #expect(
      ServeJSON.summary(totals).line
        == #"{"type":"summary","connections":1,"datagrams":2,"refused":1,"octets_in":1,"octets_out":0}"#)
  }

  /// The expected texts are date(1)'s: `LC_ALL=C date -u -d @N '+%A, %B %-d, %Y %T-UTC'`.
  @Test(arguments: [
    (0, "Thursday, January 1, 1970 00:00:00-UTC"),
    (-1, "Wednesday, December 31, 1969 23:59:59-UTC"),
    (951782400, "Tuesday, February 29, 2000 00:00:00-UTC"),
    (951868800, "Wednesday, March 1, 2000 00:00:00-UTC"),
    (1709251199, "Thursday, February 29, 2024 23:59:59-UTC"),
    (1763732647, "Friday, November 21, 2025 13:44:07-UTC"),
    (4107542399, "Sunday, February 28, 2100 23:59:59-UTC"),
    (4107542400, "Monday, March 1, 2100 00:00:00-UTC"),
    (-2208988801, "Sunday, December 31, 1899 23:59:59-UTC"),
  ])
  func theTimeOfDayIsThatOfTheCalendar(seconds: Int64, line: String) {
    #expect(daytimeLine(seconds * 1_000_000_000) == line + "\r\n")
    #expect(daytimeLine(seconds * 1_000_000_000 + 999_999_999) == line + "\r\n")
  }
}
