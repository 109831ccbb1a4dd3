internal import SondeLink
internal import SondeOctets

// The values that a word of a lab's text can stand for.
extension TopologyWord {
  /// A name of a lab, a network or a host: letters and digits, and for all but hosts hyphens between them. A namespace
  /// is called by lab and host with a hyphen between, and so tells them apart.
  func name(of thing: String) throws(TopologyError) -> String {
    let isHost = thing == "host"
    let isRight =
      text.utf8.allSatisfy { Self.isLetter($0) || Self.isDigit($0) || $0 == 0x5f || !isHost && $0 == 0x2d }
      && text.utf8.first.map(Self.isLetter) == true
    guard isRight, text.utf8.count <= 32 else {
      let letters = isHost ? "letters, digits and underscores" : "letters, digits, underscores and hyphens"
      throw TopologyError(
        self, "\(quoted) is no name of a \(thing)", "it has up to 32 \(letters), and begins with a letter")
    }
    guard !isHost || !Self.keywords.contains(text) && text != "localhost" else {
      throw TopologyError(self, "\(quoted) is no name of a host", "the word has a meaning of its own")
    }
    return text
  }

  /// The words that a line can begin with, ends of networks aside.
  static let keywords = ["lab", "network", "host", "route", "neighbour", "neighbor", "setting", "rules"]

  private static func isLetter(_ octet: UInt8) -> Bool { (0x61...0x7a).contains(octet | 0x20) }
  private static func isDigit(_ octet: UInt8) -> Bool { (0x30...0x39).contains(octet) }

  /// A name of an interface: at most 15 octets (IFNAMSIZ, netdevice(7)).
  func interface() throws(TopologyError) -> String {
    let isRight =
      text.utf8.allSatisfy { Self.isLetter($0) || Self.isDigit($0) || $0 == 0x5f || $0 == 0x2d }
      && text.utf8.first.map(Self.isLetter) == true
    guard isRight, text.utf8.count <= 15, !["lo", "all", "default"].contains(text) else {
      throw TopologyError(
        self, "\(quoted) is no name of an interface", "it is one such as eth0, of up to 15 letters and digits")
    }
    return text
  }

  /// A whole number of a range, in decimal.
  func number(_ range: ClosedRange<Int>, of thing: String) throws(TopologyError) -> Int {
    guard text.utf8.allSatisfy(Self.isDigit), let value = Int(text), range.contains(value) else {
      throw TopologyError(
        self, "\(quoted) is no \(thing)", "it is a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A number without sign that may have decimals, and the unit behind it.
  private var quantity: (value: Double, unit: Substring)? {
    let end = text.firstIndex { !$0.isASCII || !($0.isNumber || $0 == ".") } ?? text.endIndex
    guard let value = Double(text[..<end]), value.isFinite else { return nil }
    return (value, text[end...])
  }

  /// A share of all frames: "1%" is 0.01.
  func share(of thing: String) throws(TopologyError) -> Double {
    guard let (value, unit) = quantity, unit == "%", (0...100).contains(value) else {
      throw TopologyError(self, "\(quoted) is no share of frames", "\(thing) is written 1% or 0.1%, up to 100%")
    }
    return value / 100
  }

  /// A time: "10ms", or seconds with decimals.
  func time(of thing: String) throws(TopologyError) -> Duration {
    let units: [Substring: Double] = ["ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "": 1e9]
    guard let (value, unit) = quantity, let factor = units[unit], value * factor <= 3600e9 else {
      throw TopologyError(self, "\(quoted) is no time", "\(thing) is written 10ms, 200us or 1.5s, up to an hour")
    }
    return .nanoseconds(Int64((value * factor).rounded()))
  }

  /// Bits a second: "10Mbit".
  func rate() throws(TopologyError) -> UInt64 {
    let units: [String: Double] = ["bit": 1, "kbit": 1e3, "mbit": 1e6, "gbit": 1e9]
    guard let (value, unit) = quantity, let factor = units[unit.lowercased()], (1000...1e12).contains(value * factor)
    else {
      throw TopologyError(self, "\(quoted) is no rate", "it is written 64kbit, 10Mbit or 1Gbit: bits a second")
    }
    return UInt64((value * factor).rounded())
  }

  /// An address that a host can have.
  func address() throws(TopologyError) -> IPAddress {
    guard let address = IPAddress(text) else {
      throw TopologyError(self, "\(quoted) is no address", "it is one such as 192.0.2.1 or 2001:db8::1")
    }
    guard !address.isGroup, address.number != 0, !address.isLoopback else {
      throw TopologyError(self, "\(address) is no address of a host")
    }
    return address
  }

  /// An address with the length of its prefix.
  func addressWithLength() throws(TopologyError) -> Topology.InterfaceAddress {
    let (start, length) = try prefix()
    return Topology.InterfaceAddress(try start.address(), prefixLength: length)
  }

  /// What stands before and behind the slash of a prefix.
  func prefix() throws(TopologyError) -> (start: TopologyWord, length: Int) {
    guard let slash = text.firstIndex(of: "/") else {
      throw TopologyError(self, "\(quoted) has no length of a prefix", "write 192.0.2.1/24 or 2001:db8::1/64")
    }
    let start = part(text[..<slash], at: 0)
    let rest = part(text[text.index(after: slash)...], at: start.text.count + 1)
    guard let address = IPAddress(start.text) else {
      throw TopologyError(self, "\(start.quoted) is no address", "it is one such as 192.0.2.1 or 2001:db8::1")
    }
    return (start, try rest.number(0...(address.version == 4 ? 32 : 128), of: "length of a prefix"))
  }

  /// A destination of a route: a prefix whose other bits are zero, or the address of one host.
  func destination() throws(TopologyError) -> (IPAddress, length: Int) {
    guard text.contains("/") else {
      let address = try address()
      return (address, address.version == 4 ? 32 : 128)
    }
    let (start, length) = try prefix()
    guard let address = IPAddress(start.text) else { throw TopologyError(start, "\(start.quoted) is no address") }
    let kept = address.masked(length)
    guard kept == address else {
      throw TopologyError(
        self, "\(quoted) has bits behind its prefix", "did you mean \"\(kept)/\(length)\"?")
    }
    return (address, length)
  }

  func linkAddress() throws(TopologyError) -> MACAddress {
    // The lowest bit of the first octet makes it a group's (IEEE 802).
    guard let address = MACAddress(text), address != .zero, address.octets[0] & 1 == 0 else {
      throw TopologyError(self, "\(quoted) is no link address of a host", "it is one such as 02:00:00:00:00:01")
    }
    return address
  }

  /// A path below /proc/sys/net.
  func settingPath() throws(TopologyError) -> String {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isRight = parts.allSatisfy { part in
      !part.isEmpty && part != ".." && part != "."
        && part.utf8.allSatisfy { Self.isLetter($0) || Self.isDigit($0) || [0x2d, 0x2e, 0x5f].contains($0) }
    }
    guard isRight, parts.count >= 2, text.utf8.count <= 128 else {
      throw TopologyError(
        self, "\(quoted) is no kernel setting", "it is a path below /proc/sys/net, such as ipv4/icmp_ratelimit")
    }
    return text
  }
}

extension IPAddress {
  /// The address with the bits behind its first `length` zero.
  func masked(_ length: Int) -> IPAddress {
    let behind = (version == 4 ? 32 : 128) - length
    return IPAddress(number: behind >= 128 ? 0 : (number >> behind) << behind, isIPv6: version == 6)
  }
}
