import Foundation
import Testing
import WireSupport

@Suite struct DecodeCommandTests {
  static let captures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("SondeCaptureTests/Captures").path
  /// IPv4 and UDP from 192.0.2.1 port 53 to 192.0.2.2 port 53, without data.
  static let datagram = "4500001c000100004011b6d0c0000201c000020200350035000879ea"

  private func lines(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(Self.captures)/\(name).lines")), as: UTF8.self)
  }

  @Test func filesAndPipesReadTheSame() throws {
    let file = try sonde("decode \(Self.captures)/table1.pcap")
    let lines = try lines("table1")
    #expect(file.status == 0 && file.output == lines, "\(file)")
    let pipe = try Shell.run("exec \"$SONDE\" decode - < \(Self.captures)/table1.pcap", seconds: 20)
    #expect(pipe.status == 0 && pipe.output == file.output)
    let dripped = try Shell.run("cat \(Self.captures)/table1.pcap | \"$SONDE\" decode -", seconds: 20)
    #expect(dripped.status == 0 && dripped.output == file.output)
  }

  @Test(arguments: [
    (datagram, "ip", "192.0.2.1 → 192.0.2.2    UDP 28 53 → 53 Len=0"),
    (
      "ffffffffffff02000000000108060001080006040001020000000001c0000201000000000000c0000202", "ether",
      "Who has 192.0.2.2? Tell 192.0.2.1"
    ),
    ("0001080006040001020000000001c0000201000000000000c0000202", "arp", "Who has 192.0.2.2? Tell 192.0.2.1"),
    (
      "60000000000811402001 0db8000000000000000000000001 20010db8000000000000000000000002 0035003500084b6d", "ipv6",
      "2001:db8::1 → 2001:db8::2  UDP 48 53 → 53 Len=0"
    ),
    ("0800 f4fc 0101 0202", "icmp", "ICMP 8 Echo (ping) request  id=0x0101, seq=514/514"),
    ("0035 0035 0009 0000 61", "udp", "UDP 9 53 → 53 Len=1"), ("0102030405", "raw", "Data 5"),
  ])
  func whatOctetsAreIsGuessedAndTold(hex: String, layer: String, line: String) throws {
    let outcome = try sonde("decode \(hex)")
    #expect(outcome.status == 0 && outcome.output.contains(line), "\(outcome)")
    #expect(outcome.errors == "sonde: decode: read as \(layer); --as says otherwise\n", "\(outcome.errors)")
    let told = try sonde("decode --as \(layer) \(hex)")
    #expect(told.output == outcome.output && told.errors.isEmpty)
  }

  @Test func everyLineOfStandardInputIsAPacketAndABadOneIsToldWithItsNumber() throws {
    let input = "\(Self.datagram)\\n\\nxyz\\n\(Self.datagram)\\n"
    let text = try Shell.run("printf '\(input)' | \"$SONDE\" decode --as ip -", seconds: 20)
    #expect(text.status == 2)
    #expect(text.output.split(separator: "\n").map { $0.prefix(6) } == ["    1 ", "    2 ", "    4 "], "\(text)")
    #expect(text.errors == "sonde: decode: line 3: \"x\" at character 1 is no hexadecimal digit\n")
    let json = try objects(try Shell.run("printf '\(input)' | \"$SONDE\" decode --json -", seconds: 20))
    #expect(json.map { $0.text("type") } == ["packet", "packet", "error", "packet"])
    #expect(json[2].number("line") == 3 && json[2].number("column") == 1)
    #expect(json[1].number("captured") == 0)
    #expect(json[0].text("as") == "ip")
    let guessed = try objects(try sonde("decode --json 0800f4fc01010202"))
    #expect(guessed.first?.text("as") == "icmp" && guessed.first?.number("link_type") == nil)
    #expect(try objects(try sonde("decode --json \(Self.captures)/udp.pcap")).allSatisfy { $0["as"] == nil })
  }

