import Core
import Store
import Synchronization

/// Keeps what was looked at in a provider's messages, for whoever sets a connection up.  That it cannot be kept changes
/// nothing of what becomes of them.
final class FlightRecorder: Sendable {
    /// Traces a minute and tenant of messages that anybody can send: they push out neither each other nor others.
    static let mostUnbound = 10
    /// Traces a minute and tenant of answers to attempts that prove nothing, and of those that were used before.
    static let mostUnverified = 60
    /// Those of one attempt, and of one answer that was used before, within a `period`.
    static let mostOfOne = 3
    /// So long they are counted, and as long again at most.
    static let period = Milliseconds.minutes(10)
    /// Attempts and used answers that are counted at once; beyond, those of before the last so many are forgotten.
    static let mostOrigins = 10_000
    /// Minutes of tenants that are counted at once; what comes for further ones in the same minute is not kept.
    static let mostWindows = 10_000

    private let store: DataStore
    private let now: @Sendable () -> WallTime
    private let report: @Sendable (any Error) -> Void
    private let counts = Mutex(TraceCounts())

    init(
        store: DataStore, now: @escaping @Sendable () -> WallTime, report: @escaping @Sendable (any Error) -> Void
    ) {
        self.store = store
        self.now = now
        self.report = report
    }

    /// - Parameter reason: a code; nil where it was accepted.
    func keep(_ run: SSORun, verdict: String, reason: String?) async {
        let moment = now()
        guard run.isBound || counts.withLock({ $0.admits(run.origin, of: run.tenant, at: moment) }) else { return }
        let trace = SSOTrace(
            id: RowID(at: moment), requestID: run.requestID, at: moment, connection: run.connection.text,
            kind: run.kind, isBound: run.isBound, verdict: verdict, reason: reason, summary: run.summary,
            steps: run.steps)
        do {
            guard let (_, store) = try await store.openTenant(run.tenant) else { return }
            // It is kept also where the visitor has gone and their task was cancelled.
            try await Task { try await store.ssoTraces.keep(trace, at: moment) }.value
        } catch {
            report(error)
        }
    }
}
