import Foundation
import Testing
import WireSupport

/// The verdict on every checksum of 3,000 random packets, whole and broken, held against tshark's.
@Suite struct ChecksumTsharkTests {
  private static let layers = ["ip", "icmp", "icmpv6", "tcp", "udp", "igmp", "sctp"]
  /// What the packets are made of (Scripts/sums.py).
  private static let kinds = "tcp,udp,icmp,quote,igmp,sctp,extensions"
  private static let linkType = 1
  private static let preferences = [
    "ip.check_checksum:TRUE", "tcp.check_checksum:TRUE", "udp.check_checksum:TRUE", "sctp.checksum:CRC-32C",
    "ip.defragment:FALSE", "ipv6.defragment:FALSE",
  ]

  /// What tshark says of one frame.
  private struct Frame {
    var isCut: Bool
    var protocols: String
    /// Its number for each sum of a layer: 0 bad, 1 good, 2 unverified, 3 not present, 4 illegal.
    var statuses: [String: [Int]] = [:]
    /// The right sums, of those that are bad.
    var calculated: [String: [Int]] = [:]
  }

  private static func frames(_ capture: String) throws -> [Int: Frame] {
    let options = preferences.map { "-o '\($0)'" } + layers.map { "-e \($0).checksum.status" }
    let calculated = ["ip", "tcp", "udp"].map { "-e \($0).checksum_calculated" }
    let outcome = try Shell.run(
      "tshark -n -r \(capture) -T fields -e frame.number -e frame.cap_len -e frame.len -e frame.protocols "
        + (options + calculated).joined(separator: " "))
    var frames: [Int: Frame] = [:]
    for line in outcome.lines where line.first?.isNumber == true {
      let words = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard words.count == 4 + layers.count + 3, let number = Int(words[0]) else { continue }
      var frame = Frame(isCut: words[1] != words[2], protocols: words[3])
      for (layer, word) in zip(layers, words[4...]) {
        frame.statuses[layer] = word.split(separator: ",").compactMap { Int($0) }
      }
      for (layer, word) in zip(["ip", "tcp", "udp"], words[(4 + layers.count)...]) {
        frame.calculated[layer] = word.split(separator: ",").compactMap { Int($0.dropFirst(2), radix: 16) }
      }
      frames[number] = frame
    }
    return frames
  }

  /// tshark's number for a verdict; it calls a sum left to the device bad.
  private static let numbers = ["valid": 1, "wrong": 0, "offload": 0, "absent": 3, "illegal": 4, "unverifiable": 2]

  /// Whether a difference is one that has a reason.
  ///
  /// - tshark sums over what is there where a length in the headers is a lie, or counts more octets than came:
  ///   no sender's sum can be told from that, so it is unverifiable here (RFC 1122 §4.1.3.4 and §4.2.2.7 know
  ///   only whole datagrams). Of SCTP it sums fragments too, whose sum is that of the whole packet (RFC 9260 §6.8).
  /// - Of a quoted header that the capture, or an ICMP error's quote, cuts off tshark lists the sum, as unverified;
  ///   here there is no header, unless the sum's own octets are there.
  /// - tshark gives a packet up whose total length, or UDP length, is less than its header; here what that header
  ///   itself says of its sum stands: an IP header's own, that of four octets of ICMP, and that UDP has none. It judges no IGMP message of an
  ///   unknown type, whose sum is like all others (RFC 3376 §4).
  /// - Where nothing is claimed here, and tshark does not even list the sum, both say the same.
  /// - What a fragment quotes, or a message whose length attribute was damaged, tshark leaves unverified; here it is
  ///   judged as far as it is whole, and is evidence only.
  private static func isKnown(
    _ frame: Frame, _ layer: String, _ index: Int, ours: [String: Any]?, theirs: Int?
  ) -> Bool {
    guard let ours else { return theirs == 2 && (frame.isCut || index > 0) }
    let why = ours.text("why")
    if ours.text("verdict") == "unverifiable" {
      if theirs == nil { return true }
      if why.hasPrefix("not all octets") || why.hasPrefix("a length in") { return true }
      if why.hasPrefix("a fragment") { return layer == "sctp" }
    }
    if ours["quoted"] as? Bool == true, theirs == nil || theirs == 2 { return true }
    if theirs != nil { return false }
    switch layer {
    case "igmp": return !frame.protocols.hasSuffix("igmp:igmp")
    case "udp" where frame.protocols.hasSuffix(":udp"): return ours.text("found") == "0x0000"
    case "icmp" where frame.protocols.hasSuffix(":ip:icmp"): return true
    default: return frame.protocols.hasSuffix(":ip")
    }
  }

  @Test func verdictsAreTsharksBesidesWhatNobodyCanKnow() throws {
    let folder = try TemporaryFolder()
    let capture = "\(folder.path)/random.pcap"
    let seed = ProcessInfo.processInfo.environment["SONDE_SEED"] ?? "\(UInt32.random(in: 0 ... .max))"
    print("\(#function): SONDE_SEED=\(seed)")
    let made = try Shell.run("\(script("sums.py")) \(seed) 3000 \(Self.linkType) \(Self.kinds) \(capture)")
    try #require(made.status == 0, "\(made)")
    let frames = try Self.frames(capture)
    try #require(frames.count == 3000, "seed \(seed)")
    let outcome = try sonde("checksum --json \(capture)")
    #expect(outcome.status == 1)
    let sums = Dictionary(grouping: try objects(outcome)) { "\($0.number("frame") ?? 0) \($0.text("layer"))" }
    var agreed = 0
    var known = 0
    var compared = 0
    for (number, frame) in frames {
      for layer in Self.layers {
        let ours = sums["\(number) \(layer)"] ?? []
        let theirs = frame.statuses[layer] ?? []
        for index in 0..<max(ours.count, theirs.count) {
          let our = index < ours.count ? ours[index] : nil
          let their = index < theirs.count ? theirs[index] : nil
          if let our, let their, Self.numbers[our.text("verdict")] == their {
            agreed += 1
          } else {
            known += 1
            #expect(
              Self.isKnown(frame, layer, index, ours: our, theirs: their),
              "seed \(seed) frame \(number) \(layer): \(our.map { "\($0)" } ?? "none") and \(their ?? -1)")
          }
        }
        guard let right = frame.calculated[layer], [ours.count, theirs.count, right.count] == [1, 1, 1] else {
          continue
        }
        if ["wrong", "offload"].contains(ours[0].text("verdict")) {
          let expected = Int(ours[0].text("expected").dropFirst(2), radix: 16)
          // tshark makes the right sum from the wrong one, which gives either of the two zeros.
          #expect(expected.map { $0 % 0xffff } == right[0] % 0xffff, "seed \(seed) frame \(number) \(layer)")
          compared += 1
        }
      }
    }
    #expect(compared > 300)
    #expect(agreed > 4000 && known < agreed / 10, "seed \(seed): \(agreed) agree, \(known) differ for a reason")
  }
}
