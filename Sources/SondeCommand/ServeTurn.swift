internal import SondeLink
internal import SondeLinux
internal import SondeProbe
internal import SondeReport

extension ServeRun {
  /// One turn of a connection: what waits is sent, what came is read once and served. A client that has much to say,
  /// or takes much, has its turn again when the others had theirs.
  ///
  /// - Returns: how the connection ended, if it did.
  func turn(_ connection: ServedConnection, reads: Bool) -> ServedEnding? {
    do throws(LinkError) {
      try send(connection)
      if reads {
        try read(connection)
        try send(connection)
      }
      checkOctets(connection)
      switch connection.stream.wish {
      case .goOn: return nil
      case .finishSending:
        if !connection.hasFinishedSending {
          connection.hasFinishedSending = true
          connection.socket.finishSending()
        }
        return nil
      case .close:
        let ending: ServedEnding = connection.stream.wantsInput ? .service : .client
        // Octets that nobody read would have the kernel reset the connection, and what was sent might be lost with it
        // (RFC 2525 §2.17).
        if connection.stream.wantsInput { try drain(connection) }
        return connection.conclusion ?? ending
      }
    } catch {
      if let conclusion = connection.conclusion { return conclusion }
      return error.isReset ? .reset : error.isSilence ? .silence : .failure(error.message)
    }
  }

  private func send(_ connection: ServedConnection) throws(LinkError) {
    let waiting = connection.stream.waiting
    guard !waiting.isEmpty else { return }
    let count = try connection.socket.send(waiting)
    guard count > 0 else { return }
    connection.stream.sent(count)
    connection.octets.sent += UInt64(count)
    connection.moved = Clock.monotonic
  }

  private func read(_ connection: ServedConnection) throws(LinkError) {
    switch try connection.socket.receive(into: &buffer) {
    case .nothing: return
    case .end: connection.stream.clientFinished()
    case .octets(let count):
      connection.stream.receive(buffer[..<count])
      connection.octets.received += UInt64(count)
    }
    connection.moved = Clock.monotonic
  }

  /// Reads what has come, to throw it away: a bounded number of times.
  private func drain(_ connection: ServedConnection) throws(LinkError) {
    for _ in 0..<16 {
      guard case .octets(let count) = try connection.socket.receive(into: &buffer) else { return }
      connection.octets.received += UInt64(count)
    }
  }

  private func checkOctets(_ connection: ServedConnection) {
    guard let limit = limits.octets, connection.octets.received + connection.octets.sent >= limit else { return }
    conclude(connection, .limit, at: Clock.monotonic)
  }
}
