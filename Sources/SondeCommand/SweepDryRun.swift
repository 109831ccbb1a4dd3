internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeReport
internal import SondeSweep

/// What `--dry-run` prints of a sweep: what it would do, for how long, and its first packets.
struct SweepDryRun {
  /// So many packets are shown.
  private static let most: UInt64 = 5

  private let sweep: SweepCommand
  private let task: SweepTask

  init(_ sweep: SweepCommand, _ task: SweepTask) {
    self.sweep = sweep
    self.task = task
  }

  /// Prints it; nothing is sent.
  func show(on console: Console) throws -> Int32 {
    let routing = try SweepRouting(task.space, sweep.send)
    var questions: SweepQuestions
    do throws(SweepFormError) {
      questions = try task.questions(sweep, from: routing.sources)
    } catch {
      throw Failure("sweep: \(error)")
    }
    let door = routing.doors(sweep.send.door, packets: task.order.count)[0]
    let opening = SweepOpening(sweep, task, routing, door)
    let order = task.order
    if sweep.output.json {
      let tally = task.targets.selection.tally
      console.print(
        JSON.object([
          ("type", "plan"), ("targets", .integer(tally.targets)), ("excluded", .integer(tally.excluded)),
          ("reserved", .integer(tally.reserved)), ("never", .integer(tally.never)),
          ("ports", .integer(sweep.ask.ports?.count)), ("questions", .integer(order.count)),
          ("shard", .text(task.shard?.text)), ("seed", .integer(task.seed)),
          ("rate", .integer(sweep.pace.rate ?? 10_000)),
          ("expected_ns", .integer(opening.expected?.nanoseconds)), ("door", .string(door.rawValue)),
          ("interface", .text(routing.interface?.name)),
        ]).line)
    } else {
      console.print(opening.line)
      console.print(
        "\(grouped(order.count)) questions"
          + (opening.expected.map { ", asked once in \(Self.seconds($0)) s" } ?? "") + "; the first packets:")
    }
    for place in 0..<min(Self.most, order.count) {
      let target = task.space.target(at: order.number(at: place))
      questions.write(target, attempt: 0, at: Clock.monotonic) { packet in
        let recipe = Registry.dissect(packet.octets).recipe
        guard sweep.output.json else { return console.print("  \(recipe)") }
        console.print(
          JSON.object([
            ("type", "sent"), ("probe", .integer(place + 1)), ("recipe", .string(recipe)),
            ("bytes", .string(Hex.text(packet.octets))), ("door", .string(door.rawValue)),
          ]).line)
      }
    }
    console.flush()
    return 0
  }

  private static func seconds(_ duration: Duration) -> String {
    let tenths = (duration.nanoseconds + 99_999_999) / 100_000_000
    return "\(tenths / 10).\(tenths % 10)"
  }
}
