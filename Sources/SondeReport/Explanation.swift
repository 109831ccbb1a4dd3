public import SondeHeaders
public import SondeProbe

// What an event proves, and what not, in plain sentences, each with the section of the RFC that says so.

/// What an answer proves: a sentence for the packet, and one for each flag.
///
/// - Parameter asked: the probe; nil where it is not known.
public func explanation(of answer: Answer, asked: Dissection?) -> String {
  explanation(of: answer, Question(asked))
}

/// What it means that a probe was not answered.
public func explanation(of silence: Silence, asked: Dissection?) -> String {
  meaning(ofSilence: silence.verdict, Question(asked))
}

/// What the last word on a target rests on.
public func explanation(of settlement: Settlement, asked: Dissection?) -> String {
  explanation(of: settlement, Question(asked))
}

/// Why a packet that looks like an answer is none.
public func explanation(of noise: Noise, asked: Dissection?) -> String {
  meaning(ofNoise: noise.why, Question(asked))
}

func explanation(of answer: Answer, _ question: Question) -> String {
  ([meaning(of: answer, question)] + answer.flags.compactMap { $0.meaning(question) }).joined(separator: " ")
}

func explanation(of settlement: Settlement, _ question: Question) -> String {
  guard let answer = settlement.answer else { return meaning(ofSilence: settlement.verdict, question) }
  return explanation(of: answer, question)
}

/// Explains the events of a run: it learns from each probe that leaves what was asked.
public struct Explainer: Sendable {
  private var questions: [UInt64: Question] = [:]

  public init() {}

  /// Takes an event in, and says what it means; nil where it needs no saying.
  public mutating func sentence(_ event: Event) -> String? {
    switch event {
    case .sent(let sent):
      questions[sent.probe] = Question(sent.asked)
      return nil
    case .answer(let answer): return explanation(of: answer, question(answer.probe))
    case .silence(let silence): return meaning(ofSilence: silence.verdict, question(silence.probe))
    case .noise(let noise): return meaning(ofNoise: noise.why, question(noise.probe))
    case .settled(let settlement):
      return explanation(of: settlement, question(settlement.answer?.probe ?? settlement.probe))
    case .sendFailed(let failure): return meaning(ofSilence: .sendFailed, question(failure.probe))
    case .left, .pending, .failure: return nil
    }
  }

  private func question(_ probe: UInt64?) -> Question { probe.flatMap { questions[$0] } ?? .other }
}

/// What a probe asked, as far as answers to it mean different things.
enum Question: Hashable, Sendable {
  /// SYN without ACK.
  case syn
  /// ACK without FIN.
  case ack
  /// FIN and ACK, without SYN.
  case finACK
  /// No SYN, and no ACK.
  case stray
  case udp
  case echo
  /// Another of ICMP's queries.
  case query
  case arp
  /// ARP from 0.0.0.0.
  case arpProbe
  /// ARP for the sender's own address.
  case arpAnnouncement
  case neighbor
  /// A neighbor advertisement that nobody asked for.
  case neighborAnnouncement
  case sctp
  case other

  init(_ asked: Dissection?) {
    self = .other
    for layer in asked?.layers ?? [] {
      switch layer.header {
      case let tcp as TCP: self = Self.tcp(tcp.flags)
      case is UDP: self = .udp
      case is SCTP: self = .sctp
      case let icmp as ICMPv4: self = icmp.type == .echoRequest ? .echo : .query
      case let icmp as ICMPv6:
        switch icmp.type {
        case .echoRequest: self = .echo
        case .neighborSolicitation: self = .neighbor
        case .neighborAdvertisement: self = .neighborAnnouncement
        default: self = .query
        }
      case let arp as ARP:
        if arp.senderProtocolAddress.allSatisfy({ $0 == 0 }) {
          self = .arpProbe
        } else {
          self = arp.senderProtocolAddress == arp.targetProtocolAddress ? .arpAnnouncement : .arp
        }
      default: break
      }
    }
  }

  private static func tcp(_ flags: TCP.Flags) -> Question {
    if flags.contains(.syn), !flags.contains(.ack) { return .syn }
    guard flags.contains(.ack) else { return .stray }
    return flags.contains(.fin) ? .finACK : .ack
  }

  var isTCP: Bool { [.syn, .ack, .finACK, .stray].contains(self) }
  /// Whether a port was asked.
  var asksPort: Bool { isTCP || self == .udp || self == .sctp }
}
