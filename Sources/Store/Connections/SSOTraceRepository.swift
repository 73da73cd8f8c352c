public import Core

/// The traces of one tenant's connections, sealed under the tenant's key.
///
/// What a provider said for the first time and what anybody can send are kept apart: a flood of the one pushes nothing
/// of the other out.
public struct SSOTraceRepository: Sendable {
    /// Traces of one reading, at most.
    public static let longestPage = 200
    /// Traces of what providers said that are kept, at most; the oldest go.
    public static let mostBound = 1000
    /// Other traces that are kept, at most; the oldest go.
    public static let mostUnbound = 200
    /// So long a trace is kept: 14 days.
    public static let lifetime = Milliseconds.hours(14 * 24)

    private let database: any SQLDatabase
    private let seals: ConnectionSeals

    init(_ database: any SQLDatabase, tenant: TenantID, keys: TenantKeys) {
        self.database = database
        seals = ConnectionSeals(tenant: tenant, keys: keys)
    }

    /// Keeps a trace; the oldest of its class gives way where there are too many, and those whose time is over go.
    /// - Throws: `StoreFault`.
    public func keep(_ trace: SSOTrace, at now: WallTime) async throws {
        try await database.transaction { transaction in
            try write(trace, &transaction)
            _ = try deleteExpired(at: now, &transaction)
        }
    }

    func write(_ trace: SSOTrace, _ transaction: inout StoreTransaction) throws {
        let bound: [SQLValue] = [
            .integer(trace.at.milliseconds), .integer(trace.isBound ? 1 : 0), .text(trace.connection),
            .text(trace.requestID),
        ]
        let sealed = seals.keys.records.seal(trace.sealedPart, for: seals.binding(.trace, trace.id.octets, bound))
        try transaction.execute(
            "INSERT INTO sso_trace (id, at, is_bound, connection, request, sealed) VALUES (?, ?, ?, ?, ?, ?)",
            .blob(trace.id.octets), bound[0], bound[1], bound[2], bound[3], .blob(sealed))
        try transaction.execute(
            """
            DELETE FROM sso_trace WHERE id IN
            (SELECT id FROM sso_trace WHERE is_bound = ? ORDER BY at DESC, id DESC LIMIT 1000 OFFSET ?)
            """, bound[1], .integer(Int64(trace.isBound ? Self.mostBound : Self.mostUnbound)))
    }

    /// Traces, the newest first.
    /// - Parameters:
    ///   - connection: nil for all.
    ///   - requestID: nil for all.
    ///   - limit: 1…200; more is cut.
    /// - Throws: `StoreFault`.
    public func list(
        connection: ConnectionName? = nil, requestID: String? = nil, limit: Int = longestPage
    ) async throws -> [SSOTrace] {
        let (name, request) = (SQLValue.optional(connection?.text), SQLValue.optional(requestID))
        let limit = SQLValue.integer(Int64(min(max(1, limit), Self.longestPage)))
        let rows = try await database.transaction { transaction in
            try transaction.query(
                """
                SELECT id, at, is_bound, connection, request, sealed FROM sso_trace WHERE id IN
                (SELECT id FROM sso_trace WHERE (? IS NULL OR connection = ?) AND (? IS NULL OR request = ?)
                ORDER BY at DESC, id DESC LIMIT ?) ORDER BY at DESC, id DESC
                """, name, name, request, request, limit)
        }
        return try rows.map { try trace($0) }
    }

    /// Deletes what is older than `lifetime`, 1000 rows at most; how many.
    /// - Throws: `StoreFault`.
    public func deleteExpired(at now: WallTime) async throws -> Int {
        try await database.transaction { try deleteExpired(at: now, &$0) }
    }

    private func deleteExpired(at now: WallTime, _ transaction: inout StoreTransaction) throws -> Int {
        try transaction.execute(
            "DELETE FROM sso_trace WHERE id IN (SELECT id FROM sso_trace WHERE at <= ? LIMIT 1000)",
            .integer(now.milliseconds - Int64(Self.lifetime.count)))
    }

    /// Reads every trace, for an examination.
    /// - Throws: `StoreFault.recordNotAuthentic` where one was changed.
    func examine() async throws {
        var last: [UInt8]? = []
        while let begin = last {
            last = try await database.transaction { transaction in
                let rows = try transaction.query(
                    """
                    SELECT id, at, is_bound, connection, request, sealed FROM sso_trace WHERE id > ?
                    ORDER BY id LIMIT 200
                    """, .blob(begin))
                for row in rows { _ = try trace(row) }
                return try rows.last?.blob(0)
            }
        }
    }

    private func trace(_ row: SQLRow) throws -> SSOTrace {
        guard let id = RowID(octets: try row.blob(0)) else { throw seals.fault(row, .trace) }
        let plain = try seals.keys.records.open(
            row.blob(5), for: seals.binding(.trace, id.octets, Array(row.values[1...4])))
        guard
            let trace = try? SSOTrace(
                id: id, requestID: row.text(4), at: WallTime(milliseconds: row.integer(1)), connection: row.text(3),
                isBound: row.integer(2) != 0, sealedPart: plain)
        else { throw seals.fault(row, .trace) }
        return trace
    }
}
