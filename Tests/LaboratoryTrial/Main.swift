import Glibc
import SondeLink
import SondeLinux

/// Builds laboratories as whoever starts it: a user namespace needs a process of one thread, which test runners are not.
///
/// Says what it found a line at a time, for the tests to read.
@main struct LaboratoryTrial {
  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    do {
      switch words.first {
      case "claims":
        try becomeAble()
        for claim in Claims.all {
          do {
            try claim.check()
            say("ok \(claim.name)")
          } catch {
            say("failed \(claim.name): \(error)")
          }
        }
      case "build":
        try becomeAble()
        try build(count: words.dropFirst().first.flatMap { Int($0) } ?? 20)
      case "flood":
        try becomeAble()
        try flood()
      case "stay":
        try becomeAble()
        try stay(words.dropFirst().first)
      case "forbidden": try Laboratory.enterUserNamespace()
      case "enter" where words.count > 3:
        let place = HostPlace(
          userNamespace: words[1] == "-" ? nil : words[1], networkNamespace: words[2], names: "192.0.2.2 b\n")
        try place.enter()
        throw HostPlace.become(Array(words.dropFirst(3)))
      default: throw Failure("claims, build [COUNT], flood, stay [PREFIX], forbidden, enter USER NETWORK WORDS…")
      }
    } catch {
      say("failed: \(error)")
      exit(1)
    }
  }

  private static func becomeAble() throws {
    if !Laboratory.isPrivileged { try Laboratory.enterUserNamespace() }
  }

  /// How long four hosts on one network take, in microseconds.
  private static func build(count: Int) throws {
    var times: [Int64] = []
    for _ in 0..<max(1, count) {
      let start = Clock.monotonic
      let laboratory = try Laboratory(.lan(["a", "b", "c", "d"]))
      times.append((Clock.monotonic - start).nanoseconds / 1000)
      laboratory.close()
      // The kernel takes the last one down meanwhile, under a lock that the next one needs.
      usleep(200_000)
    }
    times.sort()
    say("median \(times[times.count / 2]) least \(times[0]) most \(times[times.count - 1])")
  }

  /// How many frames a second a relay passes on.
  private static func flood() throws {
    let laboratory = try Laboratory(.lan(["a", "b"], Topology.Impairment(loss: 0.01, duplication: 0.01)))
    let words = ["hping3", "--flood", "-q", "-2", "-p", "9", "-d", "1000", "192.0.2.2"]
    let start = Clock.monotonic
    let process = try laboratory.start(HostCommand(words), on: "a")
    process.wait(until: start + .seconds(2))
    process.end(patience: .seconds(1))
    let seconds = Double((Clock.monotonic - start).nanoseconds) / 1e9
    for counts in laboratory.counts["lan"] ?? [] {
      say("\(Int(Double(counts.offered) / seconds)) a second: \(counts)")
    }
  }

  /// Builds a laboratory, says how it is found, and stays until it is killed.
  private static func stay(_ prefix: String?) throws {
    let laboratory = try Laboratory(.lan(["a", "b"]), naming: prefix.map { .named(prefix: $0) } ?? .anonymous)
    let process = try laboratory.start(HostCommand(["sleep", "600"]), on: "a")
    let place = try laboratory.place(of: "a")
    say(
      "standing \(place.userNamespace ?? "-") \(place.networkNamespace) \(try laboratory.inode(of: "a")) \(process.id)")
    process.wait(until: Clock.monotonic + .seconds(60))
    laboratory.close()
  }
}

/// Prints a line at once, whatever it is printed to.
func say(_ line: String) {
  print(line)
  fflush(nil)
}

struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
