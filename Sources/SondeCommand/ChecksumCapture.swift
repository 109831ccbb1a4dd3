internal import SondeCapture
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeReport

/// Judges every checksum of every packet of capture files.
struct ChecksumCapture {
  let output: OutputOptions
  let console: Console
  /// How the first octet of each packet is read; nil for what the file says.
  let start: Registry.Start?
  /// Whether several files are read, so that lines name theirs.
  let namesFiles: Bool

  /// The most words of a segment that a ledger shows.
  private static let ledgerLimit = 40

  /// What came of one file.
  struct Outcome {
    var isWhole = true
    var hasBad = false
    var hasSums = false
    /// Whether there is no reason to go on: nobody reads, or a signal came.
    var isEnd = false
  }

  /// Judges one file.
  ///
  /// - Parameter beginning: what has been read of it already.
  func judge(_ file: borrowing InputFile, beginning: [UInt8] = []) -> Outcome {
    var run = Run(file: file.name, json: SumJSON(file: namesFiles ? file.name : nil))
    var reader = CaptureReader()
    let progress = FileProgress(console, total: file.size, isWanted: !output.quiet)
    var outcome = Outcome()
    reader.feed(beginning)
    run.octets = beginning.count
    do {
      var piece = [UInt8](repeating: 0, count: 1 << 18)
      while !outcome.isEnd {
        try take(from: &reader, &run)
        progress.update(run.octets)
        let count = try file.read(into: &piece)
        run.octets += count
        outcome.isEnd = console.isClosed
        if count == 0 { break }
        reader.feed(piece.rawSpan.extracting(0..<count))
      }
      // A run that a signal ends is no file that is cut off.
      if Signals.endHasCome { outcome.isEnd = true } else { reader.finish() }
      if !console.isClosed { try take(from: &reader, &run) }
    } catch {
      progress.end()
      outcome.isWhole = false
      complain(of: file.name, (error as? LinkError)?.message ?? "\(error)")
    }
    progress.end()
    for type in run.unknownLinks.sorted() {
      outcome.isWhole = false
      complain(of: file.name, "link type \(type) is not known, so that its packets were not judged")
    }
    // Sums that nobody meant may all be right.
    if start != nil, run.tally.packets > 0, !output.quiet {
      console.complain("checksum: \(file.name): read as --as says, whatever the file says of its packets")
    }
    outcome.hasBad = run.tally.hasBad
    outcome.hasSums = run.tally.hasSums
    if !output.json, outcome.isWhole || run.tally.packets > 0 {
      console.print((namesFiles ? "\(file.name): " : "") + run.tally.line)
    }
    console.flush()
    return outcome
  }

  /// Tells of a file that cannot be read, or not to its end.
  func complain(of file: String, _ message: String) {
    if output.json {
      console.print(
        JSON.object([("type", "error"), ("file", .string(file)), ("message", .string(message))]).line)
    } else {
      console.complain("checksum: \(file): \(message)")
    }
  }

  /// What is kept while one file is read.
  private struct Run {
    var file: String
    var json: SumJSON
    var tally = SumTally()
    var octets = 0
    var unknownLinks: Set<UInt16> = []
  }

  private func take(from reader: inout CaptureReader, _ run: inout Run) throws(CaptureError) {
    var sums = SumReader()
    while let record = try reader.nextRecord() {
      run.tally.packets += 1
      sums.read(reader.bytes, as: start ?? .link(record.linkType))
      if sums.isUnknown, start == nil {
        run.tally.unknownLinks += 1
        run.unknownLinks.insert(record.linkType)
      }
      for sum in sums.sums {
        run.tally.count(sum)
        tell(sum, &run)
      }
      if console.isClosed { return }
    }
  }

  private func tell(_ sum: ExplainedSum, _ run: inout Run) {
    if output.json {
      let (json, frame) = (run.json, run.tally.packets)
      console.gather { json.append(sum, number: frame, to: &$0) }
    } else if !output.quiet, output.verbose || sum.isBad {
      console.print("\(namesFiles ? "\(run.file): " : "")frame \(run.tally.packets): \(sum.line)")
      guard output.verbose, sum.check.verdict == .wrong || sum.check.verdict == .illegal else { return }
      for line in sum.ledger(limit: Self.ledgerLimit) { console.print("  " + line) }
    }
  }
}
