import Glibc
import LabSupport

/// Builds the laboratory, tells where each host's namespace is, then `ready`, and holds it until a signal comes.
///
/// Scripts/lab starts it. However it ends, the kernel takes the namespaces down with it.
@main struct SondeLab {
  static func main() {
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
}
