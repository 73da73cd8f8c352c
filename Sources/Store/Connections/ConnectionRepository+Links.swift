public import Core

/// Whose account a provider's subject is (security rule 23).
extension ConnectionRepository {
    /// The link of a subject; nil where it has none.
    /// - Parameter entityID: the provider's; another provider's same subject is another.
    /// - Throws: `StoreFault`.
    public func link(
        connection: ConnectionName, entityID: String, subject: String
    ) async throws -> AccountLink? {
        let hash = seals.subject(connection, entityID: entityID, subject: subject)
        guard let row = try await database.transaction({ try links.find(hash, &$0) }) else { return nil }
        do {
            return try links.link(row, key: await hierarchy.person(links.owner(row), of: users.keys))
        } catch StoreConflict.erased {
            return nil
        }
    }

    /// The links of a user, in the order of the connections' names.
    /// - Throws: `StoreConflict.erased`; `StoreFault`.
    public func links(of user: UserID) async throws -> [AccountLink] {
        let rows = try await database.transaction { try links.all(of: user, &$0) }
        guard !rows.isEmpty else { return [] }
        let key = try await hierarchy.person(user, of: users.keys)
        return try rows.map { try links.link($0, key: key) }
    }

    /// Links a subject with an account that is there.
    /// - Parameter endingSessions: where nobody proved that the account is the subject's: its sessions, its devices and
    ///   the links that were sent for it end with it, in the same transaction, and nothing that was proved before counts.
    /// - Returns: the sessions that ended, 1000 at most.
    /// - Throws: `StoreConflict.linkTaken` where the subject is linked already, or the user with a subject of this
    ///   connection; `.notFound`, `.erased`; `StoreFault`.
    @discardableResult
    public func addLink(
        _ user: UserID, connection: ConnectionName, entityID: String, subject: String, format: String,
        endingSessions: Bool = false, audit entry: AuditEntry, at now: WallTime
    ) async throws -> [RowID] {
        // A user who is not there has no key either: the row is asked first.
        guard try await database.transaction({ try users.find(user, &$0) }) != nil else { throw StoreConflict.notFound }
        let key = try await hierarchy.person(user, of: users.keys)
        let auditKey = try await audit.sealingKey(for: entry)
        let link = AccountLink(
            connection: connection, user: user, subject: subject, format: format, createdAt: now, usedAt: now)
        return try await database.transaction { transaction in
            guard let row = try users.find(user, &transaction) else { throw StoreConflict.notFound }
            try links.insert(link, entityID: entityID, key: key, &transaction)
            let ended = try endingSessions ? endEverything(of: row, key: key, at: now, &transaction) : []
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
            return ended
        }
    }

    /// Ends what a user has: sessions, devices and links that were sent; the next epoch begins.
    /// - Returns: the sessions.
    private func endEverything(
        of row: SQLRow, key: SealingKey, at now: WallTime, _ transaction: inout StoreTransaction
    ) throws -> [RowID] {
        var user = try users.user(row, key: key)
        guard let email = NormalizedEmail(user.email) else { throw StoreConflict.notFound }
        user.epoch += 1
        user.changedAt = now
        let member = SQLValue.blob(user.id.octets)
        let ended = try transaction.query("SELECT id FROM session WHERE member = ? LIMIT 1000", member)
            .compactMap { RowID(octets: try $0.blob(0)) }
        try sessions.end(of: user.id, except: nil, &transaction)
        try transaction.execute("DELETE FROM device WHERE member = ?", member)
        try LinkRows(tenant: users.tenant, keys: users.keys).removeAll(of: user.id, &transaction)
        try users.update(user, email: email, key: key, &transaction)
        return ended
    }

    /// Removes the link of a user with a connection, or all of them.  Sessions are the caller's to end.
    /// - Returns: how many there were; with none nothing is written.
    /// - Throws: `StoreFault`.
    public func removeLink(
        of user: UserID, at connection: ConnectionName?, audit entry: AuditEntry, at now: WallTime
    ) async throws -> Int {
        let auditKey = try await audit.sealingKey(for: entry)
        return try await database.transaction { transaction in
            let count = try AccountLinkRows.remove(of: user, at: connection, &transaction)
            if count > 0 { try audit.append(entry, key: auditKey, at: now, in: &transaction) }
            return count
        }
    }

    /// Notes that somebody signs in by a link.
    /// - Throws: `StoreConflict.notFound` where it has been removed meanwhile; `StoreFault`.
    public func noteUse(
        connection: ConnectionName, entityID: String, subject: String, at now: WallTime
    ) async throws {
        let hash = seals.subject(connection, entityID: entityID, subject: subject)
        try await database.transaction { transaction in
            guard let row = try links.find(hash, &transaction) else { throw StoreConflict.notFound }
            try links.touch(row, at: now, &transaction)
        }
    }

    /// Writes a new user whom a provider vouches for, under a key of their own, together with the link: there is never
    /// one without the other.  The user has no password.
    /// - Parameter entries: at most 16 are written.
    /// - Returns: the user as written.
    /// - Throws: `StoreConflict.emailTaken`, `.linkTaken`, `.notFound` where `email` is not the user's; `StoreFault`.
    @discardableResult
    public func provision(
        _ user: User, email: NormalizedEmail, connection: ConnectionName, entityID: String, subject: String,
        format: String, audit entries: [AuditEntry], at now: WallTime
    ) async throws -> User {
        guard NormalizedEmail(user.email) == email else { throw StoreConflict.notFound }
        let hash = seals.subject(connection, entityID: entityID, subject: subject)
        // Neither a key nor an index entry is made for what cannot be.
        try await database.transaction { transaction in
            guard try users.find(email, &transaction) == nil else { throw StoreConflict.emailTaken }
            guard try links.find(hash, &transaction) == nil else { throw StoreConflict.linkTaken }
        }
        // Durable in this order, so that a crash leaves a key or an index entry without a user, never the other way
        // round.
        let key = try await hierarchy.makePerson(user.id, of: users.keys, at: now)
        var sealing: [(entry: AuditEntry, key: SealingKey)] = []
        for entry in entries.prefix(16) { sealing.append((entry, try await audit.sealingKey(for: entry))) }
        try await members.add(email, tenant: users.tenant)
        return try await database.transaction { [sealing] transaction in
            var user = user
            (user.createdAt, user.changedAt, user.epoch) = (now, now, 1)
            (user.passwords, user.hasSecondFactor) = ([], false)
            try users.insert(user, email: email, key: key, &transaction)
            let link = AccountLink(
                connection: connection, user: user.id, subject: subject, format: format, createdAt: now, usedAt: now)
            try links.insert(link, entityID: entityID, key: key, &transaction)
            for (entry, key) in sealing { try audit.append(entry, key: key, at: now, in: &transaction) }
            return user
        }
    }
}
