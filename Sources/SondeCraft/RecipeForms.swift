internal import SondeHeaders
internal import SondeOctets

// What each layer is in Scapy 2.5, and what Scapy computes of the fields left out.

/// A layer's form: its name in Scapy and the fields that are written.
struct RecipeForm {
  let name: String
  private var fields: [String] = []

  init(_ name: String) { self.name = name }

  mutating func add(_ field: String, text: String) { fields.append("\(field)=\(text)") }

  /// Writes a number unless Scapy gives the field that value anyway; nil where Scapy gives it none.
  mutating func add<Number: BinaryInteger>(_ field: String, _ number: Number, unless usual: Number?) {
    if number != usual { add(field, text: String(number)) }
  }

  mutating func add(checksum field: String, _ sum: UInt16, unless usual: UInt16?) {
    if sum != usual { add(field, text: Hex.word(sum)) }
  }

  var text: String { "\(name)(\(fields.joined(separator: ", ")))" }
}

extension RecipeText {
  mutating func form(_ header: IPv4, _ index: Int) -> String {
    var form = RecipeForm(layers[index].isQuoted ? "IPerror" : "IP")
    form.add("src", text: "'\(header.source)'")
    form.add("dst", text: "'\(header.destination)'")
    form.add("version", header.version.value(or: 4), unless: 4)
    form.add("tos", header.typeOfService, unless: 0)
    let length = header.totalLength.value(or: 0)
    if length != innerLength(from: layers[index].offset) {
      setWritesLength(index)
      form.add("len", text: String(length))
    }
    form.add("id", header.identification, unless: 1)
    if !header.flags.isEmpty {
      let names = [(IPv4.Flags.moreFragments, "MF"), (.dontFragment, "DF"), (.reserved, "evil")]
      form.add("flags", text: "'\(names.filter { header.flags.contains($0.0) }.map(\.1).joined(separator: "+"))'")
    }
    form.add("frag", header.fragmentOffset, unless: 0)
    form.add("ttl", header.timeToLive, unless: 64)
    form.add("proto", header.protocol.value(or: 0), unless: number(announcedIn: index))
    form.add(checksum: "chksum", header.checksum.value(or: 0), unless: computedSum(index))
    let options = ipv4OptionForms(header.options)
    if !options.isEmpty { form.add("options", text: "[\(options.joined(separator: ", "))]") }
    return form.text
  }

  func form(_ header: IPv6, _ index: Int) -> String {
    var form = RecipeForm(layers[index].isQuoted ? "IPerror6" : "IPv6")
    form.add("src", text: "'\(header.source)'")
    form.add("dst", text: "'\(header.destination)'")
    form.add("version", header.version.value(or: 6), unless: 6)
    form.add("tc", header.trafficClass, unless: 0)
    form.add("fl", header.flowLabel, unless: 0)
    form.add("plen", header.payloadLength.value(or: 0), unless: innerLength(from: layers[index].offset + 40))
    form.add("nh", header.nextHeader.value(or: 59), unless: number(announcedIn: index))
    form.add("hlim", header.hopLimit, unless: 64)
    return form.text
  }

  func form(_ header: UDP, _ index: Int) -> String {
    var form = RecipeForm(layers[index].isQuoted ? "UDPerror" : "UDP")
    form.add("sport", header.sourcePort, unless: 53)
    form.add("dport", header.destinationPort, unless: 53)
    form.add("len", header.length.value(or: 0), unless: innerLength(from: layers[index].offset))
    form.add(checksum: "chksum", header.checksum.value(or: 0), unless: computedSum(index))
    return form.text
  }

  func form(_ header: TCP, _ index: Int) -> String {
    var form = RecipeForm(layers[index].isQuoted ? "TCPerror" : "TCP")
    let options = TCPOptionForms(header)
    form.add("sport", header.sourcePort, unless: 20)
    form.add("dport", header.destinationPort, unless: 80)
    form.add("seq", header.sequenceNumber, unless: 0)
    form.add("ack", header.acknowledgmentNumber, unless: 0)
    form.add("dataofs", Int(header.dataOffset.value(or: 5)), unless: 5 + options.byteCount / 4)
    form.add("reserved", header.reserved, unless: 0)
    if header.flags.isEmpty {
      form.add("flags", text: "0")
    } else if header.flags != .syn {
      let names = "FSRPAUECN".enumerated().filter { header.flags.rawValue >> UInt16($0.offset) & 1 == 1 }
      form.add("flags", text: "'\(String(names.map(\.element)))'")
    }
    form.add("window", header.window, unless: 8192)
    form.add(checksum: "chksum", header.checksum.value(or: 0), unless: computedSum(index))
    form.add("urgptr", header.urgentPointer, unless: 0)
    if !options.texts.isEmpty { form.add("options", text: "[\(options.texts.joined(separator: ", "))]") }
    return form.text
  }

