internal import ArgumentParser
internal import SondeLink
internal import SondeLinux

struct CaptureCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "capture",
    abstract: "Show packets as they pass this machine's interfaces.",
    usage: "sonde capture [-I <interface>] [<options>] [<filter> ...]",
    discussion: """
      Packets are printed as by decode. The filter is in pcap's language (pcap-filter(7)), in as many words as it \
      has: tcp port 80 and host 192.0.2.1. Of loopback each packet is shown once.

      Exit status: 0 the capture ran, 2 it could not.

      Example: sonde capture -I lo -w 0.1 tcp port 80
      """)

  @Argument(help: ArgumentHelp("Which packets: pcap's filter language.", valueName: "filter"))
  var words: [String] = []

  @Option(
    name: [.customShort("I", allowingJoined: true), .customShort("i", allowingJoined: true), .long],
    help: ArgumentHelp("Capture from this interface alone (all unless written, or any).", valueName: "interface"))
  var interface: String?

  @Option(
    name: [.customShort("w", allowingJoined: true), .long],
    help: ArgumentHelp("Stop after so long.", valueName: "time"), transform: deadlineTime)
  var deadline: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("Write the packets to a pcapng file, beside printing them.", valueName: "file"))
  var write: String?

  @Option(
    name: [.customShort("s", allowingJoined: true), .long],
    help: ArgumentHelp("Keep so many octets of each packet (0: all).", valueName: "octets"),
    transform: number(0...UInt64(CaptureFilter.wholeFrames)))
  var snap: UInt64?

  @Option(
    name: [.customShort("B", allowingJoined: true), .long],
    help: ArgumentHelp("Room for packets that wait to be shown, in KiB (8192).", valueName: "size"),
    transform: number(64...1_048_576))
  var buffer: UInt64?

  @Flag(name: .long, help: "Hear frames that are meant for other machines too.")
  var promiscuous = false

  @OptionGroup(title: "Output") var output: PacketOptions

  func execute(on console: Console) throws -> Int32 {
    try output.check("capture")
    let interface = try namedInterface()
    if promiscuous, interface == nil { throw Failure("capture: --promiscuous is of one interface: name it by -I") }
    let linkType = LiveCapture.linkType(of: interface)
    var options = LiveCapture.Options(isPromiscuous: promiscuous, watchesOutput: true)
    if let snap, snap > 0 { options.snapLength = Int(snap) }
    if let buffer { options.ringSize = Int(buffer) << 10 }
    options.filter = try filter(linkType, options.snapLength)
    var recorder = try CaptureRecorder(write, linkType: linkType, snapLength: options.snapLength)
    let opening = try LiveCapture.Opening(interface)
    try Privileges.drop()
    let interrupter = try Interrupter()
    _ = try Signals.watch([.interrupt, .terminate], waking: interrupter)
    options.interrupter = interrupter
    var capture = try LiveCapture(opening, options)
    try recorder.start(interface?.index, interface?.name ?? "any")
    if !output.quiet { console.note("capturing on \(interface?.name ?? "all interfaces")") }
    var run = CaptureRun(output, interface, linkType: linkType, recorder, console)
    try run.run(&capture, until: Duration.limit(deadline).map { capture.now + $0 } ?? .distantFuture)
    return 0
  }

  /// - Returns: nil for all interfaces.
  /// - Throws: `Failure` naming those that are there.
  private func namedInterface() throws -> NetworkInterface? {
    guard let name = interface, name != "any" else { return nil }
    let all = try NetworkInterface.all()
    if let interface = all.first(where: { $0.name == name }) { return interface }
    throw Failure("there is no interface \"\(name)\"; there are \(all.map(\.name).joined(separator: ", ")), and any")
  }

  /// - Throws: `Failure` naming the word at fault.
  private func filter(_ linkType: LinkType, _ snapLength: Int) throws -> CaptureFilter? {
    guard !words.isEmpty else { return nil }
    do throws(LinkError) {
      return try CaptureFilter(words.joined(separator: " "), linkType: linkType, snapLength: snapLength)
    } catch {
      let isInterface = (try? NetworkInterface.named(words[0])) != nil
      let hint = isInterface ? "; an interface is named by -I \(words[0])" : ""
      throw Failure("capture: \(error.operation): \(error.message)\(hint)")
    }
  }
}

/// A time, for who expects tcpdump's -w.
@Sendable
private func deadlineTime(_ text: String) throws -> UInt64 {
  do {
    return try time(text)
  } catch let expectation as Expectation {
    throw Expectation(description: "\(expectation.description); --write names a file")
  }
}
