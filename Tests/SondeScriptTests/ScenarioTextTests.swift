import Foundation
import SondeCraft
import SondeHeaders
import SondeLink
import SondeOctets
import SondeScript
import TestSupport
import Testing

@Suite struct ScenarioTextTests {
  private func read(_ text: String) throws -> Scenario { try Scenario(text: text, name: "test") }

  @Test func aFileIsReadWhole() throws {
    let scenario = try read(
      """
      # A datagram to a closed port
      # is answered by an ICMP error (RFC 1122).
      lab pair   # two hosts on a cable

      let sport = 34611
      # The datagram.
      a: send IP(dst=$b)/UDP(sport=$sport, dport=32784)/"# no comment"   # to b
      a: expect within 100ms IP(src=$b)/ICMP(type=3, code=3)/IPerror(dst=$b)/UDPerror(sport=$sport)
      a: expect out within 0.9s..1.1s length 74..80 TCP(flags="SA") unless TCP(flags="R") unless out ICMP()
      b: nothing passing within 500ms IP()
      wait 1s unless ARP()
      b: hold tcp 1234
      b: start server: sonde serve 'a b' "c $b" $$x
        | one $b.
        |  two
      a: run within 5s sonde ping -c 1 $b
      check status == 0
      check output contains "1 received"
      check count(a, ARP(), last 3s) == 4
      check lengths(a, out, TCP()) == [74, 74, 60+6]
      stop server
      repeat 3 as $n
        a: send ICMP(seq=$n)
      end
      """)
    #expect(scenario.title == "A datagram to a closed port")
    #expect(scenario.story == ["is answered by an ICMP error (RFC 1122)."])
    #expect(scenario.laboratory == .builtIn("pair"))
    #expect(scenario.topology?.hosts.count == 2)
    #expect(scenario.steps.count == 15)
    #expect(scenario.steps.map(\.line) == [5, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 21, 22])
    #expect(scenario.steps[1].story == ["The datagram.", "to b"])
    #expect(scenario.steps[1].text == "a: send IP(dst=$b)/UDP(sport=$sport, dport=32784)/\"# no comment\"")
    guard case .expect(let expectation) = scenario.steps[3].action else {
      Issue.record("the fourth step expects")
      return
    }
    #expect(expectation.notBefore == .milliseconds(900))
    #expect(expectation.within == .milliseconds(1100))
    #expect(expectation.sight.way == .outgoing)
    #expect(expectation.length == Step.Lengths(.value(.number(74)), .value(.number(80))))
    #expect(expectation.unless.map(\.way) == [.incoming, .outgoing])
    guard case .start(let name, let command) = scenario.steps[7].action else {
      Issue.record("the eighth step starts a command")
      return
    }
    #expect(name == "server")
    func octets(_ text: String) -> Step.Template.Part { .octets(Array(text.utf8)) }
    #expect(
      command.words.map(\.parts) == [
        [octets("sonde")], [octets("serve")], [octets("a b")], [octets("c "), .variable("b")], [octets("$x")],
      ])
    #expect(command.input.map(\.parts) == [[octets("one "), .variable("b"), octets(".")], [octets(" two")]])
  }

  @Test func aLaboratoryMayBeWrittenOut() throws {
    let scenario = try read(
      """
      # Inline
      lab
        network cable
          left.eth0 192.0.2.1/24
          right.eth0 192.0.2.2/24

      left: send IP(dst=$right.eth0)/ICMP()
      """)
    #expect(scenario.topology?.hosts.map(\.name) == ["left", "right"])
    #expect(scenario.steps.count == 1)
    let error = #expect(throws: ScenarioError.self) { try read("lab\n  network cable\n    left.eth0 nonsense\n") }
    #expect(error?.line == 3)
  }

  /// What is wrong, where, and what is said of it.
  @Test(arguments: [
    ("a: sned IP()", 1, 4, "did you mean \"send\"?"),
    ("foo", 1, 1, "is no step"),
    ("\n\na: send", 3, 8, "recipe is missing"),
    ("a: send IP(dst='x')", 1, 16, "takes an IPv4 address"),
    ("a: send IP()/TCP(dprt=1)", 1, 18, "did you mean \"dport\"?"),
    ("a: send IP() TCP()", 1, 14, "does not belong"),
    ("a: send IP(dst=$c)", 1, 16, "the variable $c has no value"),
    ("a: send TCP(seq=$isn)", 1, 17, "never used again"),
    ("a: send TCP(seq=$isn)\na: expect TCP(ack=$isnn+1)", 2, 19, "did you mean $isn?"),
    ("a: expect TCP(seq=$isn)", 1, 19, "$_ takes any value"),
    ("a: expect TCP(seq=$isn, ack=$ins)\ncheck $isn == 1", 1, 29, "never used again at"),
    ("a: expect TCP(dport=($x, 5))", 1, 21, "range or a list takes no value"),
    ("a: send TCP(seq=$_)", 1, 17, "none to send"),
    ("a: expect TCP() unless TCP(seq=$x)", 1, 32, "sets no variable"),
    ("a: nothing IP()", 1, 12, "within and a time"),
    ("a: nothing within 1x IP()", 1, 19, "units are"),
    ("a: expect within 2s..1s IP()", 1, 18, "ends before it begins"),
    ("a: expect within IP()", 1, 18, "a time is missing"),
    ("a: expect length x IP()", 1, 18, "is no value"),
    ("a: expect IP() unlest IP()", 1, 16, "unless"),
    ("a: expect Quote(IP())", 1, 11, "IPerror"),
    ("let x = 5", 1, 5, "never used again"),
    ("let a = 5\na: send IP()", 1, 5, "is a host"),
    ("let x 5", 1, 7, "= and a value"),
    ("let x = ", 1, 9, "ends too early"),
    ("let x = y", 1, 9, "is no value"),
    ("let x = 'a' - 1\ncheck $x == 1", 1, 9, "cannot be taken"),
    ("check $x == 1", 1, 7, "has no value"),
    ("check 1 = 1", 1, 9, "a relation"),
    ("check 'a' < 1", 1, 7, "cannot be put in order"),
    ("check status(server) == 0", 1, 14, "no command \"server\" was started"),
    ("check count(ARP() == 4", 1, 19, "\")\""),
    ("check [1, 2 == 3", 1, 13, "\"]\""),
    ("stop server", 1, 6, "was started"),
    ("b: start server sonde serve", 1, 17, "a colon"),
    ("b: start server:", 1, 17, "a command is missing"),
    ("b: run", 1, 7, "a command is missing"),
    ("b: run echo 'x", 1, 13, "not closed"),
    ("b: run echo $nobody", 1, 13, "written $$"),
    ("b: start s: cat\n | $nobody", 2, 4, "has no value"),
    ("b: hold sctp 5", 1, 9, "tcp or udp"),
    ("b: hold tcp 70000", 1, 13, "up to 65535"),
    ("wait", 1, 5, "a time is missing"),
    ("wait 1s until x", 1, 9, "does not belong"),
    ("repeat 3\na: send IP()", 1, 1, "without an end"),
    ("end", 1, 1, "without a loop"),
    ("repeat 0\nend", 1, 8, "0 rounds"),
    ("repeat 3 as $n\nend", 1, 13, "never used again"),
    ("a: let x = 5", 1, 4, "without one"),
    ("a: send IP()\nlab pair", 2, 1, "before all steps"),
    ("lab nowhere", 1, 5, "no laboratory"),
    ("lab pair\nc: send IP()", 2, 1, "no host \"c\""),
    ("lab pair\na: send IP(dst=$b.eth7)", 2, 16, "has no value"),
    ("lab pair\na: send IP(dst=$b.mac)", 2, 16, "takes an IPv4 address"),
    ("lab", 1, 4, "laboratory is missing"),
  ])
  func whatIsWrongIsNamedWithItsPlace(text: String, line: Int, column: Int, words: String) throws {
    let error = #expect(throws: ScenarioError.self) { try read(text) }
    #expect(error?.line == line, "\(error?.message ?? "")")
    #expect(error?.column == column, "\(error?.message ?? "")")
    #expect(
      error?.message.contains(words) == true || error?.message.contains("line \(line)") == true,
      "\(error?.message ?? "")")
    #expect(error?.message.contains("\n") == false)
  }

  @Test(arguments: [
    "", "\n\n", "# only a title", "a: send IP()", "send IP()/ICMP()", "a: expect TCP(seq=$_, ack=$_)",
    "a: send TCP(seq=$x, ack=$x+1)", "let $x = 1 + 2 * 3\ncheck $x == 7", "check 'abc' contains 'b'",
    "check [1, 2] == [1, 2]", "let d = 'ab' * 3\na: send IP()/UDP()/$d", "a: expect IP(src=$a)\r\na: send IP(dst=$a)",
    "a: expect Ether(src=$a.mac)/IPv6(dst=$a.ip6)", "repeat 2\n repeat 2 as $n\n a: send ICMP(seq=$n)\n end\nend",
    "a: run echo 'it$a' \"$a\" \\$a \\# # comment", "a: send by eth1 Ether()/ARP(pdst=$b)\nb: wait 0",
    "a: expect ICMP(type=[0, 3], code=(0, 5))", "lab ./other.lab\na: send IP()",
  ])
  func isRead(text: String) throws {
    do throws(ScenarioError) { _ = try Scenario(text: text, name: "test") } catch { Issue.record("\(error)") }
  }

  /// The examples of the guide, and those of them that the simulation can do.
  @Test func aLongSumIsRefusedAndNoStackOverflows() throws {
    for sign in ["+", "*"] {
      let sum = { count in "check 1" + String(repeating: "\(sign)1", count: count) + " == 1" }
      #expect(throws: ScenarioError.self) { try read(sum(100_000)) }
      _ = try read(sum(99))
    }
  }

  @Test func anInterfaceIsVerifiedBeforeAnythingIsSent() throws {
    let text = "lab pair\na: send by eth9 IP(dst=$b)/ICMP()"
    let error = #expect(throws: ScenarioError.self) { try read(text) }
    #expect(error?.column == 12 && error?.line == 2 && error?.message.contains("it has eth0") == true)
    _ = try read("lab pair\na: send by eth0 IP(dst=$b)/ICMP()")
  }

  @Test func aMarkOfUTF8IsPassedOver() throws { #expect(try read("\u{feff}# title\nwait 1s").title == "title") }

  @Test func theGuidesExamplesAreRight() throws {
    let guide = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Sonde/Sonde.docc/Scenarios.md").standardized
    let blocks = try String(contentsOf: guide, encoding: .utf8).components(separatedBy: "```\n")
    let examples = blocks.filter { $0.hasPrefix("# ") && !$0.hasPrefix("# Scenarios") }
    #expect(examples.count == 6)
    for example in examples {
      let scenario = try read(example)
      guard !example.contains("start "), let topology = scenario.topology else { continue }
      var stage = try SimulatedStage(topology)
      var failures: [String] = []
      let outcome = scenario.run(
        over: &stage, emit: { if !$0.isMet { failures.append("\($0.step.text): \($0.message)") } })
      #expect(outcome.isMet, "\(scenario.title): \(failures)")
    }
  }

  @Test func anyTextIsReadOrRefused() throws {
    var generator = Seeded()
    let words = [
      "a: ", "send ", "expect ", "within ", "100ms ", "..", "unless ", "nothing ", "IP(", ")", "/", "TCP(seq=$x", "+1",
      "$",
      "\"", "'", "\n", "\n  ", "| ", "check ", "== ", "count(", "lengths(a, ", "[", "]", ",", "repeat 3 ", "as $n\n",
      "end\n",
      "let x = ", "5 ", "* ", "-", "start s: ", "stop s\n", "run ", "lab pair\n", "lab\n ", "# ", "\\",
      "99999999999999999999",
      "wait ", "1.5", "h ", "hold tcp ", "$a.mac", "status", "\u{e9}", "\0", "in ", "out ", "length ", "(",
      "Raw(load=$x)",
    ]
    for _ in 0..<3000 {
      var text = ""
      for _ in 0..<Int(generator.next() % 14) { text += words[Int(generator.next() % UInt64(words.count))] }
      if generator.next() % 4 == 0 { text += String(decoding: generator.octets(5), as: UTF8.self) }
      if let scenario = try? read(text), scenario.topology == nil {
        // What is read can be done, or is refused, but never traps.
        var stage = ScriptedStage([])
        _ = scenario.run(over: &stage)
      }
    }
  }
}
