import Core
import Login
import Synchronization

/// What connections need done over time: metadata fetched, ends watched, and how they fare kept for probes and metrics.
///
/// A fetch may take its time, which nothing else waits for.
final class ConnectionJobs: Sendable {
    /// How often it looks whether somebody asked for a turn.
    static let period = Duration.seconds(1)
    /// Periods between two turns.
    static let turn = 60

    private let connections: SSOConnections
    private let isWanted = Mutex(true)
    private let last = Mutex<[ConnectionStatus]>([])

    init(_ connections: SSOConnections) { self.connections = connections }

    /// How each connection was at the last turn.
    var statuses: [ConnectionStatus] { last.withLock { $0 } }

    /// Asks for a turn soon: connections have changed.
    func hurry() { isWanted.withLock { $0 = true } }

    /// Runs until its task is cancelled; the first turn is at once.
    func run() async {
        var waited = 0
        while !Task.isCancelled {
            let isAsked = isWanted.withLock { isWanted in
                defer { isWanted = false }
                return isWanted
            }
            if isAsked || waited >= Self.turn {
                waited = 0
                await look()
            }
            try? await Task.sleep(for: Self.period)
            waited += 1
        }
    }

    private func look() async {
        await connections.refresh(at: Clocks.wall())
        let fresh = await connections.status()
        guard !Task.isCancelled else { return }
        last.withLock { $0 = fresh }
    }
}
