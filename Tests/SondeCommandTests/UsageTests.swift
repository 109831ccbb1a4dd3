import Testing
import WireSupport

/// Wrong words: one line on standard error that names the word, status 2, nothing on standard output. No
/// case gets as far as a socket.
@Suite struct UsageTests {
  private static let verbs =
    "ping, probe, sweep, send, trace, mtu, arp, craft, decode, capture, checksum, talk, serve, lab, run, doctor"

  @Test(arguments: [
    ("", "a verb is missing: \(verbs); see sonde --help"),
    ("pong", "\"pong\" is no verb of sonde, which are \(verbs)"),
    ("--frobnicate", "Unknown option '--frobnicate'"),
    ("trace --icmp --udp 127.0.0.1", "--icmp and --udp exclude each other"),
    ("trace -p 53 127.0.0.1", "--port goes with --udp; --tcp names its own"),
    ("trace --tcp 0 127.0.0.1", "The value '0' is invalid for '--tcp <port>': a number from 1 to 65535"),
    ("serve ehco", "serve: \"ehco\" is no service; they are echo, discard, daytime, chargen, welcome"),
    ("serve echo:", "serve: echo:: \"\" is no port: a number from 1 to 65535, or 0 for a free one"),
    ("serve echo:65536", "serve: echo:65536: \"65536\" is no port: a number from 1 to 65535, or 0 for a free one"),
    ("serve echo:2007 discard:2007", "serve: discard:2007: port 2007 is echo's already; a port has one server"),
    ("serve --udp welcome", "serve: welcome: it speaks TCP alone, and --udp not"),
    ("serve --tcp --udp echo:0", "serve: --tcp and --udp each mean that one alone; leave both out for both"),
    (
      "serve --listen here echo:0", "serve: --listen here: an address of this machine is wanted; 0.0.0.0 and :: are all"
    ),
    ("serve -4 --listen ::1 echo:0", "serve: --listen ::1: that is no IPv4 address, which was asked for"),
    ("serve --clients 0 echo:0", "The value '0' is invalid for '--clients <count>': a number from 1 to 1000000"),
    ("ping", "Missing expected argument '<host> ...'"),
    ("ping -c", "Missing value for '-c'"),
    ("ping -c x 127.0.0.1", "The value 'x' is invalid for '-c <number>': a number from 1 to "),
    ("ping -c 0 127.0.0.1", "The value '0' is invalid for '-c <number>': a number from 1 to "),
    ("ping -c -1 127.0.0.1", "Missing value for '-c'"),
    ("ping --frob 127.0.0.1", "Unknown option '--frob'"),
    ("ping -i 1y 127.0.0.1", "The value '1y' is invalid for '-i <time>': a time: seconds (0.2) or with a unit"),
    ("ping --ttl 256 127.0.0.1", "The value '256' is invalid for '--ttl <hops>': a number from 0 to 255"),
    ("ping --id 0x10000 127.0.0.1", "The value '0x10000' is invalid for '--id <number>': a number from 0 to 65535"),
    (
      "ping --data-hex 0g 127.0.0.1",
      "The value '0g' is invalid for '--data-hex <hex>': octets in hexadecimal: \"g\" at character 2"
    ),
    ("ping --data-hex 123 127.0.0.1", "The value '123' is invalid for '--data-hex <hex>'"),
    ("ping --data a --data-hex 00 127.0.0.1", "--data, --data-hex and --size with --pattern exclude each other"),
    ("ping -4 -6 127.0.0.1", "-4 and -6 exclude each other"),
    ("ping -46c1 127.0.0.1", "-4 and -6 exclude each other"),
    ("ping -qnc0 127.0.0.1", "The value '0' is invalid for '-c <number>': a number from 1 to "),
    ("ping -qnZ1 127.0.0.1", "Unknown option '-Z'"),
    ("ping -M dont --df 127.0.0.1", "-M dont and --df exclude each other"),
    ("ping -6 127.0.0.1", "127.0.0.1: this is no IPv6 address"),
    ("ping ''", "an empty word names no host"),
    ("ping -4 ::1", "::1: this is no IPv4 address"),
    (
      "ping --door window 127.0.0.1",
      "The value 'window' is invalid for '--door <door>': one of auto, datagram, raw, cooked"
    ),
    ("ping --source ::1 127.0.0.1", "127.0.0.1: this is no IPv6 address"),
    ("ping -I nothere 127.0.0.1", "there is no interface \"nothere\"; there are lo"),
    ("ping fe80::1%nothere", "fe80::1%nothere: there is no interface \"nothere\""),
    ("probe 127.0.0.1", "Missing expected argument '--ports <ports>'"),
    ("probe -p 80", "Missing expected argument '<host> ...'"),
    (
      "probe -p 0 127.0.0.1",
      "The value '0' is invalid for '-p <ports>': \"0\" is no port or range of ports from 1 to 65535"
    ),
    ("probe -p 70000 127.0.0.1", "The value '70000' is invalid for '-p <ports>': \"70000\" is no port"),
    ("probe -p 80,9-1 127.0.0.1", "The value '80,9-1' is invalid for '-p <ports>': \"9-1\" is no port"),
    ("probe -p 80,, 127.0.0.1", "The value '80,,' is invalid for '-p <ports>': \"\" is no port"),
    ("probe -p ssh 127.0.0.1", "The value 'ssh' is invalid for '-p <ports>': \"ssh\" is no port"),
    ("probe -p 80 --flags SQ 127.0.0.1", "The value 'SQ' is invalid for '--flags <letters>': letters of FSRPAUECN"),
    ("probe -p 80 --udp --flags S 127.0.0.1", "--flags is a field of TCP, and --udp was given"),
    (
      "probe -p 80 --options mss=x 127.0.0.1",
      "The value 'mss=x' is invalid for '--options <list>': \"mss=x\" is none of"
    ),
    ("sweep", "what to ask is missing: -p names ports, --icmp asks hosts"),
    ("sweep 127.0.0.1", "what to ask is missing: -p names ports, --icmp asks hosts"),
    ("sweep -p 80", "a target is missing: an address, a block, a range, a name, - for standard input or @FILE"),
    ("sweep -p 80 --icmp 127.0.0.1", "-p and --icmp exclude each other"),
    ("sweep --icmp --timestamp 127.0.0.1", "--icmp and --timestamp exclude each other"),
    ("sweep --udp --icmp 127.0.0.1", "--udp asks ports: name them by -p"),
    ("sweep -p 80 --size 3 127.0.0.1", "--size goes with --icmp"),
    ("sweep -p 80 --explain 127.0.0.1", "--explain is for few answers: sonde probe --explain asks a port again"),
    ("sweep -p 80 --csv --json 127.0.0.1", "--csv and --json exclude each other"),
    ("sweep -p 80 --hold 127.0.0.1", "--hold keeps single ports, and a sweep asks from thousands"),
    ("sweep -p 80 --door cooked 127.0.0.1", "a sweep has no cooked door: --door is auto, raw, packet or xdp"),
    ("probe -p 80 --door xdp 127.0.0.1", "--door xdp is made for many packets: only sweep has it"),
    ("sweep -p 80 --rate fast 127.0.0.1", "The value 'fast' is invalid for '--rate <rate>': packets a second: 10k"),
    ("sweep -p 80 --rate 0.2 127.0.0.1", "The value '0.2' is invalid for '--rate <rate>': packets a second: 10k"),
    ("sweep -p 80 --retries 11 127.0.0.1", "The value '11' is invalid for '--retries <number>': a number from 0 to 10"),
    ("sweep -p 80 --shard 4/3 127.0.0.1", "--shard 4/3: the first number is from 1 to 3, or 0 for 3"),
    ("sweep -p 80 1.2.3", "sweep: \"1.2.3\" is no target: it is no IPv4 address"),
    ("sweep -p 80 127.0.0.1/33", "sweep: \"127.0.0.1/33\" is no target: a block of IPv4 has 0 to 32 bits behind the /"),
    ("sweep -p 80 ./nothere", "file ./nothere: "),
    ("sweep -p 80 @nothere", "file nothere: "),
    ("sweep -p 80 --targets nothere", "file nothere: "),
    ("sweep -p 80 - -", "sweep: - is named twice, and standard input can be read once"),
    ("sweep -p 80 224.0.0.1", "sweep: nothing to sweep: the one address named is excluded: "),
    ("sweep -p 80 127.0.0.1 --exclude 127.0.0.0/8", "sweep: nothing to sweep: the one address named is excluded: "),
    ("sweep --timestamp ::1", "--timestamp is a question of IPv4, and there are IPv6 addresses among the targets"),
    ("sweep -p 80 -4 ::1", "sweep: \"::1\" is of IPv6, and only IPv4 was asked for"),
    ("checksum", "checksum: octets in hexadecimal are missing"),
    ("checksum zz", "checksum: \"z\" at character 1 is no hexadecimal digit"),
    ("checksum 0800 00 0", "checksum: "),
    ("checksum --update 1 2", "checksum: --update takes a checksum, an old word and a new word; 2 were given"),
    ("checksum --update 1 2 12345", "checksum: \"12345\" is no 16-bit word in hexadecimal"),
    ("checksum --update --verify 1 2 3", "--update and --verify exclude each other"),
    ("capture -I nothere", "there is no interface \"nothere\"; there are lo"),
    ("capture -I lo tcp prot 80", "capture: filter \"tcp prot 80\": syntax error at \"prot\", column 5"),
    ("capture lo", "capture: filter \"lo\": syntax error at \"lo\", column 1; see pcap-filter(7); an interface is "),
    ("capture -w x.pcap", "The value 'x.pcap' is invalid for '-w <time>': a time: seconds (0.2) or with a unit"),
    ("capture --promiscuous", "capture: --promiscuous is of one interface: name it by -I"),
    ("capture --recipe -v", "capture: --recipe prints recipes alone, without -v, -x or --json"),
    ("decode --filter udp 4500", "decode: --filter is for captures, and these words are hexadecimal"),
    ("capture --json -x", "capture: --json holds every octet; -x is for people"),
    ("craft --write - 'UDP()'", "--write -: name a file; to write packets where text goes: -q --write /dev/stdout"),
    ("craft 'DNS()'", "recipe: no layer is called \"DNS\" at column 1; layers are Ether, Dot1Q, ARP, IP, IPv6, ICMP, "),
    ("send 'TPC()'", "recipe: no layer is called \"TPC\" at column 1; did you mean \"TCP\"?"),
    ("arp -6 127.0.0.1", "127.0.0.1: this is no IPv6 address, which was asked for"),
    ("arp fd77::1-4", "\"fd77::1-4\" is no address, range (192.0.2.1-9) or prefix (192.0.2.0/28, 2001:db8::/124)"),
    ("arp 192.0.2-9", "\"192.0.2-9\" is no address, range "),
    ("arp example.com/24", "\"example.com/24\" is no address, range "),
    ("arp 192.0.2.1,9", "\"192.0.2.1,9\" is no address, range "),
    ("arp 2001:db8::/64", "2001:db8::/64 names too many addresses; at most 65536"),
    ("arp 2001:db8::/x", "2001:db8::/x: a prefix of IPv6 has 112 to 128 bits here"),
    ("arp 192.0.2.9-1", "192.0.2.9-1: a range goes up"),
    ("doctor now", "Unexpected argument 'now'"),
    ("lab", "lab: a word is missing: up, down, status, run, shell, capture, list, show; see sonde lab --help"),
    ("lab upp", "lab: \"upp\" is none of its words, which are up, down, status, run, shell, capture, list, show"),
    ("lab up four", "lab: \"four\" is no lab that is built in, which are pair, lan4, chain; a file has a dot or a"),
    ("lab up chain --mtu 1500,67", "The value '1500,67' is invalid for '--mtu <list>': one to 8 MTUs from 68 to"),
    ("lab up pair --mtu 1500", "lab: --mtu is of chain alone"),
    ("lab up pair --as a/b", "lab: \"a/b\" is no name of a lab: letters, digits"),
    ("lab up ./no-such.lab", "file ./no-such.lab: No such file or directory"),
    ("lab run", "lab run: a host and a program are missing"),
    ("lab run a", "lab run: the program is missing: sonde lab run a ping -c 1 b"),
    ("lab run --las x a true", "lab run: the option \"--las\" is not known; a host stands first"),
    ("lab capture", "lab capture: a host is missing"),
    ("lab shell", "Missing expected argument '<host>'"),
    ("lab down pair --all", "lab: a name and --all exclude each other"),
  ])
  func aWrongWordIsNamedInOneLine(arguments: String, message: String) throws {
    let outcome = try sonde(arguments)
    #expect(outcome.status == 2, "\(outcome)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("sonde: " + message), "\(outcome)")
    #expect(
      outcome.errors.hasSuffix("\n")
        && outcome.errors.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
  }

