internal import ArgumentParser
internal import SondeLinux
internal import SondeReport

struct DoctorCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "doctor",
    abstract: "Say which doors are open to you on this machine, and which command opens the others.",
    discussion: """
      Nothing is sent: each socket is opened and closed again. With -q only the closed ones are printed.

      Example: sonde doctor
      """)

  @OptionGroup var output: OutputOptions

  func execute(on console: Console) throws -> Int32 {
    let doors = Doctor.doors()
    for door in doors where !door.isOpen || !output.quiet {
      if output.json {
        console.print(
          JSON.object([
            ("type", "door"), ("door", .string(door.door)), ("family", .text(door.family?.name)),
            ("open", .bool(door.isOpen)), ("why", .string(door.why)), ("fix", .string(door.fix)),
          ]).line)
      } else {
        let name = door.name + String(repeating: " ", count: max(1, 16 - door.name.count))
        console.print("\(name)\(door.isOpen ? "open  " : "closed") \(door.why)")
        if !door.fix.isEmpty { console.print("                to open it: \(door.fix)") }
      }
    }
    console.flush()
    return doors.contains(where: \.isOpen) ? 0 : 1
  }
}
