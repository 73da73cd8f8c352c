import Synchronization

/// Counts the requests of one route that are under way, over all loops.
///
/// Whoever is signed in goes on where strangers are turned away already: of the places an eighth is for sessions, so that
/// a flood of requests that nobody stands behind does not keep members from their work.
final class InFlightGauge: Sendable {
    private let count = Atomic<Int>(0)

    /// The part of the places that is kept for sessions: one in so many.
    static let keptShare = 8

    /// Takes a place; false where there is none.
    func enter(most: Int, isSignedIn: Bool) -> Bool {
        let bound = isSignedIn ? most : most - most / Self.keptShare
        guard count.wrappingAdd(1, ordering: .relaxed).oldValue < bound else {
            leave()
            return false
        }
        return true
    }

    /// Gives the place back.
    func leave() { count.wrappingSubtract(1, ordering: .relaxed) }

    /// Requests under way.
    var current: Int { count.load(ordering: .relaxed) }
}
