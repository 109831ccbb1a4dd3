import Testing
import WireSupport

/// What a hand sets is on the wire as written, or the door that cannot keep it is refused by name.
@Suite(.wire) struct WireFieldTests {
  private static let doors = ["datagram", "raw", "cooked"]

  @Test(arguments: doors)
  func theEchoRequestIsThatOfTheManual(door: String) throws {
    try WireNetwork.run { network in
      let capture = try network.onFar { try WireCapture("far0", "icmp") }
      let outcome = try sonde("ping -c 1 --id 0x0101 --seq 0x0202 -s 0 --door \(door) 10.9.0.2")
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
      #expect(outcome.lines.dropFirst().first == "8 bytes from 10.9.0.2: icmp_seq=514 ttl=64", "\(outcome)")
      try capture.finish(atLeast: 2)
      #expect(try capture.octets(of: "icmp") == ["0800f4fc01010202", "0000fcfc01010202"])
    }
  }

  /// A field: how it is written, where it stands in the packet, and by which doors.
  private struct Case {
    var options: String
    var offset: Int
    var hex: String
    var keepers: [String]

    init(_ options: String, _ offset: Int, _ hex: String, _ keepers: [String] = doors) {
      self.options = options
      self.offset = offset
      self.hex = hex
      self.keepers = keepers
    }
  }

  private static let own = ["raw", "cooked"]

  private static let ipv4 = [
    Case("--ttl 7", 8, "07"), Case("-t 255", 8, "ff"), Case("--tos 0xb8", 1, "b8"), Case("-Q 1", 1, "01"),
    Case("--id 0x0101", 24, "0101"), Case("-e 65535", 24, "ffff"), Case("--df", 6, "4000"), Case("-M do", 6, "4000"),
    Case("--data-hex c0ffee", 28, "c0ffee"), Case("--data hi", 28, "6869"), Case("-s 20 -p ab", 44, "abababab"),
    Case("--id 0", 24, "0000", own), Case("--checksum 0xbeef", 22, "beef", own), Case("--checksum 0", 22, "0000", own),
    Case("--type 13", 20, "0d", own), Case("--type 200", 20, "c8", own), Case("--code 3", 21, "03", own),
    Case("--ip-id 0x1234", 4, "1234", own), Case("--ip-id 0 --df", 4, "00004000", own), Case("--ttl 0", 8, "00", own),
    Case("--mf", 6, "2000", own), Case("--fragment-offset 3", 6, "0003", own), Case("--ip-version 5", 0, "55", own),
    Case("--ip-protocol 253", 9, "fd", own), Case("--source 10.9.0.99", 12, "0a090063", own),
    Case("--ip-checksum 1", 10, "0001", ["cooked"]), Case("--ip-length 99", 2, "0063", ["cooked"]),
    Case("--ip-id 0", 4, "00000000", ["cooked"]), Case("--source 0.0.0.0", 12, "00000000", ["cooked"]),
  ]

  private static let ipv6 = [
    Case("--ttl 7", 7, "07"), Case("--tos 0xb8", 0, "6b8"), Case("--id 0x0101", 44, "0101"),
    Case("--data-hex c0ffee", 48, "c0ffee"), Case("--id 0", 44, "0000", own),
    Case("--checksum 0xbeef", 42, "beef", own), Case("--type 200", 40, "c8", own), Case("--code 3", 41, "03", own),
    Case("--flow-label 0x12345", 0, "60012345", own), Case("--ip-length 4", 4, "0004", own),
    Case("--ip-protocol 59", 6, "3b", own), Case("--ip-version 5", 0, "50", own), Case("--ttl 0", 7, "00", own),
    Case("--source fd09::99", 8, "fd090000000000000000000000000099", own),
  ]

