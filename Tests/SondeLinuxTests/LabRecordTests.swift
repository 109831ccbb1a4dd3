import SondeLinux
import TestSupport
import Testing

/// What a keeper writes for those who look for its lab.
@Suite struct LabRecordTests {
  private static let record = LabRecord(
    name: "pair", keeper: 4711, prefix: "sonde-pair",
    hosts: [
      .init("a", inode: 4_026_532_177, cookie: 99, userNamespace: nil, networkNamespace: "/proc/4711/fd/9"),
      .init("b", inode: 7, cookie: 0, userNamespace: "/proc/4711/ns/user", networkNamespace: "/proc/4711/fd/10"),
    ], names: "127.0.0.1 localhost\n192.0.2.1 a\n", topology: "# comment\nlab pair\n\nnetwork n\n  a 192.0.2.1/24\n")

  @Test func aRecordIsReadAsItWasWritten() {
    #expect(LabRecord(Self.record.text) == Self.record)
    let bare = LabRecord(name: "x", keeper: 2, prefix: nil, topology: "lab x")
    #expect(LabRecord(bare.text) == bare && bare.hosts.isEmpty)
  }

  @Test func aRecordThatIsCutShortIsNone() {
    let text = Self.record.text
    // The last line feed alone may be missing.
    for count in 0..<(text.count - 1) { #expect(LabRecord(String(text.prefix(count))) == nil, "\(count)") }
  }

  @Test(arguments: [
    ("keeper 4711", "keeper 1"), ("keeper 4711", "keeper -4"), ("keeper 4711", "keeper x"), ("names 3", "names 300"),
    ("names 3", "names -1"), ("host a 4026532177", "host a x"), ("sonde lab 1", "sonde lab 2"),
    ("name pair", "nom pair"),
  ])
  func aRecordOfAnotherFormIsNone(from: String, to: String) {
    let text = Self.record.text
    #expect(text.contains(from))
    #expect(LabRecord(text.split(separator: from, maxSplits: 1).joined(separator: to)) == nil)
  }

  @Test func anyTextIsReadOrRefused() {
    var draw = Seeded()
    let whole = Array(Self.record.text.utf8)
    for _ in 0..<5000 {
      var octets = whole
      for _ in 0..<Int.random(in: 1...5, using: &draw) {
        octets[Int.random(in: octets.indices, using: &draw)] = UInt8.random(in: 0...255, using: &draw)
      }
      if let record = LabRecord(String(decoding: octets, as: UTF8.self)) { #expect(record.keeper > 1) }
    }
  }
}
