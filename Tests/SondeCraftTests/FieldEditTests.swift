import SondeCraft
import SondeHeaders
import SondeOctets
import Testing

@Suite struct FieldEditTests {
  private let packet = AnyPacket([
    IPv4(from: "192.0.2.1", to: "192.0.2.2", ttl: 64, identification: 7),
    TCP(from: 4000, to: 80, flags: [.psh, .ack], sequenceNumber: 0xffff_fffe, acknowledgmentNumber: 9),
    Payload(octets: Array("x".utf8)),
  ])

  private func edited(_ texts: String...) throws -> Dissection {
    let edits = try texts.map { try FieldEdit.read(Array($0.utf8), at: 0).edit }
    return Registry.dissect(try edits.applied(to: packet).encoded().bytes)
  }

  @Test func anAddedNumberWrapsAtTheFieldsWidth() throws {
    #expect(try edited("seq+=5").first(TCP.self)?.sequenceNumber == 3)
    #expect(try edited("ack-=10").first(TCP.self)?.acknowledgmentNumber == 0xffff_ffff)
  }

  @Test func aSetFieldReachesTheWireAndTheRestIsComputedForIt() throws {
    let packet = try edited("sport=5", "IP.ttl=1")
    #expect(packet.first(TCP.self)?.sourcePort == 5 && packet.first(IPv4.self)?.timeToLive == 1)
    #expect(packet.sums().allSatisfy { $0.verdict == .valid })
    #expect(try edited("chksum=0").first(TCP.self)?.checksum == .set(0))
    #expect(try edited("IP.chksum=0").first(IPv4.self)?.checksum == .set(0))
  }

  @Test func aSumThatIsOneOffIsSoForTheFieldsSetBesideIt() throws {
    let right = try edited("seq=1").first(TCP.self)?.checksum.hand
    let wrong = try edited("chksum+=1", "seq=1").first(TCP.self)?.checksum.hand
    #expect(try wrong == #require(right) &+ 1)
  }

  @Test func optionsCanBeSetWhereThereAreNone() throws {
    #expect(try edited("options=[('MSS', 536)]").first(TCP.self)?.options == [.mss(536)])
  }

  @Test func whatIsNoFieldIsNamedWithTheNearest() throws {
    #expect {
      try edited("sepq=1")
    } throws: {
      "\($0)".contains("sepq") && "\($0)".contains("did you mean \"seq\"?")
    }
    #expect(throws: CraftError.self) { try edited("UDP.len=1") }
    #expect(throws: CraftError.self) { try edited("window=65536") }
    #expect(throws: CraftError.self) { try edited("options+=1") }
  }

  @Test(arguments: ["seq=1", "seq+=1", "IP.ttl-=3", "options=[('NOP', None)]", "flags='PA'"])
  func anEditPrintsAsItIsWritten(_ text: String) throws {
    let (edit, end) = try FieldEdit.read(Array(text.utf8), at: 0)
    #expect(edit.description == text && end == text.utf8.count)
    #expect(FieldEdit.begins(Array(text.utf8), at: 0))
  }

  @Test(arguments: ["seq", "seq +=1", "1seq=2", "=1", "IP.=1", "seq*=2", ""])
  func whatIsNoEditDoesNotBeginOne(_ text: String) { #expect(!FieldEdit.begins(Array(text.utf8), at: 0)) }

  @Test func onlyNumbersAreAdded() {
    #expect(throws: RecipeError.self) { try FieldEdit.read(Array("seq+='a'".utf8), at: 0) }
    #expect(throws: RecipeError.self) { try FieldEdit.read(Array("seq=".utf8), at: 0) }
  }
}
