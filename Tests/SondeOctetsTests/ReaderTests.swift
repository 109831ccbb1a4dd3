import SondeOctets
import TestSupport
import Testing

@Suite struct ReaderTests {
  let octets: [UInt8] = Array(1...15)

  @Test func fieldsAreReadInNetworkOrder() throws {
    var reader = Reader(octets.rawSpan)
    let first: UInt8 = try reader.read()
    let second = try reader.read(UInt16.self)
    let third = try reader.read(UInt32.self)
    let fourth = try reader.read(UInt64.self)
    #expect(first == 0x01)
    #expect(second == 0x0203)
    #expect(third == 0x0405_0607)
    #expect(fourth == 0x0809_0a0b_0c0d_0e0f)
    #expect(reader.remaining == 0)
    #expect(reader.offset == 15)
  }

  @Test func runsAreCopied() throws {
    var reader = Reader(octets.rawSpan, at: 2)
    let three = try reader.read(count: 3)
    let none = try reader.read(count: 0)
    let rest = reader.readRest()
    let nothing = reader.readRest()
    #expect(three == [3, 4, 5])
    #expect(none == [])
    #expect(rest == Array(6...15))
    #expect(nothing == [])
  }

  @Test func aShortReadThrowsWhereItStandsAndMovesNothing() {
    var reader = Reader(octets.rawSpan, at: 12)
    var caught: [ParseError] = []
    do throws(ParseError) { _ = try reader.read(UInt32.self) } catch { caught.append(error) }
    do throws(ParseError) { _ = try reader.read(UInt64.self) } catch { caught.append(error) }
    do throws(ParseError) { _ = try reader.read(count: 4) } catch { caught.append(error) }
    #expect(caught.map(\.reason) == [4, 8, 4].map { .short(needed: $0, available: 3) })
    #expect(caught.map(\.offset) == [12, 12, 12])
    #expect(reader.offset == 12)
    #expect(caught.first?.description == "4 octets needed at offset 12, 3 left")
    // What just fits is read.
    let rest = try? reader.read(count: 3)
    #expect(rest == [13, 14, 15])
  }

  @Test(arguments: [-1, -15, .min, 16, .max])
  func aCountFromTheWireThrowsWhateverItIs(_ count: Int) {
    var reader = Reader(octets.rawSpan, at: 1)
    var caught: ParseError?
    do throws(ParseError) { _ = try reader.read(count: count) } catch { caught = error }
    #expect(caught == ParseError(.short(needed: count, available: 14), at: 1))
    #expect(reader.offset == 1)
  }

  @Test(arguments: [(.min, 0), (-1, 0), (0, 0), (15, 15), (16, 15), (.max, 15)] as [(Int, Int)])
  func aStartOutsideMovesToTheNearerEnd(_ start: Int, _ offset: Int) {
    let reader = Reader(octets.rawSpan, at: start)
    #expect(reader.offset == offset)
    #expect(reader.remaining == 15 - offset)
  }

  @Test func nothingTrapsOverNothing() {
    let none: [UInt8] = []
    var reader = Reader(none.rawSpan)
    let octet = try? reader.read(UInt8.self)
    let run = try? reader.read(count: 0)
    let rest = reader.readRest()
    #expect(octet == nil)
    #expect(run == [])
    #expect(rest == [])
  }

  @Test func anyOrderOfReadsEndsAtTheEnd() {
    var random = Seeded()
    for _ in 0..<500 {
      let octets = random.octets(Int.random(in: 0...64, using: &random))
      var reader = Reader(octets.rawSpan, at: Int.random(in: -4...70, using: &random))
      var read: [UInt8] = Array(octets[..<reader.offset])
      for _ in 0..<40 {
        let before = reader.offset
        switch Int.random(in: 0..<5, using: &random) {
        case 0: if let value = try? reader.read(UInt8.self) { read += bigEndian(value) }
        case 1: if let value = try? reader.read(UInt16.self) { read += bigEndian(value) }
        case 2: if let value = try? reader.read(UInt32.self) { read += bigEndian(value) }
        case 3: if let value = try? reader.read(UInt64.self) { read += bigEndian(value) }
        default: if let run = try? reader.read(count: Int.random(in: -3...9, using: &random)) { read += run }
        }
        #expect(reader.offset >= before)
        #expect(reader.offset == read.count)
      }
      read += reader.readRest()
      #expect(read == octets)
    }
  }

  @Test func errorsNameTheRuleThatWasBroken() {
    let error = ParseError(.illegal(field: "IHL", value: 3, limit: "at least 5"), at: 0)
    #expect(error.description == "IHL 3 at offset 0: at least 5")
  }
}
