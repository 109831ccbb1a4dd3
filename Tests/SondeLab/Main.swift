import LabSupport

/// Builds the laboratory, says where its namespaces are, and holds them until the end of its standard input.
@main struct SondeLab {
  static func main() throws {
    let laboratory = try Laboratory(.fourRouters)
    for host in laboratory.topology.hosts { print(host.name, try laboratory.path(of: host.name)) }
    print("ready")
  }
}
