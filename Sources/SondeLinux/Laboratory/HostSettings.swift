internal import SondeLink

/// The kernel settings of a host (the kernel's networking/ip-sysctl.rst), written by a thread that is on it.
enum HostSettings {
  private static let folder = "/proc/sys/net"

  /// Before there are interfaces: each takes what stands under `default` when it is made.
  static func prepare(_ host: Topology.Host) throws(LinkError) {
    // The machine's own choices may have been handed down, forwarding among them.
    try write(Topology.Setting("ipv4/ip_forward", host.forwards ? "1" : "0"))
    for name in ["all", "default"] { try write(Topology.Setting("ipv4/conf/\(name)/rp_filter", "0")) }
    if hasIPv6 {
      if host.forwards { try write(Topology.Setting("ipv6/conf/all/forwarding", "1")) }
      // Nobody else could have these addresses, and nobody asks for routers.
      for name in ["all", "default"] { try write(Topology.Setting("ipv6/conf/\(name)/accept_dad", "0")) }
      for name in ["accept_ra", "router_solicitations"] {
        try write(Topology.Setting("ipv6/conf/default/\(name)", "0"))
      }
      // Links without IPv6 addresses are to be quiet: none is made for them, and no group is joined.
      try write(Topology.Setting("ipv6/conf/default/disable_ipv6", "1"))
    }
    // Everybody may ping without privilege; in a user namespace there is but one group.
    let range = "\(folder)/ipv4/ping_group_range"
    do { try KernelFile.write("0 2147483647", to: range) } catch { try KernelFile.write("0 0", to: range) }
    for setting in host.settings where isDefault(setting) { try write(setting) }
  }

  /// The namespace of switches has no voice of its own.
  static func prepareSwitches() throws(LinkError) {
    guard hasIPv6 else { return }
    for name in ["all", "default"] { try write(Topology.Setting("ipv6/conf/\(name)/disable_ipv6", "1")) }
  }

  /// When the host has all else.
  static func finish(_ host: Topology.Host) throws(LinkError) {
    for setting in host.settings where !isDefault(setting) { try write(setting) }
  }

  private static var hasIPv6: Bool { KernelFile.read("\(folder)/ipv6/conf/default/disable_ipv6") != nil }

  private static func isDefault(_ setting: Topology.Setting) -> Bool {
    setting.path.split(separator: "/").contains("default")
  }

  /// Writes a setting and reads it back: the kernel may take another value without a word.
  private static func write(_ setting: Topology.Setting) throws(LinkError) {
    let operation = "setting \(setting.path) \(setting.value)"
    guard !setting.path.split(separator: "/").contains(".."), !setting.path.hasPrefix("/") else {
      throw LinkError(operation, refusal: "the path leads out of \(folder)")
    }
    let path = "\(folder)/\(setting.path)"
    do { try KernelFile.write(setting.value, to: path) } catch {
      throw LinkError(operation: operation, code: error.code, message: error.message)
    }
    // Some can only be written.
    guard let value = KernelFile.read(path) else { return }
    guard value == KernelFile.words(setting.value).joined(separator: " ") else {
      throw LinkError(operation, refusal: "the kernel made it \(value)")
    }
  }
}
