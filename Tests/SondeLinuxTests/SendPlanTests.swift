import SondeLink
import Testing

@testable import SondeLinux

@Suite struct SendPlanTests {
  private func wishes(
    _ family: Family = .ipv4, echo: Bool = true, _ wishes: Wishes.Wish = [], length: Int = 84, mtu: Int? = 1500,
    forbids: Bool = false
  ) -> Wishes {
    Wishes(
      family: family, isEchoRequest: echo, wishes: wishes, packetLength: length, mtu: mtu, forbidsFragmenting: forbids)
  }

  /// The doors in turn, each once however many ears it has.
  private func doors(_ wishes: Wishes, _ purpose: SendPlan.Purpose = .ping) throws -> [DoorKind] {
    try SendPlan.ranking(for: wishes, purpose: purpose).map(\.door)
      .reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  @Test(arguments: Family.allCases)
  func aPlainPingNeedsNoPrivilege(family: Family) throws {
    let ranking = try SendPlan.ranking(for: wishes(family), purpose: .ping)
    #expect(ranking.first == SendPlan(door: .datagram, ear: .icmp), "it hears what the datagram door is not told")
    #expect(ranking.dropFirst().first == SendPlan(door: .datagram, ear: .datagram), "which needs no privilege")
    #expect(ranking.map(\.door) == [.datagram, .datagram, .raw, .cooked])
    #expect(!ranking.contains { $0.ear == .packet }, "ping never listens by a packet socket")
  }

  @Test(arguments: Family.allCases)
  func probesListenByThePacketEar(family: Family) throws {
    let ranking = try SendPlan.ranking(for: wishes(family, echo: false), purpose: .probe)
    #expect(ranking == [SendPlan(door: .raw, ear: .packet), SendPlan(door: .cooked, ear: .packet)])
  }

  /// The IPv4 fields that the raw door does not keep; each other one it does.
  static let cookedOnly: Wishes.Wish = [
    .impossibleHeaderLength, .totalLength, .zeroIdentification, .headerChecksum, .zeroSource,
  ]

  @Test(arguments: Wishes.Wish.allCases)
  func theCheapestDoorThatKeepsAFieldIsChosen(wish: Wishes.Wish) throws {
    if wish == .linkHeader {
      #expect(try Family.allCases.allSatisfy { try doors(wishes($0, [wish])) == [.packet] })
      return
    }
    #expect(try doors(wishes(.ipv4, [wish])).first == (Self.cookedOnly.contains(wish) ? .cooked : .raw))
    #expect(try doors(wishes(.ipv6, [wish])).first == .raw, "IPv6's raw door keeps everything")
  }

  @Test(arguments: Wishes.Wish.allCases)
  func aDoorThatCannotKeepAFieldIsRefusedWithAnotherNamed(wish: Wishes.Wish) {
    let error = refusal { _ = try SendPlan.ranking(for: wishes(.ipv4, [wish]), purpose: .ping, door: .datagram) }
    let other = wish == .linkHeader ? "packet" : Self.cookedOnly.contains(wish) ? "cooked" : "raw"
    #expect(error?.operation == "door datagram")
    #expect(error?.code == 0 && error?.message.hasSuffix("use --door \(other)") == true)
  }

  @Test func theRawDoorsRefusalSaysWhatItRewrites() {
    let error = refusal {
      _ = try SendPlan.ranking(for: wishes(.ipv4, [.headerChecksum]), purpose: .ping, door: .raw)
    }
    #expect(error?.description == "door raw: the raw door rewrites the IPv4 header checksum; use --door cooked")
  }

  @Test func framesAreHeardAsFrames() throws {
    let ranking = try SendPlan.ranking(for: wishes(echo: false, [.linkHeader, .headerChecksum]), purpose: .probe)
    #expect(ranking == [SendPlan(door: .packet, ear: .frame)])
    let asked = try SendPlan.ranking(for: wishes(echo: false, [.headerChecksum]), purpose: .probe, door: .packet)
    #expect(asked == [SendPlan(door: .packet, ear: .packet)], "an IP packet's answers are heard from the IP header on")
  }

  @Test func onlyEchoRequestsGoByTheDatagramDoor() throws {
    #expect(try doors(wishes(echo: false)) == [.raw, .cooked])
    #expect(refusal { _ = try SendPlan.ranking(for: wishes(echo: false), purpose: .ping, door: .datagram) } != nil)
  }

  @Test func packetsAboveTheMTUGoByTheDoorThatFragments() throws {
    #expect(try doors(wishes(length: 1500)) == [.datagram, .raw, .cooked])
    #expect(try doors(wishes(length: 1501)) == [.datagram])
    #expect(try doors(wishes(length: 1501, mtu: nil)) == [.datagram, .raw, .cooked])
    let error = refusal { _ = try SendPlan.ranking(for: wishes(length: 1501, forbids: true), purpose: .ping) }
    #expect(error?.message.contains("1501") == true && error?.message.contains("1500") == true)
  }

  @Test func packetsWithoutAWholeHeaderGoByTheCookedDoor() throws {
    #expect(try doors(wishes(.ipv6, echo: false, length: 39), .probe) == [.cooked])
    #expect(try doors(wishes(.ipv6, echo: false, length: 40), .probe) == [.raw, .cooked])
  }

  @Test func onlyOpenDoorsAreRanked() throws {
    let ranking = try SendPlan.ranking(for: wishes(), purpose: .ping, available: [.cooked])
    #expect(ranking == [SendPlan(door: .cooked, ear: .icmp)])
    #expect(refusal { _ = try SendPlan.ranking(for: wishes(), purpose: .ping, available: []) } != nil)
  }
}
