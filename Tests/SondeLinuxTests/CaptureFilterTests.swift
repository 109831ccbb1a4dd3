import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// An Ethernet frame with an IPv4 packet from 192.0.2.1 to 192.0.2.2.
private func frame(_ protocolNumber: UInt8, _ message: [UInt8], tag: UInt16? = nil) -> [UInt8] {
  let addresses: [UInt8] = [0, 0, 0x5e, 0, 0x53, 2, 0, 0, 0x5e, 0, 0x53, 1]
  let tagged = tag.map { Crafted.words(0x8100, $0) } ?? []
  return addresses + tagged + Crafted.words(0x0800)
    + Crafted.ipv4("192.0.2.1", "192.0.2.2", protocolNumber, message)
}

private let toPort80 = frame(6, Crafted.words(40000, 80, 0, 0, 0, 0, 0x5002, 1024, 0, 0))
private let toPort81 = frame(6, Crafted.words(40000, 81, 0, 0, 0, 0, 0x5002, 1024, 0, 0))

@Suite struct CaptureFilterTests {
  private func passes(_ expression: String, _ bytes: [UInt8], of length: Int? = nil) throws -> Bool {
    try CaptureFilter(expression, linkType: .ethernet).matches(bytes.rawSpan, originalLength: length)
  }

  @Test func aFilterTellsPacketsApart() throws {
    #expect(try passes("tcp dst port 80", toPort80))
    #expect(try !passes("tcp dst port 80", toPort81))
    #expect(try passes("tcp[tcpflags] & tcp-syn != 0 and src host 192.0.2.1", toPort81))
    #expect(try !passes("src host 192.0.2.2", toPort81))
    #expect(try passes("vlan 7 and tcp port 80", frame(6, Crafted.words(1, 80, 0, 0), tag: 7)))
    #expect(try !passes("vlan 8", frame(6, Crafted.words(1, 80, 0, 0), tag: 7)))
  }

  @Test func theEmptyFilterPassesEverything() throws {
    #expect(try passes("", toPort80) && passes("", []))
  }

  @Test func lengthsAreThoseOfTheWholeFrame() throws {
    #expect(try passes("greater 100", Array(toPort80.prefix(40)), of: 100))
    #expect(try !passes("greater 100", toPort80))
    #expect(try !passes("tcp port 80", Array(toPort80.prefix(30))), "what it asks for was cut off")
  }

  @Test func eachLinkTypeHasItsOwnProgram() throws {
    let packet = Array(toPort80.dropFirst(14))
    #expect(try CaptureFilter("tcp port 80", linkType: .raw).matches(packet.rawSpan))
    let cooked = Crafted.words(0x0800, 0, 0, 3, 1, 0x0006) + [0, 0, 0x5e, 0, 0x53, 1, 0, 0] + packet
    #expect(try CaptureFilter("tcp port 80", linkType: .linuxCookedV2).matches(cooked.rawSpan))
    #expect(try !CaptureFilter("tcp port 80", linkType: .linuxCookedV2).matches(packet.rawSpan))
  }

  @Test(arguments: [
    ("tcp prot 80", "\"prot\", column 5"), ("udp and and tcp", "\"and\", column 9"), ("foo", "\"foo\", column 1"),
    ("(tcp or (udp and xyz))", "\"xyz))\", column 18"), ("tcp port 80 )", "\")\", column 13"),
    ("tcp port", "too early"),
    ("tcp[0] =", "too early"), ("port 99999", "99999"), ("ip proto bogus", "'bogus'"), ("vlan 5000", "5000"),
    ("host 300.1.1.1", "'300.1.1.1'"), ("tcp\0udp", "zero"),
  ])
  func aRefusalNamesTheWord(expression: String, words: String) {
    let error = refusal { _ = try CaptureFilter(expression, linkType: .ethernet) }
    #expect(error?.operation == "filter \"\(expression)\"" && error?.code == 0)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("\n") == false)
  }

  @Test(arguments: ["tcp port 80", "udp and not (host 192.0.2.1 or port 53)", "icmp6 and ip6[40] == 128"])
  func goodFiltersHaveNoFault(expression: String) throws {
    #expect(try CaptureFilter(expression, linkType: .ethernet).program.count > 3)
  }
}

@Suite struct CaptureProgramTests {
  @Test func cookedProgramsAskTheKernelForTheLinkHeader() throws {
    let filter = try CaptureFilter("ip proto 17 and ifindex 3 and inbound", linkType: .linuxCookedV2)
    let cooked = try #require(CaptureProgram.cooked(filter.program))
    let loads = cooked.filter { [0x20, 0x28, 0x30].contains($0.code) }.map(\.operand)
    #expect(Set(loads).isSuperset(of: [0xffff_f000, 0xffff_f004, 0xffff_f008, 9]))
    #expect(loads.allSatisfy { $0 >= 0xffff_f000 || $0 == 9 })
  }

  @Test(arguments: ["greater 100", "link[12] = 0"])
  func whatTheKernelCannotBeAskedIsFilteredHere(expression: String) throws {
    let filter = try CaptureFilter(expression, linkType: .linuxCookedV2)
    #expect(CaptureProgram.forKernel(filter, snapLength: 100).isPartial)
    let ethernet = try CaptureFilter(expression, linkType: .ethernet)
    #expect(!CaptureProgram.forKernel(ethernet, snapLength: 100).isPartial)
  }

  @Test func aTagGoesBackBehindTheAddresses() {
    let tag = FrameTag(type: 0x88a8, control: 0x6007)
    let bytes: [UInt8] = Array(0..<14)
    #expect(tag.inserted(into: bytes[...]) == Array(0..<12) + [0x88, 0xa8, 0x60, 0x07, 12, 13])
    #expect(tag.inserted(into: bytes[..<11]) == Array(0..<11), "cut within the addresses")
  }
}

/// Instruction by instruction what tcpdump's own copy of the compiler makes.
@Suite(.wire) struct CaptureFilterWireTests {
  @Test(arguments: [
    "tcp", "udp port 53", "host 192.0.2.7", "net 198.51.100.0/24 and not icmp", "ip6 host 2001:db8::7", "arp", "vlan 5",
    "vlan and ip", "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "icmp[icmptype] = icmp-echo",
    "ether host 00:00:5e:00:53:01",
    "portrange 1000-2000", "greater 576", "ip[6:2] & 0x1fff != 0",
    "(tcp or udp) and src port 7 and dst net 192.0.2.0/24",
    "ip6 proto 58", "ether proto 0x88cc", "mpls 3", "tcp prot 80", "port 99999", "inbound", "ifindex 2",
    "ip proto bogus", "tcp port 80 )", "", "len > 9 and",
  ])
  func instructionsAreThoseOfTcpdump(expression: String) throws {
    let names: [(LinkType, String)] = [(.ethernet, "EN10MB"), (.raw, "RAW"), (.linuxCookedV2, "LINUX_SLL2")]
    for (linkType, name) in names {
      let told = try Shell.run("tcpdump -s 262144 -ddd -y \(name) '\(expression)'")
      guard told.status == 0 else {
        #expect(refusal { _ = try CaptureFilter(expression, linkType: linkType) } != nil, "\(name): \(told.errors)")
        continue
      }
      let ours = try CaptureFilter(expression, linkType: linkType).program
      let lines = ours.map { "\($0.code) \($0.ifTrue) \($0.ifFalse) \($0.operand)" }
      #expect(told.lines.filter { !$0.isEmpty }.map(String.init) == ["\(lines.count)"] + lines, "\(name)")
    }
  }
}
