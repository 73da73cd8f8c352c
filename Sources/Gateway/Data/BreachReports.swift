import Synchronization

/// Carries what went wrong with the look for stolen passwords to the log, which is there later than the check.
final class BreachReports: Sendable {
    private let listener = Mutex<(@Sendable (String) -> Void)?>(nil)

    /// Who is told.
    func listen(_ listener: @escaping @Sendable (String) -> Void) { self.listener.withLock { $0 = listener } }

    /// Tells, where somebody listens.
    func note(_ words: String) { listener.withLock { $0 }?(words) }
}
