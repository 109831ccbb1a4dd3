internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// Where a quote ends and the extensions of an ICMP error begin (RFC 4884).
@Suite struct ExtendedQuoteTests {
  private static let extended = Vectors.file("quote").filter { $0.name.hasPrefix("extended") }
  private static let near = Vectors.file("quote").filter { $0.name.hasPrefix("not extended") }

  /// Scapy's extension structure: a header and one object of eight octets.
  private static let extensionByteCount = 12

  private func quote(in dissection: Dissection) throws -> Quote { try #require(dissection.first(Quote.self)) }

  @Test func thereAreVectors() {
    #expect(Self.extended.count == 12)
    #expect(Self.near.count == 12)
  }

  @Test(arguments: extended)
  func extensionsAreNoPartOfTheQuote(_ vector: Vector) throws {
    let dissection = Registry.dissect(vector.bytes)
    let count = vector.name.contains("160") ? 160 : vector.name.contains("136") ? 136 : 128
    #expect(try quote(in: dissection).byteCount == count)
    #expect(dissection.quoted?.bytes.count == count)
    #expect(dissection.payload == [])
    #expect(dissection.layer(of: ExtensionStructure.self)?.offset == vector.bytes.count - Self.extensionByteCount)
    #expect(dissection.extensionObjects.map(\.description) == ["MPLS label 1000 tc 0 s 1 ttl 1"])
    #expect(try dissection.packet.encoded().bytes == vector.bytes)
    let isWrong = vector.name.contains("wrong sum")
    let wrong = dissection.sums().filter { $0.verdict != .valid }.map(\.layer)
    #expect(wrong == (isWrong ? [ExtensionStructure.name] : []))
    // They count in the message: all that is computed comes out the same.
    #expect(try (dissection.packet.freed().encoded().bytes == vector.bytes) == !isWrong)
  }

  @Test(arguments: near)
  func whatOnlyLooksLikeExtensionsIsQuoted(_ vector: Vector) throws {
    let dissection = Registry.dissect(vector.bytes)
    let headers = vector.name.contains("ICMPv6") ? 48 : 28
    #expect(try quote(in: dissection).byteCount == vector.bytes.count - headers)
    #expect(dissection.quoted?.bytes == Array(vector.bytes.dropFirst(headers)))
    #expect(dissection.first(Payload.self) == nil)
    #expect(try dissection.packet.encoded().bytes == vector.bytes)
  }

  @Test func zerosThatFillUpAShortPacketAreNotItsData() throws {
    for vector in Self.extended where vector.name.hasSuffix("padded") {
      let quoted = try #require(Registry.dissect(vector.bytes).quoted)
      let trailer = try #require(quoted.first(Trailer.self))
      #expect(trailer.octets.allSatisfy { $0 == 0 })
      #expect(quoted.bytes.count - trailer.octets.count < 128)
      #expect(quoted.sums().allSatisfy { $0.verdict == .valid })
    }
  }

  /// An octet cut off breaks the sum, or leaves fewer octets than the length says: then all is quoted.
  @Test(arguments: extended)
  func aCutMessageIsQuotedAsFarAsItsLengthIsThere(_ vector: Vector) throws {
    let headers = vector.name.contains("ICMPv6") ? 48 : 28
    for count in headers + 1...vector.bytes.count {
      let dissection = Registry.dissect(Array(vector.bytes.prefix(count)))
      let whole = vector.bytes.count - headers - Self.extensionByteCount
      let cutsByLength = !vector.name.contains("no length")
      let isWhole = count == vector.bytes.count
      let expected = cutsByLength || isWhole ? min(count - headers, whole) : count - headers
      #expect(dissection.quoted?.bytes.count == expected, "\(count) octets")
    }
  }

  @Test func aRouterThatExplainsItselfStillAnswers() throws {
    let data = Payload(octets: Array(repeating: 7, count: 300))
    let asked: [any Header] = [Hosts.there, UDP(from: 40000, to: 33434), data]
    let whole = try AnyPacket(asked).encoded().bytes
    let message: [any Header] = [
      IPv4(from: Hosts.router, to: Hosts.us), ICMPv4(type: .timeExceeded, restOfHeader: 32 << 16),
      Payload(octets: Array(whole.prefix(128)) + [0x20, 0, 0, 0, 0, 8, 1, 1, 0, 1, 1, 1]),
    ]
    #expect(try Outcome(asked, message) == .answer(.timeExceeded, .icmpError, []))
    let reply = Registry.dissect(try AnyPacket(message).encoded().bytes)
    #expect(reply.quoted?.bytes == Array(whole.prefix(128)))
  }
}