  @Test(arguments: ["", "ping", "probe", "sweep", "checksum", "doctor", "capture", "serve"])
  func helpIsNarrowAndItsExamplesWork(verb: String) throws {
    for words in ["\(verb) --help", "\(verb) -h", "help \(verb)"] {
      let help = try sonde(words)
      #expect(help.status == 0 && help.errors.isEmpty)
      #expect(help.lines.allSatisfy { $0.count <= 80 }, "\(help)")
      #expect(help.output.contains(verb.isEmpty ? "USAGE: sonde <subcommand>" : "USAGE: sonde \(verb)"), "\(help)")
      #expect(help.output.contains("\nExample: sonde "))
    }
  }

  @Test(arguments: ["checksum", "doctor"])
  func theExamplesOfVerbsThatSendNothingRun(verb: String) throws {
    for line in try sonde("\(verb) --help").lines where line.hasPrefix("Example: sonde ") {
      let outcome = try sonde(String(line.dropFirst("Example: sonde ".count)))
      #expect(outcome.status == 0 || verb == "doctor", "\(line): \(outcome)")
    }
  }

  @Test func aDryRunRepeatsItsSeed() throws {
    let runs = try [7, 7, 8].map { try sonde("probe --dry-run --seed \($0) -p 80 127.0.0.1").output }
    #expect(runs[0] == runs[1] && runs[0] != runs[2] && runs[0].contains(": 4500002c"), "\(runs)")
  }

