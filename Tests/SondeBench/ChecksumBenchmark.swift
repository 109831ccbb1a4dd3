internal import CReference
internal import SondeOctets

/// What the Internet checksum takes, beside C's two ways; last with a length that the compiler knows.
func checksumBenchmark() {
  let rows = [20, 64, 1500, 65536].map { count in
    row("\(count) octets", count) { times, octets in repeated(times, octets) { InternetChecksum.of($0) } }
  }
  let fixed = row("20, fixed", 20) { times, octets in
    repeated(times, octets) { InternetChecksum.of($0.extracting(0..<20)) }
  }
  compare("checksum", rows + [fixed])
}

private func row(
  _ label: String, _ count: Int, _ ours: @escaping (Int, [UInt8]) -> UInt64
) -> (label: String, contenders: [Contender]) {
  let octets = (0..<count).map { _ in UInt8.random(in: 0...255) }
  let contenders = [
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
  ]
  return (label, contenders)
}

/// The sum of what `checksum` returns in `times` calls.
///
/// The compiler does not know that every call reads the same octets, so it makes every call.
@inline(__always)
private func repeated(_ times: Int, _ octets: [UInt8], _ checksum: (RawSpan) -> UInt16) -> UInt64 {
  let bytes = octets.rawSpan
  let zero = opaque(0)
  var total: UInt64 = 0
  for time in 0..<times {
    total &+= UInt64(checksum(bytes.extracting((time & zero)...)))
  }
  return total
}