  @Test(arguments: Side.both, doors)
  func aFieldIsOnTheWireAsWrittenOrTheDoorIsRefusedByName(side: Side, door: String) throws {
    let cases = side.family == 4 ? Self.ipv4 : Self.ipv6
    try WireNetwork.run { network in
      // By destination, as some cases set the source: the requests alone, without the kernel's neighbour discovery.
      let asking = side.family == 4 ? "ip" : "ip6 and ip6[40] != 135 and ip6[40] != 136"
      let capture = try WireCapture("near0", "\(asking) and dst host \(side.far)")
      for (number, field) in cases.enumerated() {
        // The sequence number is the case's mark.
        let size = field.options.contains("-s ") || field.options.contains("--data") ? "" : "-s 0"
        let outcome = try sonde(
          "ping -c 1 -W 10ms --seq \(1000 + number) \(size) --door \(door) \(field.options) \(side.far)")
        if field.keepers.contains(door) {
          #expect(outcome.status < 2 && outcome.errors.isEmpty, "\(field.options): \(outcome)")
        } else {
          #expect(outcome.status == 2 && outcome.output.isEmpty, "\(field.options): \(outcome)")
          #expect(outcome.errors.hasPrefix("sonde: door \(door): the \(door) door "), "\(outcome)")
          #expect(outcome.errors.hasSuffix("use --door \(field.keepers[0])\n"), "\(outcome)")
          #expect(outcome.errors.split(separator: "\n").count == 1)
        }
      }
      let kept = cases.filter { $0.keepers.contains(door) }
      try capture.finish(atLeast: kept.count)
      let frames = try capture.octets(of: "frame").map { $0.dropFirst(28) }
      for (number, field) in cases.enumerated() {
        let mark = String(1000 + number, radix: 16)
        let sent = frames.first { frame in
          let digits = frame.dropFirst((side.header + 6) * 2)
          let address = frame.dropFirst(side.family == 4 ? 32 : 48).prefix(side.family == 4 ? 8 : 32)
          return digits.hasPrefix("0" + mark)
            && address == (side.family == 4 ? "0a090002" : "fd090000000000000000000000000002")
        }
        if field.keepers.contains(door) {
          let digits = try #require(sent, "\(field.options) is on the wire").dropFirst(field.offset * 2)
          #expect(digits.hasPrefix(field.hex), "\(field.options): \(digits)")
        } else {
          #expect(sent == nil, "\(field.options): nothing was sent")
        }
      }
    }
  }

  @Test func aWrongChecksumIsAnsweredByNobodyAndARightOneIs() throws {
    try WireNetwork.run { _ in
      let wrong = try sonde("ping -c 1 -W 50ms --id 0x0101 --seq 0x0202 -s 0 --checksum 0xf4fd 10.9.0.2")
      #expect(wrong.status == 1 && wrong.output.contains("1 packets transmitted, 0 received"), "\(wrong)")
      let right = try sonde("ping -c 1 --id 0x0101 --seq 0x0202 -s 0 --checksum 0xf4fc 10.9.0.2")
      #expect(right.status == 0, "\(right)")
    }
  }

  @Test(arguments: Side.both, own)
  func aSegmentsFieldsAreOnTheWireAsWritten(side: Side, door: String) throws {
    try WireNetwork.run { network in
      let capture = try WireCapture("near0", "tcp and dst port 9")
      let fields = "--flags FPU --source-port 4242 --seq 0x01020304 --ack 5 --window 77 --urgent 9"
      let options = "--options mss=1000,nop,wscale=3,254:0102 --checksum 0xdead --data hello --ttl 9"
      let outcome = try sonde(
        "probe \(side.far) -p 9 -W 10ms --retries 0 --door \(door) \(fields) \(options)")
      #expect(outcome.status == 1 && outcome.errors.isEmpty, "\(outcome)")
      try capture.finish(atLeast: 1)
      let hops = side.family == 4 ? "ip.ttl" : "ipv6.hlim"
      let seen = try capture.fields(
        "tcp.srcport", "tcp.flags", "tcp.seq_raw", "tcp.ack_raw", "tcp.window_size_value", "tcp.urgent_pointer",
        "tcp.options", "tcp.checksum", "tcp.payload", hops, where: "tcp.dstport == 9")
      #expect(
        seen == ["4242\t0x0029\t16909060\t5\t77\t9\t020403e801030303fe040102\t0xdead\t68656c6c6f\t9"], "\(seen)")
    }
  }

  @Test(arguments: Side.both, own)
  func aDatagramsFieldsAreOnTheWireAsWritten(side: Side, door: String) throws {
    try WireNetwork.run { network in
      let capture = try WireCapture("near0", "udp and dst port 9")
      let outcome = try sonde(
        "probe \(side.far) --udp -p 9 -W 10ms --retries 0 --door \(door) --source-port 4242 --checksum 0xdead --udp-length 9 --data hello"
      )
      #expect(outcome.status == 1 && outcome.errors.isEmpty, "\(outcome)")
      try capture.finish(atLeast: 1)
      #expect(
        try capture.octets(of: "frame").map { $0.dropFirst(28 + side.header * 2) } == ["109200090009dead68656c6c6f"])
    }
  }
}