  func form(_ header: ICMPv4, _ index: Int) -> String {
    var form = RecipeForm(layers[index].isQuoted ? "ICMPerror" : "ICMP")
    form.add("type", header.type.rawValue, unless: 8)
    form.add("code", header.code, unless: 0)
    form.add(checksum: "chksum", header.checksum.value(or: 0), unless: computedSum(index))
    let range = range(of: index)
    ICMPv4Form(header).addFields(bytes[range.dropFirst(4)], to: &form)
    return form.text
  }

  func form(_ header: ICMPv6, _ index: Int) -> String {
    let names = [
      1: "DestUnreach", 2: "PacketTooBig", 3: "TimeExceeded", 4: "ParamProblem", 128: "EchoRequest", 129: "EchoReply",
    ]
    var form = RecipeForm("ICMPv6\(names[Int(header.type.rawValue)] ?? "Unknown")")
    form.add("code", header.code, unless: 0)
    form.add(checksum: "cksum", header.checksum.value(or: 0), unless: computedSum(index))
    switch header.type {
    case .packetTooBig: form.add("mtu", header.restOfHeader, unless: 1280)
    case .parameterProblem: form.add("ptr", header.restOfHeader, unless: 6)
    case .echoRequest, .echoReply:
      form.add("id", header.identifier, unless: 0)
      form.add("seq", header.sequenceNumber, unless: 0)
      let data = bytes[range(of: index).dropFirst(8)]
      if !data.isEmpty { form.add("data", text: pythonLiteral(data)) }
    default:
      form.add("length", header.restOfHeader >> 24, unless: 0)
      form.add("unused", header.restOfHeader & 0xff_ffff, unless: 0)
    }
    return form.text
  }

  /// The length that Scapy computes for what starts at `offset`; nil where no 16 bits hold it.
  private func innerLength(from offset: Int) -> UInt16? { UInt16(exactly: end - offset) }

  /// The number that Scapy gives an IP layer for what is printed inside it.
  private func number(announcedIn index: Int) -> UInt8 {
    let (outer, inner) = (layers[index], index + 1 < layers.count ? layers[index + 1].header : nil)
    let isV6 = outer.header is IPv6
    switch inner {
    case is TCP: return 6
    case is UDP: return 17
    case is IPv6: return 41
    case is ICMPv4 where !isV6: return 1
    case is ICMPv6 where isV6: return 58
    // In a quote Scapy knows IPv4 in IPv4 alone.
    case is IPv4 where !isV6 || !outer.isQuoted: return 4
    default: return isV6 ? 59 : 0
    }
  }

  /// The checksum that Scapy computes for a layer; nil where it is safer written.
  private func computedSum(_ index: Int) -> UInt16? {
    let layer = layers[index]
    guard let rule = type(of: layer.header).sumRule, end - layer.offset <= 0xffff else { return nil }
    let pseudoHeader = rule.needsPseudoHeader ? pseudoHeader(for: index) : nil
    // Without addresses to sum Scapy leaves the field zero.
    if rule.needsPseudoHeader, pseudoHeader == nil { return 0 }
    return rule.expected(
      over: bytes.rawSpan.extracting(layer.offset..<end), headerByteCount: layer.byteCount, pseudoHeader: pseudoHeader)
  }

  /// The pseudo-header that Scapy takes: of the IP layer right below, and for ICMPv6 of the nearest
  /// IPv6 layer below, whatever is between.
  private func pseudoHeader(for index: Int) -> PseudoHeader? {
    if layers[index].header is ICMPv6 {
      let outer = layers[..<index].last { $0.header is IPv6 }?.header as? IPv6
      return outer.map { PseudoHeader(source: .v6($0.source), destination: .v6($0.destination)) }
    }
    guard index > 0 else { return nil }
    let outer = layers[index - 1]
    if let header = outer.header as? IPv6 {
      return PseudoHeader(source: .v6(header.source), destination: .v6(header.destination))
    }
    guard let header = outer.header as? IPv4 else { return nil }
    // A total length that is written is believed. A single source route names the destination, used up or not.
    return PseudoHeader(
      source: .v4(header.source), destination: .v4(header.scapyDestination),
      upperLayerLength: outer.writesLength
        ? max(0, Int(header.totalLength.value(or: 0)) - outer.byteCount) : nil)
  }
}