  @Test func theOrderInWhichPortsAreWrittenIsNoPartOfASweep() throws {
    let runs = try ["80,443,8080-8082", "443,8080-8082,80", "443,8080-8083,80"].map { ports in
      try sonde("sweep --dry-run --seed 7 -p \(ports) 127.0.0.1")
    }
    #expect(runs[0].status == 0 && runs[0].output.contains("dport=443"), "\(runs[0])")
    #expect(runs[0].output == runs[1].output && runs[0].output != runs[2].output, "\(runs)")
  }

  @Test func aNameThatIsAFileHereIsNotLookedUp() throws {
    let folder = try TemporaryFolder()
    func run(_ words: String) throws -> Outcome {
      try Shell.run("cd \(folder.path) && exec \"$SONDE\" sweep --dry-run -p 80 \(words)")
    }
    #expect(try run("localhost -4").status == 0)
    try #require(try Shell.run("echo 127.0.0.9 > \(folder.path)/localhost").status == 0)
    for words in ["localhost -4", "127.0.0.1 --exclude localhost"] {
      let outcome = try run(words)
      #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
      #expect(
        outcome.errors
          == "sonde: sweep: localhost is a file here, and would be looked up as a name: @localhost reads it\n")
    }
    let read = try run("@localhost")
    #expect(read.status == 0 && read.output.contains("127.0.0.9"), "\(read)")
  }

  @Test(arguments: ["-qnc1 --dry-run", "-qnc 1 --dry-run", "--dry-run -nqvfDO4W1", "--dry-run -fc3", "--dry-run -qn"])
  func pingsLettersComeInBundles(arguments: String) throws {
    #expect(try sonde("ping \(arguments) 127.0.0.1").status == 0)
  }
}
