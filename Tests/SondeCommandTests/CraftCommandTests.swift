import Foundation
import Testing
import WireSupport

/// `sonde craft`: recipes in, octets out.
@Suite struct CraftCommandTests {
  private static let recipe =
    "'IP(src=\"192.0.2.9\", dst=\"192.0.2.1\", ttl=3)/TCP(flags=\"SA\", options=[(\"MSS\", 1460)])/\"hi\"'"
  private static let bytes =
    "4500002e00010000030633bfc0000209c0000201001400500000000000000000601220008b3c0000020405b46869"

  @Test func aRecipeIsHexJSONSwiftAndNotes() throws {
    #expect(try sonde("craft --hex \(Self.recipe)").output == Self.bytes + "\n")
    let object = try #require(try objects(try sonde("craft --json \(Self.recipe)")).first)
    #expect(object.text("type") == "packet" && object.number("line") == 1 && object.text("bytes") == Self.bytes)
    #expect(
      object.text("recipe")
        == "IP(src='192.0.2.9', dst='192.0.2.1', ttl=3)/TCP(flags='SA', options=[('MSS', 1460)])/Raw(load=b'hi')")
    #expect(
      try sonde("craft --swift \(Self.recipe)").output == """
        let packet = Packet {
          IPv4(from: "192.0.2.9", to: "192.0.2.1", ttl: 3)
          TCP(flags: [.syn, .ack], options: [.mss(1460)])
          "hi"
        }

        """)
    let notes = try sonde("craft \(Self.recipe)")
    #expect(notes.status == 0 && notes.output.contains("Time to live 3"), "\(notes)")
    #expect(try sonde("craft -q \(Self.recipe)").output.isEmpty)
  }

  @Test func rangesAreManyPackets() throws {
    let outcome = try sonde("craft --hex 'UDP(dport=(1, 3))' 'UDP(sport=[7, 9])'")
    #expect(
      outcome.output.split(separator: "\n").map { $0.prefix(8) } == [
        "00350001", "00350002", "00350003", "00070035", "00090035",
      ])
    #expect(outcome.status == 0)
  }

  /// A long packet is cut into what fits; a short one, and what has no IP header, stays.
  @Test func fragmentsAreCutToFit() throws {
    let outcome = try sonde("craft --mtu 28 --hex 'IP(src=\"192.0.2.9\")/ICMP()/\"0123456789abcdef\"'")
    #expect(
      outcome.lines.dropLast() == [
        "4500001c00012000400119d6c00002097f0000010800c8c800000000",
        "4500001c00012001400119d5c00002097f0000013031323334353637",
        "4500001c00010002400139d4c00002097f0000013839616263646566",
      ])
  }

  @Test func aBadRecipeMakesNothing() throws {
    let outcome = try sonde("craft --hex 'UDP()' 'IP(dst=\"192.0.2.1\", ttl=3)/TCP(dprt=80)'")
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.errors == "sonde: recipe: TCP has no field \"dprt\" at column 32; did you mean \"dport\"?\n")
    for arguments in ["craft", "craft - 'UDP()'", "craft --hex --json 'UDP()'", "craft --mtu 70000 'UDP()'"] {
      let outcome = try sonde(arguments)
      #expect(outcome.status == 2 && outcome.output.isEmpty && outcome.errors.hasPrefix("sonde: "), "\(arguments)")
    }
  }

  @Test func badLinesAreToldAndTheRestGoesOn() throws {
    let input = "printf 'UDP()\\nUPD()\\n\\nUDP(dport=9)'"
    let outcome = try Shell.run("\(input) | \"$SONDE\" craft --json -")
    let lines = try objects(outcome)
    // Blank lines are no recipes, and count.
    #expect(lines.map { $0.number("line") } == [1, 2, 4])
    #expect(lines.map { $0.text("type") } == ["packet", "error", "packet"])
    #expect(lines[1].number("column") == 1 && lines[1].text("message").contains("did you mean \"UDP\"?"))
    #expect(try Shell.run("\(input) | \"$SONDE\" craft --json - > /dev/null; echo $?").output == "2\n")
    let text = try Shell.run("\(input) | \"$SONDE\" craft --hex -")
    #expect(text.output == "0035003500080000\n0035000900080000\n")
    #expect(text.errors.hasPrefix("sonde: recipe: line 2: no layer is called \"UPD\" at column 1"), "\(text)")
  }

  @Test func nothingIsMadeWhereAnArgumentIsWrongInJSONToo() throws {
    let folder = try TemporaryFolder()
    for form in ["--json", "--hex", "--swift", "-q", "--json --write \(folder.path)/x"] {
      // Read wrongly, and read well but not to be made: an address where a length belongs would not even be read.
      for wrong in ["'UPD()'", "\"$(printf 'Raw(load=\"\\377\")')\""] {
        let outcome = try Shell.run("exec \"$SONDE\" craft \(form) 'UDP()' \(wrong) 'UDP()'")
        #expect(outcome.status == 2, "\(outcome)")
        if form.hasPrefix("--json") {
          let lines = try objects(outcome)
          #expect(lines.map { $0.text("type") } == ["error"] && lines[0].number("line") == 2, "\(outcome)")
          #expect(outcome.errors.isEmpty && !lines[0].text("message").contains("recipe:"), "\(outcome)")
        } else {
          #expect(outcome.output.isEmpty && outcome.errors.hasPrefix("sonde: recipe: "), "\(outcome)")
        }
      }
    }
    #expect(try Shell.run("ls \(folder.path)").output.isEmpty)
    #expect(try objects(try sonde("craft --json 'UDP()' 'UDP()'")).map { $0.number("line") } == [1, 2])
  }

  @Test func wordsThatAreNoUTF8AreRefused() throws {
    for verb in ["craft --hex", "send"] {
      let outcome = try Shell.run("exec \"$SONDE\" \(verb) \"$(printf 'Raw(load=\"\\377\")')\"")
      #expect(
        outcome.errors == "sonde: recipe: octets that are no UTF-8 at column 11; write them as \\x escapes\n"
          && outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
    }
    #expect(try sonde("craft --hex 'Raw(load=\"é\")'").output == "c3a9\n")
    #expect(try sonde("craft --hex 'Raw(load=b\"\\xff\")'").output == "ff\n")
  }

  @Test(arguments: ["", "\\n", " \\t\\r\\n\\n"])
  func blankInputMakesNothingAndSendsNothing(input: String) throws {
    for form in ["", "--json", "--hex"] {
      let made = try Shell.run("printf '\(input)' | \"$SONDE\" craft \(form) -")
      #expect(made.status == 0 && made.output.isEmpty && made.errors.isEmpty, "\(made)")
    }
    let sent = try Shell.run("printf '\(input)' | \"$SONDE\" send -")
    #expect(sent.status == 2 && sent.errors == "sonde: send: standard input holds no recipe\n", "\(sent)")
  }

  @Test func badLinesAreToldInTheSameWordsByBothVerbs() throws {
    let input = "printf '\\nUPD()\\n'"
    for (form, isJSON) in [("", false), ("--json", true)] {
      let made = try Shell.run("\(input) | \"$SONDE\" craft \(form) -")
      let sent = try Shell.run("\(input) | \"$SONDE\" send \(form) -")
      #expect(made.output == sent.output && made.errors == sent.errors && made.status == 2 && sent.status == 2)
      #expect(made.output.isEmpty != isJSON && made.errors.isEmpty == isJSON, "\(made)")
      #expect(isJSON || made.errors.hasPrefix("sonde: recipe: line 2: no layer is called \"UPD\""), "\(made)")
    }
  }

  @Test func helpNamesEveryLayer() throws {
    let help = try sonde("craft --help")
    #expect(help.lines.allSatisfy { $0.count <= 80 }, "\(help)")
    for name in ["Ether,", "IPv6ExtHdrSegmentRouting,", "ICMPv6NDOptRDNSS,", "Padding,"] {
      #expect(help.output.contains(name), "\(name)")
    }
    let unknown = try sonde("craft 'DNS()'")
    #expect(unknown.errors.hasSuffix("Raw, Padding and more; sonde craft --help names them all\n"), "\(unknown)")
    #expect(unknown.errors.count < 220)
  }

  @Test func filesHaveAnInterfaceForEachLinkType() throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/x.pcapng"
    let recipes =
      "'Ether(src=\"02:00:00:00:00:01\")/IP(src=\"192.0.2.9\")/UDP(sport=7)' "
      + "'IP(src=\"192.0.2.9\")/ICMP()/\"x\"' 'UDP()'"
    #expect(try sonde("craft -q --write \(file) \(recipes)").status == 0)
    let read = try Shell.run("tshark -r \(file) -T fields -e frame.encap_type -e ip.src -e udp.srcport 2> /dev/null")
    #expect(read.output == "1\t192.0.2.9\t7\n7\t192.0.2.9\t\n45\t\t\n", "\(read)")
  }

  /// With the release build as many commands of Scapy's as the contract speaks of, in one run.
  @Test func randomCommandsMakeScapysOctets() throws {
    let folder = try TemporaryFolder()
    let seed = ProcessInfo.processInfo.environment["SONDE_SEED"] ?? "\(UInt64.random(in: 0..<1_000_000))"
    print("random commands: SONDE_SEED=\(seed)")
    let generator = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("SondeCraftTests/Recipes/random_commands.py").path
    guard try Shell.run("/usr/bin/python3 -c 'import scapy.all' 2> /dev/null && echo there").output == "there\n" else {
      print("SKIPPED: random commands were not made: no python3 here has Scapy")
      #expect(ProcessInfo.processInfo.environment["CI"] != "true", "Scapy must be there")
      return
    }
    let count = SondeBinary.isRelease ? 3000 : 300
    // Multicast listener discovery has no layer here: some commands more are made, and those left out.
    _ = try Shell.run(
      "/usr/bin/python3 \(generator) \(seed) \(count + count / 10) 2> /dev/null | grep -v ICMPv6ML | head -\(count) > \(folder.path)/random",
      seconds: 300)
    let text = try String(contentsOfFile: "\(folder.path)/random", encoding: .utf8)
    let expected = try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String])
    }
    #expect(expected.count == count)
    let commands = expected.map { ($0["command"] ?? "") + "\n" }.joined()
    try commands.write(toFile: "\(folder.path)/commands", atomically: true, encoding: .utf8)
    let made = try objects(try Shell.run("\"$SONDE\" craft --json - < \(folder.path)/commands", seconds: 60))
    #expect(made.count == count)
    for (made, expected) in zip(made, expected) {
      #expect(
        made.text("bytes") == expected["bytes"], "\(made.text("message")) \(expected["command"]?.prefix(2000) ?? "")")
    }
  }
}
