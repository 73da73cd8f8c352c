public import Core
import Synchronization

/// Which tenants may have letters that wait: so that nobody opens every tenant's file to find out.
///
/// A tenant is noted before its letter is written, and crossed off only a good while after that, when its outbox was seen
/// to be empty: an entry too many costs a look, one too few would lose a letter.  Two processes may share it for a
/// while.
public final class OutboxIndex: Sendable {
    /// Letters that wait in all tenants together, at most; one more is not written.
    public static let mostInAll = 100_000
    /// Tenants of one reading, at most.
    public static let longestPage = 1000
    /// A note of this process counts for so long without being written again.
    static let noteLifetime = Milliseconds.seconds(30)
    /// A note is crossed off at the earliest so long after it was written: three times as long, so that the
    /// transaction that it announced has ended.
    static let settling = Milliseconds.seconds(90)

    private struct State {
        var notedAt: [TenantID: WallTime] = [:]
        var waiting: [TenantID: Int] = [:]
        var total = 0
        var dropped: UInt64 = 0
        var nudge: (@Sendable (TenantID) -> Void)?
    }

    private let database: any SQLDatabase
    private let state = Mutex(State())

    init(_ database: any SQLDatabase) { self.database = database }

    static let steps: [StaticString] = [
        "CREATE TABLE outbox_tenant (tenant TEXT NOT NULL PRIMARY KEY, noted_at BIGINT NOT NULL)"
    ]

    /// Who is told that a tenant has a new letter, once it is durable; called on any thread.
    public func listen(_ nudge: @escaping @Sendable (TenantID) -> Void) { state.withLock { $0.nudge = nudge } }

    /// Tenants whose outbox is worth a look, after `tenant` in the order of their ids.
    public func tenants(after tenant: TenantID? = nil, limit: Int = longestPage) async throws -> [TenantID] {
        let limit = min(max(1, limit), Self.longestPage)
        return try await database.transaction { transaction in
            try transaction.query(
                "SELECT tenant FROM outbox_tenant WHERE tenant > ? ORDER BY tenant LIMIT ?", .text(tenant?.text ?? ""),
                .integer(Int64(limit))
            ).compactMap { TenantID(try $0.text(0)) }
        }
    }

    /// Says how many letters of a tenant wait; crosses it off where none does and its note is old enough.
    public func settle(_ tenant: TenantID, waiting: Int, at now: WallTime) async throws {
        state.withLock { state in
            state.total += waiting - (state.waiting[tenant] ?? 0)
            state.waiting[tenant] = waiting == 0 ? nil : waiting
        }
        guard waiting == 0 else { return }
        let settled = now.milliseconds - Int64(Self.settling.count)
        try await database.transaction { transaction in
            try transaction.execute(
                "DELETE FROM outbox_tenant WHERE tenant = ? AND noted_at <= ?", .text(tenant.text), .integer(settled))
        }
    }

    /// Letters that wait in all tenants, as far as they have been looked at since the start.
    public var waiting: Int { state.withLock { $0.total } }

    /// Letters that were not written since the start, because too many waited.
    public var dropped: UInt64 { state.withLock { $0.dropped } }

    /// Notes a tenant, durably, before its letter is written.
    func note(_ tenant: TenantID, at now: WallTime) async throws {
        let isNoted = state.withLock { state in
            guard let noted = state.notedAt[tenant], noted <= now else { return false }
            return now.milliseconds - noted.milliseconds < Int64(Self.noteLifetime.count)
        }
        guard !isNoted else { return }
        try await database.transaction { transaction in
            try transaction.execute(
                """
                INSERT INTO outbox_tenant (tenant, noted_at) VALUES (?, ?)
                ON CONFLICT (tenant) DO UPDATE SET noted_at = excluded.noted_at
                """, .text(tenant.text), .integer(now.milliseconds))
        }
        state.withLock { state in
            if state.notedAt.count >= Self.longestPage { state.notedAt.removeAll() }
            state.notedAt[tenant] = now
        }
    }

    /// Whether one more letter has room.
    var hasRoom: Bool { state.withLock { $0.total < Self.mostInAll } }

    /// A letter had no room and was not written.
    func drop() { state.withLock { $0.dropped += 1 } }

    /// Letters of a tenant have become durable.
    func posted(_ count: Int, for tenant: TenantID) {
        guard count > 0 else { return }
        let nudge = state.withLock { state in
            state.total += count
            state.waiting[tenant, default: 0] += count
            return state.nudge
        }
        nudge?(tenant)
    }
}
