import SondeLink
import SondeLinux
import Testing
import WireSupport

/// The folder where labs are found by name.
@Suite struct LabFolderTests {
  private let files: TemporaryFolder
  private let folder: LabFolder

  init() throws {
    files = try TemporaryFolder()
    folder = LabFolder(at: files.path)
  }

  private func record(_ hosts: [LabRecord.Host] = []) -> LabRecord {
    LabRecord(name: "pair", keeper: 4711, prefix: nil, hosts: hosts, topology: "lab pair")
  }

  /// Whether nobody has a name; it is left behind as one whose keeper was killed.
  private func isFree(_ name: String) throws -> Bool {
    guard let claim = try folder.claim(name) else { return false }
    _ = consume claim
    return true
  }

  @Test func aNameBelongsToOneAtATime() throws {
    guard let claim = try folder.claim("pair") else { throw WireFailure("it is free") }
    #expect(try isFree("pair") == false)
    #expect(try isFree("other"), "another name is free")
    #expect(claim.left == nil)
    claim.remove()
    #expect(try isFree("pair"), "it is free again")
  }

  @Test func whatIsKnownFollowsItsKeeper() throws {
    #expect(folder.state(of: "pair") == nil && folder.names().isEmpty)
    let whole = record([.init("a", inode: 1, cookie: 2, userNamespace: nil, networkNamespace: "/x")])
    do {
      guard let claim = try folder.claim("pair") else { throw WireFailure("it is free") }
      #expect(folder.state(of: "pair") == .changing && folder.names() == ["pair"])
      try claim.write(record())
      #expect(folder.state(of: "pair") == .changing, "it stands nowhere yet")
      try claim.write(whole)
      #expect(folder.state(of: "pair") == .standing(whole))
      try claim.write(counts: "n 0 1 2 3 4 5 6 7\n")
      #expect(folder.counts(of: "pair") == "n 0 1 2 3 4 5 6 7\n")
      // Here the claim ends as that of a process that is killed does.
      _ = consume claim
    }
    #expect(folder.state(of: "pair") == .abandoned(whole))
    guard let heir = try folder.claim("pair") else { throw WireFailure("nobody has it") }
    #expect(heir.left == whole)
    heir.remove()
    #expect(folder.state(of: "pair") == nil && folder.names().isEmpty)
    #expect(try Shell.run("ls -A \(files.path)").output.isEmpty, "nothing is left")
  }
}
