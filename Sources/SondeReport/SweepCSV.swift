internal import SondeHeaders
internal import SondeLink
public import SondeOctets
public import SondeSweep

/// The events of a sweep as comma-separated values (RFC 4180): the last word on each port or host, a line each.
public struct SweepCSV {
  private let subject: SweepSubject
  private var reading: SweepReading
  private var wall = WallText()
  private var field = TextOctets()

  /// The first line.
  public static let header = "time,host,proto,port,verdict,by,from,rtt_ns,ttl,icmp_type,icmp_code,flags,why\r\n"

  /// - Parameter questions: what the sweep asks by.
  public init(_ subject: SweepSubject, _ questions: SweepQuestions) {
    self.subject = subject
    reading = SweepReading(questions)
  }

  /// Appends an event's line, if it has one: noise has none.
  ///
  /// - Parameter packet: what came, from its IP header on; empty for silence.
  public mutating func append(_ event: SweepEvent, _ packet: RawSpan, to text: inout TextOctets) {
    switch event {
    case .answered(let result, let answer), .repeated(let result, let answer):
      guard subject.admits(answer.verdict, isSilence: false) else { return }
      append(result, answer, packet, to: &text)
    case .silent(let result):
      guard subject.admits(result.verdict, isSilence: true) else { return }
      text.append(octet: 0x2c)
      append(result.target, to: &text)
      text += result.verdict.rawValue
      text += ",,,,,,,,"
      text += SweepSubject.why(silent: result)
      text += "\r\n"
    case .noise: break
    }
  }

  private mutating func append(
    _ result: SweepResult, _ answer: SweepAnswer, _ packet: RawSpan, to text: inout TextOctets
  ) {
    wall.append(result.wall, to: &text)
    text.append(octet: 0x2c)
    append(result.target, to: &text)
    text += answer.verdict.rawValue
    text.append(octet: 0x2c)
    text += answer.by.rawValue
    text.append(octet: 0x2c)
    text.append(answer.from)
    text.append(octet: 0x2c)
    if let rtt = result.rtt { text.append(decimal: rtt.nanoseconds) }
    text.append(octet: 0x2c)
    text.append(decimal: answer.hopLimit)
    text.append(octet: 0x2c)
    if let icmp = answer.icmp {
      text.append(decimal: icmp.type)
      text.append(octet: 0x2c)
      text.append(decimal: icmp.code)
    } else {
      text.append(octet: 0x2c)
    }
    text.append(octet: 0x2c)
    field.clear()
    var flags = result.flags
    if answer.isPlain {
      reading.append(whyOfPlain: answer, packet, to: &field)
    } else {
      let details = reading.details(of: answer, packet)
      flags = result.flags(with: details.flags)
      field += details.why
    }
    for (index, flag) in flags.enumerated() {
      if index > 0 { text.append(octet: 0x20) }
      text += flag.rawValue
    }
    text.append(octet: 0x2c)
    text.append(csv: field)
    text += "\r\n"
  }

  /// Host, protocol and port, a comma behind each.
  private func append(_ target: SweepTarget, to text: inout TextOctets) {
    if let name = subject.names.isEmpty ? nil : subject.names[target.address] {
      text += name
    } else {
      text.append(target.address)
    }
    text.append(octet: 0x2c)
    text += subject.proto
    text.append(octet: 0x2c)
    if subject.asksPorts { text.append(decimal: target.port) }
    text.append(octet: 0x2c)
  }
}

extension TextOctets {
  /// A field, between quotation marks if it holds what ends one (RFC 4180 §2).
  mutating func append(csv field: TextOctets) {
    guard field.octets.contains(where: { $0 == 0x22 || $0 == 0x2c || $0 == 0x0d || $0 == 0x0a }) else {
      return append(field)
    }
    append(octet: 0x22)
    for octet in field.octets {
      if octet == 0x22 { append(octet: 0x22) }
      append(octet: octet)
    }
    append(octet: 0x22)
  }
}
