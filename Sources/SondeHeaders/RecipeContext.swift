/// Where a header stands in a recipe: what its fields mean by being left out depends on it.
public struct RecipeContext: Sendable {
  /// The name by which the recipe calls the header.
  public var name: String
  /// The name by which the recipe calls the layer inside; nil for the last.
  public var innerName: String?
  public var inner: (any Header)?
  /// The fields that the recipe sets, by their full names.
  public var written: [String]

  public init(name: String, innerName: String?, inner: (any Header)?, written: [String]) {
    self.name = name
    self.innerName = innerName
    self.inner = inner
    self.written = written
  }

  /// Whether a field is left out.
  public func omits(_ field: String) -> Bool { !written.contains(field) }

  /// Whether the layer inside is one that this notation gives a layer of IPv4 no number for: what belongs to IPv6
  /// alone, and what stands only in quotes where this is none.
  public var hasForeignNumberInIPv4: Bool {
    guard let innerName else { return false }
    if innerName.hasPrefix("ICMPv6") || innerName.hasPrefix("IPv6ExtHdr") { return true }
    return name != "IPerror" && ["IPerror", "ICMPerror", "TCPerror", "UDPerror"].contains(innerName)
  }

  /// The same of IPv6 and its extension headers.
  public var hasForeignNumberInIPv6: Bool {
    guard let innerName else { return false }
    if ["ICMP", "ICMPerror", "IPerror"].contains(innerName) { return true }
    return name == "IPv6" && ["TCPerror", "UDPerror"].contains(innerName)
  }
}
