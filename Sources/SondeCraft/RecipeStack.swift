internal import SondeHeaders
internal import SondeOctets

/// One layer of a recipe: its header with the fields that are written, the rest still to be settled.
struct RecipeLayer {
  var name: String
  var header: any Header
  /// The fields that are written, by their full names.
  var written: [String] = []
  /// The last address of the one source route among the options: Scapy sums a transport for it, used up or not.
  var routeEnd: IPv4Address?

  var isTrailer: Bool { header is Trailer }
  var isIPv6: Bool { header is IPv6 }
  var isIPv6Extension: Bool { name.hasPrefix("IPv6ExtHdr") }
}

/// Layers as recipes stack them, made into a packet that encodes to what Scapy makes of them.
enum RecipeStack {
  static func packet(_ stack: [RecipeLayer]) -> AnyPacket {
    var layers = stack
    for index in layers.indices {
      let inner = index + 1 < layers.count ? layers[index + 1] : nil
      let layer = layers[index]
      let context = RecipeContext(
        name: layer.name, innerName: inner?.name, inner: inner?.header, written: layer.written)
      layers[index].header.settle(context)
      if layer.isIPv6Extension, context.hasForeignNumberInIPv6, context.omits("nextHeader") {
        try? layers[index].header.set("nextHeader", to: .number(59))
      }
    }
    // Padding goes behind everything, wherever it is written.
    var trailers: [any Header] = []
    for index in layers.indices.dropLast() where layers[index].isTrailer {
      trailers.append(layers[index].header)
      layers[index].header = Payload(octets: [])
    }
    if !trailers.isEmpty, let last = layers.last, last.isTrailer {
      trailers.append(last.header)
      layers.removeLast()
    }
    writeSums(&layers)
    return AnyPacket(layers.map(\.header) + trailers)
  }

  /// Writes the sums that Scapy computes over other addresses or another length than the encoder does: those in
  /// stacks that no receiver reads so.
  private static func writeSums(_ layers: inout [RecipeLayer]) {
    var pseudoHeader: PseudoHeader?
    var odd: [(index: Int, pseudoHeader: PseudoHeader?)] = []
    for (index, layer) in layers.enumerated() {
      if let rule = type(of: layer.header).sumRule, rule.needsPseudoHeader, !layer.written.contains("checksum") {
        let wanted = scapyPseudoHeader(index, rule, layers)
        if wanted != pseudoHeader { odd.append((index, wanted)) }
      }
      pseudoHeader = layer.header.pseudoHeader(within: pseudoHeader)
    }
    for (index, pseudoHeader) in odd.reversed() { writeSum(index, pseudoHeader, &layers) }
  }

  private static func writeSum(_ index: Int, _ pseudoHeader: PseudoHeader?, _ layers: inout [RecipeLayer]) {
    guard let rule = type(of: layers[index].header).sumRule else { return }
    var sum: UInt16 = 0
    if let pseudoHeader {
      // What cannot be encoded has no sum, and is told of when the packet is.
      guard let bytes = try? AnyPacket(layers.map(\.header)).encoded().bytes else { return }
      let start = layers[..<index].reduce(0) { $0 + $1.header.byteCount }
      let end = bytes.count - layers.reduce(0) { $0 + $1.header.trailerByteCount }
      sum = rule.expected(
        over: bytes.rawSpan.extracting(start..<end), headerByteCount: layers[index].header.byteCount,
        pseudoHeader: pseudoHeader)
    } else if rule.zeroMeansNone, index > 0, layers[index - 1].isIPv6Extension {
      sum = 0xffff
    }
    try? layers[index].header.set("checksum", to: .number(UInt64(sum)))
  }

  /// The pseudo-header that Scapy sums with: that of an IP layer right below, or through IPv6 and its extension
  /// headers, and for ICMPv6 anyhow, that of the nearest IPv6 layer below, whatever is between.
  private static func scapyPseudoHeader(_ index: Int, _ rule: SumRule, _ layers: [RecipeLayer]) -> PseudoHeader? {
    let below = index > 0 ? layers[index - 1] : nil
    if rule.coverage == .pseudoHeader(58) || below?.isIPv6 == true || below?.isIPv6Extension == true {
      guard let base = layers[..<index].lastIndex(where: \.isIPv6) else { return nil }
      var pseudoHeader: PseudoHeader?
      for layer in layers[base..<index] where layer.isIPv6 || layer.isIPv6Extension {
        pseudoHeader = layer.header.pseudoHeader(within: pseudoHeader)
      }
      return pseudoHeader
    }
    guard let below, let ip = below.header as? IPv4 else { return nil }
    let stated = below.written.contains("headerLength") ? Int(ip.headerLength.hand ?? 0) * 4 : ip.byteCount
    return PseudoHeader(
      source: .v4(ip.source), destination: .v4(below.routeEnd ?? ip.destination),
      upperLayerLength: ip.totalLength.hand.map { max(0, Int($0) - stated) })
  }

  /// The end of the one source route among the options that a recipe writes.
  static func routeEnd(of options: FieldValue) -> IPv4Address? {
    var routes: [FieldValue.Form] = []
    for case .forms(let forms) in options.elements {
      if let form = forms.first, form.name == "IPOption_LSRR" || form.name == "IPOption_SSRR" { routes.append(form) }
    }
    guard routes.count == 1, let routers = routes[0].arguments.first(where: { $0.name == "routers" }),
      case .text(let address)? = routers.value.elements.last
    else { return nil }
    return IPv4Address(address)
  }
}
