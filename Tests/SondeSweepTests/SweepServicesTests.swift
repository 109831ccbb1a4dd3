import SondeHeaders
import SondeOctets
import Testing

@testable import SondeSweep

@Suite struct SweepServicesTests {
  /// Each payload before the hash fills its number, without zeros at the end, and how long it is; beside it what tshark
  /// says of a question with it to that port.
  private static let payloads: [(port: UInt16, byteCount: Int, hex: String)] = [
    // TFTP 42 Read Request, File: sonde, Transfer type: octet
    (
      69, 14,
      "0001736f6e6465006f63746574"
    ),
    // DNS 58 Standard query 0xc75c TXT version.bind
    (
      53, 30,
      "0000000000010000000000000776657273696f6e0462696e640000100003"
    ),
    // Portmap 68 V2 NULL Call
    (
      111, 40,
      "000000000000000000000002000186a000000002"
    ),
    // NTP 76 NTP Version 4, client
    (
      123, 48,
      "23"
    ),
    // NBNS 78 Name query NBSTAT *<00><00><00><00><00><00><00><00><00><00><00><00><00><00><00>
    (
      137, 50,
      "00000000000100000000000020434b414141414141414141414141414141414141414141414141414141"
        + "4141410000210001"
    ),
    // SNMP 89 get-request
    (
      161, 61,
      "303b0201033011020400000000020300ffe30401040201030410300e0400020100020100040004000400"
        + "301104000400a00b02010102010002010030"
    ),
    // XDMCP 35 Query
    (
      177, 7,
      "000100020001"
    ),
    // QUIC 1228 Initial, DCID=736f6e646561736b, SCID=baf2c3cde9fad5ea, PKN: 6477855
    (
      443, 1200,
      "c01a2a3a4a08736f6e646561736b080000000000000000004496"
    ),
    // ISAKMP 112 Identity Protection (Main Mode)
    (
      500, 84,
      "000000000000000000000000000000000110020000000000000000540000003800000001000000010000"
        + "002c01010001000000240101000080010005800200028003000180040002800b0001000c000400007080"
    ),
    // ASF 40 Presence Ping
    (
      623, 12,
      "0600ff06000011be8001"
    ),
    // OpenVPN 42 MessageType: P_CONTROL_HARD_RESET_CLIENT_V2
    (
      1194, 14,
      "38"
    ),
    // SSDP 122 M-SEARCH * HTTP/1.1
    (
      1900, 94,
      "4d2d534541524348202a20485454502f312e310d0a484f53543a203233392e3235352e3235352e323530"
        + "3a313930300d0a4d414e3a2022737364703a646973636f766572220d0a4d583a20310d0a53543a207373"
        + "64703a616c6c0d0a0d0a"
    ),
    // STUN 48 Binding Request
    (
      3478, 20,
      "000100002112a442"
    ),
    // SIP 305 Request: OPTIONS sip:sonde@example.com
    (
      5060, 277,
      "4f5054494f4e53207369703a736f6e6465406578616d706c652e636f6d205349502f322e300d0a566961"
        + "3a205349502f322e302f554450206578616d706c652e636f6d3b72706f72743b6272616e63683d7a3968"
        + "4734624b30303030303030300d0a4d61782d466f7277617264733a2037300d0a46726f6d3a203c736970"
        + "3a736f6e6465406578616d706c652e636f6d3e3b7461673d736f6e64650d0a546f3a203c7369703a736f"
        + "6e6465406578616d706c652e636f6d3e0d0a43616c6c2d49443a20736f6e6465406578616d706c652e63"
        + "6f6d0d0a435365713a2031204f5054494f4e530d0a4163636570743a206170706c69636174696f6e2f73"
        + "64700d0a436f6e74656e742d4c656e6774683a20300d0a0d0a"
    ),
    // MDNS 74 Standard query 0xeb20 PTR _services._dns-sd._udp.local, "QM" question
    (
      5353, 46,
      "000000000001000000000000095f7365727669636573075f646e732d7364045f756470056c6f63616c00"
        + "000c0001"
    ),
    // CoAP 53 CON, MID:1, GET, TKN:2c 39 26 f7, /.well-known/core
    (
      5683, 25,
      "4401000100000000bb2e77656c6c2d6b6e6f776e04636f7265"
    ),
    // MEMCACHE 45 MEMCACHE Continuation
    (
      11211, 17,
      "000000000001000076657273696f6e0d0a"
    ),
  ]

  private func target(_ port: UInt16) -> SweepTarget { SweepTarget(address: .v4(Hosts.asked), port: port) }

  @Test(arguments: payloads) func servicesAreAskedInTheirOwnWords(_ port: UInt16, _ count: Int, _ hex: String) throws {
    let choices = SweepPayloads.services.choices.filter { $0.ports.contains(port) }
    #expect(choices.count == 1)
    let choice = try #require(choices.first)
    #expect(choice.octets.count == count)
    #expect(Hex.text(choice.octets).hasPrefix(hex))
    #expect(choice.octets.dropFirst(hex.count / 2).allSatisfy { $0 == 0 })
    // A question carries these octets but for its number.
    let questions = try Way.services.questions()
    let question = Registry.dissect(questions.question(target(port))).payload
    let number = choice.mark.map { $0.offset..<$0.offset + $0.width } ?? 0..<0
    #expect(question.count == count)
    for place in question.indices where !number.contains(place) { #expect(question[place] == choice.octets[place]) }
    if !number.isEmpty { #expect(Array(question[number]) != Array(choice.octets[number])) }
  }

  @Test func everyPayloadIsListed() {
    #expect(Set(SweepPayloads.services.choices.flatMap(\.ports)) == Set(Self.payloads.map(\.port)))
  }

  @Test func otherPortsGetEmptyDatagrams() throws {
    let questions = try Way.services.questions()
    for port in [0, 52, 54, 8080, 65_535] as [UInt16] {
      #expect(Registry.dissect(questions.question(target(port))).payload.isEmpty)
    }
  }

  @Test func payloadsOfOtherPortsAreLeftOut() throws {
    let packets = Way.services.packets
    let few = try SweepQuestions(packets, key: SweepKey(1, 2), payloads: .services.only([53, 80]))
    let all = try SweepQuestions(packets, key: SweepKey(1, 2), payloads: .services)
    #expect(few.longest == 78 && all.longest == 1248)
    #expect(few.question(target(53)) == all.question(target(53)))
    #expect(Registry.dissect(few.question(target(443))).payload.isEmpty)
  }

  @Test func aHandsDataGoToEveryPort() throws {
    let questions = try SweepQuestions(Way.udpData.packets, key: SweepKey(1, 2), payloads: .services)
    #expect(Registry.dissect(questions.question(target(53))).payload == Array("hello".utf8))
  }

  @Test func aPositiveNumberStaysOne() {
    let mark = SweepPayloads.Mark(offset: 0, width: 4, form: .positive, answered: nil)
    for proof in [0, .max, 0x8000_0000_0000_0000, 0x1234_5678_9abc_def0] as [UInt64] {
      #expect(mark.value(QuestionNumbers(proof: proof)) >> 30 == 1)
    }
  }

  @Test func digitsAreText() {
    let mark = SweepPayloads.Mark(offset: 0, width: 8, form: .digits, answered: nil)
    // "09afbe12"
    #expect(mark.value(QuestionNumbers(proof: 0x09af_be12_0000_0000)) == 0x3039_6166_6265_3132)
  }
}
