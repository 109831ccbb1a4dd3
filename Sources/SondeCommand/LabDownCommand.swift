internal import ArgumentParser
internal import SondeLinux

struct LabDownCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    lab: "down", abstract: "Take a lab down: its programs end, and nothing of it is left.",
    usage: "[<name> | --all] [-q]",
    discussion: """
      It removes what a lab has left behind whose keeper was killed, too.

      Example: sonde lab down --all
      """)

  @Argument(help: ArgumentHelp("Which lab; may be left out where there is one.", valueName: "name"))
  var lab: String?

  @Flag(name: .long, help: "All labs of this user.")
  var all = false

  @OptionGroup var output: OutputOptions

  func execute(on console: Console) throws -> Int32 {
    if all, lab != nil { throw Failure("lab: a name and --all exclude each other") }
    let standing = try StandingLab()
    let names = all ? standing.folder.names() : [try standing.name(lab)]
    var status: Int32 = 0
    for name in names {
      if try Self.end(name, in: standing.folder) {
        if !output.quiet { console.note("lab \(name) is down") }
      } else {
        console.complain("lab: \(name) does not end")
        status = 1
      }
    }
    return status
  }

  /// - Returns: false if its keeper lives on.
  private static func end(_ name: String, in folder: LabFolder) throws -> Bool {
    for attempt in 0..<100 {
      if let claim = try folder.claim(name) {
        if let left = claim.left { LabRemains.clear(left, hosts: LabKeeping.hosts(of: left)) }
        claim.remove()
        return true
      }
      // Whoever has the name and is not in its record may be taking it down this moment, which is soon over.
      if let keeper = folder.keeper(of: name), folder.record(of: name)?.keeper == keeper || attempt >= 60 {
        LabRemains.end(keeper: keeper, patience: .seconds(10))
      } else {
        Clock.pause(.milliseconds(50))
      }
    }
    return false
  }
}
