import Foundation
import Testing
import WireSupport

/// The two families' addresses of the wire tests' two hosts.
struct Side: Sendable, CustomTestStringConvertible {
  var family: Int
  var near: String
  var far: String
  /// Behind the far host: no route there.
  var beyond: String
  /// Behind the far host, which sends it back to the near one: for hop limits.
  var loop: String

  var testDescription: String { "IPv\(family)" }
  /// Octets of the IP header.
  var header: Int { family == 4 ? 20 : 40 }

  static let v4 = Side(family: 4, near: "10.9.0.1", far: "10.9.0.2", beyond: "10.9.2.9", loop: "10.9.1.9")
  static let v6 = Side(family: 6, near: "fd09::1", far: "fd09::2", beyond: "fd09:2::9", loop: "fd09:1::9")
  static let both = [v4, v6]
}

/// A script of this folder.
func script(_ name: String) -> String {
  let file = Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Scripts")
  return "/usr/bin/python3 \(file?.path ?? name)"
}

/// Runs sonde on the host that the thread is on.
func sonde(_ arguments: String, seconds: Int = 120) throws -> Outcome {
  try Shell.run("exec \"$SONDE\" \(arguments)", seconds: seconds)
}

/// The objects of JSON Lines, read by Foundation.
func objects(_ outcome: Outcome) throws -> [[String: Any]] {
  try outcome.output.split(separator: "\n").map { line in
    let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
    return try #require(value as? [String: Any], "\(line)")
  }
}

extension [[String: Any]] {
  func of(_ type: String) -> Self { filter { $0["type"] as? String == type } }
}

extension [String: Any] {
  func text(_ key: String) -> String { self[key] as? String ?? "" }
  func number(_ key: String) -> Int? { (self[key] as? NSNumber)?.intValue }
  var flags: [String] { self["flags"] as? [String] ?? [] }
}

extension WireNetwork {
  /// Runs `body` while the far host has something to be found (Scripts/services.py).
  func withServices(_ body: () throws -> Void) throws {
    let folder = try TemporaryFolder()
    let child = try onFar { try start("exec \(script("services.py")) > \(folder.path)/log 2>&1") }
    defer { stop(child) }
    try Shell.until("grep -q ready \(folder.path)/log")
    try body()
  }

  /// Lets nftables on the far host see what comes in by these rules first.
  func filterAtFar(_ rules: String) throws {
    try onFar { try sh("nft 'table inet sonde { chain input { type filter hook input priority 0; \(rules) ; } ; }'") }
  }
}
