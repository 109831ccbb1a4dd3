internal import SondeCapture
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeReport

/// One run of `capture`: frames come as they pass, text goes out as they come.
struct CaptureRun: ~Copyable {
  private let console: Console
  private let linkType: UInt16
  private var output: PacketOutput
  private var recorder: CaptureRecorder
  /// The interfaces' names by the kernel's numbers; nil for one that had gone before it was asked for.
  private var names: [Int: String?] = [:]

  init(
    _ options: PacketOptions, _ interface: NetworkInterface?, linkType: LinkType,
    _ recorder: consuming CaptureRecorder, _ console: Console
  ) {
    self.console = console
    self.linkType = linkType.rawValue
    output = PacketOutput(options, console)
    self.recorder = recorder
    if let interface { names[interface.index] = interface.name }
  }

  /// Shows frames until it is time, until there are enough, or until a signal or a closed output ends it.
  ///
  /// - Throws: `LinkError` when the interface went down, or when the file could not be written, the summary told.
  mutating func run(_ capture: inout LiveCapture, until end: Instant) throws(LinkError) {
    var failure: LinkError?
    do throws(LinkError) {
      while !output.isOver, recorder.failure == nil, !console.noticesClosing(), capture.now < end {
        try capture.receive(until: end) { facts, bytes in
          take(facts, bytes)
          return !output.isOver
        }
        // Nobody waits longer for a packet's line than for the packet.
        console.flush()
        recorder.flush()
      }
    } catch {
      failure = error
    }
    do throws(LinkError) { try takeRest(&capture) } catch { failure = failure ?? error }
    try close(&capture)
    if let failure = failure ?? recorder.failure { throw failure }
  }

  /// Shows what passed before the end came and was not lent yet: the kernel holds frames back for a while.
  private mutating func takeRest(_ capture: inout LiveCapture) throws(LinkError) {
    let ended = Clock.wall
    let last = capture.now + .milliseconds(40)
    var isLater = false
    while !isLater, !output.hasEnough, recorder.failure == nil {
      let count = try capture.receive(until: last) { facts, bytes in
        isLater = facts.wall > ended
        if !isLater { take(facts, bytes) }
        return !isLater && !output.hasEnough
      }
      // What waits in the ring is shown however long that takes; what comes now is not waited for.
      if count == 0, capture.now >= last { break }
    }
  }

  private mutating func take(_ facts: CapturedFacts, _ bytes: RawSpan) {
    let name = name(facts.interface)
    let record = CaptureRecord(
      linkType: linkType, timestamp: facts.wall, originalLength: facts.originalLength,
      direction: facts.kind == .outgoing ? .outbound : .inbound)
    output.show(
      bytes,
      FrameFacts(
        number: output.packets + 1, record: record, interface: name, isInNanoseconds: true,
        sumsAreUnfinished: facts.checksumNotReady))
    recorder.record(record, bytes, facts.interface, name)
  }

  private mutating func name(_ interface: Int) -> String? {
    if let known = names[interface] { return known }
    let name = try? NetworkInterface.at(interface).name
    names[interface] = name
    return name
  }

  /// Ends the file and tells the summary, unless the end came because nobody reads any more.
  private mutating func close(_ capture: inout LiveCapture) throws(LinkError) {
    let counts = try capture.statistics()
    recorder.finish(CaptureCounts(received: counts.seen, dropped: counts.dropped), at: Clock.wall)
    guard !console.isClosed || Signals.endHasCome else { return }
    if output.isJSON {
      console.print(
        JSON.object([
          ("type", "summary"), ("packets", .integer(output.packets)), ("own_drops", .integer(counts.dropped)),
        ]).line)
    }
    let noun = output.packets == 1 ? "packet" : "packets"
    console.note("\(output.packets) \(noun), \(counts.dropped) dropped by the kernel for want of room")
  }
}
