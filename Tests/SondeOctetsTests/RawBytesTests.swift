import SondeOctets
import Testing

@Suite struct RawBytesTests {
  @Test func whatIsAppendedStandsInNetworkOrder() {
    let tail: [UInt8] = [9, 10]
    let octets = [UInt8](writing: 32) { output in
      output.append(bigEndian: 0x01 as UInt8)
      output.append(bigEndian: 0x0203 as UInt16)
      output.append(octets: [])
      output.append(octets: [4, 5, 6])
      output.append(bigEndian: 0x0708 as UInt16)
      output.append(bytes: tail.rawSpan)
    }
    #expect(octets == Array(1...10))
  }

  @Test func aFullOutputTakesNothingMoreButNothing() {
    let octets = [UInt8](writing: 4) { output in
      output.append(octets: [1, 2, 3, 4])
      output.append(octets: [])
    }
    #expect(octets == [1, 2, 3, 4])
  }

  @Test func moreThanFitsStopsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = [UInt8](writing: 4) { output in
        output.append(bigEndian: 0 as UInt8)
        output.append(octets: Array(repeating: 0, count: 4))
      }
    }
  }

  @Test func numbersAreReadAtAnyOffset() {
    let octets: [UInt8] = Array(0...20)
    for offset in 0...12 {
      let number: UInt64 = octets.rawSpan.bigEndian(at: offset)
      #expect(bigEndian(number) == Array(octets[offset..<offset + 8]))
      #expect(octets.rawSpan.littleEndian(at: offset, as: UInt64.self) == number.byteSwapped)
      #expect(octets.rawSpan[offset] == UInt8(offset))
    }
    let copy = octets.rawSpan.octets
    #expect(copy == octets)
  }

  @Test func aCopyOfBytesIsAppended() {
    let source: [UInt8] = Array(0...9)
    var octets: [UInt8] = [9]
    octets.append(bytes: source.rawSpan.extracting(3..<6))
    octets.append(bytes: source.rawSpan.extracting(3..<3))
    #expect(octets == [9, 3, 4, 5])
  }

  @Test func numbersAreStoredWhereAsked() {
    var octets: [UInt8] = Array(repeating: 0xff, count: 10)
    let read = octets.withMutableBytes { bytes in
      bytes.store(bigEndian: 0x0102 as UInt16, at: 1)
      bytes.withSuffix(from: 5) { suffix in suffix.store(bigEndian: 0x0304_0506 as UInt32, at: 1) }
      return bytes.bigEndian(at: 6, as: UInt32.self)
    }
    #expect(read == 0x0304_0506)
    #expect(octets == [0xff, 1, 2, 0xff, 0xff, 0xff, 3, 4, 5, 6])
  }
}
