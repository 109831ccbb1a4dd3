import Foundation
import SondeCraft
import SondeHeaders
import SondeOctets
import TestSupport
import Testing

/// Recipes read and printed, over random packets.
@Suite struct RecipeOracleTests {
  /// Random commands as Scapy prints them, over all layers.
  @Test func randomCommandsMakeScapysOctets() throws {
    guard let python = ScapyOracle.python else {
      #expect(!ScapyOracle.isCI, "Scapy must be there")
      return
    }
    var dice = Seeded()
    let arguments = [
      ScapyOracle.resource("random_commands.py") ?? "", "\(dice.next() % 1_000_000)", "\(400 * ScapyOracle.rounds)",
    ]
    let lines = try ScapyOracle.run(python, arguments, input: "").output.split(separator: "\n")
    #expect(lines.count == 400 * ScapyOracle.rounds)
    for line in lines {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
      let command = object["command"] ?? ""
      // Multicast listener discovery has no layer here.
      if command.contains("ICMPv6ML") { continue }
      do {
        let made = Hex.text(try Recipe(command).first.packet.encoded().bytes)
        #expect(made == object["bytes"], "\(arguments[1]): \(command.prefix(3000))")
      } catch {
        Issue.record("\(error): \(command.prefix(3000))")
      }
    }
  }

  /// What is printed is read again as the same octets, whatever they are.
  @Test func whatIsPrintedMakesTheSameOctets() throws {
    var dice = Seeded()
    let packets = ScapyOracle.lines("packets.txt").map(Self.octets) + ScapyOracle.lines("golden.txt").map(Self.octets)
    let starts: [Registry.Start] =
      [.ip, .quote, .link(1), .etherType(0x0800), .etherType(0x86dd), .etherType(0x0806)]
      + [0, 1, 2, 6, 17, 41, 43, 44, 58, 60, 132].map { .ipProtocol($0) }
    for turn in 0..<6000 * ScapyOracle.rounds {
      var packet =
        turn % 8 == 0 ? dice.octets(Int.random(in: 0..<120, using: &dice)) : packets.randomElement(using: &dice) ?? []
      for _ in 0..<Int.random(in: 0..<4, using: &dice) { dice.damage(&packet) }
      let start = turn % 3 == 0 ? starts.randomElement(using: &dice) ?? .ip : .ip
      let recipe = Registry.dissect(packet, as: start).recipe
      do {
        let made = try Recipe(recipe).first.packet.encoded().bytes
        #expect(Hex.text(made) == Hex.text(packet), "\(start): \(recipe)")
      } catch {
        Issue.record("\(error): \(Hex.text(packet)) \(start): \(recipe)")
      }
    }
  }

  /// Text that is almost a recipe is read, or told of; nothing else.
  @Test func damagedRecipesAreReadOrToldOf() {
    var dice = Seeded()
    let recipes = ScapyOracle.lines("golden.txt").compactMap {
      $0.split(separator: " ", maxSplits: 1).last.map { Array($0.utf8) }
    }
    let telling = Array("()[]{},/='\"\\xb0 9\n\u{0}\u{ff}NRI".utf8)
    for _ in 0..<20_000 * ScapyOracle.rounds {
      var text = recipes.randomElement(using: &dice) ?? []
      for _ in 0...Int.random(in: 0..<4, using: &dice) where !text.isEmpty {
        let place = Int.random(in: 0..<text.count, using: &dice)
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: text[place] = telling.randomElement(using: &dice) ?? 0
        case 1: text.insert(telling.randomElement(using: &dice) ?? 0, at: place)
        case 2: text.remove(at: place)
        default:
          text.replaceSubrange(
            place..<min(text.count, place + 9), with: text.prefix(Int.random(in: 0..<20, using: &dice)))
        }
      }
      do throws(RecipeError) {
        let recipe = try Recipe(octets: text)
        _ = try? recipe.first.packet.encoded()
      } catch {
        #expect(error.column >= 1 && error.column <= text.count + 1 && !error.message.contains("\n"), "\(error)")
      }
    }
  }

  private static func octets(_ line: String) -> [UInt8] {
    let digits = (line.split(separator: " ").first ?? "").utf8.compactMap(Hex.digit)
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
