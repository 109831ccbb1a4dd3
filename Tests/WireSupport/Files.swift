internal import Glibc

/// All the text that a file descriptor still gives.
public func readAll(_ descriptor: Int32) -> String {
  var text: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = unsafe read(descriptor, &piece, piece.count)
    guard count > 0 else { return String(decoding: text, as: UTF8.self) }
    text += piece[..<count]
  }
}

/// Sends SIGQUIT to the calling thread, which takes it at once even where test threads block signals.
public func raiseQuit() {
  var quit = sigset_t()
  var before = sigset_t()
  unsafe sigemptyset(&quit)
  unsafe sigaddset(&quit, SIGQUIT)
  unsafe pthread_sigmask(SIG_UNBLOCK, &quit, &before)
  raise(SIGQUIT)
  unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
}
