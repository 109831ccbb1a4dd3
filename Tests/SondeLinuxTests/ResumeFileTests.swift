import SondeLink
import SondeSweep
import TestSupport
import Testing
import WireSupport

@testable import SondeLinux

@Suite struct ResumeFileTests {
  /// A name in a new folder, which is removed with what is in it.
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = try TemporaryFolder()
    try withExtendedLifetime(folder) { try body("\(folder.path)/state") }
  }

  private func contents(_ path: String) throws -> String {
    let file = try InputFile(path)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = try file.read(into: &buffer)
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  @Test func theLatestWritingIsNeverWrittenOver() throws {
    try inFolder { path in
      var file = try ResumeFile(path)
      #expect(try file.read().isEmpty)
      for (text, expected) in [
        ("first", "first"), ("second", "firstsecond"), ("3rd", "3rd"), ("fourth", "3rdfourth"), ("5", "5"),
        ("6", "56"), ("seven", "56seven"), ("8", "8"),
      ] {
        try file.write(Array(text.utf8))
        #expect(try contents(path) == expected)
        #expect(try String(decoding: file.read(), as: UTF8.self) == expected)
      }
    }
  }

  @Test func whatAnEarlierRunWroteIsKeptUntilANewerOneIsThere() throws {
    try inFolder { path in
      do {
        var file = try ResumeFile(path)
        try file.write(Array("torn".utf8))
        try file.write(Array("whole".utf8))
      }
      var file = try ResumeFile(path)
      #expect(try file.read() == Array("tornwhole".utf8))
      file.keep(4..<9)
      try file.write(Array("newer".utf8))
      #expect(try contents(path) == "tornwholenewer")
      try file.write(Array("last".utf8))
      #expect(try contents(path) == "last")
    }
  }

  /// However far a write came when the run was killed, the file holds the record before it or the new one.
  @Test func aWriteThatIsCutShortLosesNothingOlder() throws {
    var random = Seeded()
    let space = try #require(SweepSpace(ipv4: AddressRanges([0...1 << 20])))
    let identity = SweepIdentity(kind: "echo", space: space, seed: 1, shard: .whole)
    try inFolder { path in
      var file = try ResumeFile(path)
      var before: [UInt8] = []
      for serial in UInt64(1)...80 {
        let standings = (0..<Int.random(in: 0...40, using: &random)).map { _ in random.next() }
        let state = SweepState(settled: serial, head: serial, standings: standings)
        let octets = SweepRecord(identity: identity, state: state, serial: serial).octets
        try file.write(octets)
        let after = try file.read()
        let place = try #require(try SweepRecord.latest(in: after)).place
        #expect(place.count == octets.count)
        for _ in 0..<20 {
          let cut = Int.random(in: 0..<octets.count, using: &random)
          let torn = before.prefix(place.lowerBound) + octets[..<cut] + before.dropFirst(place.lowerBound + cut)
          let found = try? SweepRecord.latest(in: Array(torn))
          // What stood there before may by chance end as the new writing does: then that is whole.
          let isWhole = torn.dropFirst(place.lowerBound).prefix(octets.count) == octets[...]
          let last = isWhole ? serial : serial == 1 ? nil : serial - 1
          #expect(found?.record.serial == last, "cut at \(cut) of \(octets.count)")
        }
        #expect(after.count <= 3 * 1500)
        before = after
      }
    }
  }

  @Test func twoRunsDoNotShareAFile() throws {
    try inFolder { path in
      let file = try ResumeFile(path)
      let error = #expect(throws: LinkError.self) { _ = try ResumeFile(path) }
      #expect(error?.message.contains("another run") == true)
      _ = try file.read()
    }
    try inFolder { path in
      do { _ = try ResumeFile(path).read() }
      _ = try ResumeFile(path).read()
    }
  }

  @Test(arguments: ["/dev/null", "/tmp", "/nonexistent/state", ""])
  func onlyRegularFilesAreTaken(_ path: String) {
    #expect(throws: LinkError.self) { _ = try ResumeFile(path) }
  }
}
