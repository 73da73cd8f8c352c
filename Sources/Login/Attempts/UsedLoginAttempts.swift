public import Core
import Synchronization

/// The ids of login attempts that led to a session, for as long as their form would open: each leads to one.
///
/// Only used ids are kept, so that a flood of visitors who never prove anything fills nothing.
public final class UsedLoginAttempts: Sendable {
    /// Ids kept, unless told otherwise: 55 sign-ins a second.
    public static let standardBound = 100_000

    /// A session that an attempt has led to.
    public struct Session: Sendable, Hashable {
        public let handle: SessionHandle
        public let tenant: TenantID
        public let user: UserID

        public init(handle: SessionHandle, tenant: TenantID, user: UserID) {
            self.handle = handle
            self.tenant = tenant
            self.user = user
        }
    }

    private struct Use {
        let until: WallTime
        var session: Session?
    }

    private struct State {
        var uses: [UInt128: Use] = [:]
        /// No id ends before.
        var nextEnd = WallTime(milliseconds: .max)
    }

    public let bound: Int
    private let state = Mutex(State())

    public init(bound: Int = standardBound) { self.bound = max(1, bound) }

    /// How many are kept.
    public var count: Int { state.withLock { $0.uses.count } }

    /// Whether an attempt has led to a session already; what is no id has not.
    public func isUsed(_ id: [UInt8]) -> Bool {
        guard let key = Self.key(id) else { return false }
        return state.withLock { $0.uses[key] != nil }
    }

    /// Notes the use of an attempt.
    /// - Parameter until: when its form opens no more.
    /// - Returns: false where it was used before, is no id, or where there is no room: no id is forgotten before its
    ///   time.
    public func use(_ id: [UInt8], until: WallTime, now: WallTime) -> Bool {
        guard let key = Self.key(id) else { return false }
        return state.withLock { state in
            guard state.uses[key] == nil else { return false }
            if state.uses.count >= bound, state.nextEnd <= now {
                state.uses = state.uses.filter { $0.value.until > now }
                state.nextEnd = state.uses.values.map(\.until).min() ?? WallTime(milliseconds: .max)
            }
            guard state.uses.count < bound else { return false }
            state.uses[key] = Use(until: until)
            state.nextEnd = min(state.nextEnd, until)
            return true
        }
    }

    /// Notes to which session a used attempt led.
    /// - Returns: the session that it had led to before: its form was sent twice at once, and the browser waits for the
    ///   later answer alone.
    public func lead(_ id: [UInt8], to session: Session) -> Session? {
        guard let key = Self.key(id) else { return nil }
        return state.withLock { state in
            let earlier = state.uses[key]?.session
            state.uses[key]?.session = session
            return earlier
        }
    }

    private static func key(_ id: [UInt8]) -> UInt128? {
        id.count == LoginAttempt.idByteCount ? id.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } : nil
    }
}
