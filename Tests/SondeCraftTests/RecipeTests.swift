import SondeCraft
import SondeHeaders
import SondeOctets
import TestSupport
import Testing

/// Packets as Scapy's notation.
@Suite struct RecipeTests {
  /// The packets of the headers' tests, and answers of Linux.
  private static let packets = ScapyOracle.lines("packets.txt").map(octets)

  private static func octets(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.compactMap { Hex.digit($0) }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  private static func recipe(_ hex: String) -> String { Registry.dissect(octets(hex)).recipe }

  /// Asks Scapy whether packets, read from each of the first layers, are what their recipes make.
  private func check(_ packets: [[UInt8]], _ starts: [Registry.Start] = [.ip]) throws {
    let recipes = packets.flatMap { packet in
      starts.map { (packet, Registry.dissect(packet, as: $0).recipe) }
    }
    guard let python = ScapyOracle.python else {
      #expect(!ScapyOracle.isCI, "Scapy must be there")
      return
    }
    let objections = try ScapyOracle.objections(to: recipes, python: python)
    #expect(objections.isEmpty, "\(objections.prefix(4000))")
  }

  /// Each line was made by Scapy of the recipe that stands on it.
  @Test(arguments: ScapyOracle.lines("golden.txt"))
  func aPacketPrintsAsTheShortestRecipe(line: String) {
    let parts = line.split(separator: " ", maxSplits: 1)
    #expect(Self.recipe(parts[0] == "-" ? "" : String(parts[0])) == parts[1])
  }

  @Test func scapyMakesEveryKnownPacketOfItsRecipe() throws {
    #expect(Self.packets.count > 200)
    try check(Self.packets)
  }

  @Test func scapyMakesEveryKnownPacketReadFromAnyLayer() throws {
    let parts = Self.packets.enumerated().filter { $0.offset % 7 == 0 }.map(\.element)
    try check(parts.map { Array($0.dropFirst(20)) }, [1, 6, 17, 58].map { .ipProtocol($0) })
    try check(parts, [.quote, .etherType(0x0800), .etherType(0x86dd)])
  }

  @Test func scapyMakesDamagedPacketsOfTheirRecipes() throws {
    var dice = Seeded()
    let damaged = (0..<1200 * ScapyOracle.rounds).map { _ in
      var packet = Self.packets.randomElement(using: &dice) ?? []
      for _ in 0...Int.random(in: 0..<4, using: &dice) { dice.damage(&packet) }
      return packet
    }
    try check(damaged)
  }

  @Test func scapyMakesRandomOptionsOfTheirRecipes() throws {
    var dice = Seeded()
    let kinds: [UInt8] = [0, 0, 0, 1, 1, 2, 3, 4, 5, 7, 8, 19, 30, 34, 0x83, 0x89, 0x94, 0x44]
    func area() -> [UInt8] {
      let count = 4 * Int.random(in: 1...10, using: &dice)
      var area: [UInt8] = []
      while area.count < count {
        area.append(kinds.randomElement(using: &dice) ?? 0)
        if area.last ?? 0 > 1 { area.append(UInt8.random(in: 0...12, using: &dice)) }
        if Bool.random(using: &dice) { area += dice.octets(Int.random(in: 0...10, using: &dice)) }
      }
      return Array(area.prefix(count))
    }
    let packets = try (0..<600 * ScapyOracle.rounds).map { _ in
      var ip = IPv4(from: "192.0.2.1", to: "198.51.100.7")
      var tcp = TCP()
      if Bool.random(using: &dice) { ip.options = IPv4Option.read(area()) }
      if Bool.random(using: &dice) { tcp.options = TCPOption.read(area()) }
      return try Packet {
        ip; tcp; "data"
      }.encoded().bytes
    }
    try check(packets)
  }

  @Test func anyOctetsHaveARecipe() {
    var dice = Seeded()
    let starts: [Registry.Start] =
      [.ip, .quote, .etherType(0x0800), .etherType(0x86dd)] + [1, 4, 6, 17, 41, 58].map { .ipProtocol($0) }
    for turn in 0..<4_000 * ScapyOracle.rounds {
      var packet = dice.octets(Int.random(in: 0..<120, using: &dice))
      if turn % 2 == 0 {
        packet = Self.packets.randomElement(using: &dice) ?? []
        dice.damage(&packet)
      }
      for start in starts { #expect(!Registry.dissect(packet, as: start).recipe.isEmpty) }
    }
  }

  @Test func aCraftedPacketPrintsWithItsHandSetFields() throws {
    let packet = Packet {
      IPv4(from: "192.0.2.1", to: "192.0.2.7", ttl: 3, version: 5)
      UDP(from: 5000, to: 53, checksum: 0xdead)
      "hi"
    }
    #expect(
      try packet.recipe
        == "IP(src='192.0.2.1', dst='192.0.2.7', version=5, ttl=3)/UDP(sport=5000, chksum=0xdead)/Raw(load=b'hi')")
    #expect(try Packet { TCP(flags: .rst) }.recipe == "TCP(flags='R')")
    #expect(try Packet { Payload(octets: [0x45]) }.recipe == "Raw(load=b'E')", "data first is no header")
    #expect(throws: CraftError.self) { try Packet { IPv6(flowLabel: 0xfff_ffff) }.recipe }
  }

  @Test func aCutQuoteIsWrittenAsItStands() throws {
    let quote = Quote(cut: 28) {
      IPv4(from: "192.0.2.1", to: "198.51.100.7", ttl: 1)
      UDP(from: 40000, to: 33434)
      "lost"
    }
    let recipe = try Packet {
      IPv4(from: "203.0.113.1", to: "192.0.2.1")
      ICMPv4.timeExceeded()
      quote
    }.recipe
    let inner = "IPerror(src='192.0.2.1', dst='198.51.100.7', len=32, ttl=1)"
    #expect(recipe.hasPrefix("IP(src='203.0.113.1', dst='192.0.2.1')/ICMP(type=11)/\(inner)/UDPerror("), "\(recipe)")
    #expect(recipe.contains("len=12, chksum=0x"))
  }

  /// Python reads nested calls only so deep.
  @Test func aTowerOfHeadersEndsInData() throws {
    let tower = (0..<100).map { _ in IPv4(from: "192.0.2.1", to: "192.0.2.2") as any Header }
    let bytes = try AnyPacket(tower).encoded().bytes
    let recipe = Registry.dissect(bytes).recipe
    #expect(recipe.split(separator: "/").count { $0.hasPrefix("IP(") } == 32 && recipe.contains("proto=4)/Raw("))
    try check([bytes])
  }

  /// A length of more than 16 bits and sums over it are written rather than left to Scapy.
  @Test func aHugePacketIsMadeToo() throws {
    let layers: [any Header] = [IPv4(from: "192.0.2.1", to: "192.0.2.2", totalLength: 0), UDP(length: 0)]
    let head = try AnyPacket(layers).encoded().bytes
    try check([head + [UInt8](repeating: 0xa5, count: 66_000), head + [UInt8](repeating: 0xa5, count: 65_507)])
  }
}
