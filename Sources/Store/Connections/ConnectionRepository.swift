public import Core

/// What the connections of one tenant need to be durable: fetched metadata, our own keys, which account is whose, which
/// ids were used, and which session came by which connection.
///
/// How a connection is set up stands in the tenant's file alone.
public struct ConnectionRepository: Sendable {
    /// Sessions of one call, at most.
    public static let longestPage = 1000
    /// Former keys of a connection, at most; the oldest go.
    public static let mostFormerKeys = 8
    /// For so long a used id is kept after its end: a clock that was ahead for a while frees none that still counts.
    public static let usedIDGrace = Milliseconds.hours(24)

    let database: any SQLDatabase
    let users: UserRows
    let members: MemberIndex
    let sessions: SessionRepository
    let hierarchy: KeyHierarchy
    let audit: AuditLog
    let metadata: MetadataRows
    let keys: ConnectionKeyRows
    let links: AccountLinkRows
    let origins: OriginRows
    let used: UsedIDs
    let seals: ConnectionSeals

    init(
        _ database: any SQLDatabase, users: UserRows, members: MemberIndex, sessions: SessionRepository,
        hierarchy: KeyHierarchy, audit: AuditLog
    ) {
        self.database = database
        self.users = users
        self.members = members
        self.sessions = sessions
        self.hierarchy = hierarchy
        self.audit = audit
        seals = ConnectionSeals(tenant: users.tenant, keys: users.keys)
        metadata = MetadataRows(seals: seals)
        keys = ConnectionKeyRows(seals: seals)
        links = AccountLinkRows(seals: seals)
        origins = sessions.origins
        used = UsedIDs(seals: seals)
    }

    // MARK: Metadata

    /// What was fetched last; nil where nothing was.
    /// - Throws: `StoreFault`.
    public func metadata(of connection: ConnectionName) async throws -> StoredMetadata? {
        try await database.transaction { try metadata.find(connection, &$0) }
    }

    /// Keeps metadata in the place of what there was.
    /// - Parameter entry: written with it; nil where nothing is to be said, as of a document that is the same.
    /// - Throws: `StoreFault`.
    public func keep(
        _ fetched: StoredMetadata, of connection: ConnectionName, audit entry: AuditEntry? = nil, at now: WallTime
    ) async throws {
        let auditKey: SealingKey? = if let entry { try await audit.sealingKey(for: entry) } else { nil }
        try await database.transaction { transaction in
            try metadata.write(fetched, of: connection, &transaction)
            if let entry, let auditKey { try audit.append(entry, key: auditKey, at: now, in: &transaction) }
        }
    }

    /// Forgets what was fetched.
    /// - Throws: `StoreFault`.
    public func remove(metadataOf connection: ConnectionName) async throws {
        try await database.transaction { transaction in
            try transaction.execute(
                "DELETE FROM connection_metadata WHERE connection = ?", .text(connection.text))
        }
    }

    // MARK: Ids that count once

    /// Uses ids up: the assertion's and the request's, say (security rule 21).  Two uses at once are one after the
    /// other, and only the first of them is good.
    /// - Parameters:
    ///   - ids: as the caller tells kinds and connections apart; each counts once in the whole tenant.
    ///   - end: until when they could be shown again; they are forgotten `usedIDGrace` after that.
    /// - Returns: false where any was used before; then nothing is written.
    /// - Throws: `StoreFault`.
    public func use(_ ids: [String], until end: WallTime, at now: WallTime) async throws -> Bool {
        let hashes = Set(ids.map { seals.usedID($0) })
        return try await database.transaction { transaction in
            for hash in hashes where try used.isUsed(hash, &transaction) { return false }
            for hash in hashes { try used.insert(hash, until: end, &transaction) }
            return true
        }
    }

    /// Forgets ids whose end came `usedIDGrace` ago, 1000 at most; how many.
    /// - Throws: `StoreFault`.
    public func deleteExpiredIDs(at now: WallTime) async throws -> Int {
        let (ended, overflow) = now.milliseconds.subtractingReportingOverflow(Int64(Self.usedIDGrace.count))
        return try await database.transaction { transaction in
            try transaction.execute(
                "DELETE FROM used_id WHERE id IN (SELECT id FROM used_id WHERE expires_at <= ? LIMIT 1000)",
                .integer(overflow ? .min : ended))
        }
    }
}
