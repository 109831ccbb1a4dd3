import Foundation
import Testing
import WireSupport

/// Scenarios by real kernels in laboratories of their own, in memory, and looked for in captures.
@Suite(.wire) struct WireRunTests {
  /// Everything between a start and a stop of a program, with a value taken from what was seen.
  private static let handshake = """
    # A listener answers a SYN, and a reset ends it
    lab pair
    b: start server: python3 -c "import socket,time; s=socket.create_server(('', 8080)); print('up', flush=True); time.sleep(60)"
    # It begins in its own time, on a
    # busy machine late.
    wait within 10s until output(server) contains "up"
    a: send IP(src=$a, dst=$b)/TCP(sport=4000, dport=8080, flags="S", seq=4294967295)
    a: expect within 1s IP(src=$b)/TCP(sport=8080, dport=4000, flags="SA", seq=$isn, ack=0) unless TCP(flags="R")
    a: send IP(src=$a, dst=$b)/TCP(sport=4000, dport=8080, flags="RA", seq=0, ack=$isn+1)
    a: nothing out within 200ms IP(dst=$b)/TCP(flags="R")
    stop server
    a: run sonde ping -c 1 $b
    check status == 0
    check output contains "1 received"

    """

  /// A datagram to a port without a socket; what is expected stands on line 4.
  private static let closed = """
    # A datagram to a port without a socket
    lab pair
    a: send IP(src=$a, dst=$b)/UDP(sport=34611, dport=32784)/"hello"
    a: expect within 1s IP(src=$b, dst=$a)/ICMP(type=3, code=3)/IPerror(dst=$b)/UDPerror(sport=34611, dport=32784)

    """

