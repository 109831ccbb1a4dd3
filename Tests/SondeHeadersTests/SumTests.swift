internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// The verdict on each checksum, held against tshark's.
@Suite struct SumTests {
  /// Where a length lies tshark sums over what is there and says "bad"; here nobody can know.
  private static let lying: Set<String> = [
    "ip: total length 0", "ip: total length beyond", "ipv6: payload length beyond",
  ]
  /// tshark reads no further than options and segments that lie, and sums no IGMP message of an unknown type;
  /// here what is there is read and summed.
  private static let unread: Set<String> = [
    "ipv6exthdrhopbyhop: option beyond", "ipv6exthdrhopbyhop: option without length",
    "ipv6exthdrrouting: last entry beyond", "ip: router alert",
  ]
  /// tshark sums a TCP segment whose header does not fit; here there is no header to hold a sum. Nor has
  /// UDP with an impossible length a sum for tshark; here it has one that nobody can verify.
  private static let unlisted: Set<String> = ["tcp: data offset beyond"]
  private static let unsummed: Set<String> = [
    "udp: length 0", "udp: length 7", "ip: total length under the header", "ip: header length 4",
  ]

  @Test(arguments: Vectors.all)
  func verdictsAreTsharks(_ vector: Vector) {
    guard !Self.unread.contains(vector.testDescription) else { return }
    var bytes = vector.bytes
    if vector.name == "version 5" { bytes = [] }
    let sums = Registry.dissect(bytes, as: vector.start).sums()
    for layer in ["ip", "tcp", "udp", "icmp", "icmpv6", "igmp", "sctp"] {
      let ours = sums.filter { $0.layer.rawValue == layer }
      // tshark goes on into the quote, where sums are only evidence.
      let theirs = vector.statuses[layer, default: []].prefix(ours.count)
      guard !Self.unsummed.contains(vector.testDescription) else {
        #expect(ours.allSatisfy { layer == "ip" || $0.verdict == .unverifiable })
        continue
      }
      #expect(theirs.count == ours.count, "\(layer)")
      for (sum, status) in zip(ours, theirs) {
        if Self.lying.contains(vector.testDescription), layer != "ip" {
          #expect(sum.verdict == .unverifiable && status == 0)
        } else {
          #expect(Self.status(sum.verdict) == status, "\(layer) \(sum)")
        }
      }
      let isQuoting = Registry.dissect(bytes).quoted != nil
      if !isQuoting, !Self.unlisted.contains(vector.testDescription) {
        #expect(vector.statuses[layer, default: []].count == ours.count, "\(layer)")
      }
    }
  }

  /// tshark's number for a verdict; it calls a sum left to the device bad.
  private static func status(_ verdict: SumCheck.Verdict) -> Int {
    switch verdict {
    case .wrong, .offload: 0
    case .valid: 1
    case .unverifiable: 2
    case .absent: 3
    case .illegal: 4
    }
  }

  @Test(arguments: [
    ("udp", "offload", SumCheck.Verdict.offload), ("tcp", "offload", .offload), ("udp", "wrong sum", .wrong),
    ("tcp", "wrong sum", .wrong), ("tcp", "zero sum", .wrong), ("udp", "no sum", .absent),
    ("udp", "IPv6, illegal zero", .illegal), ("udp", "fragment", .unverifiable), ("udp", "cut", .unverifiable),
    ("tcp", "data cut", .unverifiable), ("udp", "length beyond", .unverifiable), ("udp", "length 7", .unverifiable),
    ("udp", "zero sent as ffff", .valid), ("udp", "length short, right sum", .valid),
    ("icmp", "sum 0 sent as ffff", .valid), ("icmp", "echo reply of zeros, sum 0", .wrong),
  ])
  func eachKindOfSumIsToldApart(_ file: String, _ name: String, _ verdict: SumCheck.Verdict) throws {
    let vector = try #require(Vectors.file(file).first { $0.name == name })
    #expect(Registry.dissect(vector.bytes).sums().last?.verdict == verdict)
  }

  /// Every bit of a packet but the ones no sum covers makes a valid sum wrong when it is turned.
  @Test(arguments: ["icmp", "udp", "tcp"])
  func everyTurnedBitIsSeen(_ file: String) throws {
    let vector = try #require(
      Vectors.file(file).first { ["echo request, odd", "odd", "odd data"].contains($0.name) })
    let headerEnd = 20
    for bit in headerEnd * 8..<vector.bytes.count * 8 {
      var bytes = vector.bytes
      bytes[bit / 8] ^= 0x80 >> UInt8(bit % 8)
      let sum = try #require(Registry.dissect(bytes, as: .ip).sums().first)
      #expect(sum.verdict == .valid, "the IP header's own sum covers no bit \(bit)")
      // A turned length or data offset moves the end of the sum: then it is unverifiable or gone.
      let sums = Registry.dissect(bytes).sums().dropFirst()
      #expect(sums.allSatisfy { $0.verdict != .valid }, "bit \(bit)")
    }
  }

  @Test func aSumWithoutItsIPLayerIsUnverifiable() throws {
    let vector = try #require(Vectors.file("tcp").first)
    let sums = Registry.dissect(Array(vector.bytes.dropFirst(20)), as: .ipProtocol(6)).sums()
    #expect(sums.map(\.verdict) == [.unverifiable])
  }

  @Test func sumsInsideAQuoteAreLeftOut() throws {
    let vector = try #require(Vectors.file("quote").first { $0.name == "wrong sum inside" })
    let dissection = Registry.dissect(vector.bytes)
    #expect(dissection.sums().map(\.verdict) == [.valid, .valid])
    #expect(dissection.quoted?.sums().map(\.verdict) == [.wrong, .wrong])
  }

  @Test func layersOfACutCaptureSayThatTheyAreCut() throws {
    let vector = try #require(Vectors.file("tcp").first { $0.name == "data cut" })
    let dissection = Registry.dissect(vector.bytes)
    #expect(dissection.layer(of: TCP.self)?.isCut == true)
    #expect(dissection.stopped == nil)
    let whole = try #require(Vectors.file("tcp").first)
    #expect(Registry.dissect(whole.bytes).layer(of: TCP.self)?.isCut == false)
  }

  @Test(arguments: [
    ("tcp", "header cut", "tcp", 20, ParseError.Reason.short(needed: 20, available: 12)),
    ("udp", "header cut off", "udp", 20, .short(needed: 8, available: 5)),
    ("tcp", "data offset 4", "tcp", 20, .illegal(field: "dataOffset", value: 4, limit: "at least 5")),
    ("tcp", "data offset beyond", "tcp", 20, .short(needed: 40, available: 0)),
    ("ip", "header length 4", "ip", 0, .illegal(field: "headerLength", value: 4, limit: "at least 5")),
    ("ip", "version 5", "ip", 0, .illegal(field: "version", value: 5, limit: "4 or 6")),
    ("ipv6", "payload length 0", "udp", 40, .short(needed: 8, available: 0)),
  ])
  func readingStopsWhereAHeaderCannotBeRead(
    _ file: String, _ name: String, _ layer: Name, _ offset: Int, _ reason: ParseError.Reason
  ) throws {
    let vector = try #require(Vectors.file(file).first { $0.name == name })
    let stopped = try #require(Registry.dissect(vector.bytes).stopped)
    #expect(stopped.layer == layer)
    #expect(stopped.offset == offset)
    #expect(stopped.error.reason == reason)
  }

  @Test func nothingAtAllStopsAtOnce() {
    #expect(Registry.dissect([]).stopped?.error.reason == .short(needed: 1, available: 0))
  }
}
