import Foundation
import SondeCapture
import TestSupport
import Testing

/// Runs `body` again and again for a second, or for SONDE_FUZZ_SECONDS, with a generator that prints its seed.
func repeatedly(_ name: String, _ body: (inout Seeded) throws -> Void) rethrows {
  let seconds = ProcessInfo.processInfo.environment["SONDE_FUZZ_SECONDS"].flatMap { Double($0) } ?? 1
  var generator = Seeded(name)
  let end = ContinuousClock.now + .seconds(seconds)
  repeat { try body(&generator) } while ContinuousClock.now < end
}

/// Any octets read to packets and at most one error, the same however they are cut into pieces.
@Suite struct CaptureMutationTests {
  private func check(_ octets: [UInt8], _ generator: inout Seeded) {
    let whole = Reading(octets)
    let pieces = Reading(octets, piece: .random(in: 1...97, using: &generator))
    #expect(whole == pieces)
    #expect(whole.packets.reduce(0) { $0 + $1.bytes.count } <= octets.count)
    if let error = whole.error {
      #expect(error.offset <= UInt64(octets.count))
      #expect(!error.description.isEmpty)
    }
  }

  @Test func mutatedFilesNeverTrap() throws {
    var seeds = [
      Vectors.twoSections, Vectors.bigEndianNanoseconds, Vectors.commented, PcapngWriterTests.file(),
    ]
    for name in CaptureReaderTests.captures { seeds.append(try capture("\(name).pcap")) }
    for name in ForeignFileTests.files { seeds.append(try capture(name)) }
    repeatedly("mutatedFilesNeverTrap") { generator in
      var octets = seeds.randomElement(using: &generator) ?? []
      for _ in 0..<Int.random(in: 1...6, using: &generator) where !octets.isEmpty {
        // Most of the fields that steer the reader stand near the start.
        let reach = Bool.random(using: &generator) ? octets.count : min(160, octets.count)
        let index = Int.random(in: 0..<reach, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: octets[index] = .random(in: .min ... .max, using: &generator)
        case 1: octets[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: octets.removeSubrange(index..<min(octets.count, index + Int.random(in: 1...9, using: &generator)))
        case 3: octets.insert(contentsOf: octets[index...].prefix(Int.random(in: 1...70, using: &generator)), at: index)
        default: for place in octets.indices[index...].prefix(4) { octets[place] = 0xff }
        }
      }
      check(octets, &generator)
    }
  }

  @Test func randomOctetsNeverTrap() {
    let starts = [
      [], Array(Vectors.bigEndianMicroseconds.prefix(24)), Array(Vectors.twoSections.prefix(28)),
      Array(Vectors.twoSections.prefix(72)),
    ]
    repeatedly("randomOctetsNeverTrap") { generator in
      var octets = starts.randomElement(using: &generator) ?? []
      for _ in 0..<Int.random(in: 0...40, using: &generator) {
        // A block whose framing holds, so that what is inside is reached.
        let content = (0..<4 * Int.random(in: 0...16, using: &generator)).map { _ in
          Bool.random(using: &generator) ? 0 : UInt8.random(in: .min ... .max, using: &generator)
        }
        let length = [0, 0, 0, UInt8(content.count + 12)]
        let type = [0, 0, 0, UInt8.random(in: 0...7, using: &generator)]
        octets += type + length + content + length
      }
      check(octets, &generator)
    }
  }
}
