internal import Glibc

/// Measures the hot paths, each beside the same work in C: `SondeBench [NAME…]`; without names, all
/// of them. `SondeBench doors …`, `SondeBench ring …` and `SondeBench pace …` send for real.
@main
struct Main {
  /// The benchmarks, one file each.
  static let benchmarks: [(name: String, run: @Sendable () -> Void)] = [
    ("checksum", checksumBenchmark),
    ("append", appendBenchmark),
    ("build", buildBenchmark),
    ("template", templateBenchmark),
    ("sweep", sweepBenchmark),
    ("engine", engineBenchmark),
  ]

  static func main() {
    let names = CommandLine.arguments.dropFirst()
    if names.first == "doors" { exit(doorBenchmark(Array(names.dropFirst()))) }
    if names.first == "ring" { exit(ringBenchmark(Array(names.dropFirst()))) }
    if names.first == "pace" { exit(paceBenchmark(Array(names.dropFirst()))) }
    if let unknown = names.first(where: { name in !benchmarks.contains { $0.name == name } }) {
      print("no benchmark \(unknown); there are: \(benchmarks.map(\.name).joined(separator: ", "))")
      exit(2)
    }
    for benchmark in benchmarks where names.isEmpty || names.contains(benchmark.name) { benchmark.run() }
  }
}
