import Testing
import WireSupport

/// A server under test, on the host that the thread is on.
final class Serving {
  let port: Int
  private let folder: TemporaryFolder
  private let child: Int32
  private var isRunning = true

  /// Starts it and waits for its last ready line.
  ///
  /// - Parameter words: services and options; the port of the last service is the one that clients are sent to.
  init(_ words: String, environment: String = "") throws {
    folder = try TemporaryFolder()
    let last = words.split(separator: " ").last { $0.contains(":") && !$0.contains("::") }
    let service = String(try #require(last).prefix { $0 != ":" })
    child = try Shell.start("\(environment) exec '\(SondeBinary.path)' serve \(words) > \(folder.path)/log 2>&1")
    try Shell.until("grep -q '\(service) is ready\\|\"\(service)\"' \(folder.path)/log || ! kill -0 \(child)")
    let line = try #require(
      Shell.text("\(folder.path)/log").split(separator: "\n").last { $0.contains(service) }, "\(words)")
    // "… port 40001 at …", or "port":40001.
    let digits = line.split { !$0.isNumber && !$0.isLetter }.drop { $0 != "port" }.dropFirst().first
    port = try #require(digits.flatMap { Int($0) }, "\(line)")
  }

  deinit { if isRunning { Shell.stop(child) } }

  /// The lines so far.
  var log: String { Shell.text("\(folder.path)/log") }

  /// What a client prints (Scripts/clients.py).
  func client(_ what: String, _ more: String = "", host: String = "127.0.0.1") throws -> String {
    let outcome = try Shell.run("\(script("clients.py")) \(what) \(host) \(port) \(more)")
    return outcome.status == 0 ? outcome.output : "\(outcome)"
  }

  /// Starts a client that writes to a file of this server's folder.
  func start(_ what: String, _ more: String, into file: String) throws -> Int32 {
    try Shell.start("exec \(script("clients.py")) \(what) 127.0.0.1 \(port) \(more) > \(folder.path)/\(file) 2>&1")
  }

  func text(_ file: String) -> String { Shell.text("\(folder.path)/\(file)") }

  /// Waits until a file of the server's folder has a line.
  func await(_ line: String, in file: String = "log") throws {
    try Shell.until("grep -q '\(line)' \(folder.path)/\(file)")
  }

  /// Sends a signal without waiting.
  func signal(_ number: Int32) throws { _ = try Shell.run("kill -\(number) \(child)") }

  /// The processor time that the server has used, in hundredths of a second, and its threads.
  func usage() throws -> (ticks: Int, threads: Int) {
    let words = try Shell.run("cut -d')' -f2- /proc/\(child)/stat").output.split(separator: " ").map { Int($0) ?? 0 }
    return (words[11] + words[12], words[17])
  }

  /// Ends it by SIGINT, and gives its exit status and all its lines.
  func end() -> (status: Int32, log: String) {
    isRunning = false
    let status = Shell.stop(child, by: 2)
    return (status & 0x7f == 0 ? status >> 8 : 128 + status & 0x7f, log)
  }

  /// Waits for its own end.
  func wait() -> (status: Int32, log: String) {
    isRunning = false
    let status = Shell.wait(child)
    return (status & 0x7f == 0 ? status >> 8 : 128 + status & 0x7f, log)
  }
}
