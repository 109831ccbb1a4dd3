/// What the keeper of a laboratory tells those who look for it: the value of a file in `LabFolder`.
public struct LabRecord: Hashable, Sendable {
  public struct Host: Hashable, Sendable {
    public var name: String
    /// The number of its network namespace, as of `Laboratory.inode(of:)`; another's once it is gone.
    public var inode: UInt64
    /// The number that no other namespace has until the machine starts anew; 0 where the kernel has none.
    public var cookie: UInt64
    /// nil where the laboratory is root's own.
    public var userNamespace: String?
    public var networkNamespace: String

    public init(_ name: String, inode: UInt64, cookie: UInt64, userNamespace: String?, networkNamespace: String) {
      self.name = name
      self.inode = inode
      self.cookie = cookie
      self.userNamespace = userNamespace
      self.networkNamespace = networkNamespace
    }
  }

  public var name: String
  /// The process that holds it.
  public var keeper: Int32
  /// With it begin the names of its namespaces in /run/netns, a host's name behind it; nil where they have none.
  public var prefix: String?
  /// Empty while it is being built.
  public var hosts: [Host]
  /// What programs on its hosts read as /etc/hosts.
  public var names: String
  /// The text of its topology.
  public var topology: String

  public init(
    name: String, keeper: Int32, prefix: String?, hosts: [Host] = [], names: String = "", topology: String
  ) {
    self.name = name
    self.keeper = keeper
    self.prefix = prefix
    self.hosts = hosts
    self.names = names
    self.topology = topology
  }

  private static let mark = "sonde lab 1"

  /// The record as a file holds it: words on lines, then two texts with their number of lines before them.
  public var text: String {
    var lines = [Self.mark, "name \(name)", "keeper \(keeper)"]
    if let prefix { lines.append("prefix \(prefix)") }
    lines += hosts.map { host in
      "host \(host.name) \(host.inode) \(host.cookie) \(host.networkNamespace) \(host.userNamespace ?? "-")"
    }
    for (key, text) in [("names", names), ("topology", topology)] {
      let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
      lines.append("\(key) \(parts.count)")
      lines += parts.map(String.init)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads a file's text; nil if it is none of this form, or cut short.
  public init?(_ text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    guard lines.popFirst().map(String.init) == Self.mark else { return nil }
    self.init(name: "", keeper: 0, prefix: nil, topology: "")
    while let line = lines.popFirst(), !line.isEmpty {
      let words = line.split(separator: " ").map(String.init)
      guard words.count > 1 else { return nil }
      switch words[0] {
      case "name": name = words[1]
      case "keeper":
        guard let number = Int32(words[1]), number > 1 else { return nil }
        keeper = number
      case "prefix": prefix = words[1]
      case "host":
        guard words.count == 6, let inode = UInt64(words[2]), let cookie = UInt64(words[3]) else { return nil }
        hosts.append(
          Host(
            words[1], inode: inode, cookie: cookie, userNamespace: words[5] == "-" ? nil : words[5],
            networkNamespace: words[4]))
      case "names", "topology":
        guard let count = Int(words[1]), (0...lines.count).contains(count) else { return nil }
        let text = lines.prefix(count).joined(separator: "\n")
        lines = lines.dropFirst(count)
        if words[0] == "names" { names = text } else { topology = text }
      default: return nil
      }
    }
    guard keeper > 1, !topology.isEmpty, !name.isEmpty else { return nil }
  }
}
