public import Core

/// When an answer that is not a success leaves: on a fixed time step after its request began.
///
/// The work behind a refusal differs by a few milliseconds between an account that is there and one that is not; a
/// step far longer than that hides it (security rule 14).
public struct AnswerPacing: Sendable {
    /// Unless told otherwise.
    public static let standardStep = Milliseconds(250)

    public let step: Milliseconds
    private let clock: @Sendable () -> MonotonicInstant
    private let sleep: @Sendable (Milliseconds) async -> Void

    /// - Parameters:
    ///   - clock: never jumps.
    ///   - sleep: returns after so long, or earlier where its task is cancelled and nobody waits for the answer.
    public init(
        step: Milliseconds = standardStep, clock: @escaping @Sendable () -> MonotonicInstant,
        sleep: @escaping @Sendable (Milliseconds) async -> Void = Self.wait
    ) {
        self.step = Milliseconds(max(1, step.count))
        self.clock = clock
        self.sleep = sleep
    }

    /// The moment that a request begins.
    public func begin() -> MonotonicInstant { clock() }

    /// `begin` and so many strides of `steps` steps each, as few as lie ahead of `now`.
    public func moment(after begin: MonotonicInstant, steps: UInt64 = 1, at now: MonotonicInstant) -> MonotonicInstant {
        let stride = step.count * max(1, steps)
        return begin.advanced(by: Milliseconds((now.since(begin).count / stride + 1) * stride))
    }

    /// Waits for that moment.
    public func hold(since begin: MonotonicInstant, steps: UInt64 = 1) async {
        let now = clock()
        await sleep(moment(after: begin, steps: steps, at: now).since(now))
    }

    /// Waits for so long.
    func pause(_ duration: Milliseconds) async { await sleep(duration) }

    /// Waits on the concurrency pool's own clock.
    @Sendable public static func wait(_ duration: Milliseconds) async {
        try? await Task.sleep(nanoseconds: duration.count * 1_000_000)
    }
}
