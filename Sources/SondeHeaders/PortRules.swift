internal import SondeOctets

extension FlowToken {
  /// The token of a header that starts with a source and a destination port, as UDP's and TCP's do.
  ///
  /// - Throws: `ParseError` with reason `short` where the ports are cut off.
  init(portsIn bytes: RawSpan, protocol: UInt8, _ side: Side) throws(ParseError) {
    var reader = Reader(bytes)
    let source: UInt16 = try reader.read()
    let destination: UInt16 = try reader.read()
    switch side {
    case .sent, .quote: self.init(kind: UInt16(`protocol`), ours: source, theirs: destination)
    case .reply: self.init(kind: UInt16(`protocol`), ours: destination, theirs: source)
    }
  }
}

/// Why the ports of a reply are not those of the exchange that `ours` and `theirs` name.
func refusal(ports ours: UInt16, _ theirs: UInt16, reply source: UInt16, _ destination: UInt16) -> Judgement? {
  guard destination == ours else { return .refused(why: "is for port \(destination), not for our \(ours)") }
  guard source == theirs else { return .refused(why: "comes from port \(source), not from \(theirs)") }
  return nil
}

/// Why the ports of a quote are not those of the exchange that `ours` and `theirs` name.
func refusal(ports ours: UInt16, _ theirs: UInt16, quote token: FlowToken) -> Judgement? {
  guard token.ours == ours else { return .refused(why: "quotes source port \(token.ours), not our \(ours)") }
  guard token.theirs == theirs else { return .refused(why: "quotes destination port \(token.theirs), not \(theirs)") }
  return nil
}
