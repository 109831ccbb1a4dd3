internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// How option areas are read; that they encode to the same octets again is the round trip's law.
@Suite struct OptionTests {
  private func tcp(_ name: String) throws -> [TCPOption] {
    let vector = try #require(Vectors.file("tcp").first { $0.name == name })
    return try #require(Registry.dissect(vector.bytes).first(TCP.self)).options
  }

  private func ip(_ name: String) throws -> [IPv4Option] {
    let vector = try #require(Vectors.file("ip").first { $0.name == name })
    return try #require(Registry.dissect(vector.bytes).first(IPv4.self)).options
  }

  @Test func optionsOfTheirOwnLengthAreNamed() throws {
    #expect(
      try tcp("Linux's options")
        == [.mss(1460), .sackPermitted, .timestamps(value: 9, echoReply: 0), .noOperation, .windowScale(7)])
    #expect(try tcp("option MSS") == [.mss(1460)])
    #expect(try tcp("option 254") == [.option(kind: 254, data: [0xab, 0xcd])])
    #expect(try tcp("option UTO") == [.option(kind: 28, data: [0, 30])])
    #expect(try tcp("option 253").first == .option(kind: 253, data: []))
  }

  @Test func optionsOfAnotherLengthKeepTheirOctets() throws {
    #expect(try tcp("MSS of length 3").first == .option(kind: 2, data: [5]))
    #expect(try tcp("window scale of length 4") == [.option(kind: 3, data: [1, 2])])
    #expect(try tcp("SACK permitted of length 4") == [.option(kind: 4, data: [0, 0])])
    #expect(try tcp("SACK of length 2") == [.option(kind: 5, data: []), .noOperation, .noOperation])
    #expect(try tcp("SACK of length 9").first == .option(kind: 5, data: [UInt8](repeating: 1, count: 7)))
    #expect(try tcp("timestamp of length 2").first == .option(kind: 8, data: []))
    #expect(try tcp("forty octets") == [.option(kind: 254, data: [UInt8](repeating: 0x55, count: 38))])
  }

  @Test func aLengthThatLiesEndsTheOptions() throws {
    #expect(try tcp("length 0") == [.octets([0xfe, 0, 1, 1])])
    #expect(try tcp("length 1") == [.octets([0xfe, 1, 1, 1])])
    #expect(try tcp("length beyond") == [.octets([0xfe, 9, 1, 1])])
    #expect(try tcp("kind without length") == [.noOperation, .noOperation, .noOperation, .octets([2])])
    #expect(try ip("option length 1") == [.octets([0x9e, 1, 1, 1])])
    #expect(try ip("option length beyond") == [.octets([0x9e, 9, 0x61, 0x62])])
    #expect(try ip("option without length") == [.noOperation, .noOperation, .noOperation, .octets([0x9e])])
  }

  @Test func nothingBehindTheEndOfTheListIsAnOption() throws {
    #expect(try tcp("octets after the end") == [.endOfList, .octets([0xde, 0xad, 0xbe])])
    #expect(try ip("octets after the end") == [.endOfList, .octets([0xde, 0xad, 0xbe])])
    #expect(try tcp("option EOL") == [.endOfList, .octets([0, 0, 0])])
  }

  @Test func ipOptionsKeepTheirData() throws {
    #expect(try ip("router alert") == [.routerAlert(0)])
    #expect(try ip("unknown option").first == .option(kind: 158, data: Array("abc".utf8)))
    #expect(try ip("record route").first == .recordRoute(.init([.any, .any, .any])))
  }
}
