public import SondeLink
internal import SondeOctets

extension Topology {
  /// Reads a lab's text: a statement a line, in any order but that the ends of a network follow it.
  ///
  ///     # comment
  ///     lab NAME
  ///     network NAME [mtu N] [loss P%] [duplicate P%] [reorder P%] [corrupt P%] [delay T] [jitter T] [rate R]
  ///                  [queue N] [seed N]
  ///       HOST[.INTERFACE] [ADDRESS/LENGTH …] [mac MAC]
  ///     host NAME [forwards]
  ///     route HOST default|PREFIX via ADDRESS|unreachable|prohibit|blackhole
  ///     neighbour HOST ADDRESS at MAC [on INTERFACE]
  ///     setting HOST PATH VALUE
  ///     rules HOST "TEXT"
  ///
  /// All that can be known before the lab is built is checked here: that every name is that of something, and that a
  /// gateway is on a link of its host.
  ///
  /// - Parameters:
  ///   - name: of the lab where its text has no line `lab NAME`.
  ///   - line: the number of the text's first line, for errors.
  /// - Throws: `TopologyError` with the line and the column of the first word at fault.
  public init(text: String, name: String = "lab", startingAt line: Int = 1) throws(TopologyError) {
    var reader = TopologyReader(name: name)
    self = try reader.read(text, startingAt: line)
  }
}

/// Reads lines into a topology: what makes hosts and networks first, then what refers to them.
struct TopologyReader {
  var topology: Topology
  private var isNamed = false

  /// More of any of them are a mistake, or mischief.
  private static let mostOctets = 1 << 20
  private static let mostHosts = 256
  private static let mostEnds = 1024

  init(name: String) { topology = Topology(name: name, hosts: [], networks: []) }

