internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// The laws that every registered protocol keeps.
@Suite struct LawTests {
  @Test(arguments: Known.all)
  func everyProtocolHasGoldenVectors(_ known: Known) {
    #expect(known.vectors.contains { !known.layers(in: $0.dissection).isEmpty })
  }

  @Test(arguments: Known.all)
  func handWins(_ known: Known) {
    let vectors = known.vectors
    Fuzz.trials(share: Known.all.count) { dice in
      let (bytes, start) = Fuzz.packet(from: vectors, &dice)
      let dissection = Registry.dissect(bytes, as: start)
      for (index, layer) in dissection.layers.enumerated() where type(of: layer.header) == known.type {
        // What a dissected header holds is set; whatever stands around it, it reaches the wire.
        let outer = AnyPacket(dissection.layers[..<index].map(\.header)).freed().layers.layers
        let inner: [any Header] = known.type == Trailer.self ? [] : [Payload(octets: dice.octets(dice.roll(40)))]
        guard let emission = try? AnyPacket(outer + [layer.header] + inner).encoded() else {
          Issue.record(Fuzz.comment(bytes, start))
          continue
        }
        let count = layer.header.byteCount + layer.header.trailerByteCount
        #expect(
          emission.bytes[layer.offset..<layer.offset + count] == bytes[layer.offset..<layer.offset + count],
          Fuzz.comment(bytes, start))
      }
    }
  }

  @Test(arguments: Known.all)
  func dissectedPacketsEncodeToTheSameBytes(_ known: Known) throws {
    for vector in known.vectors {
      for count in 0...vector.bytes.count {
        try expectRoundTrip(Array(vector.bytes.prefix(count)), vector.start)
      }
    }
    let vectors = known.vectors
    try Fuzz.trials(share: Known.all.count) { dice in
      let bytes = Fuzz.bytes(from: vectors, &dice)
      for start in Fuzz.starts { try expectRoundTrip(bytes, start) }
    }
  }

  private func expectRoundTrip(_ bytes: [UInt8], _ start: Registry.Start) throws {
    let again = try Registry.dissect(bytes, as: start).packet.encoded()
    #expect(again.bytes == bytes, Fuzz.comment(bytes, start))
  }

  @Test(arguments: Known.all)
  func freedPacketsHaveRightSumsAndLengths(_ known: Known) throws {
    let vectors = known.vectors
    for vector in vectors { try expectFreedIsRight(vector.bytes, vector.start) }
    try Fuzz.trials(share: Known.all.count) { dice in
      let (bytes, start) = Fuzz.packet(from: vectors, &dice)
      try expectFreedIsRight(bytes, start)
    }
  }

  private func expectFreedIsRight(_ bytes: [UInt8], _ start: Registry.Start) throws {
    let dissection = Registry.dissect(bytes, as: start)
    guard dissection.stopped == nil, !dissection.layers.contains(where: \.isFragment) else { return }
    let freed = try dissection.packet.freed().encoded().bytes
    let again = Registry.dissect(freed, as: start)
    #expect(again.stopped == nil, Fuzz.comment(bytes, start))
    #expect(again.layers.map { type(of: $0.header).name } == dissection.layers.map { type(of: $0.header).name })
    #expect(!again.layers.contains { $0.isCut || $0.isMisstated }, Fuzz.comment(bytes, start))
    // From the first layer on that counts what it carries, each ends where what is inside it ends: only a trailer
    // stands behind.
    let trailer = again.layers.reduce(0) { $0 + $1.header.trailerByteCount }
    let counted = again.layers.drop { $0.header.following.byteCount == nil }
    for layer in counted where layer.header.trailerByteCount == 0 {
      #expect(layer.end == freed.count - trailer, Fuzz.comment(bytes, start))
    }
    // Without an IP layer there is no right sum over one, nor behind a route to nobody knows where.
    var isBare = if case .ipProtocol = start { true } else { false }
    if again.layers.contains(where: { $0.pseudoHeader?.isDestinationFinal == false }) { isBare = true }
    for sum in again.sums() where !isBare || sum.verdict != .absent && sum.verdict != .unverifiable {
      #expect(sum.verdict == .valid, "\(sum.layer) \(Fuzz.comment(bytes, start))")
    }
    #expect(try again.packet.freed().encoded().bytes == freed, Fuzz.comment(bytes, start))
  }

  @Test(arguments: Known.all)
  func anyBytesDissect(_ known: Known) throws {
    let vectors = known.vectors
    let asked = Vectors.all.map(\.dissection)
    for vector in vectors {
      for count in 0...vector.bytes.count { expectNoTrap(Array(vector.bytes.prefix(count)), vector.start, asked[0]) }
    }
    Fuzz.trials(share: Known.all.count) { dice in
      let bytes = Fuzz.bytes(from: vectors, &dice)
      for start in Fuzz.starts { expectNoTrap(bytes, start, asked[dice.roll(asked.count)]) }
    }
  }

  /// Calls all that reads bytes from a wire; a trap ends the test run.
  private func expectNoTrap(_ bytes: [UInt8], _ start: Registry.Start, _ asked: Dissection) {
    let dissection = Registry.dissect(bytes, as: start)
    if let stopped = dissection.stopped {
      #expect((0...bytes.count).contains(stopped.offset), Fuzz.comment(bytes, start))
      #expect((0...bytes.count).contains(stopped.error.offset), Fuzz.comment(bytes, start))
    }
    _ = dissection.sums()
    _ = try? dissection.packet.freed().encoded()
    for type in Registry.known {
      for side in [Side.sent, .reply, .quote] { _ = token(type, dissection, side) }
    }
    let exchange = ReplyExchange(asked: asked, reply: dissection)
    for layer in asked.layers { _ = layer.header.judge(reply: exchange) }
    guard let report = dissection.errorReport, let quoted = dissection.quoted else { return }
    let quote = QuoteExchange(asked: asked, reply: dissection, quoted: quoted, report: report)
    for layer in asked.layers { _ = layer.header.judge(quote: quote) }
  }

  private func token<H: Header>(_ type: H.Type, _ dissection: Dissection, _ side: Side) -> FlowToken? {
    dissection.token(of: type, side)
  }

  @Test func quotesInQuotesDoNotExhaustTheStack() throws {
    let layer: [UInt8] = [
      0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 198, 51, 100, 7, 3, 3, 0, 0, 0, 0, 0, 0,
    ]
    let bytes = Array(repeatElement(layer, count: 2300).joined())
    let dissection = Registry.dissect(bytes)
    #expect(try dissection.packet.encoded().bytes == bytes)
    #expect(dissection.quoted?.quoted?.errorReport?.isPortUnreachable == true)
  }
}
