import SondeHeaders
import SondeLink
import SondeOctets
import SondeProbe

@testable import SondeSweep

/// What the rest of the house makes of a packet: all questions are remembered, and the correlator decides.
struct SweepOracle {
  struct Said: Equatable, CustomStringConvertible {
    var target: SweepTarget
    var attempt: UInt8
    var verdict: Verdict
    var by: Basis
    var flags: Set<AnswerFlag>

    var description: String { "\(target.address):\(target.port) #\(attempt) \(verdict) \(by) \(flags.map(\.rawValue))" }
  }

  private var correlator = Correlator()
  private var asked: [(target: SweepTarget, attempt: UInt8)] = []

  init(_ questions: SweepQuestions, _ targets: [SweepTarget], attempts: UInt8, at now: Instant) {
    for target in targets {
      for attempt in 0..<attempts {
        let probe = UInt64(asked.count)
        asked.append((target, attempt))
        correlator.register(
          probe, Registry.dissect(questions.question(target, attempt: attempt, at: now)), isGroup: false)
        correlator.left(probe)
      }
    }
  }

  /// The answer that a packet is; nil for noise and what concerns nobody.
  func said(of octets: [UInt8], _ facts: BulkFacts) -> Said? {
    let reply = Registry.dissect(octets)
    let frame = Frame(bytes: octets, stamp: Stamp(monotonic: facts.at), checksumNotReady: facts.checksumNotReady)
    guard case .answer(let finding)? = correlator.match(reply), reply.damage(of: frame) == nil,
      !reply.layers.contains(where: \.isFragment)
    else { return nil }
    // A sweep wants eight octets of what asked.
    if let quoted = reply.quoted, reply.errorReport != nil {
      let offset =
        quoted.offset(of: TCP.self) ?? quoted.offset(of: UDP.self) ?? quoted.offset(of: ICMPv4.self)
        ?? quoted.offset(of: ICMPv6.self)
      if let offset, quoted.bytes.count < offset + 8 { return nil }
    }
    let (target, attempt) = asked[Int(finding.probe)]
    return Said(
      target: target, attempt: attempt, verdict: finding.verdict, by: finding.by, flags: Set(finding.flags))
  }
}
