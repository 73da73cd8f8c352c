import Core
import Login
import Synchronization

/// Which ceremonies of a member's pages have led to something: each does so once, though its form is sent twice, from two
/// tabs or at once.
final class CeremonyBook: Sendable {
    private let underWay = Mutex<Set<[UInt8]>>([])
    /// Apart from those of sign-ins, which no member's ceremonies may crowd out.
    private let used = UsedLoginAttempts()

    init() {}

    /// Begins to act on a ceremony; `end` must follow.
    /// - Returns: false where it has been used, or another request acts on it now.
    func begin(_ ceremony: FactorCeremony) -> Bool {
        guard underWay.withLock({ $0.insert(ceremony.id).inserted }) else { return false }
        guard !used.isUsed(ceremony.id) else {
            underWay.withLock { _ = $0.remove(ceremony.id) }
            return false
        }
        return true
    }

    /// What was begun is over.
    /// - Parameter isDone: it led to something, and must not again while its form would open.
    func end(_ ceremony: FactorCeremony, isDone: Bool, now: WallTime) {
        if isDone {
            let span = Int64(clamping: FactorCeremonySeal.lifetime.count)
            let until = WallTime(milliseconds: ceremony.beganAt.milliseconds + span)
            _ = used.use(ceremony.id, until: until, now: now)
        }
        underWay.withLock { _ = $0.remove(ceremony.id) }
    }
}