  private func file(_ text: String, _ folder: TemporaryFolder, _ name: String = "try.sonde") throws -> String {
    let path = "\(folder.path)/\(name)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func aScenarioRunsFromAnyDirectoryAndIsToldALineAStep() throws {
    let outcome = try Shell.run("cd / && env -i \"$SONDE\" run udp-closed")
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.lines.count { $0.contains("  ok  ") } >= 2, "\(outcome)")
    #expect(outcome.lines.dropLast().last?.hasPrefix("udp-closed: as expected, ") == true, "\(outcome)")
  }

  @Test func anOrdinaryUserHasALaboratoryToo() throws {
    let folder = try TemporaryFolder()
    let path = try file(Self.handshake, folder)
    _ = try Shell.run("cp \"$SONDE\" \(folder.path)/sonde && chmod 755 \(folder.path)/sonde && chmod 644 \(path)")
    let outcome = try Shell.run(
      "exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \(folder.path)/sonde run udp-closed \(path)"
    )
    #expect(outcome.status == 0, "\(outcome)")
  }

  @Test func commandsVariablesAndTheUnansweredResetAreAsWritten() throws {
    let folder = try TemporaryFolder()
    let outcome = try sonde("run --json \(try file(Self.handshake, folder))")
    #expect(outcome.status == 0, "\(outcome)")
    let steps = try objects(outcome).of("step")
    let synAck = try #require(steps.first { $0.number("line") == 8 })
    #expect((synAck["values"] as? [String: Any])?.number("isn") != nil, "\(synAck)")
    let command = try #require(steps.first { $0.number("line") == 12 }?["command"] as? [String: Any])
    #expect(command.number("status") == 0 && command.text("output").contains("1 received"))
    let summary = try #require(try objects(outcome).of("summary").first)
    #expect(summary["ok"] as? Bool == true && summary.text("scenario") == "try", "\(summary)")
  }

  @Test func whatDoesNotComeAsExpectedIsShownFieldByField() throws {
    let folder = try TemporaryFolder()
    let text = Self.closed.replacing("code=3", with: "code=2")
    let path = try file(text, folder)
    let outcome = try sonde("run \(path)")
    #expect(outcome.status == 1, "\(outcome)")
    #expect(outcome.lines.contains { $0.contains("FAILED     4  a: expect within 1s") }, "\(outcome)")
    #expect(
      outcome.lines.contains { $0.split(separator: " ") == ["ICMP.code", "2", "3"] }, "\(outcome)")
    let step = try #require(try objects(try sonde("run --json \(path)")).of("step").last)
    let difference = try #require((step["differences"] as? [[String: Any]])?.first)
    #expect(difference.text("field") == "code" && difference.text("expected") == "2" && difference.text("seen") == "3")
  }

  @Test func theFileIsReadByTsharkAndFoundAgain() throws {
    let folder = try TemporaryFolder()
    let path = try file(Self.handshake, folder)
    let closed = try file(Self.closed, folder, "closed.sonde")
    let live = try sonde("run --write \(folder.path)/run.pcapng \(closed) \(path)")
    #expect(live.status == 0, "\(live)")
    let fields = "-T fields -e frame.interface_name -e icmp.type -e icmp.code -e udp.dstport -e frame.comment"
    let read = try Shell.run("tshark -r \(folder.path)/run.pcapng -Y 'icmp.type == 3' \(fields) 2> /dev/null")
    #expect(read.lines.count { $0.hasPrefix("b/eth0\t3\t3\t32784\tline 4, ok: a: expect") } == 1, "\(read)")
    let sent = try Shell.run("tshark -r \(folder.path)/run.pcapng -Y 'tcp.flags.reset == 1' \(fields) 2> /dev/null")
    #expect(sent.lines.first?.contains("sent by the scenario,line 9: a: send") == true, "\(sent)")
    let again = try sonde("run --replay \(folder.path)/run.pcapng \(closed) \(path)")
    #expect(again.status == 0, "\(again)")
    #expect(again.lines.contains { $0.contains("skipped") }, "\(again)")
    // A near miss: what did not happen is not found.
    let text = Self.closed.replacing("code=3", with: "code=2")
    let other = try file(text, folder, "closed.sonde")
    #expect(try sonde("run --replay \(folder.path)/run.pcapng \(other)").status == 1)
    #expect(try sonde("run --sim \(other)").status == 1)
    #expect(try sonde("run --sim udp-closed").status == 0)
  }

  @Test func theMachineItselfIsAStage() throws {
    try WireNetwork.run { _ in
      let folder = try TemporaryFolder()
      let path = try file(
        """
        # The far host answers
        send IP(dst="10.9.0.2")/ICMP(id=0x0101, seq=0x0202)
        expect within 1s IP(src="10.9.0.2")/ICMP(type=0, id=0x0101, seq=0x0202, chksum=0xfcfc)
        send IP(dst="127.0.0.1")/UDP(sport=4000, dport=9)
        expect within 1s IP(src="127.0.0.1")/ICMP(type=3, code=3)

        """, folder)
      let outcome = try sonde("run \(path)")
      #expect(outcome.status == 0, "\(outcome)")
      let refused = try sonde("run \(try file("# No lab\\nrun true\\n".replacing("\\n", with: "\n"), folder))")
      #expect(refused.status != 0 && refused.output.contains("commands run in a laboratory only"), "\(refused)")
    }
  }

  @Test(arguments: [(2, "INT"), (9, "KILL")]) func aSignalLeavesNothingBehind(number: Int32, name: String) throws {
    let folder = try TemporaryFolder()
    let mark = "6\(Int.random(in: 1_000_000...9_999_999))"
    let path = try file(
      """
      # It ends before its time
      lab pair
      b: start waiter: sleep \(mark)
      wait 60s

      """, folder)
    let child = try Shell.start("exec '\(SondeBinary.path)' run \(path) > \(folder.path)/out 2>&1")
    try Shell.until("grep -q waiter \(folder.path)/out")
    // Listed by the program's name, so that whoever looks for it is not found.
    let running = "ps -C sleep -o args= | grep -q \(mark)"
    try Shell.until(running)
    let status = Shell.stop(child, by: number)
    #expect(number == 9 || status >> 8 & 0xff == 1, "\(Shell.text("\(folder.path)/out"))")
    try Shell.until("! { \(running); }")
  }

  @Test func whatCannotBeTriedIsSaidBeforeAnythingIsSent() throws {
    let folder = try TemporaryFolder()
    for (text, words) in [
      ("# Bad\nlab pairs\nwait 1s\n", "there is no lab \"pairs\""),
      ("# Bad\nlab pair\na: send IP(dst=$b)/TPC()\n", "no layer is called \"TPC\" at line 3"),
      ("# Bad\nlab pair\nc: send IP(dst=$b)/TCP()\n", "line 3"),
    ] {
      let outcome = try sonde("run \(try file(text, folder))")
      #expect(outcome.status == 2 && outcome.output.isEmpty && outcome.errors.contains(words), "\(outcome)")
    }
    for arguments in ["run", "run nothing", "run --list udp-closed", "run --sim --replay x udp-closed"] {
      #expect(try sonde(arguments).status == 2)
    }
  }
}
