import Glibc
import LabSupport

/// Builds the laboratory, tells where each host's namespace is, then `ready`, and holds it until a signal comes; with
/// the word `liars` tells where each liar lives and what it does.
///
/// Scripts/lab starts it. However it ends, the kernel takes the namespaces down with it.
@main struct SondeLab {
  static func main() {
    guard CommandLine.arguments.dropFirst().first != "liars" else { return tellLiars() }
    do {
      let laboratory = try Laboratory(.fourRouters)
      for host in laboratory.topology.hosts { print(host.name, try laboratory.path(of: host.name)) }
      print("ready")
      fflush(nil)
      withExtendedLifetime(laboratory) { while true { pause() } }
    } catch {
      print("the laboratory could not be built: \(error)")
      exit(2)
    }
  }

  private static func tellLiars() {
    for (_, behaviours) in Behaviour.blocks {
      for behaviour in behaviours {
        print("\(Behaviour.address(behaviour.name))  \(behaviour.name): \(behaviour.does)")
      }
    }
    for neighbour in Neighbour.all {
      print("\(Neighbour.address(neighbour.name))  \(neighbour.name): \(neighbour.does)")
    }
  }
}
