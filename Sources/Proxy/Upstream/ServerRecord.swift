/// What is known of one server and what follows from it, given the time (monotonic milliseconds).
///
/// A server that fails several times in a row is left out for a while, longer each time, and comes back slowly: a fault
/// that passes costs few requests, and a server that has just started is not flooded.  Active checks, where there are
/// any, take it out and in as well.
struct ServerRecord: Sendable, Hashable {
    /// Connections that failed, or broke before a byte of an answer, one after the other.
    static let failuresBeforeEjection = 3
    /// The first ejection; each further one is twice as long.
    static let shortestEjection: UInt64 = 3_000
    static let longestEjection: UInt64 = 60_000
    /// After so long without an ejection the next one is short again.
    static let forgivenAfter: UInt64 = 300_000

    private(set) var standing = ServerStanding()
    private(set) var failuresInARow = 0
    /// Ejections that count for the length of the next.
    private(set) var ejections = 0
    /// It has come back from an ejection and has not answered since: one failure is enough.
    private(set) var isOnProbation = false
    private var lastEjectionEnd: UInt64 = 0
    private var checksInARow = 0

    /// What an event has changed.
    enum Change: Sendable, Hashable {
        /// It gets no requests for so many milliseconds.
        case ejected(UInt64)
        /// It has answered after an ejection.
        case returned
        /// Its checks have failed often enough, or have passed again.
        case unhealthy, healthy
    }

    /// A connection could not be made, or broke before it answered.
    /// - Parameter mayEject: another server is left.
    mutating func failed(at now: UInt64, mayEject: Bool) -> Change? {
        // Requests that were under way when it was taken out say nothing new.
        guard now >= standing.outUntil else { return nil }
        standing.isSuspect = true
        failuresInARow += 1
        guard mayEject, isOnProbation || failuresInARow >= Self.failuresBeforeEjection else { return nil }
        if now &- lastEjectionEnd > Self.forgivenAfter { ejections = 0 }
        let length = min(Self.longestEjection, Self.shortestEjection << UInt64(min(ejections, 10)))
        ejections += 1
        failuresInARow = 0
        isOnProbation = true
        standing.outUntil = now + length
        standing.slowFrom = standing.outUntil
        lastEjectionEnd = standing.outUntil
        return .ejected(length)
    }

    /// It has answered a request.
    mutating func answered(at now: UInt64) -> Change? {
        guard now >= standing.outUntil else { return nil }
        failuresInARow = 0
        standing.isSuspect = false
        guard isOnProbation else { return nil }
        isOnProbation = false
        // It comes back from now on, however long nobody asked it.
        standing.slowFrom = now
        return .returned
    }

    /// An active check has passed or not.
    /// - Parameters:
    ///   - healthyAfter: passes in a row that take it in again.
    ///   - unhealthyAfter: failures in a row that take it out.
    mutating func checked(_ hasPassed: Bool, healthyAfter: Int, unhealthyAfter: Int, at now: UInt64) -> Change? {
        guard hasPassed != standing.isHealthy else {
            checksInARow = 0
            return nil
        }
        checksInARow += 1
        guard checksInARow >= (hasPassed ? healthyAfter : unhealthyAfter) else { return nil }
        checksInARow = 0
        standing.isHealthy = hasPassed
        guard hasPassed else { return .unhealthy }
        standing.outUntil = min(standing.outUntil, now)
        standing.slowFrom = now
        return .healthy
    }

    /// Nobody checks it any more.
    mutating func forgetChecks() {
        checksInARow = 0
        standing.isHealthy = true
    }
}

/// What the loops need to know of a server, each in a copy of its own.
struct ServerStanding: Sendable, Hashable {
    /// It gets no requests before this time.
    var outUntil: UInt64 = 0
    /// Since when it gets more and more of them; 0 where it was never away.
    var slowFrom: UInt64 = 0
    /// What its active checks say; true where there are none.
    var isHealthy = true
    /// It has failed since it last answered: the next answer is worth telling.
    var isSuspect = false

    /// How long a server that has come back gets less than its share.
    static let slowStart: UInt64 = 10_000
    /// A whole share, of which the return begins with a tenth.
    static let wholeShare = 256

    /// How much of its share a server gets now, 0 for none to `wholeShare`.
    func share(at now: UInt64) -> Int {
        guard isHealthy, now >= outUntil else { return 0 }
        guard slowFrom > 0, now < slowFrom &+ Self.slowStart else { return Self.wholeShare }
        let elapsed = now &- slowFrom
        return max(Self.wholeShare / 10, Int(elapsed * UInt64(Self.wholeShare) / Self.slowStart))
    }
}
