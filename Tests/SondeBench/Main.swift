internal import Glibc

/// Measures the hot paths, each beside the same work in C: `SondeBench [NAME…]`; without names, all
/// of them.
@main
struct Main {
  /// The benchmarks, one file each.
  static let benchmarks: [(name: String, run: @Sendable () -> Void)] = [
    ("checksum", checksumBenchmark),
    ("append", appendBenchmark),
    ("build", buildBenchmark),
    ("template", templateBenchmark),
    ("engine", engineBenchmark),
  ]

  static func main() {
    let names = CommandLine.arguments.dropFirst()
    if let unknown = names.first(where: { name in !benchmarks.contains { $0.name == name } }) {
      print("no benchmark \(unknown); there are: \(benchmarks.map(\.name).joined(separator: ", "))")
      exit(2)
    }
    for benchmark in benchmarks where names.isEmpty || names.contains(benchmark.name) { benchmark.run() }
  }
}
