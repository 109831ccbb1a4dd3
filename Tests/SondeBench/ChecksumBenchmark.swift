internal import CReference
internal import SondeOctets

/// Prints what the Internet checksum takes beside C's, in nanoseconds a call.
///
/// A ratio is C's time by ours: above 1 ours is the faster.
func checksumBenchmark() {
  print("checksum: ns a call, and C's time by ours")
  print(line(["octets", "ours", "C carry", "C SSE2", "carry/ours", "SSE2/ours"]))
  for count in [20, 64, 1500, 65536] {
    printRow("\(count)", count) { times, octets in repeated(times, octets) { InternetChecksum.of($0) } }
  }
  printRow("20, fixed", 20) { times, octets in
    repeated(times, octets) { InternetChecksum.of($0.extracting(0..<20)) }
  }
}

private func printRow(_ label: String, _ count: Int, _ ours: @escaping (Int, [UInt8]) -> UInt64) {
  let octets = (0..<count).map { _ in UInt8.random(in: 0...255) }
  let figures = measure([
    Contender(name: "ours") { ours($0, octets) },
    Contender(name: "C carry") { times in
      repeated(times, octets) { bytes in
        unsafe bytes.withUnsafeBytes { unsafe c_checksum_carry($0.baseAddress, $0.count) }
      }
    },
    Contender(name: "C SSE2") { times in
      repeated(times, octets) { bytes in
        unsafe bytes.withUnsafeBytes { unsafe c_checksum_sse2($0.baseAddress, $0.count) }
      }
    },
  ])
  let ratios = figures.dropFirst().map { $0 / figures[0] }
  print(line([label] + (figures + ratios).map(decimals)))
}

/// The sum of what `checksum` returns in `times` calls.
///
/// The compiler does not know that every call reads the same octets, so it makes every call.
@inline(__always)
private func repeated(_ times: Int, _ octets: [UInt8], _ checksum: (RawSpan) -> UInt16) -> UInt64 {
  let bytes = octets.bytes
  let zero = opaque(0)
  var total: UInt64 = 0
  for time in 0..<times {
    total &+= UInt64(checksum(bytes.extracting((time & zero)...)))
  }
  return total
}