  /// Lines of changing kinds: each kind is told once.
  @Test func aGuessIsToldOnce() throws {
    let input = "printf '\(Self.datagram)\\n0800f4fc01010202\\n\(Self.datagram)\\n0800f4fc01010202\\n'"
    let outcome = try Shell.run("\(input) | \"$SONDE\" decode -", seconds: 20)
    #expect(
      outcome.errors
        == "sonde: decode: read as ip; --as says otherwise\nsonde: decode: read as icmp; --as says otherwise\n")
    let json = try objects(try Shell.run("\(input) | \"$SONDE\" decode --json -", seconds: 20))
    #expect(json.map { $0.text("as") } == ["ip", "icmp", "ip", "icmp"])
  }

  @Test func jsonMayBeVerbose() throws {
    let plain = try sonde("decode --json --as ip \(Self.datagram)")
    let verbose = try sonde("decode --json -v --as ip \(Self.datagram)")
    #expect(plain.status == 0 && verbose.status == 0 && verbose.output == plain.output)
    #expect(try sonde("decode --json -x --as ip \(Self.datagram)").status == 2)
  }

  @Test func aSummarySaysOnlyWhatIsThere() throws {
    func summary(_ words: String) throws -> String {
      try objects(try sonde("decode --json \(words)"))[0].text("summary")
    }
    #expect(try summary("--as raw 0102030405") == "Data 5 5 octets")
    #expect(try summary("--as icmp 0800f4fc01010202").hasPrefix("ICMP 8 Echo (ping) request"))
    #expect(try summary("--as ip \(Self.datagram)").hasPrefix("192.0.2.1 → 192.0.2.2 UDP 28 "))
  }

  /// Layers of which there are many kinds say which, in the tree and beside the octets.
  @Test func optionsAndObjectsHaveNamesThatPeopleRead() throws {
    let options = try sonde("decode -v -x --as icmpv6 8500 7a2e 00000000 0101020000000001 c801000000000000")
    for title in ["Neighbor discovery option: Source link-layer address", "Neighbor discovery option"] {
      #expect(options.output.contains("\n\(title), octets "), "\(options)")
      #expect(options.output.contains("\n\(title), 8 octets at "), "\(options)")
    }
  }

  /// Multicast listener discovery is no layer of recipes, but still a message of ICMPv6.
  @Test func listenerReportsAreNamelessMessages() throws {
    let report =
      "6000000000183a01fe800000000000000000000000000001ff020000000000000000000000000016"
      + "83000000" + "00000000" + "ff020000000000000000000000000009"
    let outcome = try sonde("decode --recipe --as ipv6 \(report)")
    #expect(
      outcome.output == "IPv6(src='fe80::1', dst='ff02::16', hlim=1)/ICMPv6Unknown(type=131, cksum=0x0000, "
        + "msgbody=b'\\x00\\x00\\x00\\x00')/Raw(load=b'\\xff\\x02" + String(repeating: "\\x00", count: 13) + "\\t')\n")
  }

  @Test func aCaptureThatEndsInAPacketIsShownUpToThereAndIsAnError() throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/cut.pcap"
    let outcome = try Shell.run(
      "head -c 300 \(Self.captures)/table1.pcap > \(file); exec \"$SONDE\" decode \(file)", seconds: 20)
    #expect(outcome.status == 2 && outcome.output.split(separator: "\n").count == 3, "\(outcome)")
    #expect(outcome.errors.hasPrefix("sonde: decode: \(file): ") && outcome.errors.split(separator: "\n").count == 1)
    let foreign = try Shell.run("echo hello world > \(file); exec \"$SONDE\" decode \(file)", seconds: 20)
    #expect(foreign.status == 2 && foreign.output.isEmpty && foreign.errors.split(separator: "\n").count == 1)
    let empty = try Shell.run(": > \(file); exec \"$SONDE\" decode \(file)", seconds: 20)
    #expect(empty.status == 2 && empty.errors == "sonde: decode: \(file): the file is empty\n", "\(empty)")
  }

  @Test func optionsSayWhatIsPrinted() throws {
    let file = "\(Self.captures)/table1.pcap"
    #expect(try sonde("decode -c2 \(file)").output.split(separator: "\n").count == 2)
    #expect(try sonde("decode -q \(file)").output.isEmpty)
    #expect(try sonde("decode -v \(file)").output.contains("\n  Time to live: 64\n"))
    #expect(try sonde("decode -x \(file)").output.contains("Source port 50297"))
    let recipes = try sonde("decode --recipe \(file)")
    #expect(recipes.status == 0 && recipes.errors.isEmpty)
    #expect(recipes.output.split(separator: "\n").allSatisfy { $0.contains("(") } && !recipes.output.contains("→"))
    for wrong in ["--recipe --json", "--json -x", "-c 0", "--as foo", "-y"] {
      let outcome = try sonde("decode \(wrong) \(file)")
      #expect(outcome.status == 2 && outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
    }
    for wrong in ["", "zz", "0800 f4f", "/no/such/file", "0800 \(file)", "- 0800"] {
      let outcome = try sonde("decode \(wrong)")
      #expect(outcome.status == 2 && outcome.errors.split(separator: "\n").count == 1, "\(wrong): \(outcome)")
    }
  }

  @Test func theExamplesOfItsHelpWork() throws {
    let help = try sonde("decode --help").output
    let examples = help.split(separator: "\n").filter { $0.hasPrefix("Example: sonde ") }
      .map { $0.dropFirst("Example: sonde ".count) }
    #expect(examples.count >= 2)
    for example in examples { #expect(try sonde(String(example)).status == 0, "\(example)") }
  }

  @Test func aClosedOutputEndsItSilently() throws {
    let outcome = try Shell.run(
      "for i in 1 2 3 4 5 6 7 8; do cat \(Self.captures)/table1.pcap; done > /dev/null; "
        + "\"$SONDE\" decode -v \(Self.captures)/table1.pcap \(Self.captures)/table2.pcap | head -1", seconds: 20)
    #expect(outcome.errors.isEmpty && outcome.output.hasPrefix("    1 "), "\(outcome)")
  }

  /// Ten times the packets take no more memory.
  @Test func memoryDoesNotGrowWithTheFile() throws {
    let folder = try TemporaryFolder()
    var header: [UInt8] = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]
    header += [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 101, 0, 0, 0]
    let packet = try #require(
      Self.octets("4500002800010000400600 00c0000201c0000202" + "13881770000000010000000150100100000 00000"))
    let record: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0, 40, 0, 0, 0]
    func peak(_ count: Int) throws -> Int {
      var file = header
      file.reserveCapacity(24 + count * 56)
      for index in 0..<count {
        file += record + packet
        file[file.count - 20] = UInt8(index & 0x3f)
        file[file.count - 19] = UInt8(index >> 6 & 0xff)
      }
      try Data(file).write(to: URL(fileURLWithPath: "\(folder.path)/many.pcap"))
      let outcome = try Shell.run(
        "/usr/bin/python3 -c 'import resource,subprocess,sys; subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,check=True); "
          + "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' \"$SONDE\" decode \(folder.path)/many.pcap",
        seconds: 300)
      return try #require(Int(outcome.output.split(separator: "\n").last ?? ""), "\(outcome)")
    }
    let (few, many) = (try peak(20_000), try peak(200_000))
    #expect(many < few + 3072, "\(few) KiB, then \(many) KiB")
  }

  private static func octets(_ hex: String) -> [UInt8]? {
    let digits = hex.filter { $0 != " " }
    var octets: [UInt8] = []
    var rest = digits[...]
    while rest.count >= 2 {
      guard let octet = UInt8(rest.prefix(2), radix: 16) else { return nil }
      octets.append(octet)
      rest = rest.dropFirst(2)
    }
    return octets
  }
}
