import Foundation
import Testing
import WireSupport

/// Forged packets are noise that names the field, and never answers; the true answer after them still counts.
@Suite(.wire) struct WireNoiseTests {
  /// Runs `body` while the far host's kernel is silent and Scripts/forger.py answers in its place.
  private func withForger(_ kind: String, _ body: () throws -> Void) throws {
    try WireNetwork.run { network in
      try network.filterAtFar(
        "tcp dport 4000 drop; udp dport 4001 drop; icmp type echo-request drop; icmpv6 type echo-request drop")
      let folder = try TemporaryFolder()
      let child = try network.onFar {
        try network.start("exec \(script("forger.py")) far0 \(kind) > \(folder.path)/log 2>&1")
      }
      defer { network.stop(child) }
      try Shell.until("grep -q ready \(folder.path)/log")
      try body()
    }
  }

  /// The reasons, numbers and addresses taken out.
  private func reasons(_ lines: [[String: Any]]) -> [String] {
    lines.of("noise").map { line in
      line.text("why").replacing(/0x[0-9a-f]+|\d+\.\d+\.\d+\.\d+|fd09::\d+|\d+/, with: "N")
    }
  }

  private func summary(_ lines: [[String: Any]]) throws -> [String: Any] { try #require(lines.of("summary").first) }

  @Test(arguments: Side.both)
  func forgedSegmentsAnswerNothing(side: Side) throws {
    try withForger("tcp") {
      let outcome = try sonde("probe --json -v -p 4000 --retries 0 -W 30s \(side.far)")
      let lines = try objects(outcome)
      #expect(
        reasons(lines) == [
          "RST acknowledges N, not our N", "RST without ACK acknowledges nothing, not our N",
          "acknowledges N, not our N", "has flags A, neither SYN nor RST", "tcp checksum is N, not N",
          "comes from port N, not from N", "comes from N, not from N", "quotes sequence number N, not our N",
        ], "\(outcome)")
      #expect(lines.of("answer").map { $0.text("by") } == ["tcp-syn-ack"])
      #expect(try summary(lines).number("noise") == 8)
      let text = try sonde("probe -v -p 4000 --retries 0 -W 30s \(side.far)")
      #expect(text.lines.contains { $0.hasPrefix("noise from \(side.far): RST acknowledges ") }, "\(text)")
    }
  }

  @Test(arguments: Side.both)
  func forgedDatagramsAnswerNothing(side: Side) throws {
    try withForger("udp") {
      let outcome = try sonde("probe --json -v --udp --data ping -p 4001 --retries 0 -W 30s \(side.far)")
      let lines = try objects(outcome)
      #expect(
        reasons(lines) == [
          "udp checksum is N, not N", "comes from port N, not from N", "comes from N, not from N",
          "quotes destination port N, not N",
        ], "\(outcome)")
      #expect(lines.of("answer").map { $0.text("by") } == ["udp"])
    }
  }

  @Test(arguments: Side.both, ["datagram", "raw"])
  func forgedRepliesAnswerNothing(side: Side, door: String) throws {
    try withForger("icmp") {
      let outcome = try sonde("ping --json -v -c 1 -W 30s --door \(door) \(side.far)")
      let lines = try objects(outcome)
      // With privilege the same is heard by either door; the kernel drops wrong ICMPv6 sums itself.
      let heard: [String] =
        switch side.family {
        case 4:
          [
            "carries id N, not our N", "carries sequence number N, not our N", "icmp checksum is N, not N",
            "comes from N, not from N", "quotes only N octets of the icmp header, too few to know it by",
          ]
        default:
          [
            "carries id N, not our N", "carries sequence number N, not our N", "comes from N, not from N",
            "quotes only N octets of the icmpvN header, too few to know it by",
          ]
        }
      // Foreign identifiers have a queue of their own, so that the order among queues is no one's.
      #expect(reasons(lines).sorted() == heard.sorted(), "\(outcome)")
      let answers = lines.of("answer")
      #expect(answers.first?.flags == [] && answers.first?.text("verdict") == "reply")
      // What follows the first answer at once may come before or after the end of the run.
      let rest = answers.dropFirst().map(\.flags)
      #expect(rest.allSatisfy { $0.contains("duplicate") }, "\(rest)")
      #expect(try summary(lines).number("answered") == 1)
    }
  }
}
