import Foundation
import Testing
import WireSupport

/// What `sonde decode --recipe` prints, in the eyes of Scapy and of tshark.
@Suite(.enabled(if: areScapyAndTsharkThere || ProcessInfo.processInfo.environment["CI"] == "true"))
struct DecodeRecipeTests {
  private static let recipes = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("SondeCraftTests/Recipes").path

  /// Whole frames and damaged ones.
  @Test func recipesOfRandomFramesAreTheFrames() throws {
    let folder = try TemporaryFolder()
    let seed = ProcessInfo.processInfo.environment["SONDE_SEED"] ?? "\(UInt64.random(in: 0..<1_000_000))"
    print("random frames: SONDE_SEED=\(seed)")
    let outcome = try Shell.run(
      """
      /usr/bin/python3 \(Self.recipes)/random_capture.py \(seed) 1500 \(folder.path)/file.pcap 2> /dev/null &&
      exec \(script("recipes.py")) "$SONDE" \(Self.recipes) \(folder.path)/file.pcap 2> /dev/null
      """, seconds: 120)
    #expect(outcome.status == 0 && outcome.output.hasPrefix("evaluated 1500, "), "seed \(seed): \(outcome)")
  }

  /// Frames that kernels and other programs made.
  @Test func recipesOfForeignFramesAreTheFrames() throws {
    // Scapy knows loopback headers of the other byte order only: theirs stay octets.
    let outcome = try Shell.run(
      """
      exec \(script("recipes.py")) "$SONDE" \(Self.recipes) --whole \
        $(ls \(DecodeCommandTests.captures)/*.pcap | grep -v /loop.pcap) 2> /dev/null
      """, seconds: 60)
    #expect(outcome.status == 0 && outcome.output.hasPrefix("evaluated "), "\(outcome)")
  }
}

private let areScapyAndTsharkThere =
  (try? Shell.run("command -v tshark && /usr/bin/python3 -c 'import scapy.all'", seconds: 20))?.status == 0
