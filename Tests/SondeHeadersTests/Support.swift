internal import Foundation
internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// One packet of a vectors file; `Vectors/generate.py` says what stands on a line.
struct Vector: Sendable, CustomTestStringConvertible {
  var file: String
  var name: String
  var bytes: [UInt8]
  /// How the first octet is read.
  var start: Registry.Start
  /// Whether the capture is shorter than the packet was on the wire.
  var isCut: Bool
  /// tshark's status of each checksum, by layer, outermost first.
  var statuses: [String: [Int]]
  /// What tshark or Scapy says of the packet.
  var summary: String

  var testDescription: String { "\(file): \(name)" }

  var dissection: Dissection { Registry.dissect(bytes, as: start) }
}

enum Vectors {
  /// All vectors of a file.
  static func file(_ name: String) -> [Vector] {
    let path = Bundle.module.path(forResource: "Vectors/\(name)", ofType: "txt")
    guard let path, let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").map { line in
      let halves = line.split(separator: " # ", maxSplits: 1)
      let words = halves[0].split(separator: " ")
      let comment = halves[1].split(separator: " | ", maxSplits: 1)
      var statuses: [String: [Int]] = [:]
      for status in words.last?.split(separator: ";") ?? [] where status.contains(":") {
        let parts = status.split(separator: ":")
        statuses[String(parts[0])] = parts[1].split(separator: ",").compactMap { Int($0) }
      }
      return Vector(
        file: name, name: String(comment[0]), bytes: octets(String(words[0])), start: start(words),
        isCut: words.contains("cut"),
        statuses: statuses, summary: String(comment.last ?? ""))
    }
  }

  private static func start(_ words: [Substring]) -> Registry.Start {
    let link = words.lazy.filter { $0.hasPrefix("link:") }.first.flatMap { UInt16($0.dropFirst(5)) }
    return link.map { .link($0) } ?? .ip
  }

  /// The vectors of every known protocol.
  static let all: [Vector] = Registry.known.flatMap { file($0.name.rawValue) }

  static func octets(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.compactMap { Hex.digit($0) }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

/// A protocol of the registry, named in test reports.
struct Known: Sendable, CustomTestStringConvertible {
  var type: any Header.Type
  var testDescription: String { type.name.rawValue }

  static let all = Registry.known.map { Known(type: $0) }

  /// The protocol's own golden packets.
  var vectors: [Vector] { Vectors.file(type.name.rawValue) }

  /// The layers of this protocol in a dissection.
  func layers(in dissection: Dissection) -> [Dissection.Layer] {
    dissection.layers.filter { Swift.type(of: $0.header) == type }
  }
}

/// SplitMix64: small, and the same everywhere.
struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  mutating func octets(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
  mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<max(sides, 1), using: &self) }
}

/// Random trials: SONDE_SEED fixes the seed, SONDE_FUZZ_SECONDS the time each law gets in all.
enum Fuzz {
  static let seed: UInt64 = {
    let environment = ProcessInfo.processInfo.environment
    let seed = environment["SONDE_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...(.max))
    print("SONDE_SEED=\(seed)")
    return seed
  }()
  static let seconds: Double =
    ProcessInfo.processInfo.environment["SONDE_FUZZ_SECONDS"].flatMap { Double($0) } ?? 1

  /// Repeats a trial for `share` of the law's time; the dice of a trial depend on the seed and its turn alone.
  static func trials(share: Int = 1, _ trial: (inout Dice) throws -> Void) rethrows {
    let end = ContinuousClock.now + .seconds(seconds / Double(share))
    var turn: UInt64 = 0
    repeat {
      var dice = Dice(state: seed &+ turn &* 0x1_0000_0001)
      try trial(&dice)
      turn += 1
    } while ContinuousClock.now < end
  }

  /// Random bytes, a golden packet, or one that was damaged a few times.
  static func bytes(from vectors: [Vector], _ dice: inout Dice) -> [UInt8] { packet(from: vectors, &dice).bytes }

  /// The same, with how the first octet is read.
  static func packet(from vectors: [Vector], _ dice: inout Dice) -> (bytes: [UInt8], start: Registry.Start) {
    guard let vector = vectors.randomElement(using: &dice), dice.roll(8) > 0 else {
      return (dice.octets(dice.roll(200)), starts[dice.roll(starts.count)])
    }
    var bytes = vector.bytes
    for _ in 0..<dice.roll(4) { mutate(&bytes, &dice) }
    return (bytes, vector.start)
  }

  private static let telling: [UInt8] = [0, 1, 4, 5, 6, 17, 43, 44, 60, 0x45, 0x4f, 0x60, 0x7f, 0x80, 0x81, 0xff]

  static func mutate(_ bytes: inout [UInt8], _ dice: inout Dice) {
    guard !bytes.isEmpty else { return bytes = dice.octets(dice.roll(40)) }
    // Mostly near the start, where the headers are.
    let at = dice.roll(2) == 0 ? dice.roll(min(bytes.count, 64)) : dice.roll(bytes.count)
    switch dice.roll(8) {
    case 0: bytes[at] ^= 1 << UInt8(dice.roll(8))
    case 1: bytes[at] = telling[dice.roll(telling.count)]
    case 2: bytes[at] = UInt8(dice.roll(256))
    case 3: bytes.removeLast(dice.roll(bytes.count + 1))
    case 4: bytes += dice.octets(dice.roll(20))
    case 5: bytes.insert(contentsOf: dice.octets(1 + dice.roll(8)), at: at)
    case 6: bytes.removeSubrange(at..<min(bytes.count, at + 1 + dice.roll(8)))
    // Two words change places: every checksum over both stays right.
    default:
      let other = dice.roll(bytes.count) & ~1
      let first = at & ~1
      guard max(first, other) + 1 < bytes.count else { return }
      bytes.swapAt(first, other)
      bytes.swapAt(first + 1, other + 1)
    }
  }

  /// Every way to say how the first octet is read.
  static let starts: [Registry.Start] =
    [.ip, .quote] + Registry.known.compactMap { $0.announced.ipProtocol }.map { .ipProtocol($0) }
    + Registry.known.compactMap { $0.announced.etherType }.map { .etherType($0) }
    + Registry.known.compactMap { $0.announced.linkType }.map { .link($0) }

  static func comment(_ bytes: [UInt8], _ start: Registry.Start = .ip) -> Comment {
    "SONDE_SEED=\(seed) \(start) \(Hex.text(bytes))"
  }
}
