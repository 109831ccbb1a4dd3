internal import SondeCapture
internal import SondeLink

/// The interfaces of a pcapng file in the making: one for each way of reading a packet's first octet.
struct CapturedLinks: Sendable {
  private var numbers: [LinkType: Int] = [:]

  /// The number of the interface for `linkType`, and the octets that describe it where it is a new one.
  mutating func number(of linkType: LinkType, _ writer: inout PcapngWriter) -> (number: Int, octets: [UInt8]) {
    if let known = numbers[linkType] { return (known, []) }
    let description = writer.interfaceDescription(linkType: linkType.rawValue, name: "sonde")
    numbers[linkType] = description.number
    return (description.number, description.octets)
  }
}
