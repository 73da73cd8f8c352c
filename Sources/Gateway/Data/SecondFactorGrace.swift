import Core
import Store

/// Until when members who have no second factor yet get by without one, by their tenant's `mfa.grace`.
///
/// A member's time begins with the first sign-in that asks for a second factor, and for sessions that a new rule finds
/// with the next look at them; it never begins again.
struct SecondFactorGrace: Sendable {
    /// However long a stored rule says, it is no longer.
    static let longest = Milliseconds.hours(90 * 24)

    let store: DataStore
    let book: TenantBook

    /// - Parameter roles: all that the user has.
    /// - Returns: nil where nothing is asked of them, where they have a factor and need only prove it, and where their
    ///   time is over.
    /// - Throws: `StoreConflict.notFound`, `StoreFault`.
    func dueAt(
        _ user: User, roles: [RoleName], of tenant: TenantID, wall: WallTime, monotonic: MonotonicInstant
    ) async throws -> MonotonicInstant? {
        let grace = min(book.secondFactorGrace(of: tenant, roles: roles), Self.longest)
        guard grace.count > 0, !user.hasSecondFactor else { return nil }
        let began = try await store.tenant(tenant).factors.beginGrace(of: user.id, at: wall)
        // A clock that was set back since gives the whole time once more, and no longer one.
        let left = Int64(grace.count) - max(0, wall.milliseconds - began.milliseconds)
        return left > 0 ? monotonic.advanced(by: Milliseconds(UInt64(left))) : nil
    }
}
