import Foundation
import SondeCapture
import Testing

/// A small generator with a seed (SplitMix64), so that a failure can be had again.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// Any octets read to packets and at most one error, the same however they are cut into pieces.
///
/// Each test runs for a second, or for SONDE_FUZZ_SECONDS; SONDE_SEED sets the seed that it prints.
@Suite struct CaptureMutationTests {
  static let environment = ProcessInfo.processInfo.environment

  private func repeatedly(_ name: String, _ body: (inout SeededGenerator) throws -> Void) rethrows {
    let seed = Self.environment["SONDE_SEED"].flatMap { UInt64($0) } ?? .random(in: .min ... .max)
    let seconds = Self.environment["SONDE_FUZZ_SECONDS"].flatMap { Double($0) } ?? 1
    // Before the first case, so that it stands there even if one stops the program.
    print("\(name): SONDE_SEED=\(seed)")
    var generator = SeededGenerator(state: seed)
    let end = ContinuousClock.now + .seconds(seconds)
    repeat { try body(&generator) } while ContinuousClock.now < end
  }

  private func check(_ octets: [UInt8], _ generator: inout SeededGenerator) {
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
