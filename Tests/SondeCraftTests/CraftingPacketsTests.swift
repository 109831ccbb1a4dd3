import Foundation
import SondeCraft
import SondeHeaders
import SondeOctets
import Testing

/// The article on crafting packets, with its code as it stands there.
@Suite struct CraftingPacketsTests {
  @Test func layersInBraces() throws {
    let packet = Packet {
      IPv4(to: "192.0.2.1", ttl: 3)
      TCP(to: 80, flags: .syn, options: [.mss(1460), .sackPermitted])
      "hello"
    }
    let bytes = try packet.encoded().bytes
    #expect(bytes.count == 20 + 28 + 5)
    #expect(Array(bytes.suffix(5)) == Array("hello".utf8))
  }

  @Test(arguments: [false, true]) func formsOfLayers(usesIPv6: Bool) throws {
    let tunnels = 2
    let opening = TCP(to: 443, window: 64240) {
      MSS(1460)
      SACKPermitted()
      Timestamps(value: 1)
      NoOperation()
      WindowScale(7)
    }
    let inner = Packet {
      opening
    }
    let wrapped = Packet {
      for hop in 1...tunnels {
        IPv4(to: "198.51.100.2", ttl: UInt8(hop))
      }
      if usesIPv6 {
        IPv6(to: "2001:db8::1")
      } else {
        IPv4(to: "192.0.2.1")
      }
      inner
    }
    #expect(wrapped.byteCount == 40 + (usesIPv6 ? 40 : 20) + 40)
    #expect(Registry.dissect(try wrapped.encoded().bytes).sums().allSatisfy { $0.verdict == .valid })
  }

  @Test func quotes() throws {
    let answer = Packet {
      IPv4(from: "203.0.113.9", to: "198.51.100.7")
      ICMPv4.timeExceeded()
      Quote(cut: 28) {
        IPv4(from: "198.51.100.7", to: "192.0.2.1", ttl: 1)
        UDP(from: 40000, to: 33434)
        "beyond the cut"
      }
    }
    let bytes = try answer.encoded().bytes
    #expect(bytes.count == 56)
    #expect(bytes.rawSpan.bigEndian(at: 30, as: UInt16.self) == 42)
  }

  @Test func setOrComputed() throws {
    var odd = Packet {
      IPv4(to: "192.0.2.1", totalLength: 9000)
      UDP(to: 53, checksum: 0xdead)
    }
    #expect(try odd.encoded().bytes.suffix(2) == [0xde, 0xad])
    odd.layers.inner.checksum = .auto
    odd.layers.outer.timeToLive = 1
    let bytes = try odd.encoded().bytes
    #expect(bytes.suffix(2) != [0xde, 0xad])
    #expect(bytes[8] == 1)
  }

  @Test func templates() throws {
    var sent: [[UInt8]] = []
    func send(_ bytes: RawSpan) { sent.append(bytes.octets) }
    var template = try PacketTemplate(
      Packet {
        IPv4(from: "198.51.100.7", to: "192.0.2.0")
        UDP(from: 40000, to: 33434)
        [UInt8](repeating: 0, count: 16)
      })
    let destination = try template.field("destination", of: IPv4.self, as: IPv4Address.self)
    let port = try template.field("destinationPort", of: UDP.self, as: UInt16.self)
    let cookie = try template.field(octets: 8..<16, of: Payload.self, as: UInt64.self)

    for host in 1...254 as ClosedRange<UInt32> {
      template[destination] = IPv4Address(rawValue: 0xc000_0200 | host)
      template[port] = 53
      template[cookie] = UInt64(host) &* 0x9e37_79b9_7f4a_7c15
      template.withBytes { send($0) }
    }
    #expect(Set(sent).count == 254)
    #expect(sent.allSatisfy { Registry.dissect($0).sums().allSatisfy { $0.verdict == .valid } })
    #expect(Registry.dissect(sent[253]).first(IPv4.self)?.destination == "192.0.2.254")
  }

  @Test func theArticleHasNoOtherCode() throws {
    let tests = URL(filePath: #filePath)
    let article = tests.deletingLastPathComponent()
      .appending(path: "../../Sources/Sonde/Sonde.docc/CraftingPackets.md")
    let known = Set(try lines(of: tests))
    var isCode = false
    var count = 0
    for line in try lines(of: article) {
      if line.hasPrefix("```") {
        isCode.toggle()
      } else if isCode {
        #expect(known.contains(line))
        count += 1
      }
    }
    #expect(count > 40)
  }

  private func lines(of file: URL) throws -> [Substring] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
      line.drop { $0 == " " }
    }
  }
}
