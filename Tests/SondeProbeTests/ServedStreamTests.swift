internal import SondeProbe
internal import Testing

/// What a service says on a connection, and when it has said all.
@Suite struct ServedStreamTests {
  /// A stream whose client has sent these pieces.
  private func stream(_ service: Service, _ pieces: String...) -> ServedStream {
    var stream = ServedStream(service) { Array("the time\r\n".utf8) }
    for piece in pieces { stream.receive(Array(piece.utf8)[...]) }
    return stream
  }

  private func text(_ stream: ServedStream) -> String { String(decoding: stream.waiting, as: UTF8.self) }

  /// Everything that waits goes.
  private func drained(_ stream: ServedStream) -> ServedStream {
    var stream = stream
    stream.sent(stream.waiting.count)
    return stream
  }

  @Test func echoSendsBackWhatComesInOrder() {
    var stream = stream(.echo, "one ", "two")
    #expect(text(stream) == "one two")
    #expect(stream.wish == .goOn)
    stream.sent(5)
    #expect(text(stream) == "wo")
    stream.receive(Array(" three".utf8)[...])
    #expect(text(stream) == "wo three")
  }

  @Test func echoClosesWhenTheClientHasFinishedAndAllIsBack() {
    var stream = stream(.echo, "late")
    stream.clientFinished()
    #expect(stream.wish == .goOn)
    #expect(!stream.wantsInput)
    #expect(drained(stream).wish == .close)
  }

  @Test func echoReadsNoMoreFromAClientThatDoesNotRead() {
    var stream = stream(.echo)
    let piece = [UInt8](repeating: 7, count: 1 << 15)
    stream.receive(piece[...])
    #expect(stream.wantsInput)
    stream.receive(piece[...])
    #expect(!stream.wantsInput)
    stream.sent(1)
    #expect(stream.wantsInput)
  }

  @Test func aClientThatReadsSlowlyGetsEveryOctetInOrder() {
    var stream = stream(.echo)
    var next: UInt8 = 0
    var expected: UInt8 = 0
    for _ in 0..<4000 {
      if stream.wantsInput {
        let piece = (0..<97).map { next &+ $0 }
        next &+= 97
        stream.receive(piece[...])
      }
      let count = min(89, stream.waiting.count)
      #expect(stream.waiting.prefix(count).elementsEqual((0..<UInt8(count)).map { expected &+ $0 }))
      expected &+= UInt8(count)
      stream.sent(count)
    }
  }

  @Test func discardSaysNothing() {
    var stream = stream(.discard, "anything")
    #expect(stream.waiting.isEmpty)
    #expect(stream.wish == .goOn)
    stream.clientFinished()
    #expect(stream.wish == .close)
  }

  @Test func daytimeClosesOnceTheTimeIsToldWhateverTheClientSays() {
    let stream = stream(.daytime, "what time is it?")
    #expect(text(stream) == "the time\r\n")
    #expect(stream.wish == .goOn)
    #expect(drained(stream).wish == .close)
  }

  @Test func welcomeGreetsAnswersEachLineAndHasALastWord() {
    var stream = stream(.welcome)
    #expect(text(stream) == "Welcome to this server: say a name.\n")
    #expect(stream.waiting.count == 36)
    stream = drained(stream)
    stream.receive(Array("son".utf8)[...])
    #expect(stream.waiting.isEmpty)
    stream.receive(Array("de\n".utf8)[...])
    #expect(text(stream) == "welcome\n")
    #expect(stream.waiting.count == 8)
    stream = drained(stream)
    #expect(stream.wish == .goOn)
    stream.clientFinished()
    #expect(text(stream) == "that was all.\n")
    #expect(stream.waiting.count == 14)
    #expect(stream.wish == .goOn)
    #expect(drained(stream).wish == .close)
  }

  @Test(arguments: [("a\nb\n", 2), ("a\nb", 2), ("a\r\n", 1), ("\n\n\n", 3), ("", 0)])
  func aLineThatTheEndCutsShortIsARequestToo(request: String, answers: Int) {
    var stream = drained(stream(.welcome))
    stream.receive(Array(request.utf8)[...])
    stream.clientFinished()
    stream.clientFinished()
    #expect(text(stream) == String(repeating: "welcome\n", count: answers) + "that was all.\n")
  }

  @Test func chargenIsThePatternHoweverItIsCut() {
    var stream = stream(.chargen, "thrown away")
    var place = 0
    for count in [1, 73, 74, 7029, 7030, 20_000, 5] {
      let piece = stream.waiting.prefix(count)
      #expect(piece.count == count)
      #expect(
        piece.elementsEqual((place..<place + count).map { CharacterPattern.octets[$0 % CharacterPattern.period] }))
      stream.sent(count)
      place += count
    }
    #expect(stream.wish == .goOn)
    stream.clientFinished()
    #expect(stream.waiting.isEmpty)
    #expect(stream.wish == .close)
  }

  @Test(arguments: Service.allCases) func aConcludedServiceSendsWhatWaitsAndThenOnlyListens(service: Service) {
    var stream = stream(service, "asked\n")
    stream.conclude()
    let waited = stream.waiting.count
    stream.receive(Array("too late\n".utf8)[...])
    #expect(stream.waiting.count == waited)
    stream = drained(stream)
    #expect(stream.wish == .finishSending)
    #expect(stream.wantsInput)
    stream.clientFinished()
    #expect(stream.waiting.isEmpty)
    #expect(stream.wish == .close)
  }

  /// RFC 864: line N has the characters (0 + N mod 95) through (71 + N mod 95) of a ring of 95, then CR LF.
  @Test func thePatternsLinesAreThoseOfTheRFC() {
    let first = ##" !"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefg"##
    #expect(String(decoding: CharacterPattern.line(0), as: UTF8.self) == first + "\r\n")
    let around = ##"~ !"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdef"##
    #expect(String(decoding: CharacterPattern.line(94), as: UTF8.self) == around + "\r\n")
    #expect(CharacterPattern.line(95) == CharacterPattern.line(0))
    #expect(CharacterPattern.octets.count % CharacterPattern.period == 0)
    #expect(CharacterPattern.octets.prefix(148).elementsEqual(CharacterPattern.line(0) + CharacterPattern.line(1)))
  }
}
