internal import SondeLink
internal import SondeLinux
internal import SondeSweep

/// The file of `--resume`: where an earlier run stopped, and where this one stands.
final class SweepResumption {
  private var file: ResumeFile
  private let path: String
  /// What an earlier run wrote; nil if none has.
  let earlier: SweepRecord?
  private var identity: SweepIdentity?
  private var serial: UInt64 = 0
  /// Why the file could not be written; nothing more is written to it.
  private(set) var failure: LinkError?

  /// Opens the file, which is made where there is none.
  ///
  /// - Throws: `Failure` where it holds something else.
  init(_ path: String) throws {
    var file = try ResumeFile(path)
    do throws(SweepError) {
      let octets: [UInt8]
      do throws(LinkError) {
        octets = try file.read()
      } catch {
        throw SweepError(error.description)
      }
      let latest = try SweepRecord.latest(in: octets)
      if let latest { file.keep(latest.place) }
      earlier = latest?.record
    } catch {
      throw Failure("--resume \(path): \(error.message)")
    }
    serial = earlier?.serial ?? 0
    self.path = path
    self.file = file
  }

  /// Takes up the sweep.
  ///
  /// - Returns: where it goes on; nil where it begins.
  /// - Throws: `Failure` where the file is another sweep's.
  func take(up identity: SweepIdentity) throws -> SweepState? {
    self.identity = identity
    guard let earlier else { return nil }
    if let difference = identity.difference(from: earlier.identity) {
      throw Failure("--resume \(path): this is another sweep: \(difference)")
    }
    return earlier.state
  }

  /// Writes where the run stands.
  func write(_ state: SweepState) {
    guard let identity, failure == nil else { return }
    serial += 1
    do throws(LinkError) {
      try file.write(SweepRecord(identity: identity, state: state, serial: serial).octets)
    } catch {
      failure = error
    }
  }
}
