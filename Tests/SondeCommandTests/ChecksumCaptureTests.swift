import Foundation
import Testing
import WireSupport

/// `checksum` over capture files, and over packets in hexadecimal.
@Suite struct ChecksumCaptureTests {
  /// A TCP segment from 192.0.2.1 to 192.0.2.2 as Scapy makes it.
  private static let good = "45000029000100004006f6cac0000201c00002020001000200000000000000005002200093da000078"
  /// The same with its checksum's octets swapped.
  private static let swapped = good.replacingOccurrences(of: "93da", with: "da93")
  /// The same after a hop that did not touch the IP header's sum.
  private static let hopped = good.replacingOccurrences(of: "4006f6ca", with: "3f06f6ca")
  /// A UDP datagram over IPv6 without a checksum.
  private static let illegal =
    "6000000000091140 20010db8000000000000000000000001 20010db8000000000000000000000002 00350035 0009 0000 78"
    .replacingOccurrences(of: " ", with: "")
  /// An ICMP error that quotes the packet with swapped octets.
  private static let quoting = "45000045000100004001f6b3c0000202c000020103033a6300000000" + swapped

  /// A pcap file of these packets, in hexadecimal, made by Python.
  private static func capture(
    _ packets: [String], link: Int = 101, in folder: TemporaryFolder, _ name: String = "a.pcap"
  )
    throws -> String
  {
    let path = "\(folder.path)/\(name)"
    let program = """
      import struct, sys
      out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, int(sys.argv[2]))
      for word in sys.argv[3:]:
          data = bytes.fromhex(word)
          out += struct.pack("<IIII", 1, 0, len(data), len(data)) + data
      open(sys.argv[1], "wb").write(out)
      """
    let made = try Shell.run("python3 -c '\(program)' \(path) \(link) \(packets.joined(separator: " "))")
    try #require(made.status == 0, "\(made)")
    return path
  }

  @Test func whatIsWrongIsToldAndTheRestCounted() throws {
    let folder = try TemporaryFolder()
    let file = try Self.capture([Self.good, Self.swapped, Self.hopped, Self.illegal], in: folder)
    let outcome = try sonde("checksum \(file)")
    #expect(outcome.status == 1 && outcome.errors.isEmpty)
    let expected: [Substring] = [
      "frame 2: tcp at 20: found 0xda93, expected 0x93da: wrong: the right sum with its octets swapped: stored in the wrong byte order (RFC 1071 §2(B))",
      "frame 3: ip at 0: found 0xf6ca, expected 0xf7ca: wrong: the sum of the header with a time to live of 64, 1 hop before: counted down without updating the sum (RFC 1624 §3)",
      "frame 4: udp at 40: found 0x0000, expected 0x2bfd: illegal: no sum was computed, which over IPv6 only tunnels may do that say so (RFC 8200 §8.1, RFC 6936); or the field was not zeroed before summing: it held the right sum (RFC 1071 §1)",
      "4 packets: ip 2 valid, 1 wrong; tcp 2 valid, 1 wrong; udp 1 illegal",
    ]
    #expect(Array(outcome.lines.dropLast()) == expected, "\(outcome)")
    let quiet = try sonde("checksum -q \(file)")
    #expect(quiet.output == "4 packets: ip 2 valid, 1 wrong; tcp 2 valid, 1 wrong; udp 1 illegal\n")
    let all = try sonde("checksum -v \(file)")
    #expect(all.output.hasPrefix("frame 1: ip at 0: found 0xf6ca, expected 0xf6ca: valid\n"))
    #expect(all.output.contains("\n  pseudo  0xc000  0x0c000  source 192.0.2.1\n"))
    #expect(all.output.contains("  (the checksum's own place counts as zero; it holds 0xda93)\n"))
    #expect(all.output.contains("  (78 and a zero octet: the length is odd)\n"))
  }

