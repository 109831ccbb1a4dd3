import Foundation
import Testing
import WireSupport

/// What programs read: JSON Lines, held to the documented keys by Python, and capture files, read by tshark.
@Suite(.wire) struct WireJSONTests {
  /// Runs sonde, gives its lines to Scripts/jsonlines.py as well, and returns what that counted.
  private func lines(_ arguments: String) throws -> (counts: String, objects: [[String: Any]], outcome: Outcome) {
    let folder = try TemporaryFolder()
    let outcome = try sonde("\(arguments) | tee \(folder.path)/lines")
    #expect(outcome.errors.isEmpty, "\(outcome)")
    let checked = try Shell.run("\(script("jsonlines.py")) < \(folder.path)/lines")
    #expect(checked.status == 0, "\(checked)\n\(outcome)")
    return (checked.output.trimmingCharacters(in: .newlines), try objects(outcome), outcome)
  }

  @Test(arguments: Side.both)
  func pingsLinesHaveTheDocumentedKeys(side: Side) throws {
    try WireNetwork.run { _ in
      let replies = try lines("ping --json -v -c 2 -i 20ms --id 7 --seq 5 \(side.far)")
      #expect(replies.counts == "answer=2 sent=2 summary=1")
      let first = try #require(replies.objects.of("answer").first)
      #expect(first.number("seq") == 5 && first.number("id") == 7 && first.number("ttl") == 64)
      #expect(first.number("length") == 64 && first.text("host") == side.far && first.text("from") == side.far)
      #expect(first.text("verdict") == "reply" && first.text("by") == "echo-reply" && first["icmp"] is NSNull)
      let errors = try lines("ping --json -c 1 \(side.beyond)")
      #expect(errors.counts == "answer=1 summary=1")
      let error = try #require(errors.objects.first)
      #expect(error.text("verdict") == "unreachable" && error.text("by") == "icmp-error")
      #expect(error.text("from") == side.far && error.number("seq") == 1)
      let icmp = error["icmp"] as? [String: Any]
      #expect(icmp?.text("name") == (side.family == 4 ? "host-unreachable" : "no-route"), "\(errors.outcome)")
      let exceeded = try lines("ping --json -c 1 -t 1 \(side.loop)")
      #expect(exceeded.objects.first?.text("verdict") == "time-exceeded", "\(exceeded.outcome)")
    }
  }

  @Test func silenceAndFailureAreLinesAndAreCounted() throws {
    try WireNetwork.run { network in
      try network.filterAtFar("icmp type echo-request drop")
      let silence = try lines("ping --json -c 2 -i 10ms -W 50ms 10.9.0.2")
      #expect(silence.counts == "silence=2 summary=1")
      #expect(silence.objects.first?.text("verdict") == "timeout" && silence.objects.first?.number("seq") == 1)
      // The link goes down on the way: what could not be sent is told apart from silence.
      try network.sh(
        "nft 'table inet own { chain out { type filter hook output priority 0; icmp type echo-request drop; }; }'")
      let failed = try lines("ping --json -c 2 -i 10ms -W 50ms 10.9.0.2")
      let summary = try #require(failed.objects.of("summary").first)
      #expect(summary.number("sent") == 2 && summary.number("send_failed") == 2, "\(failed.outcome)")
      #expect(failed.objects.of("silence").allSatisfy { $0.text("verdict") == "send-failed" })
    }
  }

  @Test(arguments: Side.both)
  func probesLinesHaveTheDocumentedKeys(side: Side) throws {
    try WireNetwork.run { network in
      try network.filterAtFar("tcp dport 7080 drop")
      try network.withServices {
        let found = try lines("probe --json -v -p 7070,7073,7080 -W 1s --retries 1 \(side.far)")
        #expect(found.counts == "answer=2 sent=4 silence=1 summary=1")
        let open = try #require(found.objects.first { $0.number("port") == 7070 && $0.text("type") == "answer" })
        #expect(open.text("proto") == "tcp" && open.text("host") == side.far)
        let summary = try #require(found.objects.of("summary").first)
        #expect((summary["ports"] as? [String: Int]) == ["open": 1, "closed": 1, "filtered": 1])
        let only = try lines("probe --json --open -p 7070,7073 \(side.far)")
        #expect(only.counts == "answer=1 summary=1")
      }
    }
  }

