import SondeLink
import SondeOctets
import SondeSweep
import TestSupport
import Testing

/// Hosts on the link, on virtual time.
@Suite struct NeighbourBookTests {
  let host: IPAddress = .v4("192.0.2.77")
  let hostLink: MACAddress = "02:00:00:00:00:77"

  @Test func aHostIsAskedOnceAndItsAnswerIsUsed() {
    var lan = Neighbourhood([Neighbourhood.lan])
    #expect(lan.book.asksHosts)
    #expect(lan.hop(host).waits)
    let questions = lan.questions()
    #expect(questions.map(\.hop) == [NextHop(interface: 7, linkAddress: .broadcast, etherType: 0x0806)])
    // scapy: ARP(op=1,hwsrc="02:00:00:00:00:0a",psrc="192.0.2.10",hwdst="00:00:00:00:00:00",pdst="192.0.2.77")
    #expect(questions.first.map { Hex.text($0.octets) } == "000108000604000102000000000ac000020a000000000000c000024d")
    #expect(lan.hop(host).waits && lan.questions().isEmpty)
    lan.wait(.milliseconds(1))
    lan.arp("192.0.2.77", hostLink)
    guard case .ready(let hop) = lan.hop(host) else {
      Issue.record("the host is known")
      return
    }
    #expect(hop == NextHop(interface: 7, linkAddress: hostLink, etherType: 0x0800))
    lan.wait(.seconds(10))
    #expect(lan.questions().isEmpty && lan.book.requests == 1)
  }

  @Test func aSilentHostIsAskedThreeTimesASecondApartAndGivenUp() {
    var lan = Neighbourhood([Neighbourhood.lan])
    #expect(lan.hop(host).waits)
    for _ in 0..<3 {
      #expect(lan.questions().count == 1)
      #expect(lan.book.due == lan.now + .seconds(1))
      lan.wait(.milliseconds(999))
      #expect(lan.questions().isEmpty && lan.hop(host).waits)
      lan.wait(.milliseconds(1))
    }
    #expect(lan.questions().isEmpty)
    #expect(lan.hop(host).why == "no answer on the link (ARP)")
    lan.wait(.seconds(60))
    #expect(lan.questions().isEmpty && lan.hop(host).why != nil && lan.book.due == .distantFuture)
    // Its answer comes too late to be one.
    lan.arp("192.0.2.77", hostLink)
    #expect(lan.hop(host).why != nil)
  }

  @Test func anAnswerToTheSecondQuestionIsOneToo() {
    var lan = Neighbourhood([Neighbourhood.lan])
    _ = lan.hop(host)
    _ = lan.questions()
    lan.wait(.seconds(1))
    #expect(lan.questions().count == 1)
    lan.arp("192.0.2.77", hostLink)
    #expect(lan.hop(host).linkAddress == hostLink)
    lan.wait(.seconds(5))
    #expect(lan.questions().isEmpty)
  }

