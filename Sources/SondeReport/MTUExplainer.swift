internal import SondeHeaders
public import SondeProbe

/// Explains a search for the path MTU: each of its packets, and in the end the one that decided.
public struct MTUExplainer: Sendable {
  private var explainer = Explainer()
  /// What answers came to, with what they mean.
  private var answers: [(answer: Answer, sentence: String)] = []
  /// What it means that packets of a size were not answered, or did not leave.
  private var silences: [Int: String] = [:]

  public init() {}

  /// Takes an event in, and says what it means; nil where it needs no saying.
  public mutating func sentence(_ event: Event) -> String? {
    let sentence = explainer.sentence(event)
    guard let sentence else { return nil }
    switch event {
    case .answer(let answer): answers.append((answer, sentence))
    case .silence(let silence): note(sentence, silence.target)
    case .sendFailed(let failure): note(sentence, failure.target)
    case .sent, .left, .pending, .noise, .settled, .failure: break
    }
    return sentence
  }

  private mutating func note(_ sentence: String, _ target: Int) {
    if MTUSearch.hops(of: target) == 0 { silences[MTUSearch.size(of: target)] = sentence }
  }

  /// What the packet means on which the result rests: the error that names the MTU, the silence of the next size, or
  /// the answer to the largest one; nil where there was none.
  public func sentence(deciding finding: MTUFinding) -> String? {
    guard let mtu = finding.mtu else {
      if finding.obstacle != nil { return answers.last?.sentence }
      return finding.isStopped ? nil : silences.values.first
    }
    switch finding.limit {
    case .router(let address):
      return answers.last { $0.answer.from == address && $0.answer.report?.mtu.map(Int.init) == mtu }?.sentence
    case .refuser(let address):
      return last { $0.from == address && $0.verdict == .tooBig && Self.size($0) == finding.refused }
    case .silence: return finding.refused.flatMap { silences[$0] }
    case .local:
      return last { Self.size($0) == finding.refused } ?? finding.refused.flatMap { silences[$0] }
    case .interface, .unknown: return last { Self.size($0) == mtu && $0.verdict != .tooBig }
    }
  }

  private func last(where isDeciding: (Answer) -> Bool) -> String? {
    answers.last { isDeciding($0.answer) }?.sentence
  }

  private static func size(_ answer: Answer) -> Int? {
    MTUSearch.hops(of: answer.target) == 0 ? MTUSearch.size(of: answer.target) : nil
  }
}