  @Test func theCaptureFileHoldsWhatWasOnTheWire() throws {
    try WireNetwork.run { network in
      try network.withServices {
        let folder = try TemporaryFolder()
        let file = folder.path + "/run.pcapng"
        let outcome = try sonde("probe 10.9.0.2 -p 7070,7073 --ip-id 7 --write \(file)")
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        let info = try Shell.run("capinfos -c -E \(file)")
        #expect(info.status == 0 && info.output.contains("Raw IP"), "\(info)")
        let seen = try Shell.run(
          "tshark -n -r \(file) -o ip.check_checksum:TRUE -T fields -e ip.src -e ip.id -e ip.checksum.status -e tcp.flags -e frame.packet_flags_direction -e frame.comment"
        )
        // The raw door leaves the header's sum to the kernel: what is written is what the kernel sent.
        let ours = seen.lines.filter { $0.hasPrefix("10.9.0.1\t0x0007\t1\t0x0002\t") }
        #expect(ours.count == 2 && ours.allSatisfy { $0.contains("0x00000002\tprobe ") }, "\(seen)")
        let theirs = seen.lines.filter { $0.hasPrefix("10.9.0.2\t") }
        #expect(theirs.count == 2 && theirs.allSatisfy { $0.contains("\t0x00000001\tprobe ") }, "\(seen)")
        #expect(
          theirs.contains { $0.contains(": open by tcp-syn-ack") }
            && theirs.contains { $0.contains(": closed by tcp-reset") })
      }
    }
  }

  @Test func theDatagramDoorsCaptureIsThatOfTheWire() throws {
    try WireNetwork.run { network in
      let capture = try WireCapture("near0", "icmp and src 10.9.0.1")
      let folder = try TemporaryFolder()
      let file = folder.path + "/run.pcapng"
      let outcome = try sonde("ping -c 2 -i 10ms --door datagram --write \(file) 10.9.0.2")
      #expect(outcome.status == 0, "\(outcome)")
      try capture.finish(atLeast: 2)
      let wire = try capture.octets(of: "frame").map { String($0.dropFirst(28)) }
      let own = try Shell.run(
        "tshark -n -r \(file) -Y 'ip.src == 10.9.0.1' -T jsonraw | tr -d ' \\n' | grep -o '\"frame_raw\":\\[\"[0-9a-f]*' | cut -d'\"' -f4"
      )
      #expect(own.output.split(separator: "\n").map(String.init) == wire, "\(own)")
      let comments = try Shell.run("tshark -n -r \(file) -Y 'ip.src == 10.9.0.2' -T fields -e frame.comment")
      #expect(comments.lines.filter { $0.contains("reply by echo-reply") }.count == 2, "\(comments)")
    }
  }

  @Test func aFileThatCannotBeWrittenIsToldBeforeAnythingIsSent() throws {
    try WireNetwork.run { _ in
      let capture = try WireCapture("near0", "icmp or tcp")
      for command in ["ping -c 1", "probe -p 9"] {
        let outcome = try sonde("\(command) --write /nonexistent/file 10.9.0.2")
        #expect(outcome.status == 2 && outcome.output.isEmpty)
        #expect(outcome.errors == "sonde: file /nonexistent/file: No such file or directory\n")
      }
      try Shell.until("ping -c 1 10.9.0.2")
      try capture.finish(atLeast: 2)
      #expect(try capture.fields("icmp.type").count == 2, "only ping's own request and reply")
    }
  }
}
