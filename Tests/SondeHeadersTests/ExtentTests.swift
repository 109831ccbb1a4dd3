internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What a header's extent tells without making the header is what the header tells.
@Suite struct ExtentTests {
  @Test(arguments: Known.all)
  func extentAgreesWithTheHeaderThatIsMade(_ known: Known) {
    let vectors = known.vectors
    for vector in vectors {
      for layer in vector.dissection.layers where Swift.type(of: layer.header) == known.type {
        for end in layer.offset...vector.bytes.count {
          expectAgreement(known.type, Array(vector.bytes[..<end]), at: layer.offset)
        }
      }
    }
    Fuzz.trials(share: Known.all.count) { dice in
      let (bytes, start) = Fuzz.packet(from: vectors, &dice)
      let layers = known.layers(in: Registry.dissect(bytes, as: start))
      for layer in layers { expectAgreement(known.type, bytes, at: layer.offset) }
      expectAgreement(known.type, bytes, at: dice.roll(bytes.count + 1))
      for layer in layers {
        var damaged = Array(bytes[layer.offset...])
        Fuzz.mutate(&damaged, &dice)
        expectAgreement(known.type, damaged, at: 0)
      }
    }
  }

  private func expectAgreement<H: Header>(_ type: H.Type, _ bytes: [UInt8], at offset: Int) {
    // What an IP layer hands on is changed; what none hands on stays nothing.
    let outer = PseudoHeader(source: .v6(.loopback), destination: .v6(.any))
    for outer in [nil, outer] { expectAgreement(type, bytes, at: offset, within: outer) }
  }

  private func expectAgreement<H: Header>(_ type: H.Type, _ bytes: [UInt8], at offset: Int, within outer: PseudoHeader?)
  {
    let comment: Comment = "\(type.name) at \(offset) \(Fuzz.comment(bytes))"
    let made = Result { () throws(ParseError) in try Self.make(type, bytes, offset) }
    let told = Result { () throws(ParseError) in try Self.extent(type, bytes, offset, outer) }
    switch (made, told) {
    case (.success(let header), .success(let extent)):
      #expect(extent.byteCount == header.byteCount, comment)
      #expect(extent.following.kind == header.following.kind, comment)
      #expect(extent.following.byteCount == header.following.byteCount, comment)
      #expect(extent.following.isMisstated == header.following.isMisstated, comment)
      #expect(extent.pseudoHeader == header.pseudoHeader(within: outer), comment)
      #expect(extent.isFragment == header.isFragment, comment)
    case (.failure(let made), .failure(let told)): #expect(made == told, comment)
    default: Issue.record("\(made) \(told) \(comment)")
    }
  }

  private static func make<H: Header>(_ type: H.Type, _ bytes: [UInt8], _ offset: Int) throws(ParseError) -> H {
    let span = bytes.rawSpan
    var reader = Reader(span, at: offset)
    return try type.init(from: &reader)
  }

  private static func extent<H: Header>(
    _ type: H.Type, _ bytes: [UInt8], _ offset: Int, _ outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    let span = bytes.rawSpan
    return try type.extent(of: span, at: offset, within: outer)
  }
}
