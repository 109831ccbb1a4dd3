internal import Glibc
public import SondeLink

/// A file to which a run writes, again and again, where it stands, so that at any time one whole writing is in it.
///
/// A new writing is put before the latest one if it fits there, and else behind it, and then what follows is cut off.
/// A file beside it that is renamed over it would do too, but not for root in another's folder once capabilities are
/// dropped; so the file is opened before that, and stays open.
public struct ResumeFile: ~Copyable {
  private let name: String
  private let file: Descriptor
  /// Where the latest writing stands, which is not written over.
  private var latest = 0..<0
  /// No file of a run is longer, in octets.
  public static let longest = 1 << 24

  /// Opens a file, or makes an empty one, and keeps other runs from it. The corresponding C functions are `open` and
  /// `flock`.
  ///
  /// - Throws: `LinkError` naming the path; also where it is no regular file, or another run has it open.
  public init(_ path: String) throws(LinkError) {
    // Opening a pipe would wait for its other end.
    let number = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard number >= 0 else { throw LinkError("file \(path)", errno) }
    let file = Descriptor(number)
    var status = stat()
    guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw LinkError("file \(path)", refusal: "it is no regular file, which alone can be gone on from")
    }
    guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
      throw LinkError("file \(path)", refusal: "another run has it open: each run, and each shard, needs its own")
    }
    name = path
    self.file = file
  }

  /// All that the file holds. The corresponding C function is `pread`.
  ///
  /// - Throws: `LinkError` if it cannot be read, or is longer than `longest`.
  public borrowing func read() throws(LinkError) -> [UInt8] {
    var octets: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe pread(file.number, &piece, piece.count, octets.count)
      if count == 0 { return octets }
      if count < 0 {
        if errno == EINTR { continue }
        throw LinkError("read \(name)", errno)
      }
      octets += piece[..<count]
      guard octets.count <= Self.longest else {
        throw LinkError("file \(name)", refusal: "it is too long for a resume file")
      }
    }
  }

  /// Says where in the file the latest writing was found, which is kept until a newer one is on the disk.
  public mutating func keep(_ place: Range<Int>) { latest = place }

  /// Writes octets beside the latest writing, and waits until they are on the disk. The corresponding C functions are
  /// `pwrite`, `fdatasync` and `ftruncate`.
  ///
  /// - Throws: `LinkError` if that fails; the latest writing is still whole then.
  public mutating func write(_ octets: [UInt8]) throws(LinkError) {
    let start = octets.count <= latest.lowerBound ? 0 : latest.upperBound
    var done = 0
    while done < octets.count {
      let piece = octets[done...]
      let count = unsafe piece.withUnsafeBytes { unsafe pwrite(file.number, $0.baseAddress, $0.count, start + done) }
      if count >= 0 {
        done += count
      } else if errno != EINTR {
        throw LinkError("write to \(name)", errno)
      }
    }
    guard fdatasync(file.number) == 0 else { throw LinkError("write to \(name)", errno) }
    latest = start..<start + octets.count
    guard ftruncate(file.number, latest.upperBound) == 0 else { throw LinkError("write to \(name)", errno) }
  }
}