  @Test func onlyAnswersToOpenQuestionsAreLearned() {
    var lan = Neighbourhood([Neighbourhood.lan])
    // Nobody asked.
    lan.arp("192.0.2.77", hostLink)
    #expect(lan.hop(host).waits)
    // It is to be asked, but has not been.
    lan.arp("192.0.2.77", hostLink)
    #expect(lan.hop(host).waits)
    #expect(lan.questions().count == 1)
    for link in ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "00:00:00:00:00:00", "02:00:00:00:00:0a"] as [MACAddress] {
      lan.arp("192.0.2.77", link)
    }
    lan.arp("192.0.2.78", hostLink)
    lan.arp("192.0.2.77", hostLink, operation: 1)
    lan.arp("192.0.2.77", hostLink, operation: 1, target: "192.0.2.77")
    lan.arp("192.0.2.77", hostLink, target: "192.0.2.11")
    lan.arp("192.0.2.77", hostLink, interface: 8)
    #expect(lan.hop(host).waits)
    lan.arp("192.0.2.77", hostLink)
    #expect(lan.hop(host).linkAddress == hostLink)
    // The second to say so is not believed.
    lan.arp("192.0.2.77", "02:00:00:00:00:66")
    #expect(lan.hop(host).linkAddress == hostLink)
  }

  @Test func noOctetsStopTheBook() {
    var lan = Neighbourhood([Neighbourhood.lan], ipv6: [Neighbourhood.lan6])
    _ = lan.hop(host)
    _ = lan.hop(.v6("2001:db8::77"))
    _ = lan.questions()
    var random = Seeded()
    for _ in 0..<20_000 {
      let octets = random.octets(Int.random(in: 0...120, using: &random))
      lan.hear(octets, [0x0806, 0x86dd, 0x0800].randomElement(using: &random) ?? 0)
    }
    #expect(lan.hop(host).waits && lan.hop(.v6("2001:db8::77")).waits)
  }

  @Test func aLinkAddressIsAskedAgainWhenItIsOld() {
    var lan = Neighbourhood([Neighbourhood.lan])
    _ = lan.hop(host)
    _ = lan.questions()
    lan.arp("192.0.2.77", hostLink)
    lan.wait(.seconds(299))
    #expect(lan.hop(host).linkAddress == hostLink)
    lan.wait(.seconds(2))
    #expect(lan.hop(host).waits)
    #expect(lan.questions().count == 1)
    lan.arp("192.0.2.77", "02:00:00:00:00:78")
    #expect(lan.hop(host).linkAddress == "02:00:00:00:00:78")
  }

  @Test func ofVeryManyHostsTheOldestAreForgottenAndAskedAgain() {
    var lan = Neighbourhood([Neighbourhood.wide], capacity: 64)
    func address(_ index: UInt32) -> IPv4Address { IPv4Address(rawValue: 0x0a00_0000 + index) }
    for index in 0..<1000 as Range<UInt32> {
      lan.wait(.microseconds(10))
      #expect(lan.hop(.v4(address(index))).waits)
      #expect(lan.questions().count == 1)
      lan.arp(address(index), hostLink)
      #expect(lan.hop(.v4(address(index))).linkAddress == hostLink)
    }
    // The newest first: asking for one that is forgotten makes another be forgotten.
    let known = (0..<1000 as Range<UInt32>).reversed().prefix(64).filter { lan.hop(.v4(address($0))).isReady }
    #expect(known.count >= 32)
    #expect(lan.hop(.v4(address(0))).waits && !lan.questions().isEmpty)
  }

  @Test func aBlockAsLargeAsTheBookFitsWholly() {
    var lan = Neighbourhood([Neighbourhood.wide], capacity: 4096)
    // From an uneven address on.
    func address(_ index: UInt32) -> IPv4Address { IPv4Address(rawValue: 0x0a01_2000 + index) }
    for index in 0..<4096 as Range<UInt32> {
      _ = lan.hop(.v4(address(index)))
      _ = lan.questions()
      lan.arp(address(index), hostLink)
    }
    #expect((0..<4096 as Range<UInt32>).allSatisfy { lan.hop(.v4(address($0))).isReady })
    #expect(lan.book.requests == 4096)
  }

  @Test func hostsThatAreWaitedForAreNotForgottenForOthers() {
    var lan = Neighbourhood([Neighbourhood.wide], capacity: 16)
    let addresses = (0..<100 as Range<UInt32>).map { IPAddress.v4(IPv4Address(rawValue: 0x0a00_0000 + $0)) }
    for address in addresses { #expect(lan.hop(address).waits) }
    #expect(lan.questions().count == 16)
    for address in addresses { #expect(lan.hop(address).waits) }
    #expect(lan.questions().isEmpty)
    // Each is given up in its turn, and makes room for the next.
    var seconds = 0
    var failed = Set<IPAddress>()
    while failed.count < 100, seconds < 100 {
      lan.wait(.seconds(1))
      seconds += 1
      _ = lan.questions()
      for address in addresses where !failed.contains(address) && lan.hop(address).why != nil {
        failed.insert(address)
      }
    }
    #expect(failed.count == 100 && lan.book.requests == 300)
  }

  @Test func whatTheSystemKeepsForEverIsNotAskedFor() {
    var lan = Neighbourhood([Neighbourhood.lan])
    lan.book.seed(host, linkAddress: hostLink, interface: 7, isPermanent: true, at: lan.now)
    lan.book.seed(.v4("192.0.2.78"), linkAddress: "02:00:00:00:00:78", interface: 7, isPermanent: false, at: lan.now)
    // On another link, and none of the targets.
    lan.book.seed(.v4("192.0.2.79"), linkAddress: "02:00:00:00:00:79", interface: 8, isPermanent: true, at: lan.now)
    lan.book.seed(.v4("203.0.113.1"), linkAddress: "02:00:00:00:00:79", interface: 7, isPermanent: true, at: lan.now)
    #expect(lan.hop(host).linkAddress == hostLink)
    #expect(lan.hop(.v4("192.0.2.78")).linkAddress == "02:00:00:00:00:78")
    #expect(lan.hop(.v4("192.0.2.79")).waits)
    #expect(lan.hop(.v4("203.0.113.1")).why != nil)
    lan.wait(.seconds(301))
    #expect(lan.hop(host).linkAddress == hostLink && lan.hop(.v4("192.0.2.78")).waits)
  }

  @Test func noMoreIsAskedThanThereIsRoomFor() {
    var hops = SweepNeighbours(NeighbourBook(ipv4: [Neighbourhood.lan]), hearing: Answers())
    let now = Instant(nanoseconds: 0)
    for last in 1...9 as ClosedRange<UInt32> {
      _ = hops.hop(to: .v4(IPv4Address(rawValue: 0xc000_0200 + last)), at: now)
    }
    var batch = PacketBatch(stride: 128, capacity: 5)
    #expect(hops.attend(&batch, room: 0, at: now) < now && batch.count == 0)
    _ = hops.attend(&batch, room: 2, at: now)
    #expect(batch.count == 2)
    // Nor than the batch has.
    _ = hops.attend(&batch, room: 64, at: now)
    #expect(batch.count == 5 && batch.lengths == [28, 28, 28, 28, 28])
    batch.removeAll()
    #expect(hops.attend(&batch, room: 64, at: now) == now + .seconds(1) && batch.count == 4)
    // What is heard counts before anybody is asked again.
    let later = now + .seconds(1)
    batch.removeAll()
    _ = hops.attend(&batch, room: 64, at: later)
    #expect(batch.count == 5 && hops.book.requests == 14)
    guard case .ready(let hop) = hops.hop(to: .v4("192.0.2.5"), at: later) else {
      Issue.record("the answer was heard")
      return
    }
    #expect(hop.linkAddress == "02:00:00:00:00:05")
  }

  /// The answers of 192.0.2.5, every time that somebody listens.
  struct Answers: NeighbourNews {
    mutating func drain(_ take: (RawSpan, UInt16, Int32) -> Void) {
      var octets: [UInt8] = [0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 5, 192, 0, 2, 5]
      octets += Neighbourhood.ours.octets + [192, 0, 2, 10]
      take(octets.rawSpan, 0x0806, Neighbourhood.interface)
    }

    mutating func known(_ address: IPAddress, interface: Int32) -> MACAddress? { nil }
  }
}
