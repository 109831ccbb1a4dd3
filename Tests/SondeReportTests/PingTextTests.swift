import SondeHeaders
import SondeOctets
import SondeReport
import Testing

@testable import SondeProbe

/// Each expected line is one that iputils 20221126 prints.
@Suite struct PingTextTests {
  private func text(
    _ name: String = "192.0.2.7", _ address: IPAddress = Happening.host, octets: Int = 56, isNumeric: Bool = false,
    isQuiet: Bool = false, printsTime: Bool = false, isFlood: Bool = false, zone: String = "", from: String? = nil,
    link: String? = nil
  ) -> PingText {
    PingText(
      [
        PingText.Host(
          name: name, address: address, zone: zone, dataByteCount: octets, packetByteCount: octets + 28, from: from,
          link: link)
      ], firstSequenceNumber: 1, isNumeric: isNumeric, isQuiet: isQuiet, printsTime: printsTime, reportsPending: true,
      isVerbose: false, isFlood: isFlood)
  }

  private func line(_ text: inout PingText, _ event: Event) -> String? {
    text.line(event, wall: 1_700_000_001_000_000_000)
  }

  @Test func theFirstLineIsPings() {
    #expect(text().opening() == ["PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data."])
    #expect(text("example.com").opening() == ["PING example.com (192.0.2.7) 56(84) bytes of data."])
    #expect(text("2001:db8::1", "2001:db8::1").opening() == ["PING 2001:db8::1(2001:db8::1) 56 data bytes"])
    #expect(
      text("example.com", "2001:db8::1").opening() == ["PING example.com(example.com (2001:db8::1)) 56 data bytes"])
    #expect(
      text("example.com", "2001:db8::1", isNumeric: true).opening() == ["PING example.com(2001:db8::1) 56 data bytes"])
    #expect(
      text(from: "192.0.2.1 eth0").opening() == [
        "PING 192.0.2.7 (192.0.2.7) from 192.0.2.1 eth0: 56(84) bytes of data."
      ])
    #expect(text(from: "192.0.2.1 ").opening() == ["PING 192.0.2.7 (192.0.2.7) from 192.0.2.1 : 56(84) bytes of data."])
    #expect(
      text("fe80::1%eth0", "fe80::1", zone: "%eth0").opening() == ["PING fe80::1%eth0(fe80::1%eth0) 56 data bytes"])
  }

  @Test func aReplyIsALine() {
    var plain = text()
    #expect(line(&plain, .answer(Happening.answer(1))) == "64 bytes from 192.0.2.7: icmp_seq=1 ttl=57 time=1.23 ms")
    var named = text("example.com")
    #expect(
      line(&named, .answer(Happening.answer(2)))
        == "64 bytes from example.com (192.0.2.7): icmp_seq=2 ttl=57 time=1.23 ms")
    var numeric = text("example.com", isNumeric: true)
    #expect(line(&numeric, .answer(Happening.answer(2)))?.hasPrefix("64 bytes from 192.0.2.7: ") == true)
    var small = text(octets: 15)
    #expect(line(&small, .answer(Happening.answer(1)))?.hasSuffix("icmp_seq=1 ttl=57") == true)
    var stamped = text(printsTime: true)
    #expect(line(&stamped, .answer(Happening.answer(1)))?.hasPrefix("[1700000000.123456] 64 bytes") == true)
    var quiet = text(isQuiet: true)
    #expect(line(&quiet, .answer(Happening.answer(1))) == nil)
  }

  @Test func whatIsOddAboutAReplyStandsBehindIt() {
    var text = text()
    #expect(line(&text, .answer(Happening.answer(1, flags: [.duplicate])))?.hasSuffix(" time=1.23 ms (DUP!)") == true)
    #expect(line(&text, .answer(Happening.answer(1, flags: [.late])))?.hasSuffix(" (LATE!)") == true)
    #expect(line(&text, .answer(Happening.answer(1, flags: [.dataMismatch])))?.hasSuffix(" (DATA MISMATCH!)") == true)
  }

  @Test func aLinkLocalReplierHasItsZone() {
    var text = text("ff02::1", "ff02::1", link: "eth0")
    #expect(
      line(&text, .answer(Happening.answer(1, from: "fe80::5")))?.hasPrefix("64 bytes from fe80::5%eth0: ") == true)
    #expect(
      line(&text, .answer(Happening.answer(1, from: "2001:db8::5")))?.hasPrefix("64 bytes from 2001:db8::5: ") == true)
  }

  @Test(arguments: [
    (0, "Destination Net Unreachable"), (1, "Destination Host Unreachable"), (2, "Destination Protocol Unreachable"),
    (3, "Destination Port Unreachable"), (4, "Frag needed and DF set (mtu = 0)"), (5, "Source Route Failed"),
    (9, "Destination Net Prohibited"), (10, "Destination Host Prohibited"), (13, "Packet filtered"),
    (15, "Precedence Cutoff"), (16, "Dest Unreachable, Bad Code: 16"),
  ])
  func anErrorIsALineInPingsWords(code: UInt8, words: String) {
    var text = text()
    let answer = Happening.answer(
      3, .unreachable, by: .icmpError, from: "198.51.100.1", report: Happening.unreachable(code, "x"))
    #expect(line(&text, .answer(answer)) == "From 198.51.100.1 icmp_seq=3 \(words)")
  }

  @Test func thisMachinesOwnErrorNamesNoHost() {
    var text = text()
    let answer = Happening.answer(1, .unreachable, by: .localError, from: nil, flags: [.local])
    #expect(line(&text, .answer(answer)) == "sonde: local error: because")
  }

  @Test func pendingProbesAreToldWithTheTimeNow() {
    var text = text(printsTime: true)
    #expect(line(&text, .pending(Happening.silence(4))) == "[1700000001.000000] no answer yet for icmp_seq=4")
  }

  @Test func statisticsCountAsPingDoes() {
    var text = text()
    for probe in UInt64(1)...3 { _ = line(&text, Happening.sent(probe, milliseconds: Int64(probe) * 100)) }
    _ = line(&text, .answer(Happening.answer(1, rtt: 44_000, milliseconds: 101)))
    _ = line(&text, .answer(Happening.answer(1, rtt: 50_000, flags: [.duplicate], milliseconds: 102)))
    _ = line(&text, .answer(Happening.answer(2, rtt: 151_000, milliseconds: 301)))
    let error = Happening.answer(
      3, .unreachable, by: .icmpError, rtt: nil, report: Happening.unreachable(1, "x"), milliseconds: 421)
    _ = line(&text, .answer(error))
    #expect(
      text.closing() == [
        "", "--- 192.0.2.7 ping statistics ---",
        "3 packets transmitted, 2 received, +1 duplicates, +1 errors, 33.3333% packet loss, time 321ms",
        "rtt min/avg/max/mdev = 0.044/0.097/0.151/0.053 ms, pipe 3",
      ])
    #expect(text.interim() == ["2/3 packets, 33.3333% loss, min/avg/ewma/max = 0.044/0.097/0.057/0.151 ms"])
    #expect(text.everyHostReplied() && !text.everyHostReplied(atLeast: 3))
  }

  @Test func withoutRepliesTheLastLineIsEmpty() {
    var text = text()
    _ = line(&text, Happening.sent(1))
    _ = line(&text, .silence(Happening.silence(1)))
    #expect(
      text.closing() == [
        "", "--- 192.0.2.7 ping statistics ---", "1 packets transmitted, 0 received, 100% packet loss, time 0ms", "",
      ])
    #expect(!text.everyHostReplied())
    #expect(
      self.text().closing() == ["", "--- 192.0.2.7 ping statistics ---", "0 packets transmitted, 0 received", ""])
  }

  @Test func manyRepliersToOneProbeReceiveItOnce() {
    var text = text("192.0.2.255", "192.0.2.255")
    _ = line(&text, Happening.sent(1))
    for last in 1...3 {
      _ = line(&text, .answer(Happening.answer(1, from: IPAddress("192.0.2.\(last)"), flags: [.otherAddress])))
    }
    let closing = text.closing()
    #expect(
      closing[2] == "1 packets transmitted, 1 received, 0% packet loss, time 0ms" && closing[3] == "3 hosts replied")
  }

  @Test func repliersToSeveralProbesMayCrossEachOther() {
    var text = text("192.0.2.255", "192.0.2.255")
    for probe in UInt64(1)...2 { _ = line(&text, Happening.sent(probe)) }
    for (probe, last) in [(1, 1), (2, 1), (1, 2), (2, 2)] as [(UInt64, Int)] {
      _ = line(&text, .answer(Happening.answer(probe, from: IPAddress("192.0.2.\(last)"), flags: [.otherAddress])))
    }
    #expect(text.closing()[2] == "2 packets transmitted, 2 received, 0% packet loss, time 0ms")
  }

  @Test func aFloodEndsWithItsAverages() {
    var text = text(isFlood: true)
    for probe in UInt64(1)...2 {
      _ = line(&text, Happening.sent(probe, milliseconds: Int64(probe)))
      _ = line(&text, .answer(Happening.answer(probe, rtt: 80_000, milliseconds: Int64(probe))))
    }
    #expect(text.closing().last == "rtt min/avg/max/mdev = 0.080/0.080/0.080/0.000 ms, ipg/ewma 1.000/0.080 ms")
  }
}
