import SondeSweep
import Testing

@Suite struct ShardChoiceTests {
  private func read(_ written: String?, _ variables: [String: String] = [:]) throws -> ShardChoice? {
    try ShardChoice.read(written) { variables[$0] }
  }

  private func slurm(_ task: Int, _ first: Int, _ last: Int, step: Int = 1, of count: Int) -> [String: String] {
    [
      "SLURM_ARRAY_TASK_ID": "\(task)", "SLURM_ARRAY_TASK_MIN": "\(first)", "SLURM_ARRAY_TASK_MAX": "\(last)",
      "SLURM_ARRAY_TASK_STEP": "\(step)", "SLURM_ARRAY_TASK_COUNT": "\(count)",
    ]
  }

  @Test func nobodyAsksForAShard() throws {
    #expect(try read(nil) == nil)
    #expect(try read(nil, ["JOB_COMPLETIONS": "3", "SLURM_JOB_ID": "7"]) == nil)
  }

  /// Whoever counts from 1 and whoever counts from 0 takes each shard once.
  @Test(arguments: [1, 2, 3, 7])
  func bothHabitsOfCountingTakeEachShardOnce(_ count: UInt64) throws {
    for numbers in [1...count, 0...count - 1] {
      let shards = try numbers.map { try read("\($0)/\(count)")?.shard }
      #expect(Set(shards) == Set((0..<count).map { Shard(index: $0, of: count) }))
    }
    #expect(try read("1/\(count)")?.shard.index == 0)
  }

  @Test(arguments: [
    "", "/", "1", "1/", "1/0", "0/0", "4/3", "-1/3", "1/-3", "+1/3", "1/3/5", "a/3", "1/b", " 1/3", "1/3 ",
    "0x1/3",
    "1/3.0",
    "99999999999999999999/3", "1/99999999999999999999", "1/4294967297",
  ])
  func aMistakenShardIsRefused(_ word: String) {
    let error = #expect(throws: SweepError.self) { try read(word) }
    #expect(error?.message.hasPrefix("--shard \(word): ") == true)
  }

  @Test(arguments: [(0, 1), (1, 1), (0, 3), (5, 2)])
  func aSlurmArrayTakesEachShardOnce(_ first: Int, _ step: Int) throws {
    let tasks = (0..<4).map { first + step * $0 }
    for written in [nil, "/4"] {
      let choices = try tasks.map { try read(written, slurm($0, first, tasks[3], step: step, of: 4)) }
      #expect(choices.map { $0?.shard } == (0..<4).map { Shard(index: $0, of: 4) })
      #expect(choices[0]?.origin == "SLURM_ARRAY_TASK_ID=\(first)")
    }
  }

  @Test func aSlurmArrayThatTellsTooLittleIsRefused() {
    // --array=1,3,7; then an array of which one task is unlike the rest; then what is missing.
    for task in [1, 3, 7] { #expect(throws: SweepError.self) { try read(nil, slurm(task, 1, 7, of: 3)) } }
    #expect(throws: SweepError.self) { try read(nil, slurm(2, 1, 7, step: 2, of: 4)) }
    #expect(throws: SweepError.self) { try read(nil, slurm(0, 1, 7, of: 7)) }
    #expect(throws: SweepError.self) { try read(nil, slurm(1, 1, 7, step: 0, of: 7)) }
    #expect(throws: SweepError.self) { try read("/3", slurm(1, 1, 7, of: 7)) }
    for name in ["SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_COUNT"] {
      for value in ["", "x", "-1", "99999999999999999999"] {
        var variables = slurm(1, 1, 7, of: 7)
        variables[name] = value
        #expect(throws: SweepError.self) { try read(nil, variables) }
      }
    }
    #expect(throws: SweepError.self) { try read(nil, ["SLURM_ARRAY_TASK_ID": "1"]) }
  }

  @Test func anIndexedJobNeedsToSayHowMany() throws {
    let error = #expect(throws: SweepError.self) { try read(nil, ["JOB_COMPLETION_INDEX": "0"]) }
    #expect(error?.message.contains("--shard /N") == true && error?.message.contains("JOB_COMPLETIONS") == true)
    #expect(error?.message.contains("\n") == false)
    for index in 0..<3 {
      let variables = ["JOB_COMPLETION_INDEX": "\(index)"]
      let expected = Shard(index: UInt64(index), of: 3)
      #expect(try read("/3", variables)?.shard == expected)
      #expect(try read(nil, variables.merging(["JOB_COMPLETIONS": "3"]) { $1 })?.shard == expected)
      #expect(try read("/3", variables.merging(["JOB_COMPLETIONS": "9"]) { $1 })?.shard == expected)
    }
    #expect(throws: SweepError.self) { try read("/3", ["JOB_COMPLETION_INDEX": "3"]) }
    #expect(throws: SweepError.self) { try read("/3", ["JOB_COMPLETION_INDEX": "-1"]) }
    #expect(throws: SweepError.self) { try read(nil, ["JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "0"]) }
    #expect(throws: SweepError.self) { try read("/3") }
  }

  @Test func whatIsWrittenWinsAndSlurmIsNearerThanThePod() throws {
    let both = slurm(2, 1, 3, of: 3).merging(["JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "9"]) { $1 }
    #expect(try read(nil, both)?.shard == Shard(index: 1, of: 3))
    #expect(try read("1/1", both)?.shard == .whole)
    #expect(try read("3/5", ["SLURM_ARRAY_TASK_ID": "nonsense"])?.shard == Shard(index: 2, of: 5))
  }
}
