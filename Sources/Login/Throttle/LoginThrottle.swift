public import Core
public import Store
import Synchronization

/// Bounds failed logins per address and per account-and-address, never per account alone: nobody locks another out
/// (security rule 15).  Many addresses against one account make answers slow for strangers (`AccountSlowdown`).
///
/// Counters are in memory and written behind each second, so that a crash forgives one second at most.
public final class LoginThrottle: Sendable {
    /// Whether a try may be made.
    public enum Answer: Sendable, Hashable {
        /// Its tokens are taken: a failure leaves it so, anything else calls `refund`, once.
        case reserved(ThrottleReservation)
        /// One token is back after so long.
        case refused(retryAfter: Milliseconds)
    }

    /// A counter as an operator reads it.
    public struct Reading: Sendable, Hashable {
        /// `address`, `network`, `account` or `device`; `slowed` for an account whose strangers wait; `invitation`,
        /// `reset`, `invitation-network`, `reset-network`, `reset-account` and `reset-mail` for links and their mails;
        /// `second-factor`, `second-factor-mail` and `enrolment-mail` for what comes after the first factor.
        public let kind: String
        /// What is counted.
        public let subject: String
        /// Failures that are still allowed.
        public let failuresLeft: Int
        /// Failures that a full bucket allows.
        public let capacity: Int
        /// When the bucket is full again.
        public let fullAt: WallTime
    }

    /// How near the bound is, and what happened since the start.
    public struct Metrics: Sendable, Hashable {
        public let counters: Int
        public let bound: Int
        /// Tries that were refused.
        public let refusals: UInt64
        /// Counters that had to go before they were full.
        public let evictions: UInt64
        /// Tries that would have been refused but for `mode: monitor`.
        public let monitored: UInt64
        /// Tries that had to wait because their account is guessed from many addresses.
        public let slowed: UInt64
    }

    /// Counters kept, unless told otherwise.
    public static let standardBound = 200_000

    let store: ThrottleRepository
    private let settings: @Sendable () -> ThrottleSettings
    private let now: @Sendable () -> WallTime
    private let table: Mutex<ThrottleTable>
    private let slowdown = Mutex(AccountSlowdown())
    private let monitored = Atomic<UInt64>(0)
    /// Writes one batch after the other.
    let turns = ThrottleTurns()

    /// - Parameters:
    ///   - settings: asked at each try, so that a reload applies at once.
    ///   - bound: counters kept at most, at least 16.
    public init(
        store: ThrottleRepository, settings: @escaping @Sendable () -> ThrottleSettings,
        now: @escaping @Sendable () -> WallTime, bound: Int = standardBound
    ) {
        self.store = store
        self.settings = settings
        self.now = now
        table = Mutex(ThrottleTable(settings: settings(), bound: bound))
    }

    public var metrics: Metrics {
        let (monitored, slowed) = (monitored.load(ordering: .relaxed), slowdown.withLock { $0.slowed })
        return table.withLock { table in
            Metrics(
                counters: table.count, bound: table.bound, refusals: table.refusals - min(table.refusals, monitored),
                evictions: table.evictions, monitored: monitored, slowed: slowed)
        }
    }

    /// Takes the tokens of a try from a device that the account does not know.
    public func reserve(_ attempt: ThrottleAttempt) -> Answer {
        let answer = self.answer(withTable { table, now in table.reserve(attempt, at: now) })
        guard case .reserved(var reservation) = answer else { return answer }
        let (settings, now) = (settings(), now())
        guard let wait = slowdown.withLock({ $0.charge(attempt.target, settings, at: now) }) else {
            refund(reservation)
            return .refused(retryAfter: settings.slowdown)
        }
        // An empty bucket took nothing, and gets nothing back.
        reservation.target = wait.count > 0 ? nil : attempt.target
        reservation.slowdown = wait
        return .reserved(reservation)
    }

    /// Holds a try back for as long as its account's state asks for.
    /// - Parameter pause: returns after so long, or earlier where its task is cancelled.
    func slow(_ reservation: ThrottleReservation, pause: (Milliseconds) async -> Void) async {
        guard reservation.slowdown.count > 0 else { return }
        slowdown.withLock { $0.enter() }
        await pause(reservation.slowdown)
        slowdown.withLock { $0.release() }
    }

    /// Takes the token of a try from a device that the account knows: no other bucket is asked or charged.
    public func reserve(_ device: ThrottleDevice) -> Answer {
        answer(withTable { table, now in table.reserve(device, at: now) })
    }

    /// Takes the token of somebody whose link fits nothing.
    public func reserve(linkFrom address: ClientAddress) -> Answer {
        answer(withTable { table, now in table.reserve(linkFrom: address, at: now) })
    }

    /// Takes the tokens of somebody who asks for a mail to reset a password, whoever is asked for.
    public func reserve(_ attempt: ResetAttempt) -> Answer {
        answer(withTable { table, now in table.reserve(attempt, at: now) })
    }

    /// Whether an account may be sent one more mail to reset its password.  Its owner has the ones before, the last of
    /// which still works: nobody is locked out by it.
    func admits(mailTo user: UserID, of tenant: TenantID) -> Bool {
        let answer = self.answer(withTable { table, now in table.reserve(mailTo: user, of: tenant, at: now) })
        guard case .reserved = answer else { return false }
        return true
    }

    /// Puts back what a try took, because it succeeded or was not made.
    public func refund(_ reservation: ThrottleReservation) {
        withTable { table, now in table.refund(reservation, at: now) }
        guard let target = reservation.target else { return }
        let (settings, now) = (settings(), now())
        slowdown.withLock { $0.refund(target, settings, at: now) }
    }

    /// The counters that are not full, the emptiest first.
    public func list(limit: Int = 1000) -> [Reading] {
        let (settings, now) = (settings(), now())
        let readings =
            withTable { table, now in table.readings(at: now) }
            + slowdown.withLock { $0.readings(settings, at: now) }
        return Array(
            readings.sorted { one, other in
                (one.failuresLeft, one.kind, one.subject) < (other.failuresLeft, other.kind, other.subject)
            }.prefix(max(0, limit)))
    }

    /// Lends the table under its lock, with the settings and the time of now.
    func withTable<Result: Sendable>(_ body: (inout ThrottleTable, WallTime) -> Result) -> Result {
        let (settings, now) = (settings(), now())
        return table.withLock { table in
            table.apply(settings, at: now)
            return body(&table, now)
        }
    }

    /// Forgets which accounts are slowed.
    func clearSlowdown() { slowdown.withLock { $0.clear() } }

    /// A try that goes on though its bucket is empty; it holds no token.
    private func monitoring() -> Answer {
        monitored.wrappingAdd(1, ordering: .relaxed)
        return .reserved(ThrottleReservation(keys: []))
    }

    func answer(_ answer: ThrottleTable.Answer) -> Answer {
        switch answer {
        case .reserved(let reservation): .reserved(reservation)
        case .refused(let retryAfter):
            switch settings().mode {
            case .enforce: .refused(retryAfter: retryAfter)
            case .monitor: monitoring()
            }
        }
    }
}
