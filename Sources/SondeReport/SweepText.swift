internal import SondeHeaders
internal import SondeLink
public import SondeOctets
internal import SondeProbe
public import SondeSweep

/// The events of a sweep for people: a line for each open port or live host as it is found; all else only if asked for.
public struct SweepText {
  private let subject: SweepSubject
  private let color: Bool
  private var reading: SweepReading
  private var noise = NoiseGate()

  /// - Parameter questions: what the sweep asks by.
  public init(_ subject: SweepSubject, _ questions: SweepQuestions, color: Bool = false) {
    self.subject = subject
    self.color = color
    reading = SweepReading(questions)
  }

  /// Appends an event's line, if it has one.
  ///
  /// - Parameter packet: what came, from its IP header on; empty for silence.
  public mutating func append(_ event: SweepEvent, _ packet: RawSpan, to text: inout TextOctets) {
    switch event {
    case .answered(let result, let answer):
      guard shows(answer.verdict) else { return }
      append(result, answer, packet, to: &text)
    case .repeated(let result, let answer):
      // A late answer tells of an open port that was taken for a silent one.
      let tells = result.flags.contains(.late) || result.flags.contains(.conflict)
      guard subject.isVerbose || tells && SweepSubject.isFound(answer.verdict) else { return }
      append(result, answer, packet, to: &text)
    case .silent(let result):
      guard subject.isVerbose, !subject.onlyOpen else { return }
      append(result.target, result.verdict, to: &text)
      text += "-           "
      text += SweepSubject.why(silent: result)
      text.append(octet: 0x0a)
    case .noise(let from, let why, let at, _):
      guard subject.isVerbose, noise.admits(at) else { return }
      text += "noise from "
      if let from { text.append(from) } else { text += "nowhere" }
      text += ": "
      text += why.rawValue
      text.append(octet: 0x0a)
    }
  }

  private func shows(_ verdict: Verdict) -> Bool {
    SweepSubject.isFound(verdict) || subject.isVerbose && !subject.onlyOpen
  }

  private mutating func append(
    _ result: SweepResult, _ answer: SweepAnswer, _ packet: RawSpan, to text: inout TextOctets
  ) {
    append(result.target, answer.verdict, to: &text)
    let start = text.count
    if let rtt = result.rtt {
      text += pingTime(rtt.nanoseconds)
      text += " ms"
    } else {
      text.append(octet: 0x2d)
    }
    text.append(spaces: max(1, 12 - (text.count - start)))
    var flags = result.flags
    if answer.isPlain {
      reading.append(whyOfPlain: answer, packet, to: &text)
    } else {
      let details = reading.details(of: answer, packet)
      flags = result.flags(with: details.flags)
      text += details.why
    }
    if answer.from != answer.target.address {
      text += ", from "
      text.append(answer.from)
    }
    text += ", ttl "
    text.append(decimal: answer.hopLimit)
    if !flags.isEmpty { text += " [\(flags.map(\.rawValue).joined(separator: " "))]" }
    text.append(octet: 0x0a)
  }

  /// Address, port and verdict, in columns.
  private func append(_ target: SweepTarget, _ verdict: Verdict, to text: inout TextOctets) {
    var start = text.count
    text.append(target.address)
    if let name = subject.names.isEmpty ? nil : subject.names[target.address] { text += " (\(name))" }
    text.append(spaces: max(1, subject.addressWidth - (text.count - start)))
    if subject.asksPorts {
      start = text.count
      text.append(decimal: target.port)
      text.append(octet: 0x2f)
      text += subject.proto
      text.append(spaces: max(1, 10 - (text.count - start)))
    }
    if color { text += SweepSubject.isFound(verdict) ? "\u{1b}[32m" : "\u{1b}[33m" }
    text += verdict.rawValue
    if color { text += "\u{1b}[0m" }
    text.append(spaces: max(1, (subject.isVerbose ? 14 : subject.asksPorts ? 9 : 7) - verdict.rawValue.utf8.count))
  }
}
