public import Core

/// Which sessions came by which connection, and how they end with it (SAML Profiles §4.4).
extension ConnectionRepository {
    /// By which connection a session came; nil where it came by none, or has ended.
    /// - Throws: `StoreFault`.
    public func origin(of session: RowID) async throws -> SessionOrigin? {
        let found = try await database.transaction { transaction -> (UserID, SQLRow)? in
            guard let row = try sessions.find(session, &transaction), let user = UserID(octets: try row.blob(2)),
                let origin = try origins.find(session, &transaction)
            else { return nil }
            return (user, origin)
        }
        guard let (user, row) = found else { return nil }
        do {
            return try origins.origin(row, member: user, key: await hierarchy.person(user, of: users.keys))
        } catch StoreConflict.erased {
            return nil
        }
    }

    /// The sessions that a provider's logout means, 1000 at most.
    /// - Parameter sessionIndexes: where there are any, sessions of another index are left out; those whose provider
    ///   told none are not, for it may be one of them that ends there.
    /// - Throws: `StoreFault`.
    public func sessions(
        connection: ConnectionName, entityID: String, subject: String, sessionIndexes: [String]
    ) async throws -> [RowID] {
        let hash = seals.subject(connection, entityID: entityID, subject: subject)
        let indexes = Set(sessionIndexes.map { seals.sessionIndex($0, of: connection, entityID: entityID) })
        return try await database.transaction { try origins.sessions(of: hash, indexes: indexes, &$0) }
    }

    /// Ends sessions, 1000 at most.
    /// - Parameter describe: what is written about each, with its user.
    /// - Returns: those that were there.
    /// - Throws: `StoreFault`.
    public func end(
        sessions ids: [RowID], audit describe: @Sendable (RowID, UserID) -> AuditEntry, at now: WallTime
    ) async throws -> [RowID] {
        try await end(sessions: ids, audit: describe, at: now) { _ in true } ?? []
    }

    /// Ends sessions, 1000 at most, and uses an id up in the same transaction: both, or neither.
    /// - Parameters:
    ///   - id: as of `use(_:until:at:)`.
    ///   - end: until when it could be shown again.
    ///   - describe: what is written about each, with its user.
    /// - Returns: those that were there; nil where the id was used before, and nothing ends.
    /// - Throws: `StoreFault`.
    public func end(
        sessions ids: [RowID], using id: String, until end: WallTime,
        audit describe: @Sendable (RowID, UserID) -> AuditEntry, at now: WallTime
    ) async throws -> [RowID]? {
        let hash = seals.usedID(id)
        return try await self.end(sessions: ids, audit: describe, at: now) { transaction in
            if try used.isUsed(hash, &transaction) { return false }
            try used.insert(hash, until: end, &transaction)
            return true
        }
    }

    /// - Parameter begin: comes before the sessions end, in their transaction; false ends none.
    private func end(
        sessions ids: [RowID], audit describe: @Sendable (RowID, UserID) -> AuditEntry, at now: WallTime,
        begin: @escaping @Sendable (inout StoreTransaction) throws -> Bool
    ) async throws -> [RowID]? {
        let ids = Array(ids.prefix(Self.longestPage))
        // Whose they are is read as it stands there: a row that was changed by another hand ends as well.
        let owners = try await database.transaction { transaction in
            try ids.compactMap { id -> (RowID, UserID)? in
                let row = try transaction.first("SELECT member FROM session WHERE id = ?", .blob(id.octets))
                return try row.flatMap { UserID(octets: try $0.blob(0)) }.map { (id, $0) }
            }
        }
        var entries: [(id: RowID, entry: AuditEntry, key: SealingKey)] = []
        for (id, user) in owners {
            let entry = describe(id, user)
            // Whoever was erased meanwhile has no sessions left.
            do { entries.append((id, entry, try await audit.sealingKey(for: entry))) } catch StoreConflict.erased {}
        }
        return try await database.transaction { [entries] transaction in
            guard try begin(&transaction) else { return nil }
            var ended: [RowID] = []
            for (id, entry, key) in entries
            where try transaction.execute("DELETE FROM session WHERE id = ?", .blob(id.octets)) == 1 {
                try audit.append(entry, key: key, at: now, in: &transaction)
                ended.append(id)
            }
            return ended
        }
    }

    /// Ends sessions that came by a connection, 1000 at most; call it until there are none.
    /// - Returns: those that ended.
    /// - Throws: `StoreFault`.
    public func endAll(
        of connection: ConnectionName, audit describe: @Sendable (RowID, UserID) -> AuditEntry, at now: WallTime
    ) async throws -> [RowID] {
        let ids = try await database.transaction { try origins.sessions(of: connection, &$0) }
        return try await end(sessions: ids, audit: describe, at: now)
    }

    /// The connections that sessions came by, 1000 at most.
    /// - Throws: `StoreFault`.
    public func connectionsWithSessions() async throws -> [ConnectionName] {
        try await database.transaction { transaction in
            try transaction.query("SELECT DISTINCT connection FROM session_origin ORDER BY connection LIMIT 1000")
                .compactMap { ConnectionName(try $0.text(0)) }
        }
    }
}
