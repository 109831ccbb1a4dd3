internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
public import SondeOctets
internal import SondeProbe
public import SondeSweep

/// The events of a sweep as JSON Lines: the documented objects of the command line, written into room that is used
/// again, at the pace of a scan.
public struct SweepJSON {
  private let subject: SweepSubject
  private var reading: SweepReading
  private var wall = WallText()
  private var noise = NoiseGate()

  /// - Parameter questions: what the sweep asks by.
  public init(_ subject: SweepSubject, _ questions: SweepQuestions) {
    self.subject = subject
    reading = SweepReading(questions)
  }

  /// Appends an event's line, if it has one.
  ///
  /// - Parameter packet: what came, from its IP header on; empty for silence.
  public mutating func append(_ event: SweepEvent, _ packet: RawSpan, to text: inout TextOctets) {
    switch event {
    case .answered(let result, let answer), .repeated(let result, let answer):
      guard subject.admits(answer.verdict, isSilence: false) else { return }
      append(result, answer, packet, to: &text)
    case .silent(let result):
      guard subject.admits(result.verdict, isSilence: true) else { return }
      append(silent: result, to: &text)
    case .noise(let from, let why, let at, _):
      guard noise.admits(at) else { return }
      text += "{\"type\":\"noise\",\"probe\":null,\"from\":"
      append(from, to: &text)
      text += ",\"why\":"
      text.append(quoted: why.rawValue)
      text += "}\n"
    }
  }

  private mutating func append(
    _ result: SweepResult, _ answer: SweepAnswer, _ packet: RawSpan, to text: inout TextOctets
  ) {
    let start = text.count
    if answer.isPlain, append(plain: result, answer, packet, to: &text) { return }
    text.truncate(to: start)
    let details = reading.details(of: answer, packet)
    appendHead(result, answer, result.flags(with: details.flags), to: &text)
    text.append(quoted: details.why)
    text += ",\"icmp\":"
    text += details.report.map { EventJSON.json($0, details.reply).line } ?? "null"
    text += ",\"recipe\":"
    text.append(quoted: details.reply.recipe)
    appendTail(result, answer, packet, to: &text)
  }

  /// False where the packet has to be read as a whole; what was appended until then is to be taken away.
  private mutating func append(
    plain result: SweepResult, _ answer: SweepAnswer, _ packet: RawSpan, to text: inout TextOctets
  ) -> Bool {
    appendHead(result, answer, result.flags, to: &text)
    text.append(octet: 0x22)
    reading.append(whyOfPlain: answer, packet, to: &text)
    text.append(octet: 0x22)
    if let icmp = answer.icmp {
      let header = answer.from.version == 4 ? 28 : 48
      guard packet.byteCount > header else { return false }
      text += ",\"icmp\":{\"type\":"
      text.append(decimal: icmp.type)
      text += ",\"code\":"
      text.append(decimal: icmp.code)
      text += ",\"name\":\""
      reading.append(nameOf: answer, packet, to: &text)
      text += "\",\"mtu\":null,\"pointer\":null,\"quoted\":"
      guard append(recipeOf: packet.extracting(header..<packet.byteCount), to: &text) else { return false }
      text += ",\"extensions\":[]},\"recipe\":"
    } else {
      text += ",\"icmp\":null,\"recipe\":"
    }
    guard append(recipeOf: packet, to: &text) else { return false }
    appendTail(result, answer, packet, to: &text)
    return true
  }

  private func append(recipeOf packet: RawSpan, to text: inout TextOctets) -> Bool {
    text.append(octet: 0x22)
    let start = text.count
    guard PlainRecipe.append(packet, to: &text) else { return false }
    // Data alone may hold what JSON writes otherwise.
    if text.octets[start...].contains(where: { $0 == 0x22 || $0 == 0x5c }) {
      let recipe = Array(text.octets[start...])
      text.truncate(to: start - 1)
      text.append(quoted: recipe)
    } else {
      text.append(octet: 0x22)
    }
    return true
  }

  private func appendHead(
    _ result: SweepResult, _ answer: SweepAnswer, _ flags: [AnswerFlag], to text: inout TextOctets
  ) {
    text += "{\"type\":\"answer\",\"probe\":"
    text.append(decimal: result.number)
    text += ",\"verdict\":\""
    text += answer.verdict.rawValue
    text += "\",\"by\":\""
    text += answer.by.rawValue
    text += "\",\"from\":"
    append(answer.from, to: &text)
    text += ",\"rtt_ns\":"
    if let rtt = result.rtt {
      text.append(decimal: rtt.nanoseconds)
    } else {
      text += "null"
    }
    text += ",\"rtt_clock\":\"monotonic\",\"flags\":["
    for (index, flag) in flags.enumerated() {
      if index > 0 { text.append(octet: 0x2c) }
      text.append(quoted: flag.rawValue)
    }
    text += "],\"why\":"
  }

  private mutating func appendTail(
    _ result: SweepResult, _ answer: SweepAnswer, _ packet: RawSpan, to text: inout TextOctets
  ) {
    if subject.isVerbose {
      text += ",\"bytes\":"
      text.append(hexOf: packet)
    }
    text += ",\"at_ns\":"
    text.append(decimal: max(result.at.nanoseconds &- subject.start.nanoseconds, 0))
    text += ",\"time\":\""
    wall.append(result.wall, to: &text)
    text += "\",\"ttl\":"
    text.append(decimal: answer.hopLimit)
    subject.append(result.target, to: &text)
    text += "}\n"
  }

  private func append(silent result: SweepResult, to text: inout TextOctets) {
    text += "{\"type\":\"silence\",\"probe\":"
    text.append(decimal: result.number)
    text += ",\"verdict\":\""
    text += result.verdict.rawValue
    text += "\",\"why\":"
    text.append(quoted: SweepSubject.why(silent: result))
    subject.append(result.target, to: &text)
    text += "}\n"
  }

  private func append(_ address: IPAddress?, to text: inout TextOctets) {
    guard let address else { return text += "null" }
    text.append(octet: 0x22)
    text.append(address)
    text.append(octet: 0x22)
  }
}
