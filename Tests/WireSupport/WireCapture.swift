internal import Glibc

/// A capture by tcpdump on an interface of the namespace in which it was started, to be read by tshark.
public final class WireCapture {
  public let file: String
  private let folder: TemporaryFolder
  private let child: Int32
  private var isRunning = true

  /// - Parameter options: more of tcpdump's; its own ring drops bursts unless `-B` gives it room.
  /// - Throws: `WireFailure` if tcpdump does not listen in time.
  public init(_ interface: String, _ filter: String = "", options: String = "") throws {
    folder = try TemporaryFolder()
    file = folder.path + "/wire.pcap"
    child = try Shell.start(
      "exec tcpdump -Z root --immediate-mode -U -n \(options) -i \(interface) -w \(file) '\(filter)' 2> \(folder.path)/log"
    )
    try Shell.until("grep -q 'listening on' \(folder.path)/log")
  }

  deinit { if isRunning { Shell.stop(child) } }

  /// Waits until so many packets are in the file, and ends the capture.
  public func finish(atLeast count: Int) throws {
    try Shell.until("test $(tcpdump -n -r \(file) 2> /dev/null | wc -l) -ge \(count)")
    Shell.stop(child)
    isRunning = false
  }

  /// What tshark reads of each packet that its display filter lets through: the fields, with tabs between.
  public func fields(_ names: String..., where filter: String = "frame") throws -> [String] {
    let list = names.map { "-e \($0)" }.joined(separator: " ")
    let checks = "-o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE"
    return try Shell.run("tshark -n -r \(file) \(checks) -Y '\(filter)' -T fields \(list)").output
      .split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
  }

  /// The octets of a layer of each packet, in hexadecimal, as tshark finds it.
  public func octets(of layer: String, where filter: String = "frame") throws -> [String] {
    let pick = "tr -d ' \\n' | grep -o '\"\(layer)_raw\":\\[\"[0-9a-f]*' | cut -d'\"' -f4"
    return try Shell.run("tshark -n -r \(file) -Y '\(filter)' -T jsonraw | \(pick)").output
      .split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
  }
}
