internal import SondeCapture
internal import SondeLink
internal import SondeLinux

/// Writes what a live capture saw to a file, if one was asked for: a pcapng section with the interfaces by name.
struct CaptureRecorder: ~Copyable {
  private let linkType: UInt16
  private let snapLength: UInt32
  private var writer = PcapngWriter()
  private var file: RunFile
  /// The file's number of each interface, by the kernel's.
  private var numbers: [Int: Int] = [:]
  /// What is to be written next.
  private var gathered: [UInt8] = []

  /// So much is written at once.
  private static let room = 1 << 20

  /// Opens the file, which keeps what it holds until `start`.
  init(_ path: String?, linkType: LinkType, snapLength: Int) throws(LinkError) {
    self.linkType = linkType.rawValue
    self.snapLength = UInt32(clamping: snapLength)
    file = try RunFile(path)
  }

  /// Why the file is not whole; nothing more is written to it.
  var failure: LinkError? { file.failure }

  /// Empties the file and describes the one interface of the capture, or what stands for all of them.
  ///
  /// - Parameter index: the kernel's number; nil of a capture from all interfaces.
  mutating func start(_ index: Int?, _ name: String) throws(LinkError) {
    let section = writer.sectionHeader()
    let description = writer.interfaceDescription(linkType: linkType, snapLength: snapLength, name: name)
    if let index { numbers[index] = description.number }
    try file.start(section + description.octets)
  }

  mutating func record(_ record: CaptureRecord, _ bytes: RawSpan, _ interface: Int, _ name: String?) {
    guard file.isWanted else { return }
    var record = record
    record.interface = number(interface, name)
    gathered += writer.packet(record, bytes)
    if gathered.count > Self.room { flush() }
  }

  private mutating func number(_ interface: Int, _ name: String?) -> Int {
    if let number = numbers[interface] { return number }
    let description = writer.interfaceDescription(linkType: linkType, snapLength: snapLength, name: name)
    numbers[interface] = description.number
    gathered += description.octets
    return description.number
  }

  /// Writes what is gathered.
  mutating func flush() {
    file.write(gathered)
    gathered.removeAll(keepingCapacity: true)
  }

  /// Ends the file with what the kernel counted of the whole capture.
  mutating func finish(_ counts: CaptureCounts, at wall: Int64) {
    guard file.isWanted else { return }
    gathered += writer.statistics(interface: 0, timestamp: wall, counts)
    flush()
  }
}
