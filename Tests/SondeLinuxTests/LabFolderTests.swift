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

  @Test func aNameBelongsToOneAtATime() throws {
    let claim = try #require(try folder.claim("pair"))
    let second = try folder.claim("pair") == nil
    #expect(second, "it is taken")
    let other = try folder.claim("other") != nil
    #expect(other, "another name is free")
    #expect(claim.left == nil)
    claim.remove()
    let third = try folder.claim("pair") != nil
    #expect(third, "it is free again")
  }

  @Test func whatIsKnownFollowsItsKeeper() throws {
    #expect(folder.state(of: "pair") == nil && folder.names().isEmpty)
    do {
      let claim = try #require(try folder.claim("pair"))
      #expect(folder.state(of: "pair") == .changing && folder.names() == ["pair"])
      try claim.write(record())
      #expect(folder.state(of: "pair") == .changing, "it stands nowhere yet")
      let whole = record([.init("a", inode: 1, cookie: 2, userNamespace: nil, networkNamespace: "/x")])
      try claim.write(whole)
      #expect(folder.state(of: "pair") == .standing(whole))
      try claim.write(counts: "n 0 1 2 3 4 5 6 7\n")
      #expect(folder.counts(of: "pair") == "n 0 1 2 3 4 5 6 7\n")
      // Here the claim ends as that of a process that is killed does.
      _ = consume claim
    }
    guard case .abandoned(let left?) = folder.state(of: "pair") else {
      Issue.record("it is not abandoned")
      return
    }
    #expect(left.hosts.map(\.name) == ["a"])
    let heir = try #require(try folder.claim("pair"))
    #expect(heir.left == left)
    heir.remove()
    #expect(folder.state(of: "pair") == nil && folder.names().isEmpty)
    #expect(try Shell.run("ls -A \(files.path)").output.isEmpty, "nothing is left")
  }
}
