// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableExperimentalFeature("Lifetimes"),
]

/// A library module of the house; `Scripts/check` holds its imports to lower ranks.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let package = Package(
  name: "sonde",
  products: [
    .library(name: "Sonde", targets: ["Sonde"]),
    .library(name: "SondeCore", targets: ["SondeCore"]),
    .executable(name: "sonde", targets: ["SondeMain"]),
  ],
  dependencies: [
    // Not 1.9: usage errors are reworded from the messages of 1.8, which a minor version may change.
    .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2"))
  ],
  targets: [
    // rank 0
    module("SondeOctets"),
    // rank 1
    module("SondeHeaders", ["SondeOctets"]),
    module("SondeCapture", ["SondeOctets"]),
    module("SondeLink", ["SondeOctets"]),
    // rank 2
    module("SondeCraft", ["SondeHeaders", "SondeOctets"]),
    module("SondeProbe", ["SondeHeaders", "SondeLink", "SondeOctets"]),
    module("SondeSim", ["SondeHeaders", "SondeLink", "SondeOctets"]),
    .systemLibrary(name: "CLibcap", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
    .systemLibrary(name: "CLibpcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
    .target(name: "CLibpcapAlone"),
    .target(name: "CLinuxNet", cSettings: [.define("_GNU_SOURCE")]),
    module(
      "SondeLinux",
      ["CLibcap", "CLibpcap", "CLibpcapAlone", "CLinuxNet", "SondeHeaders", "SondeLink", "SondeOctets"]),
    // rank 3
    module("SondeSweep", ["SondeProbe", "SondeCraft", "SondeHeaders", "SondeLink", "SondeOctets"]),
    // rank 4
    module(
      "SondeScript",
      [
        "SondeSim", "SondeProbe", "SondeCraft", "SondeHeaders", "SondeCapture", "SondeLink", "SondeOctets",
      ]),
    // rank 5
    module(
      "SondeReport",
      [
        "SondeScript", "SondeSweep", "SondeProbe", "SondeCraft", "SondeHeaders", "SondeCapture", "SondeLink",
        "SondeOctets",
      ]),
    // rank 6
    module(
      "SondeCommand",
      [
        "SondeScript", "SondeReport", "SondeSweep", "SondeLinux", "SondeSim", "SondeProbe", "SondeCraft",
        "SondeHeaders",
        "SondeCapture",
        "SondeLink", "SondeOctets", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // rank 7
    .executableTarget(name: "SondeMain", dependencies: ["SondeCommand"], swiftSettings: settings),
    // what the tests stand on: throw-away networks, and a claim that skips loudly without privilege
    .target(
      name: "WireSupport", dependencies: ["CLinuxNet"], path: "Tests/WireSupport", swiftSettings: settings),
    // a laboratory of namespaces, what answers in it, and the table of situations that sonde is held to
    .target(name: "CTunnel", path: "Tests/CTunnel", cSettings: [.define("_GNU_SOURCE")]),
    .target(
      name: "LabSupport",
      dependencies: ["CLinuxNet", "CTunnel", "SondeHeaders", "SondeOctets", "WireSupport"], path: "Tests/LabSupport",
      swiftSettings: settings),
    .executableTarget(
      name: "SondeLab", dependencies: ["LabSupport"], path: "Tests/SondeLab", swiftSettings: settings),
    // laboratories as whoever starts it: tests run it as root and as an ordinary user
    .executableTarget(
      name: "LaboratoryTrial", dependencies: ["SondeLinux", "SondeLink", "SondeOctets"],
      path: "Tests/LaboratoryTrial", swiftSettings: settings),
    tests("SondeLabTests", ["LabSupport", "SondeHeaders", "SondeOctets", "WireSupport"]),
    tests(
      "SondeLinuxTests",
      ["CLinuxNet", "SondeLinux", "SondeSweep", "SondeLink", "SondeOctets", "TestSupport", "WireSupport"]),
    tests("SondeHeadersTests", ["SondeHeaders", "SondeOctets"], resources: [.copy("Vectors")]),
    // the products' faces: one import for all of it, and the pure part alone
    module(
      "Sonde",
      [
        "SondeOctets", "SondeHeaders", "SondeCapture", "SondeLink", "SondeCraft", "SondeProbe", "SondeSim",
        "SondeLinux", "SondeSweep", "SondeReport", "SondeScript",
      ]),
    module("SondeCore", ["SondeOctets", "SondeHeaders", "SondeCapture", "SondeCraft"]),
    tests("SondeLinkTests", ["SondeLink", "SondeOctets"]),
    tests(
      "SondeSimTests", ["SondeSim", "SondeLink", "SondeHeaders", "SondeOctets"], resources: [.copy("Vectors")]),
    tests("SondeCaptureTests", ["SondeCapture", "SondeOctets", "TestSupport"], resources: [.copy("Captures")]),
    tests("SondeTests", ["Sonde", "WireSupport"]),
    tests(
      "SondeProbeTests", ["SondeProbe", "SondeSim", "SondeHeaders", "SondeLink", "SondeOctets", "TestSupport"]),
    tests(
      "SondeSweepTests",
      [
        "SondeSweep", "SondeLinux", "SondeProbe", "SondeCraft", "SondeHeaders", "SondeLink", "SondeOctets",
        "TestSupport", "WireSupport",
      ]),
    tests(
      "SondeReportTests",
      [
        "SondeReport", "SondeScript", "SondeSweep", "SondeProbe", "SondeCraft", "SondeHeaders", "SondeCapture",
        "SondeLink", "SondeOctets", "TestSupport",
      ]),
    tests(
      "SondeScriptTests",
      [
        "SondeScript", "SondeSim", "SondeProbe", "SondeCraft", "SondeHeaders", "SondeCapture", "SondeLink",
        "SondeOctets", "TestSupport",
      ]),
    tests("SondeCommandTests", ["WireSupport"], resources: [.copy("Experiments"), .copy("Scripts")]),
    // tests and measurements
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    tests("SondeOctetsTests", ["SondeOctets", "TestSupport"], resources: [.copy("Vectors")]),
    tests(
      "SondeCraftTests", ["SondeCraft", "SondeHeaders", "SondeOctets", "TestSupport"], resources: [.copy("Recipes")]),
    .target(name: "CReference", path: "Tests/CReference"),
    .executableTarget(
      name: "SondeBench",
      dependencies: [
        "CReference", "SondeSweep", "SondeCraft", "SondeHeaders", "SondeLink", "SondeLinux", "SondeOctets",
      ],
      path: "Tests/SondeBench",
      swiftSettings: settings),
  ]
)
