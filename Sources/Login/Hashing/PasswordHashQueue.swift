public import Core
public import HostCrypto
import Synchronization

/// Computes password hashes on threads of its own, of low priority: however many logins are tried, requests of those
/// who are signed in come first.
///
/// Each hash takes its memory (64 MiB) for about 100 ms; the threads bound how many run, the queue how many wait.
public final class PasswordHashQueue: Sendable {
    /// What a request for hashes brings.
    public enum Answer<Value: Sendable>: Sendable {
        case done(Value)
        /// Too many wait, it waited too long, or it was cancelled.
        case busy(retryAfter: Milliseconds)
    }

    /// How near the bounds are, and what was done since the start.
    public struct Metrics: Sendable, Hashable {
        public let waiting: Int
        public let bound: Int
        public let running: Int
        public let threads: Int
        /// Requests that got no hash because too many waited or because they waited too long.
        public let refused: UInt64
        /// Hashes that were computed.
        public let done: UInt64
        /// Requests that got no hash because the machine had no memory for it.
        public let failed: UInt64
    }

    /// Requests that wait at most, unless told otherwise.
    public static let standardBound = 64
    /// Nobody waits longer.
    public static let longestWait = Milliseconds.seconds(10)
    static let shortestRetry = Milliseconds.seconds(1)

    /// What new hashes cost.
    public let cost: Argon2id.Cost
    private let engine: HashEngine
    private let tickets = Atomic<UInt64>(0)

    /// Starts the threads; they end when the queue is let go.
    /// - Parameters:
    ///   - threads: one fewer than there are processors, at least 1, unless told otherwise.
    ///   - bound: requests that wait at most; of one network at most 8.
    ///   - clock: never jumps.
    public convenience init(
        cost: Argon2id.Cost = .standard, threads: Int? = nil, bound: Int = standardBound,
        clock: @escaping @Sendable () -> MonotonicInstant
    ) {
        self.init(cost: cost, exactly: max(1, threads ?? HashThread.processors - 1), bound: bound, clock: clock)
    }

    /// - Parameter threads: with 0 nothing is ever computed, for tests of what waits.
    init(
        cost: Argon2id.Cost, exactly threads: Int, bound: Int, clock: @escaping @Sendable () -> MonotonicInstant
    ) {
        self.cost = cost
        let engine = HashEngine(cost: cost, threads: threads, bound: bound, clock: clock)
        self.engine = engine
        for _ in 0..<threads { HashThread.start { engine.run() } }
    }

    deinit { engine.close() }

    public var metrics: Metrics { engine.metrics }

    /// When to come again, where somebody from there who brings no known device would find no place now: surplus is
    /// refused before anything is looked up for it.
    func refusal(ofStrangerFrom client: ClientAddress) -> Milliseconds? { engine.refusal(ofStrangerFrom: client) }

    /// Which of the hashes is the password's: one hash is computed for each, and one where there is none.
    /// - Parameter hashes: nil stands for a user who is not there; it costs the same and never fits.
    public func verify(
        _ password: NormalizedPassword, against hashes: [PasswordHash?], for client: ClientAddress,
        isKnownDevice: Bool
    ) async -> Answer<[Bool]> {
        switch await submit(password, .verify(hashes), client, isKnownDevice) {
        case .verified(let fits): .done(fits)
        case .hash: .done([])
        case .busy(let retryAfter): .busy(retryAfter: retryAfter)
        }
    }

    /// A new hash of the password at today's cost, for whoever has the right to set it: they wait with known devices.
    /// - Parameter client: nil for a command on the machine itself.
    public func hash(
        _ password: NormalizedPassword, for client: ClientAddress?
    ) async -> Answer<Argon2id.EncodedHash> {
        switch await submit(password, .hash, client ?? ClientAddress(high: 0, low: 1), true) {
        case .hash(let hash): .done(hash)
        case .verified: .busy(retryAfter: Self.shortestRetry)
        case .busy(let retryAfter): .busy(retryAfter: retryAfter)
        }
    }

    private func submit(
        _ password: NormalizedPassword, _ work: HashEngine.Work, _ client: ClientAddress, _ isKnownDevice: Bool
    ) async -> HashEngine.Result {
        let ticket = tickets.wrappingAdd(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { answer in
                engine.submit(
                    HashEngine.Job(password, work, answer), ticket: ticket, from: client, isKnownDevice: isKnownDevice)
                // A cancellation before this moment found nothing to take back.
                if Task.isCancelled { engine.cancel(ticket) }
            }
        } onCancel: {
            engine.cancel(ticket)
        }
    }
}
