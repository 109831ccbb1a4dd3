public import SondeLink

/// A sweep that is ready to run: what sends, what listens, and the book that they share.
///
/// Nothing is remembered of a question but two bits, and when the sixty-four of its block were sent; all memory is made
/// here once, and does not grow with the number of questions.
public struct Sweep<Form: SweepForm, Door: BulkDoor & ~Copyable, Hops: SweepHops & ~Copyable, Ear: BulkEar & ~Copyable>:
  ~Copyable
{
  let plan: SweepPlan

  public init(
    _ plan: SweepPlan, form: Form, door: consuming Door, hops: consuming Hops, ear: consuming Ear, pacer: Pacer
  ) {
    self.plan = plan
  }

  /// Runs to the end, by this thread alone or by two.
  ///
  /// - Parameters:
  ///   - start: Runs what it is given on another thread, which then sends while this one listens; nil to do both here,
  ///     in turn.
  ///   - wish: What the user wants now; asked about once a millisecond and after each few packets.
  ///   - onTick: Called every `tick` of the plan, and before the end; `SweepMoment.state` makes a state to be resumed.
  ///   - onEvent: Called for each answer and each silence, with the packet from its IP header on; with none for silence.
  public mutating func run(
    on start: ((@escaping @Sendable () -> Void) -> Void)? = nil, wish: () -> SweepWish = { .goOn },
    onTick: (borrowing SweepMoment) -> Void = { _ in }, onEvent: (SweepEvent, RawSpan) -> Void
  ) -> SweepSummary {
    SweepSummary(
      counts: SweepCounts(), ending: .complete, state: SweepState(), began: .distantFuture, ended: .distantFuture,
      left: 0, full: 0, refusals: [])
  }
}

/// A run as `onTick` sees it.
public struct SweepMoment: ~Copyable {
  public let progress: SweepProgress

  /// Where a later run would go on if this one ended now.
  public func state() -> SweepState { SweepState() }
}
