public import Core
import Synchronization

/// The ids of login attempts that led to a session, for as long as their form would open: each leads to one.
///
/// Only used ids are kept, so that a flood of visitors who never prove anything fills nothing.
public final class UsedLoginAttempts: Sendable {
    /// Ids kept, unless told otherwise: 55 sign-ins a second.
    public static let standardBound = 100_000

    private struct State {
        var until: [UInt128: WallTime] = [:]
        /// No id ends before.
        var nextEnd = WallTime(milliseconds: .max)
    }

    public let bound: Int
    private let state = Mutex(State())

    public init(bound: Int = standardBound) { self.bound = max(1, bound) }

    /// How many are kept.
    public var count: Int { state.withLock { $0.until.count } }

    /// Whether an attempt has led to a session already; what is no id has not.
    public func isUsed(_ id: [UInt8]) -> Bool {
        guard id.count == LoginAttempt.idByteCount else { return false }
        let key = id.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        return state.withLock { $0.until[key] != nil }
    }

    /// Notes the use of an attempt.
    /// - Parameter until: when its form opens no more.
    /// - Returns: false where it was used before, is no id, or where there is no room: no id is forgotten before its
    ///   time.
    public func use(_ id: [UInt8], until: WallTime, now: WallTime) -> Bool {
        guard id.count == LoginAttempt.idByteCount else { return false }
        let key = id.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        return state.withLock { state in
            guard state.until[key] == nil else { return false }
            if state.until.count >= bound, state.nextEnd <= now {
                state.until = state.until.filter { $0.value > now }
                state.nextEnd = state.until.values.min() ?? WallTime(milliseconds: .max)
            }
            guard state.until.count < bound else { return false }
            state.until[key] = until
            state.nextEnd = min(state.nextEnd, until)
            return true
        }
    }
}
