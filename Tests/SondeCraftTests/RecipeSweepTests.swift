import Foundation
import SondeCraft
import SondeHeaders
import SondeOctets
import Testing

/// Recipes that name many packets.
@Suite struct RecipeSweepTests {
  @Test func theFieldsOfInnerLayersChangeFastest() throws {
    let recipe = try Recipe("IP(ttl=[1, 5], dst=['192.0.2.1', '192.0.2.2'])/TCP(dport=[22, (80, 81)])")
    let found = recipe.packets.map { made in
      let (ip, tcp) = (made.packet.first(IPv4.self), made.packet.first(TCP.self))
      return "\(ip?.destination.description ?? "") \(ip?.timeToLive ?? 0) \(tcp?.destinationPort ?? 0)"
    }
    #expect(
      found == [
        "192.0.2.1 1 22", "192.0.2.1 1 80", "192.0.2.1 1 81", "192.0.2.1 5 22", "192.0.2.1 5 80", "192.0.2.1 5 81",
        "192.0.2.2 1 22", "192.0.2.2 1 80", "192.0.2.2 1 81", "192.0.2.2 5 22", "192.0.2.2 5 80", "192.0.2.2 5 81",
      ])
    #expect(recipe.count == 12)
  }

  @Test(arguments: [
    ("IP(dst='192.0.2.7/30')", 4, "192.0.2.4", "192.0.2.7"), ("IP(dst='192.0.2.7/32')", 1, "192.0.2.7", "192.0.2.7"),
    ("IP(dst=Net('192.0.2.0/29'))", 8, "192.0.2.0", "192.0.2.7"),
    ("IP(dst=Net('192.0.2.9', '192.0.2.12'))", 4, "192.0.2.9", "192.0.2.12"),
    ("IP(dst=['192.0.2.0/31', '192.0.2.9'])", 3, "192.0.2.0", "192.0.2.9"),
    ("IP(dst='0.0.0.0/0')", 1 << 32, "0.0.0.0", "255.255.255.255"),
  ])
  func networksAreTheirAddresses(text: String, count: UInt64, first: String, last: String) throws {
    let recipe = try Recipe(text)
    #expect(recipe.count == count)
    #expect(recipe.packet(at: 0).packet.first(IPv4.self)?.destination.description == first)
    #expect(recipe.packet(at: count - 1).packet.first(IPv4.self)?.destination.description == last)
  }

  /// More packets than anybody has time for are counted without being made.
  @Test func hugeSweepsAreMadeOneByOne() throws {
    let recipe = try Recipe(
      "IPv6(dst='2001:db8::/32', src=Net6('2001:db8::/64'))/TCP(seq=(0, 4294967295), window=(0, 65535))")
    #expect(recipe.count == .max)
    var packets = recipe.packets
    for port in 0..<3 as Range<UInt16> {
      #expect(packets.next()?.packet.first(TCP.self)?.sequenceNumber == UInt32(port))
    }
    #expect(throws: RecipeError.self) { try Recipe("TCP(seq=(0, 18446744073709551615))") }
  }

  /// Together two whole address spaces are one number more than the greatest.
  @Test func networksThatTogetherAreTooManyAreCountedAsTheGreatestNumber() throws {
    for list in ["'::/0', '::/0'", "'::/0', '::/1', '2001:db8::1'"] {
      let recipe = try Recipe("IPv6(dst=[\(list)])/UDP()")
      #expect(recipe.count == .max)
      #expect(recipe.packet(at: 1).packet.first(IPv6.self)?.destination == IPv6Address("::1"))
    }
    let halves = try Recipe("IPv6(dst=['::/65', '2001:db8::/66'])")
    #expect(halves.count == 3 << 62)
  }

  @Test func stepsCountFromTheFirst() throws {
    #expect(
      try Recipe("IP(ttl=(1, 10, 3))").packets.compactMap { $0.packet.first(IPv4.self)?.timeToLive } == [1, 4, 7, 10])
    #expect(try Recipe("IP(ttl=(250, 255, 3))").count == 2)
  }

  @Test func optionsAreOneValue() throws {
    #expect(try Recipe("TCP(options=[('MSS', 1), ('NOP', None)])").count == 1)
    #expect(try Recipe("TCP(flags=['S', 'A'])").count == 1)
  }

  /// Every packet of every recipe that hands write, in Scapy's order; what Scapy alone reads is named here.
  @Test func sweepsAreScapysInItsOrder() throws {
    guard let python = ScapyOracle.python else {
      #expect(!ScapyOracle.isCI, "Scapy must be there")
      return
    }
    let output = try ScapyOracle.run(python, [ScapyOracle.resource("typed_recipes.py") ?? ""], input: "").output
    let lines = try output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.count > 70)
    let foreign = [
      "'a' * 10", "Raw(5)", "\"1.2.3\"", "\"127.1\"", "\"0x7f.1\"", "ihl=-1", "(5, 1)", "b\"\\x02\\0", "\"Nonsense\"",
      "[(2, 1460)]",
    ]
    for line in lines {
      guard let recipe = line["recipe"] as? String, !foreign.contains(where: recipe.contains) else { continue }
      guard let packets = line["packets"] as? [String] else {
        // Scapy has no ranges of flags.
        if recipe != "TCP(flags=(1, 3))" { #expect(throws: RecipeError.self, "\(recipe)") { try Recipe(recipe) } }
        continue
      }
      let made = try Recipe(recipe).packets.map { Hex.text(try $0.packet.encoded().bytes) }
      #expect(made == packets, "\(recipe)")
    }
  }
}