  mutating func read(_ text: String, startingAt first: Int) throws(TopologyError) -> Topology {
    let start = TopologyWord(text: "", line: first, column: 1)
    guard text.utf8.count <= Self.mostOctets else { throw TopologyError(start, "the text of a lab is too long") }
    var later: [[TopologyWord]] = []
    var line = first - 1
    for text in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      line += 1
      let words = try TopologyWord.words(of: text, line: line)
      guard let keyword = words.first else { continue }
      switch keyword.isQuoted ? "" : keyword.text {
      case "lab": try takeName(words)
      case "network": try takeNetwork(words)
      case "host": try takeHost(words)
      case "route", "neighbour", "neighbor", "setting", "rules": later.append(words)
      default: try takeEnd(words)
      }
    }
    for words in later { try takeReference(words) }
    guard !topology.hosts.isEmpty else {
      let end = TopologyWord(text: "", line: max(first, line), column: 1)
      throw TopologyError(end, "a lab without hosts ends", "a network is followed by its ends: a.eth0 192.0.2.1/24")
    }
    return topology
  }

  private mutating func takeName(_ words: [TopologyWord]) throws(TopologyError) {
    guard words.count > 1 else { throw missing("a name", after: words) }
    guard !isNamed else { throw TopologyError(words[0], "a second name of the lab") }
    try end(words, 2)
    topology.name = try words[1].name(of: "lab")
    isNamed = true
  }

  private mutating func takeHost(_ words: [TopologyWord]) throws(TopologyError) {
    guard words.count > 1 else { throw missing("a name", after: words) }
    let index = try host(words[1])
    guard words.count > 2 else { return }
    guard words[2].text == "forwards" else {
      throw TopologyError(words[2], "\(words[2].quoted) does not belong", "a host can be said to be \"forwards\"")
    }
    try end(words, 3)
    topology.hosts[index].forwards = true
  }

  private mutating func takeNetwork(_ words: [TopologyWord]) throws(TopologyError) {
    guard words.count > 1 else { throw missing("a name", after: words) }
    var network = Topology.Network(try words[1].name(of: "network"), ends: [])
    guard !topology.networks.contains(where: { $0.name == network.name }) else {
      throw TopologyError(words[1], "a second network \(words[1].quoted)")
    }
    var seen = Set<String>()
    for index in stride(from: 2, to: words.count, by: 2) {
      let key = words[index]
      guard seen.insert(key.text).inserted else { throw TopologyError(key, "\(key.quoted) for a second time") }
      guard index + 1 < words.count else { throw missing("a value", after: words) }
      try take(key, words[index + 1], into: &network)
    }
    guard topology.networks.count < Self.mostHosts else { throw TopologyError(words[0], "too many networks") }
    topology.networks.append(network)
  }

  private func take(
    _ key: TopologyWord, _ value: TopologyWord, into network: inout Topology.Network
  ) throws(TopologyError) {
    switch key.text {
    // What IPv4 asks of every link at least (RFC 791).
    case "mtu": network.mtu = try value.number(68...65_535, of: "MTU")
    case "loss": network.impairment.loss = try value.share(of: "loss")
    case "duplicate": network.impairment.duplication = try value.share(of: "duplication")
    case "reorder": network.impairment.reordering = try value.share(of: "reordering")
    case "corrupt": network.impairment.corruption = try value.share(of: "corruption")
    case "delay": network.impairment.delay = try value.time(of: "a delay")
    case "jitter": network.impairment.jitter = try value.time(of: "jitter")
    case "rate": network.impairment.rate = try value.rate()
    case "queue": network.impairment.queue = try value.number(1...1_000_000, of: "length of a queue")
    case "seed": network.impairment.seed = UInt64(try value.number(0...Int.max, of: "seed"))
    default:
      throw TopologyError(
        key, "a network has no \(key.quoted)",
        "it has mtu, loss, duplicate, reorder, corrupt, delay, jitter, rate, queue, seed")
    }
  }

  private mutating func takeEnd(_ words: [TopologyWord]) throws(TopologyError) {
    let place = words[0]
    let looksLikeEnd = place.text.contains(".") || words.count > 1 && (words[1].text.contains("/"))
    guard !place.isQuoted, looksLikeEnd else {
      throw TopologyError(
        place, "\(place.quoted) begins no line of a lab",
        "a line begins with lab, network, host, route, neighbour, setting or rules, or is an end of the network above "
          + "it: a.eth0 192.0.2.1/24")
    }
    guard let network = topology.networks.indices.last else {
      throw TopologyError(place, "the end \(place.quoted) of no network", "a line \"network NAME\" stands above it")
    }
    let parts = place.text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let name = place.part(parts[0], at: 0)
    let host = topology.hosts[try host(name)].name
    let own = topology.ends(of: host).map(\.end)
    let interface: String
    if parts.count > 1 {
      interface = try place.part(parts[1], at: name.text.count + 1).interface()
    } else {
      interface = (0...own.count).lazy.map { "eth\($0)" }.first { free in !own.contains { $0.interface == free } } ?? ""
    }
    guard !own.contains(where: { $0.interface == interface }) else {
      throw TopologyError(place, "a second interface \(interface) of \(host)")
    }
    guard topology.networks.reduce(0, { $0 + $1.ends.count }) < Self.mostEnds else {
      throw TopologyError(place, "more than \(Self.mostEnds) interfaces")
    }
    var end = Topology.End(host, interface, [])
    try takeAddresses(words, into: &end, mtu: topology.networks[network].mtu)
    topology.networks[network].ends.append(end)
  }

  private func takeAddresses(
    _ words: [TopologyWord], into end: inout Topology.End, mtu: Int
  ) throws(TopologyError) {
    var index = 1
    while index < words.count {
      let word = words[index]
      index += 1
      if word.text == "mac" {
        guard index < words.count else { throw missing("a link address", after: words) }
        guard end.linkAddress == nil else { throw TopologyError(word, "a second link address") }
        end.linkAddress = try words[index].linkAddress()
        index += 1
        continue
      }
      let address = try word.addressWithLength()
      guard !end.addresses.contains(where: { $0.address == address.address }) else {
        throw TopologyError(word, "\(address.address) for a second time")
      }
      guard address.address.version == 4 || mtu >= 1280 else {
        throw TopologyError(word, "an IPv6 address on a link of MTU \(mtu)", "IPv6 needs 1280 (RFC 8200 §5)")
      }
      end.addresses.append(address)
    }
  }

  /// The index of a host, which is made if it is new.
  private mutating func host(_ word: TopologyWord) throws(TopologyError) -> Int {
    let name = try word.name(of: "host")
    if let index = topology.hosts.firstIndex(where: { $0.name == name }) { return index }
    guard topology.hosts.count < Self.mostHosts else { throw TopologyError(word, "more than \(Self.mostHosts) hosts") }
    topology.hosts.append(Topology.Host(name))
    return topology.hosts.count - 1
  }

  /// What is missing behind the last of these words.
  func missing(_ thing: String, after words: [TopologyWord]) -> TopologyError {
    let last = words[words.count - 1]
    return TopologyError(
      last.part("", at: last.text.count), "\(thing) is missing", Self.form(of: words[0].text))
  }

  /// How a line is written, by its first word.
  private static func form(of keyword: String) -> String {
    switch keyword {
    case "lab": "write lab NAME"
    case "network": "write network NAME mtu 1500 loss 1% …"
    case "host": "write host NAME forwards"
    case "route": "write route HOST default via ADDRESS, or route HOST PREFIX unreachable, prohibit or blackhole"
    case "neighbour", "neighbor": "write neighbour HOST ADDRESS at MAC on INTERFACE"
    case "setting": "write setting HOST ipv4/icmp_ratelimit 0"
    case "rules": "write rules HOST \"chain in { … }\""
    default: "write a.eth0 192.0.2.1/24 mac 02:00:00:00:00:01"
    }
  }

  /// Nothing may stand behind the first `count` words.
  func end(_ words: [TopologyWord], _ count: Int) throws(TopologyError) {
    guard words.count > count else { return }
    throw TopologyError(words[count], "\(words[count].quoted) does not belong", Self.form(of: words[0].text))
  }
}
