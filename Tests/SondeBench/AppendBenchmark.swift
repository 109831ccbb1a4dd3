internal import CReference
internal import SondeOctets

/// What it takes to append a run of octets to the output, beside `memcpy`: 64 runs go into each new
/// buffer, whose allocation counts.
func appendBenchmark() {
  let runs = 64
  compare(
    "append", calls: runs,
    [8, 64, 1500].map { count in
      let octets = (0..<count).map { _ in UInt8.random(in: 0...255) }
      let ours = Contender(name: "ours") { times in
        sum(over: times) {
          let buffer = [UInt8](writing: runs * count) { output in
            for _ in 0..<runs { output.append(octets: octets) }
          }
          return buffer[buffer.count - 1]
        }
      }
      let memcpy = Contender(name: "memcpy") { times in
        sum(over: times) { unsafe octets.withUnsafeBytes { unsafe c_append($0.baseAddress, count, runs) } }
      }
      return ("\(count) octets", [ours, memcpy])
    })
}

/// The sum of what `work` returns in `times` calls.
@inline(__always)
private func sum(over times: Int, _ work: () -> UInt8) -> UInt64 {
  var total: UInt64 = 0
  for _ in 0..<times { total &+= UInt64(work()) }
  return total
}
