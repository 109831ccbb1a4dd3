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

  /// The home address, where it is the one option that is written: Scapy sums for it.
  var homeAddress: IPv6Address?

  /// Takes from the options that are written what sums depend on.
  mutating func note(_ options: FieldValue) {
    routeEnd = RecipeStack.routeEnd(of: options)
    guard case .forms(let forms)? = options.elements.first, options.elements.count == 1, forms[0].name == "HAO" else {
      return
    }
    let address = forms[0].arguments.first { $0.name == "hoa" }?.value
    homeAddress = (try? address?.ipv6Address("hoa")) ?? .any
  }

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
      if inner?.name == "Ether", ["Ether", "Dot1Q"].contains(layer.name), context.omits("etherType") {
        try? layers[index].header.set("etherType", to: .number(1))
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
        let isBehindExtension = index > 0 && layers[index - 1].isIPv6Extension
        if wanted != pseudoHeader || wanted == nil && rule.zeroMeansNone && isBehindExtension {
          odd.append((index, wanted))
        }
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
      return throughExtensions(Array(layers[base..<index]))
    }
    guard let below, let ip = below.header as? IPv4 else { return nil }
    let stated = below.written.contains("headerLength") ? Int(ip.headerLength.hand ?? 0) * 4 : ip.byteCount
    return PseudoHeader(
      source: .v4(ip.source), destination: .v4(below.routeEnd ?? ip.destination),
      upperLayerLength: ip.totalLength.hand.map { max(0, Int($0) - stated) })
  }

  /// The pseudo-header under IPv6, the first of the layers: the innermost route that is not used up names the
  /// destination, the outermost home address that stands alone the source.
  private static func throughExtensions(_ layers: [RecipeLayer]) -> PseudoHeader? {
    guard var pseudoHeader = layers[0].header.pseudoHeader(within: nil) else { return nil }
    var isRouted = false
    for layer in layers.dropFirst().reversed() {
      if !isRouted, let route = layer.header as? IPv6Routing, let end = end(of: route) {
        pseudoHeader.destination = .v6(end)
        isRouted = true
      }
      if layer.name == "IPv6ExtHdrDestOpt", let address = layer.homeAddress { pseudoHeader.source = .v6(address) }
    }
    return pseudoHeader
  }

  private static func end(of route: IPv6Routing) -> IPv6Address? {
    guard route.segmentsLeft.hand != 0 else { return nil }
    switch route.content {
    case .addresses(let addresses, _): return addresses.last
    case .segments(let segments): return segments.segments.first
    case .data: return nil
    }
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
