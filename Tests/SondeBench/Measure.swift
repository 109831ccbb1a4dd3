/// One way of doing a piece of work: `run` does it `times` times and returns a value that depends on
/// every one of them.
struct Contender {
  var name: String
  var run: (_ times: Int) -> UInt64
}

/// Times the contenders in turn, round after round, so that whatever disturbs the machine disturbs
/// all of them alike.
///
/// - Returns: for each contender the median over nine rounds of some ten milliseconds each, in
///   nanoseconds a call.
private func measure(_ contenders: [Contender]) -> [Double] {
  let rounds = 9
  let times = contenders.map { calls(of: $0, lasting: .milliseconds(10)) }
  var took = contenders.map { _ in [Double]() }
  for _ in 0..<rounds {
    for (index, contender) in contenders.enumerated() {
      took[index].append(nanoseconds(of: contender, times[index]) / Double(times[index]))
    }
  }
  return took.map { $0.sorted()[rounds / 2] }
}

/// How many calls last about `duration`; warms up on the way.
private func calls(of contender: Contender, lasting duration: Duration) -> Int {
  var times = 1
  while nanoseconds(of: contender, times) < duration / .nanoseconds(1) { times *= 2 }
  return times
}

private func nanoseconds(of contender: Contender, _ times: Int) -> Double {
  let took = ContinuousClock().measure { consume(contender.run(times)) }
  return took / .nanoseconds(1)
}

/// Takes a value so that the compiler may not leave out the work behind it.
@inline(never)
@_optimize(none)
func consume(_ value: UInt64) {}

/// Gives back `value`, which the compiler then cannot foresee.
@inline(never)
@_optimize(none)
func opaque<T>(_ value: T) -> T { value }

/// Measures each row's contenders, ours first, and prints a table of nanoseconds a call, with the
/// others' times divided by ours: above 1 ours is the faster.
///
/// - Parameter calls: how many calls each contender makes where it is asked for one.
func compare(_ title: String, calls: Int = 1, _ rows: [(label: String, contenders: [Contender])]) {
  let names = rows.first?.contenders.map(\.name) ?? []
  print("\(title): ns a call, median of 9 interleaved rounds")
  print(line([""] + names + names.dropFirst().map { "\($0)/\(names[0])" }))
  for row in rows {
    let figures = measure(row.contenders).map { $0 / Double(calls) }
    print(line([row.label] + (figures + figures.dropFirst().map { $0 / figures[0] }).map(decimals)))
  }
}

/// Measures packets made one way and another, the last way C's, and prints what one takes, how many
/// that is a second, and C's time by that: above 1 ours is the faster.
func compareRates(_ title: String, _ contenders: [Contender]) {
  print("\(title): median of 9 interleaved rounds")
  print(line(["", "ns", "M packets/s", "C/ours"]))
  let figures = measure(contenders)
  let c = figures.last ?? 0
  for (contender, figure) in zip(contenders, figures) {
    print(contender.name)
    print(line([""] + [figure, 1000 / figure, c / figure].map(decimals)))
  }
}

private func line(_ cells: [String]) -> String {
  let width = 14
  return cells.enumerated().map { index, cell in
    let spaces = String(repeating: " ", count: max(0, width - cell.count))
    return index == 0 ? cell + spaces : spaces + cell
  }.joined()
}

/// `value` with two decimals.
private func decimals(_ value: Double) -> String {
  let hundredths = Int(value * 100 + 0.5)
  let rest = hundredths % 100
  return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
}
