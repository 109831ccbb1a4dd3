import Glibc
import Testing
import WireSupport

/// A stream through a bad link, between sonde's own TCP and the kernel's: megabytes each way at the same time, while
/// one frame of a hundred is lost, one comes twice, and one is overtaken.
@Suite(.wire, .serialized) struct WireTalkLossTests {
  /// 10 MB each way, where the program under test is built for speed.
  private static let octets = SondeBinary.isRelease ? 10_000_000 : 2_000_000

  private static let topology = """
    network net loss 1% duplicate 1% reorder 1% delay 1ms
      a.eth0 192.0.2.1/24 2001:db8::1/64
      b.eth0 192.0.2.2/24 2001:db8::2/64
    """

  @Test(arguments: [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2")])
  func bothStreamsComeWholeAndTheKernelStaysOut(own: String, peer: String) throws {
    let folder = try TemporaryFolder()
    let isIPv6 = peer.contains(":")
    let name = "loss\(getpid())v\(isIPv6 ? 6 : 4)"
    func sh(_ line: String) throws -> Outcome {
      try Shell.run("cd \(folder.path); \(line)", seconds: 300)
    }
    func on(_ host: String, _ line: String) -> String { "\"$SONDE\" lab run --lab \(name) \(host) \(line)" }

    let up = try sh("cat > net.lab <<'END'\n\(Self.topology)\nEND\n\"$SONDE\" lab up ./net.lab --as \(name)")
    try #require(up.status == 0, "\(up)")
    defer { _ = try? sh("\"$SONDE\" lab down \(name)") }

    // What is on the wire at sonde's end, and who hears it at the other.
    let sonde = "SONDE='\(SondeBinary.path)'; cd \(folder.path);"
    let capture = try Shell.start(
      "\(sonde) exec \(on("a", "tcpdump -Z root -Uni eth0 -B 65536 -s 120 -w \(folder.path)/pcap tcp or ip6 proto 6")) 2> tcpdump"
    )
    defer { Shell.stop(capture) }
    try Shell.until("grep -q listening \(folder.path)/tcpdump")
    let listener = try Shell.start(
      "\(sonde) exec \(on("b", "\(script("streamer.py")) \(peer) 1234 \(Self.octets) 6")) > heard 2>&1")
    defer { Shell.stop(listener) }
    try Shell.until("grep -q listening \(folder.path)/heard")

    let talk = try sh(
      "/usr/bin/python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(5).randbytes(\(Self.octets)))' > said; "
        + "\(on("a", "sonde talk --raw \(peer) 1234")) < said > came; echo $?; wc -c < came; sha256sum < said; sha256sum < came"
    )
    try #require(talk.status == 0, "\(talk)")
    let lines = talk.lines.map { $0.prefix { $0 != " " } }
    try #require(lines.count >= 4, "\(talk)")
    #expect(lines[0] == "0", "\(talk)")
    #expect(lines[1] == "\(Self.octets)")
    try Shell.until("test $(wc -l < \(folder.path)/heard) -ge 2 || ! kill -0 \(listener)")
    #expect(Shell.text("\(folder.path)/heard") == "listening\n\(Self.octets) \(lines[2]) \(lines[3])\n")

    // The connection ended in order at both ends: the peer's kernel remembers it at most, ours never knew it.
    let theirs = try sh(on("b", "ss -Htan")).output.split(separator: "\n").map { $0.prefix { $0 != " " } }
    #expect(theirs.allSatisfy { $0 == "TIME-WAIT" }, "\(theirs)")
    #expect(try sh(on("a", "ss -Htan")).output == "")

    // Our kernel reset nothing, and the link was as bad as it was meant to be.
    try Shell.until("tshark -n -r \(folder.path)/pcap -Y 'tcp.flags.fin == 1' | grep -q .")
    let resets = try sh("tshark -n -r pcap -Y 'tcp.flags.reset == 1'")
    #expect(resets.output == "", "\(resets)")
    let source = isIPv6 ? "ipv6.src" : "ip.src"
    let repeated = "tcp.analysis.retransmission && \(source) == \(own)"
    let count = try sh("tshark -n -r pcap -Y '\(repeated)' | wc -l").output.split(separator: "\n").first
    #expect(count.flatMap { Int($0) }.map { $0 > 0 } == true, "\(count ?? "")")
  }
}
