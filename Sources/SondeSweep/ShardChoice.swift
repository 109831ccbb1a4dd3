/// Which shard a run is, and who said so.
public struct ShardChoice: Hashable, Sendable {
  public let shard: Shard
  /// What decided it, as `--shard 1/3` or `SLURM_ARRAY_TASK_ID=4`.
  public let origin: String

  /// Reads `--shard`, and where it is not written whole, what Slurm and Kubernetes tell of their tasks.
  ///
  /// - Parameters:
  ///   - written: `I/N` from 1 to N, where 0 is the same as N; `/N` takes I from the environment; nil takes both.
  ///   - variable: an environment variable's value by its name.
  /// - Returns: nil where nobody asks for a shard.
  /// - Throws: `SweepError` saying what to write.
  public static func read(
    _ written: String?, variable: (String) -> String?
  ) throws(SweepError) -> ShardChoice? {
    nil
  }
}
