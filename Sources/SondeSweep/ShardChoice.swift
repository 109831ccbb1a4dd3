/// Which shard a run is, and who said so.
public struct ShardChoice: Hashable, Sendable {
  public let shard: Shard
  /// What decided it, as `--shard 1/3` or `SLURM_ARRAY_TASK_ID=4`.
  public let origin: String

  /// More machines than these do not share a sweep.
  private static let most: UInt64 = 1 << 32

  /// Reads `--shard`, and where it is not written whole, what Slurm and Kubernetes tell their tasks.
  ///
  /// Slurm's array tasks (sbatch(1)) are told all that is needed. The pods of an indexed job of Kubernetes are told their
  /// index only; how many they are is written, or handed to them in JOB_COMPLETIONS.
  ///
  /// - Parameters:
  ///   - written: `I/N` from 1 to N, where 0 is the same as N, so that counting from 0 and from 1 both take each shard
  ///     once; `/N` takes I from the environment, nil takes both.
  ///   - variable: an environment variable's value by its name.
  /// - Returns: nil where nobody asks for a shard.
  /// - Throws: `SweepError` saying what to write.
  public static func read(_ written: String?, variable: (String) -> String?) throws(SweepError) -> ShardChoice? {
    guard let written else { return try task(of: nil, variable) }
    let parts = written.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let count = decimal(parts[1]), (1...most).contains(count) else {
      throw SweepError("--shard \(written): it is I/N, as 1/3, or /N where Slurm or Kubernetes counts the tasks")
    }
    guard !parts[0].isEmpty else {
      if let choice = try task(of: count, variable) { return choice }
      throw SweepError(
        "--shard \(written): no variable says which of the \(count) this is (SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX);"
          + " write --shard I/\(count)")
    }
    guard let index = decimal(parts[0]), index <= count else {
      throw SweepError("--shard \(written): the first number is from 1 to \(count), or 0 for \(count)")
    }
    return ShardChoice(shard: Shard(index: (index + count - 1) % count, of: count), origin: "--shard \(written)")
  }

  private static func task(
    of count: UInt64?, _ variable: (String) -> String?
  ) throws(SweepError) -> ShardChoice? {
    // A pod may be a Slurm node, whose tasks are what shares the work then.
    if let task = variable("SLURM_ARRAY_TASK_ID") { return try slurm(task, of: count, variable) }
    if let index = variable("JOB_COMPLETION_INDEX") { return try kubernetes(index, of: count, variable) }
    return nil
  }

  private static func slurm(
    _ task: String, of written: UInt64?, _ variable: (String) -> String?
  ) throws(SweepError) -> ShardChoice {
    func value(_ name: String) throws(SweepError) -> UInt64 {
      let text = variable(name)
      if let number = text.flatMap({ decimal($0[...]) }) { return number }
      throw SweepError(
        "SLURM_ARRAY_TASK_ID=\(task) makes this one shard of several, but \(name) is \(text.map { "\"\($0)\"" } ?? "not set");"
          + " write --shard I/N, or --shard 1/1 for all of it")
    }
    let (number, first, count) =
      (try value("SLURM_ARRAY_TASK_ID"), try value("SLURM_ARRAY_TASK_MIN"), try value("SLURM_ARRAY_TASK_COUNT"))
    let step = variable("SLURM_ARRAY_TASK_STEP") == nil ? 1 : try value("SLURM_ARRAY_TASK_STEP")
    let last = variable("SLURM_ARRAY_TASK_MAX") == nil ? nil : try value("SLURM_ARRAY_TASK_MAX")
    if let written, written != count {
      throw SweepError(
        "--shard /\(written) and SLURM_ARRAY_TASK_COUNT=\(count) differ; write --shard I/\(written) to run some of them"
      )
    }
    // Of a list as 1,3,7 a task does not know its place, nor of what is left of an array that is run again.
    guard step > 0, number >= first, (number - first) % step == 0, (number - first) / step < count,
      last.map({ $0 >= first && ($0 - first) / step == count - 1 }) ?? true, count <= most
    else {
      throw SweepError(
        "SLURM_ARRAY_TASK_ID=\(task) is one of \(count) tasks that are not numbered in even steps; write --shard I/N")
    }
    return ShardChoice(
      shard: Shard(index: (number - first) / step, of: count), origin: "SLURM_ARRAY_TASK_ID=\(task)")
  }

  private static func kubernetes(
    _ text: String, of written: UInt64?, _ variable: (String) -> String?
  ) throws(SweepError) -> ShardChoice {
    let told = variable("JOB_COMPLETIONS")
    guard let index = decimal(text[...]) else {
      throw SweepError("JOB_COMPLETION_INDEX is \"\(text)\", which is no number; write --shard I/N")
    }
    guard let count = written ?? told.flatMap({ decimal($0[...]) }), (1...most).contains(count) else {
      throw SweepError(
        "JOB_COMPLETION_INDEX=\(text) makes this one shard of several, but nothing says of how many: write --shard /N,"
          + " or set JOB_COMPLETIONS to the job's completions (--shard 1/1 sweeps all of it)")
    }
    guard index < count else {
      throw SweepError("JOB_COMPLETION_INDEX=\(text) counts from 0 and is none of \(count) shards")
    }
    return ShardChoice(shard: Shard(index: index, of: count), origin: "JOB_COMPLETION_INDEX=\(text)")
  }

  /// A decimal number without sign, below 2^63.
  private static func decimal(_ text: Substring) -> UInt64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(text) else {
      return nil
    }
    return number < 1 << 63 ? number : nil
  }
}
