import Foundation
import SondeHeaders
import SondeLink
import SondeOctets
import SondeSim
import Testing

/// The simulated host says what a Linux kernel said to the same packets.
@Suite struct LinuxAnswerTests {
  private static let router = SimulatedRouter(.v4("192.0.2.254"), .v6("2001:db8::fe"))
  private static let hosts = [IPAddress.v4(them), .v6(them6)].map {
    SimulatedHost($0, path: [router], tcp: [80: .answer], udp: [7: .answer])
  }

  /// The answer without what every Linux chooses for itself: the identification, DF, the class of ICMP
  /// errors, the flow label, and the first sequence number and the time of day.
  private func essence(_ answer: [UInt8]) -> AnyPacket {
    let dissection = Registry.dissect(answer)
    let isError = dissection.errorReport != nil
    return dissection.packet.changing(IPv4.self) { header in
      header.identification = 0
      header.flags = []
      if isError { header.typeOfService = 0 }
    }
    .changing(IPv6.self) { header in header.flowLabel = 0 }
    .changing(TCP.self) { segment in
      if segment.flags == [.syn, .ack] { segment.sequenceNumber = 0 }
    }
    .changing(ICMPv4.self) { message in
      if message.type == .timestampReply { message.numbers = [message.numbers[0], 0, 0] }
    }
    .freed()
  }

  @Test func everyAnswerIsLinuxs() throws {
    let file = try #require(
      Bundle.module.url(forResource: "linux-answers", withExtension: "txt", subdirectory: "Vectors"))
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(lines.count == 57)
    for line in lines {
      let words = line.split(separator: " ")
      try #require(words.count == 3)
      let expected = words[2] == "-" ? [] : [try Hex.octets(words[2])]
      var link = SimulatedLink(Self.hosts)
      _ = link.send([Outgoing(probe: 0, bytes: try Hex.octets(words[1]))])
      let answers = frames(try listen(&link)).map(\.bytes)
      #expect(answers.map(essence) == expected.map(essence), "\(words[0])")
      for answer in answers {
        #expect(Registry.dissect(answer).sums().allSatisfy { $0.verdict == .valid }, "\(words[0])")
      }
    }
  }
}