  @Test func everySumIsAnObject() throws {
    let folder = try TemporaryFolder()
    let file = try Self.capture([Self.good, Self.swapped, Self.quoting], in: folder)
    let outcome = try sonde("checksum --json \(file)")
    let sums = try objects(outcome)
    #expect(sums.map { $0.number("frame") } == [1, 1, 2, 2, 3, 3, 3, 3])
    #expect(sums.map { $0.text("layer") } == ["ip", "tcp", "ip", "tcp", "ip", "icmp", "ip", "tcp"])
    #expect(sums.map { $0.number("offset") } == [0, 20, 0, 20, 0, 20, 28, 48])
    #expect(sums.map { $0["quoted"] as? Bool } == [nil, nil, nil, nil, nil, nil, true, true])
    #expect(sums[3].text("verdict") == "wrong" && sums[3]["mistakes"] as? [String] == ["bytes-swapped"])
    #expect(sums[1]["why"] is NSNull && sums[1].text("expected") == "0x93da")
    #expect(sums[7].text("verdict") == "wrong")
  }

  @Test func theStatusSaysWhetherASumIsBad() throws {
    let folder = try TemporaryFolder()
    let good = try Self.capture([Self.good], in: folder)
    #expect(try sonde("checksum \(good)").status == 0)
    // What a quote holds is evidence of what the error's sender saw.
    let quoting = try Self.capture([Self.quoting], in: folder, "quoting.pcap")
    let outcome = try sonde("checksum \(quoting)")
    #expect(
      outcome.output == "1 packet: ip 1 valid; icmp 1 valid; quoted ip 1 valid; quoted tcp 1 wrong\n", "\(outcome)")
    #expect(outcome.status == 0)
  }

  @Test func aSumThatWasCutOffIsUnverifiable() throws {
    let folder = try TemporaryFolder()
    // In the IP header before its sum and behind it, in the TCP header, in the data; and the whole.
    let cut = [5, 15, 25, 38, 41].map { String(Self.good.prefix($0 * 2)) }
    let file = try Self.capture(cut, in: folder)
    let outcome = try sonde("checksum --json \(file)")
    let sums = try objects(outcome)
    #expect(outcome.status == 0)
    let words = sums.map { sum in
      "\(sum.number("frame") ?? 0) \(sum.text("layer")) \(sum.number("offset") ?? 0) \(sum["found"] ?? "")"
        + " \(sum["expected"] ?? "") \(sum.text("verdict"))"
    }
    #expect(
      words == [
        "1 ip 0 <null> <null> unverifiable", "2 ip 0 0xf6ca <null> unverifiable", "3 ip 0 0xf6ca 0xf6ca valid",
        "3 tcp 20 <null> <null> unverifiable", "4 ip 0 0xf6ca 0xf6ca valid", "4 tcp 20 0x93da <null> unverifiable",
        "5 ip 0 0xf6ca 0xf6ca valid", "5 tcp 20 0x93da 0x93da valid",
      ], "\(words)")
    #expect(sums[3].text("why") == "tcp cannot be read: 20 octets needed at offset 20, 5 left")
    #expect(
      try sonde("checksum -q \(file)").output
        == "5 packets: ip 3 valid, 2 unverifiable; tcp 1 valid, 2 unverifiable\n")
    #expect(
      try sonde("checksum -v \(file)").lines.first?.hasPrefix("frame 1: ip at 0: found nothing: unverifi") == true)
    // Octets that pad a frame behind its IP packet are no TCP header.
    let padded = "45000018000100004006f6db c0000201 c0000202 00010002".filter { $0 != " " }
    let short = try Self.capture([padded + String(repeating: "00", count: 22)], in: folder, "short.pcap")
    let last = try #require(try objects(try sonde("checksum --json \(short)")).last)
    #expect(last.text("layer") == "tcp" && last["found"] is NSNull, "\(last)")
  }

  @Test func whatHasNoSumVerifiesNothing() throws {
    let folder = try TemporaryFolder()
    let none = try Self.capture([], in: folder)
    let plain = try sonde("checksum \(none)")
    #expect(plain.status == 0 && plain.output == "0 packets: no checksums\n")
    let verified = try sonde("checksum --verify \(none)")
    #expect(verified.status == 2, "\(verified)")
    #expect(verified.errors == "sonde: checksum: no packet has a checksum, so that nothing was verified\n")
    #expect(try Shell.run("\"$SONDE\" checksum --verify - < \(none)").status == 2)
    let good = try Self.capture([Self.good], in: folder, "good.pcap")
    #expect(try sonde("checksum --verify \(good)").status == 0)
    #expect(try sonde("checksum --verify \(none) \(good)").status == 0)
  }

  @Test func errorsOfFilesAreInOnePlaceAndInTheSameWords() throws {
    let folder = try TemporaryFolder()
    let made = try Shell.run(": > \(folder.path)/empty; printf 'hello' > \(folder.path)/text")
    #expect(made.status == 0)
    for name in [folder.path, "\(folder.path)/empty", "\(folder.path)/text", "\(folder.path)/none.pcap"] {
      let (decode, checksum) = (try sonde("decode \(name)"), try sonde("checksum \(name)"))
      #expect(decode.status == 2 && decode.output.isEmpty && checksum.status == 2 && checksum.output.isEmpty)
      #expect(decode.errors.dropFirst("sonde: decode: ".count) == checksum.errors.dropFirst("sonde: checksum: ".count))
      let (first, second) = (try sonde("decode --json \(name)"), try sonde("checksum --json \(name)"))
      #expect(first.output == second.output && first.errors.isEmpty && second.errors.isEmpty, "\(first) \(second)")
      #expect(try objects(first).map { $0.text("type") } == ["error"])
    }
    #expect(try sonde("decode \(folder.path)").errors.hasSuffix(": Is a directory\n"))
  }

  @Test func quietWinsOverVerbose() throws {
    let folder = try TemporaryFolder()
    let file = try Self.capture([Self.good, Self.swapped], in: folder)
    let quiet = try sonde("checksum -q \(file)")
    #expect(try sonde("checksum -v -q \(file)").output == quiet.output)
    let json = try sonde("checksum --json \(file)")
    #expect(try sonde("checksum --json -v \(file)").output == json.output)
    let lines = try Shell.run("printf '00\\n' | \"$SONDE\" checksum -v -q -")
    #expect(lines.output == "0xffff\n")
  }

  @Test func severalFilesNameThemselves() throws {
    let folder = try TemporaryFolder()
    let a = try Self.capture([Self.good], in: folder)
    let b = try Self.capture([Self.good, Self.swapped], in: folder, "b.pcap")
    let outcome = try sonde("checksum \(a) \(b)")
    #expect(outcome.status == 1)
    #expect(outcome.lines.first == "\(a): 1 packet: ip 1 valid; tcp 1 valid")
    #expect(outcome.lines[1].hasPrefix("\(b): frame 2: tcp at 20: "))
    let sums = try objects(try sonde("checksum --json \(a) \(b)"))
    #expect(
      sums.map { $0.text("file") } == [a, a, b, b, b, b] && sums.map { $0.number("frame") } == [1, 1, 1, 1, 2, 2])
    let missing = try sonde("checksum \(folder.path)/none.pcap \(b)")
    #expect(missing.status == 2 && missing.lines.count > 2, "the other file is judged")
    #expect(missing.errors == "sonde: checksum: \(folder.path)/none.pcap: No such file or directory\n")
  }

  @Test func aFileCutInAPacketIsJudgedUpToThere() throws {
    let folder = try TemporaryFolder()
    let file = try Self.capture([Self.swapped, Self.good], in: folder)
    let cut = "\(folder.path)/cut.pcap"
    let outcome = try Shell.run("head -c 120 \(file) > \(cut); \"$SONDE\" checksum \(cut)")
    #expect(outcome.status == 2)
    #expect(outcome.lines.dropLast().last == "1 packet: ip 1 valid; tcp 1 wrong", "\(outcome)")
    #expect(outcome.errors.hasPrefix("sonde: checksum: \(cut): the file is cut off: "), "\(outcome)")
    let json = try Shell.run("\"$SONDE\" checksum --json \(cut) | \(script("jsonlines.py"))")
    #expect(json.output == "checksum=2 error=1\n", "\(json)")
  }

  @Test func aCaptureMayComeByStandardInput() throws {
    let folder = try TemporaryFolder()
    let file = try Self.capture([Self.swapped], in: folder)
    let whole = try sonde("checksum \(file)")
    let piped = try Shell.run("cat \(file) | \"$SONDE\" checksum -")
    #expect(piped.output == whole.output && piped.status == 1)
    // One octet at a time.
    let slow = try Shell.run("dd if=\(file) bs=1 2> /dev/null | \"$SONDE\" checksum -")
    #expect(slow.output == whole.output)
    // Lines of hexadecimal are still lines.
    let lines = try Shell.run("printf '\\n0a0d0d0a\\n' | \"$SONDE\" checksum -")
    #expect(lines.output == "0xffff\n0xe8e8\n", "\(lines)")
  }

  @Test func whatIsNeitherHexadecimalNorACaptureIsToldInOneLine() throws {
    let folder = try TemporaryFolder()
    let outcome = try Shell.run(
      """
      cd \(folder.path); printf 'hello world' > text; : > nothing; printf 'x' > beef
      for words in text ./nothing . ./beef 'beef text' none.pcap zz; do "$SONDE" checksum $words; echo $?; done
      "$SONDE" checksum -q beef
      """)
    #expect(outcome.output == String(repeating: "2\n", count: 7) + "0x4110\n", "\(outcome)")
    let errors = outcome.errors.split(separator: "\n").map { $0.dropFirst("sonde: checksum: ".count) }
    let expected: [Substring] = [
      "text: neither a pcap nor a pcapng file: it begins with 0x68656c6c (at offset 0)",
      "./nothing: the file is empty", ".: Is a directory", errors[3],
      "\"beef\" is hexadecimal and text a file, but not both; ./beef is a file",
      "none.pcap: No such file or directory",
      "\"z\" at character 1 is no hexadecimal digit, and no file is called \"zz\"",
    ]
    #expect(errors == expected, "\(outcome.errors)")
    #expect(errors[3].hasPrefix("./beef: the file is cut off"))
  }

  @Test func anUnknownLinkTypeIsToldAndNotPassedOver() throws {
    let folder = try TemporaryFolder()
    let file = try Self.capture([Self.good], link: 147, in: folder)
    let outcome = try sonde("checksum \(file)")
    #expect(outcome.status == 2 && outcome.output == "1 packet: 1 of an unknown link type\n", "\(outcome)")
    #expect(
      outcome.errors == "sonde: checksum: \(file): link type 147 is not known, so that its packets were not judged\n")
    #expect(try sonde("checksum --as ip \(file)").status == 0)
  }

  @Test func aPacketInHexadecimalIsJudgedLikeAFrame() throws {
    let outcome = try sonde("checksum --as ip \(Self.swapped)")
    #expect(outcome.status == 1)
    #expect(outcome.lines.contains("pseudo  0x0015  0x18418  length 21"))
    #expect(outcome.lines.dropLast().last?.hasPrefix("tcp at 20: found 0xda93, expected 0x93da: wrong: ") == true)
    let quiet = try sonde("checksum -q --as ip \(Self.good)")
    #expect(quiet.status == 0)
    #expect(
      quiet.output == "ip at 0: found 0xf6ca, expected 0xf6ca: valid\ntcp at 20: found 0x93da, expected 0x93da: valid\n"
    )
    let json = try objects(try sonde("checksum --json --as ipv6 \(Self.illegal)"))
    #expect(json.map { $0.number("line") } == [1] && json.first?.text("verdict") == "illegal")
    let cut = try sonde("checksum --as tcp 00010002")
    #expect(cut.status == 2 && cut.errors.hasPrefix("sonde: checksum: tcp cannot be read: "), "\(cut)")
    // No IP layer is there to sum with; nothing is wrong.
    let alone = try sonde("checksum -q --as tcp \(Self.good.dropFirst(40))")
    #expect(alone.status == 0 && alone.output.contains(": unverifiable: no IP header is there"), "\(alone)")
    let lines = try Shell.run("printf '\(Self.good)\\n00\\n\(Self.swapped)\\n' | \"$SONDE\" checksum --as ip --json -")
    let objects = try objects(lines)
    #expect(lines.status == 2 && objects.map { $0.number("line") } == [1, 1, 2, 3, 3], "\(lines)")
    #expect(objects[2].text("type") == "error")
  }
}
