/// What UDP ports are asked, so that the services behind them answer.
public struct SweepPayloads: Sendable {
  /// One payload.
  struct Choice: Sendable {
    var ports: [UInt16]
    var octets: [UInt8]
    var mark: Mark?

    static let none = Choice(ports: [], octets: [], mark: nil)
  }

  /// A number in a payload that a true answer repeats.
  struct Mark: Sendable {
    enum Form: Sendable {
      case number
      /// A number of which the first bits are 01: a positive integer of ASN.1 that needs all its octets.
      case positive
      /// Eight hexadecimal digits.
      case digits
    }
    /// Where it stands in the payload, in octets.
    var offset: Int
    /// In octets: 2, 4 or 8.
    var width: Int
    var form = Form.number
    /// Where it stands in an answer; nil for anywhere.
    var answered: Int?

    /// The number that the hash makes.
    @inline(__always)
    func value(_ numbers: QuestionNumbers) -> UInt64 {
      switch form {
      case .number where width == 8: numbers.proof
      case .number: numbers.proof &>> (width == 2 ? 48 : 32)
      case .positive: numbers.proof &>> 32 & 0x3fff_ffff | 0x4000_0000
      case .digits: Self.digits(numbers.sequence)
      }
    }

    /// A number's hexadecimal digits as text.
    private static func digits(_ number: UInt32) -> UInt64 {
      var text: UInt64 = 0
      for place in 0..<8 {
        let digit = UInt64(number &>> UInt32(28 - 4 * place) & 15)
        text = text &<< 8 | digit &+ (digit < 10 ? 0x30 : 0x57)
      }
      return text
    }
  }

  /// The first is for all ports that no other is for.
  let choices: [Choice]

  /// Empty datagrams to all ports.
  public static let none = SweepPayloads(choices: [.none])
}

/// Which of a family's templates each port is asked by.
struct TemplateRow: Sendable {
  private var first = 0
  private var count = 0
  /// Each port's choice; empty where there is only one.
  private var byPort: [UInt8] = []

  init() {}

  init(first: Int, _ choices: [SweepPayloads.Choice]) {
    self.first = first
    count = choices.count
    guard count > 1 else { return }
    byPort = [UInt8](repeating: 0, count: 65_536)
    for (index, choice) in choices.enumerated() {
      for port in choice.ports { byPort[Int(port)] = UInt8(clamping: index) }
    }
  }

  var isEmpty: Bool { count == 0 }

  @inline(__always)
  func template(of port: UInt16) -> Int { count == 1 ? first : first &+ Int(byPort[Int(port)]) }
}
