public import Core

/// The letters of one tenant that wait to be sent: written with their cause, deleted when they have gone.
///
/// Each is sealed under the key of the person that it is about, so that erasing the person erases it everywhere.  A
/// letter that has no room is dropped and counted; its cause goes on.
public struct OutboxRepository: Sendable {
    /// Letters of one tenant that wait, at most.
    public static let longest = 1000
    /// Letters about one user that wait, at most.
    public static let mostOfUser = 20
    /// Whoever sends gives letters up in this time after theirs.
    static let expiryGrace = Milliseconds.hours(24)

    let database: any SQLDatabase
    let tenant: TenantID
    let keys: TenantKeys
    let hierarchy: KeyHierarchy
    let index: OutboxIndex
    let audit: AuditLog

    init(
        _ database: any SQLDatabase, tenant: TenantID, keys: TenantKeys, hierarchy: KeyHierarchy, index: OutboxIndex,
        audit: AuditLog
    ) {
        self.database = database
        self.tenant = tenant
        self.keys = keys
        self.hierarchy = hierarchy
        self.index = index
        self.audit = audit
    }

    static let steps: [StaticString] = [
        """
        CREATE TABLE outbox (
            id BLOB NOT NULL PRIMARY KEY, member BLOB NOT NULL, kind TEXT NOT NULL, posted_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL, due_at BIGINT NOT NULL, attempts BIGINT NOT NULL, sealed BLOB NOT NULL)
        """,
        "CREATE INDEX outbox_due ON outbox (due_at)",
        "CREATE INDEX outbox_member ON outbox (member)",
        "CREATE TABLE outbox_alert (subject TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL)",
        // Who has signed in before, and in which language: the first time is no surprise to anybody.
        """
        CREATE TABLE member_arrival (
            member BLOB NOT NULL PRIMARY KEY, at BIGINT NOT NULL, language TEXT NOT NULL)
        """,
        """
        INSERT INTO member_arrival (member, at, language) SELECT member, min(created_at), '' FROM session
        GROUP BY member
        """,
        """
        INSERT INTO member_arrival (member, at, language) SELECT member, min(created_at), '' FROM device WHERE true
        GROUP BY member ON CONFLICT DO NOTHING
        """,
    ]

    // MARK: Posting

    /// Writes a letter that goes with no other write.
    /// - Parameter user: whom it is about; they have a key.
    /// - Returns: false where it had no room.
    /// - Throws: `StoreConflict.erased`, `StoreFault`.
    @discardableResult
    public func post(_ letter: Letter, to user: UserID, at now: WallTime) async throws -> Bool {
        let key = try await hierarchy.person(user, of: keys)
        return try await posting([letter], at: now) { transaction in
            try post(letter, to: user, key: key, at: now, in: &transaction)
        }
    }

    /// Runs a transaction that may write letters: the tenant is noted before it, and whoever sends them is told after it.
    /// - Parameter letters: what it may write; without any it is a transaction like others.
    func posting<Result: Sendable>(
        _ letters: [Letter], at now: WallTime,
        _ body: @escaping @Sendable (inout StoreTransaction) throws -> Result
    ) async throws -> Result {
        try await posting(upTo: letters.count, at: now, body)
    }

    /// As above, where only the transaction tells what the letters say.
    func posting<Result: Sendable>(
        upTo count: Int, at now: WallTime, _ body: @escaping @Sendable (inout StoreTransaction) throws -> Result
    ) async throws -> Result {
        guard count > 0 else { return try await database.transaction(body) }
        try await index.note(tenant, at: now)
        let result = try await database.transaction(body)
        index.posted(count, for: tenant)
        return result
    }

    /// Writes letters in the transaction of their cause, which `posting` runs.
    func post(
        _ letters: [Letter], to user: UserID, key: SealingKey, at now: WallTime,
        in transaction: inout StoreTransaction
    ) throws {
        for letter in letters { _ = try post(letter, to: user, key: key, at: now, in: &transaction) }
    }

    /// Writes a letter in the transaction of its cause, which `posting` runs.
    /// - Parameter key: the user's.
    /// - Returns: false where it had no room.
    @discardableResult
    func post(
        _ letter: Letter, to user: UserID, key: SealingKey, at now: WallTime, in transaction: inout StoreTransaction
    ) throws -> Bool {
        let counts = try transaction.first(
            "SELECT count(*), coalesce(sum(CASE WHEN member = ? THEN 1 ELSE 0 END), 0) FROM outbox", .blob(user.octets))
        guard let counts, try counts.integer(0) < Int64(Self.longest), try counts.integer(1) < Int64(Self.mostOfUser),
            index.hasRoom
        else {
            index.drop()
            return false
        }
        let id = RowID(at: now)
        let bound: [SQLValue] = [
            .blob(user.octets), .text(letter.kind), .integer(now.milliseconds), .integer(letter.expiresAt.milliseconds),
        ]
        try transaction.execute(
            """
            INSERT INTO outbox (id, member, kind, posted_at, expires_at, due_at, attempts, sealed)
            VALUES (?, ?, ?, ?, ?, ?, 0, ?)
            """, .blob(id.octets), bound[0], bound[1], bound[2], bound[3], bound[2],
            .blob(key.seal(letter.sealedPart, for: binding(id, bound))))
        return true
    }

    // MARK: Alerts

    /// What became of an alert.
    public enum AlertOutcome: Sendable, Hashable {
        case posted
        /// The last one is too young; when it was written.
        case tooEarly(last: WallTime)
    }

    /// Writes letters to several people, unless an alert about the same was written less than `interval` ago: whoever is
    /// attacked is not flooded with mails as well.
    /// - Parameter subject: what it is about, as a word of the program's own.
    /// - Throws: `StoreFault`.
    public func postAlert(
        _ letters: [(letter: Letter, user: UserID)], about subject: String, every interval: Milliseconds,
        at now: WallTime
    ) async throws -> AlertOutcome {
        let persons = try await hierarchy.persons(letters.map(\.user), of: keys)
        return try await posting(letters.map(\.letter), at: now) { transaction -> AlertOutcome in
            if let row = try transaction.first("SELECT at FROM outbox_alert WHERE subject = ?", .text(subject)) {
                let last = try row.integer(0)
                // One that lies ahead was written by a clock that was wrong.
                guard last > now.milliseconds || now.milliseconds - last >= Int64(clamping: interval.count) else {
                    return .tooEarly(last: WallTime(milliseconds: last))
                }
            }
            try transaction.execute(
                """
                INSERT INTO outbox_alert (subject, at) VALUES (?, ?)
                ON CONFLICT (subject) DO UPDATE SET at = excluded.at
                """, .text(subject), .integer(now.milliseconds))
            for (letter, user) in letters {
                guard let key = persons[user] else { continue }
                try post(letter, to: user, key: key, at: now, in: &transaction)
            }
            return .posted
        }
    }

    func binding(_ id: RowID, _ bound: [SQLValue]) -> RecordBinding {
        RecordBinding(tenant: tenant.text, table: "outbox", row: id.octets, columns: bound)
    }
}
