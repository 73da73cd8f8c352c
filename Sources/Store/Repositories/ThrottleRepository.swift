public import Core

/// A token bucket as it stood at a moment.
public struct ThrottleCounter: Hashable, Sendable {
    /// Which rule: `[a-z-]+`, such as `address`.
    public let kind: String
    /// What is counted, readable; sealed at rest, at most 512 bytes.
    public let subject: String
    /// Tokens left, in thousandths.
    public let tokens: Int64
    public let updatedAt: WallTime

    public init(kind: String, subject: String, tokens: Int64, updatedAt: WallTime) {
        self.kind = kind
        self.subject = subject
        self.tokens = tokens
        self.updatedAt = updatedAt
    }
}

/// The throttle's counters in the directory, written behind: keyed by a hash, with the readable address sealed.
public struct ThrottleRepository: Sendable {
    /// Counters of one reading, at most.
    public static let longestPage = 1000

    private let database: any SQLDatabase
    private let keys: TenantKeys

    init(_ database: any SQLDatabase, keys: TenantKeys) {
        self.database = database
        self.keys = keys
    }

    /// Writes many counters in one transaction, over those of the same kind and subject.
    /// - Parameter forgotten: counters that are deleted with it.
    public func save(
        _ counters: [ThrottleCounter], deleting forgotten: [(kind: String, subject: String)] = []
    ) async throws {
        let deleted = forgotten.map { SQLValue.blob(id($0.kind, $0.subject)) }
        let rows = counters.map { counter -> [SQLValue] in
            let id = id(counter.kind, counter.subject)
            var plain = FieldEncoder()
            plain.append(counter.subject)
            let columns: [SQLValue] = [
                .text(counter.kind), .integer(counter.tokens), .integer(counter.updatedAt.milliseconds),
            ]
            return [.blob(id)] + columns + [.blob(keys.records.seal(plain.bytes, for: binding(id, columns)))]
        }
        try await database.transaction { transaction in
            for id in deleted { try transaction.execute("DELETE FROM throttle WHERE counter = ?", id) }
            for row in rows {
                try transaction.execute(
                    """
                    INSERT INTO throttle (counter, kind, tokens, updated_at, sealed) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (counter) DO UPDATE SET tokens = excluded.tokens, updated_at = excluded.updated_at,
                    sealed = excluded.sealed
                    """, row[0], row[1], row[2], row[3], row[4])
            }
        }
    }

    /// Counters, page by page, for the start and for `throttle list`.
    /// - Parameters:
    ///   - last: the last counter of the page before.
    ///   - limit: 1…1000; more is cut.
    public func list(after last: ThrottleCounter? = nil, limit: Int = longestPage) async throws -> [ThrottleCounter] {
        let limit = min(max(1, limit), Self.longestPage)
        let after = last.map { id($0.kind, $0.subject) } ?? []
        return try await database.transaction { transaction in
            try transaction.query(
                """
                SELECT counter, kind, tokens, updated_at, sealed FROM throttle WHERE counter > ? ORDER BY counter LIMIT ?
                """, .blob(after), .integer(Int64(limit))
            ).map { row in
                let id = try row.blob(0)
                let plain = try keys.records.open(row.blob(4), for: binding(id, Array(row.values[1...3])))
                var decoder = FieldDecoder(plain)
                return try ThrottleCounter(
                    kind: row.text(1), subject: decoder.text(), tokens: row.integer(2),
                    updatedAt: WallTime(milliseconds: row.integer(3)))
            }
        }
    }

    /// Forgets one counter; whether there was one.
    public func clear(kind: String, subject: String) async throws -> Bool {
        let id = id(kind, subject)
        return try await database.transaction { transaction in
            try transaction.execute("DELETE FROM throttle WHERE counter = ?", .blob(id)) > 0
        }
    }

    /// Forgets every counter; how many.
    public func clearAll() async throws -> Int {
        try await database.transaction { try $0.execute("DELETE FROM throttle") }
    }

    /// Forgets counters that were not touched since `moment`, when their buckets are full again.
    public func deleteUntouched(since moment: WallTime) async throws -> Int {
        try await database.transaction { transaction in
            try transaction.execute("DELETE FROM throttle WHERE updated_at < ?", .integer(moment.milliseconds))
        }
    }

    private func id(_ kind: String, _ subject: String) -> [UInt8] { keys.index.index("throttle \(kind)", subject) }

    private func binding(_ id: [UInt8], _ columns: [SQLValue]) -> RecordBinding {
        RecordBinding(tenant: keys.scope, table: "throttle", row: id, columns: columns)
    }
}
