internal import SondeOctets

/// Something odd about a packet that still answers.
public struct Oddity: Hashable, Sendable {
  public var flag: AnswerFlag
  /// What it is, as the end of a sentence.
  public var why: String

  public init(_ flag: AnswerFlag, _ why: String) {
    self.flag = flag
    self.why = why
  }
}

extension Dissection {
  /// What contradicts itself or cannot be read to its end in the headers of a packet that came, whatever it answers:
  /// options, and a length of UDP that leaves octets over. What is quoted does not count.
  public var oddities: [Oddity] {
    layers.compactMap { malformation(of: $0.header) }.map { Oddity(.malformedOption, $0) } + [surplus].compactMap { $0 }
  }

  private func malformation(of header: any Header) -> String? {
    switch header {
    case let header as IPv4: header.malformedOption
    case let header as TCP: header.malformedOption
    case let header as IPv6HopByHop: header.malformedOption
    case let header as IPv6Destination: header.malformedOption
    default: nil
    }
  }

  /// Octets that IP carries behind the end that UDP states (RFC 768), unless they are transport options (RFC 9868);
  /// UDP's checksum is over what it states.
  private var surplus: Oddity? {
    for (outer, layer) in zip(layers, layers.dropFirst()) where layer.header is UDP {
      guard !layer.isFragment, !layer.isCut, !layer.isMisstated, layer.end < outer.end else { continue }
      if holdsTransportOptions(behind: layer, upTo: outer.end) { continue }
      return Oddity(
        .inconsistent,
        "udp length is \(layer.end - layer.offset), and IP carries \(outer.end - layer.offset) octets (RFC 768)")
    }
    return nil
  }

  /// Whether the octets behind a datagram begin, at an even place of it, with a checksum over them and their length that
  /// was computed and is right (RFC 9868, option checksum).
  private func holdsTransportOptions(behind datagram: Layer, upTo end: Int) -> Bool {
    let octets = bytes.rawSpan
    let length = end - datagram.end
    var start = datagram.end
    if (start - datagram.offset) % 2 == 1 {
      guard octets[start] == 0 else { return false }
      start += 1
    }
    guard end - start >= 2, octets.bigEndian(at: start, as: UInt16.self) != 0 else { return false }
    var sum = InternetChecksum()
    sum.add(UInt16(truncatingIfNeeded: length))
    sum.add(octets.extracting(start..<end))
    return sum.sum == 0xffff
  }
}

extension TCP {
  /// The option that cannot be read, or has not its kind's length (RFC 9293 §3.2), in words.
  var malformedOption: String? {
    for (index, option) in options.enumerated() {
      switch option {
      // Behind the end of the list comes padding, and nobody reads it.
      case .octets(let octets) where index == 0 || options[index - 1] != .endOfList:
        return "tcp option \(Hex.text(octets)) does not end within the header (RFC 9293 §3.2)"
      case .option(let kind, let data) where Self.lengths[kind] != nil && Self.lengths[kind] != data.count + 2:
        return "tcp option of kind \(kind) is \(data.count + 2) octets long (RFC 9293 §3.2)"
      case .option(5, let data): return "tcp option of kind 5 is \(data.count + 2) octets long (RFC 2018 §3)"
      default: continue
      }
    }
    return nil
  }

  /// Lengths of the kinds that have but one, in octets (RFC 9293 §3.2, RFC 7323 §2 and §3, RFC 2018 §2).
  private static var lengths: [UInt8: Int] { [2: 4, 3: 3, 4: 2, 8: 10] }
}

extension IPv4 {
  /// The option that cannot be read, or has not its kind's length (RFC 791 §3.1), in words.
  var malformedOption: String? {
    for (index, option) in options.enumerated() {
      switch option {
      case .octets(let octets) where index == 0 || options[index - 1] != .endOfList:
        return "ip option \(Hex.text(octets)) does not end within the header (RFC 791 §3.1)"
      // A route of half an address, and a number of another size than two octets.
      case .option(let kind, let data) where [7, 68, 131, 136, 137, 148].contains(kind):
        return "ip option of kind \(kind) is \(data.count + 2) octets long (RFC 791 §3.1)"
      default: continue
      }
    }
    return nil
  }
}

extension IPv6OptionsHeader {
  /// The option that cannot be read, or has not its type's length (RFC 8200 §4.2), in words.
  var malformedOption: String? {
    for option in options {
      switch option {
      case .octets(let octets):
        return "\(Self.name) option \(Hex.text(octets)) does not end within the header (RFC 8200 §4.2)"
      case .option(let type, let data) where [5, 194, 201].contains(type):
        return "\(Self.name) option of type \(type) is \(data.count + 2) octets long (RFC 8200 §4.2)"
      default: continue
      }
    }
    return nil
  }
}
