internal import SondeLink
internal import SondeLinux
internal import SondeScript

/// The commands of a talk, from wherever they come.
struct TalkInput {
  /// A command, and how it is named in a complaint.
  struct Command {
    var instruction: TalkInstruction
    var place: String
  }

  enum Source {
    /// All of them are there.
    case given
    /// Standard input, a line each.
    case lines
    /// Somebody types them.
    case keys
    /// There are none: octets are passed on.
    case octets
  }

  let source: Source
  /// Those that are to be done next.
  private var commands: [Command] = []
  private var next = 0
  /// No more will come.
  private(set) var isAtEnd: Bool
  /// A line that cannot be read: nothing behind it is done.
  private(set) var fault: String?
  private let opening: TalkInstruction.Verb?
  private let ground: TalkInstruction.Ground
  private var hasBegun = false
  /// The line that has no end yet.
  private var rest: [UInt8] = []
  private var lineNumber = 0

  /// A line that is longer is a fault: an input without line feeds is not gathered without end.
  private static let longestLine = 16 << 20

  /// - Parameter opening: what is done first, unless the first command says it itself.
  /// - Throws: `Failure` naming a word that is no command, where all are known now.
  init(_ manner: TalkManner, opens opening: TalkInstruction.Verb?) throws {
    self.opening = opening
    ground = manner.udp ? .datagrams : manner.listen == nil ? .calls : .listens
    if manner.raw {
      source = .octets
    } else if !manner.execute.isEmpty || manner.script != nil {
      source = .given
    } else {
      source = Terminal.isTerminal(0) && Terminal.isTerminal(1) ? .keys : .lines
    }
    isAtEnd = source == .given
    for (index, text) in manner.execute.enumerated() {
      let place = manner.execute.count == 1 ? "-e" : "-e number \(index + 1)"
      try add(text, place)
    }
    if let path = manner.script {
      for (index, line) in try Self.lines(of: path).enumerated() { try add(line, "\(path) line \(index + 1)") }
    }
    if source == .octets || source == .keys { begin(nil) }
    if source == .given { begin(commands.first?.instruction.verb) }
  }

  private mutating func add(_ text: String, _ place: String) throws {
    let instructions: [TalkInstruction]
    do throws(TalkFault) {
      instructions = try TalkInstruction.list(text)
    } catch {
      throw Failure("talk: \(place): \(error)")
    }
    for (index, instruction) in instructions.enumerated() {
      let place = "\(place), command \(index + 1)"
      if let objection = instruction.objection(on: ground) { throw Failure("talk: \(place): \(objection)") }
      commands.append(Command(instruction: instruction, place: place))
    }
  }

  private static func lines(of path: String) throws(LinkError) -> [String] {
    let file = try InputFile(path)
    var octets: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = try file.read(into: &piece), count > 0 { octets += piece[..<count] }
    return String(decoding: octets, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
  }

  /// Puts the opening before the first command, unless that opens itself.
  private mutating func begin(_ first: TalkInstruction.Verb?) {
    guard !hasBegun else { return }
    hasBegun = true
    guard let opening, first != .connect, first != .accept else { return }
    commands.insert(Command(instruction: TalkInstruction(opening), place: "the opening"), at: next)
  }

  var hasWaiting: Bool { next < commands.count }

  /// Whether more of standard input is to be read: somebody who types is always heard; of lines no more are taken
  /// than are done, however many are there.
  var wantsMore: Bool { !isAtEnd && fault == nil && (source != .lines || !hasWaiting) }

  /// The next command; nil as long as none is there.
  mutating func take() -> Command? {
    guard next < commands.count else { return nil }
    defer {
      next += 1
      if next == commands.count { (commands, next) = ([], 0) }
    }
    return commands[next]
  }

  /// Takes in octets of standard input; none are its end.
  mutating func feed(_ octets: some Collection<UInt8>) {
    if octets.isEmpty {
      if !rest.isEmpty { read(rest) }
      rest = []
      begin(nil)
      isAtEnd = true
      return
    }
    var octets = octets[...]
    while let end = octets.firstIndex(of: 0x0a) {
      read(rest + octets[..<end])
      rest = []
      octets = octets[octets.index(after: end)...]
    }
    rest += octets
    if rest.count > Self.longestLine, fault == nil {
      fault = "line \(lineNumber + 1): it has no end within \(Self.longestLine >> 20) MiB"
      rest = []
    }
  }

  /// Takes in a line; one that cannot be read is a fault.
  private mutating func read(_ line: [UInt8]) {
    lineNumber += 1
    guard fault == nil else { return }
    do throws(TalkFault) {
      let list = try TalkInstruction.list(String(decoding: line, as: UTF8.self))
      if let first = list.first { begin(first.verb) }
      for instruction in list {
        commands.append(Command(instruction: instruction, place: "line \(lineNumber)"))
      }
    } catch {
      fault = "line \(lineNumber): \(error)"
    }
  }

  /// Adds what somebody has typed.
  ///
  /// - Throws: `TalkFault` naming the word at fault.
  mutating func type(_ line: String) throws(TalkFault) {
    for instruction in try TalkInstruction.list(line) {
      commands.append(Command(instruction: instruction, place: ""))
    }
  }

  /// Throws away what waits to be done.
  mutating func clear() { (commands, next) = ([], 0) }
}
