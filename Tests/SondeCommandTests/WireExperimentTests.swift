import Foundation
import Testing
import WireSupport

/// The experiments of two lab reports, run as anybody runs them, and read by tshark.
@Suite(.wire) struct WireExperimentTests {
  @Test(arguments: Experiment.all, Experiment.User.allCases)
  func anExperimentIsWhatTsharkReads(experiment: Experiment, user: Experiment.User) throws {
    let capture = try ExperimentCapture(of: experiment.name, as: user)
    #expect(capture.outcome.status == 0, "\(capture.outcome)")
    for reading in experiment.readings {
      let lines = try capture.fields(reading.fields, where: reading.filter)
      let isAsExpected = lines.count == reading.lines.count && zip(lines, reading.lines).allSatisfy(isLike)
      #expect(isAsExpected, "\(reading.filter): \(lines) is not \(reading.lines)")
    }
  }

  @Test(arguments: Experiment.all) func anExperimentFailsByANumberThatIsWrong(experiment: Experiment) throws {
    let text = try Experiment.sonde("run --show \(experiment.name)", as: .root).output
    let miss = experiment.nearMiss
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // Where something is expected: what is sent by a wrong number fails a line later.
    let claims = ["expect", "check"]
    let line = try #require(
      lines.firstIndex { line in
        !line.hasPrefix("#") && line.contains(miss.old) && claims.contains { line.contains("\($0) ") }
      }, "\(miss.old)")
    let folder = try TemporaryFolder()
    var changed = lines.map(String.init)
    changed[line] = changed[line].replacing(miss.old, with: miss.new)
    try changed.joined(separator: "\n").write(toFile: "\(folder.path)/near.sonde", atomically: true, encoding: .utf8)
    let outcome = try Experiment.sonde("run \(folder.path)/near.sonde", as: .root)
    #expect(outcome.status == 1, "\(outcome)")
    let failed = outcome.lines.first { $0.contains(" FAILED ") }?.split(separator: " ")
    #expect(failed?.dropFirst(2).first == "\(line + 1)", "\(outcome)")
  }

  @Test func theListNamesAllOfThemAndNothingElse() throws {
    let ids = """
      arp-request arp-reply arp-counts arp-proxy arp-gratuitous arp-learn icmp-echo icmp-limits ping udp-simple udp-many
      udp-unplugged udp-closed udp-overflow udp-frag4600 tcp-handshake tcp-closed tcp-close tcp-half-close
      tcp-data-after-close tcp-seqack tcp-urgent tcp-zero-window tcp-seg4600 tcp-unplugged telnet-like echo-service
      conversation listen-list two-servers many-clients
      """.split { $0 == " " || $0 == "\n" }.map(String.init)
    let list = try Experiment.sonde("run --list", as: .ordinary)
    #expect(list.status == 0)
    #expect(list.lines.filter { !$0.isEmpty }.map(String.init).sorted() == ids.sorted())
    #expect(Experiment.all.map(\.name).sorted() == ids.sorted())
    for id in ids {
      let shown = try Experiment.sonde("run --show \(id)", as: .ordinary)
      #expect(shown.status == 0 && shown.lines.filter { $0.hasPrefix("#") }.count >= 4, "\(id) teaches")
      #expect(try Experiment.sonde("run --dry-run \(id)", as: .ordinary).status == 0)
    }
  }

  @Test func theOctetsOfARPAndEchoAreThoseOfTheReport() throws {
    let request = try ExperimentCapture(of: "arp-request", as: .root)
    let padding = String(repeating: "00", count: 18)
    let asked = "ffffffffffff00e0292b78e908060001080006040001" + "00e0292b78e9c3000004"
    #expect(
      try request.octets(where: "arp.opcode == 1 && arp.dst.proto_ipv4 == 195.0.0.2") == [
        asked + "ffffffffffffc3000002" + padding, asked + "000000000000c3000002" + padding,
      ])
    let reply = "00e0292b78e900b0d05c5ac108060001080006040002" + "00b0d05c5ac1c300000200e0292b78e9c3000004"
    #expect(try request.octets(where: "arp.opcode == 2") == [reply, reply])
    #expect(try ExperimentCapture(of: "arp-reply", as: .ordinary).octets(where: "arp.opcode == 2") == [reply])
    let echo = try ExperimentCapture(of: "icmp-echo", as: .ordinary)
    #expect(try echo.octets(where: "icmp.type == 8").map { $0.suffix(16) } == ["0800f4fc01010202"])
    #expect(try echo.octets(where: "icmp.type == 0").map { $0.suffix(16) } == ["0000fcfc01010202"])
  }

  /// A rebuilt capture of the reports: tshark's lines of some of its frames.
  private func recorded(_ file: String, _ frames: ClosedRange<Int>) throws -> [String] {
    let path = try #require(
      Bundle.module.url(forResource: file, withExtension: "lines", subdirectory: "Experiments")?.path)
    let lines = Shell.text(path).split(separator: "\n")
    return frames.map { String(ExperimentCapture.told(lines[$0 - 1])) }
  }

  /// A line without what today's kernels choose otherwise.
  private func without(_ keys: [String], _ line: some StringProtocol) -> String {
    line.split(separator: " ").filter { word in !keys.contains { word.hasPrefix("\($0)=") } }.joined(separator: " ")
  }

  @Test func theRecordedConversationIsHadAgainFrameByFrame() throws {
    let capture = try ExperimentCapture(of: "conversation", as: .ordinary)
    #expect(try capture.lines(where: "tcp") == (try recorded("table2", 1...12)))
  }

  @Test(arguments: [
    ("udp-frag4600", "ip.src == 195.0.0.4 && ip.id == 0x11f8", "frag4600", 1...4),
    ("udp-simple", "ip.src == 195.0.0.4 && udp", "udp", 1...1),
    ("udp-closed", "udp.port == 9999", "udp", 2...3),
    ("tcp-closed", "tcp.port == 1025 && tcp.seq <= 1", "conn", 4...5),
    ("tcp-seqack", "tcp.port == 1024 && (tcp.len > 0 || tcp.ack > 1)", "seqack", 1...4),
    ("tcp-seg4600", "tcp.len == 1460 || tcp.len == 220", "seg4600", 1...4),
    ("arp-request", "arp.dst.hw_mac == ff:ff:ff:ff:ff:ff", "arp", 1...1),
    ("icmp-echo", "icmp", "icmp", 1...2),
  ])
  func recordedFramesComeAgain(
    name: String, filter: String, file: String, frames: ClosedRange<Int>
  ) throws {
    let capture = try ExperimentCapture(of: name, as: .root)
    // What another kernel, or this end, offers as its window is another matter.
    let keys = file == "seqack" || file == "seg4600" ? ["Win"] : []
    let lines = try capture.lines(where: filter).map { unpadded(without(keys, $0)) }
    #expect(lines == (try recorded(file, frames)).map { unpadded(without(keys, $0)) })
  }

  /// A line of an echo without the frame's length, for a virtual cable pads no frame, and without the numbers of others.
  private func unpadded(_ line: String) -> String {
    guard line.contains("ICMP") && line.contains("Echo") else { return line }
    return line.replacing(" 60 ", with: " 42 ").split(separator: " (re").prefix(1).joined()
  }
}
