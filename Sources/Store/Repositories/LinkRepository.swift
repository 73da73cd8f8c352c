public import Core

/// The links of one tenant that set a password: 256 bits, kept as their SHA-256, used once (security rule 17).
///
/// A link ends with its use, with its time, with a newer one of its purpose, and with every change of its user's
/// password, address or state.
public struct LinkRepository: Sendable {
    private let database: any SQLDatabase
    private let rows: UserRows
    private let links: LinkRows
    private let hierarchy: KeyHierarchy
    private let audit: AuditLog
    private let outbox: OutboxRepository

    init(
        _ database: any SQLDatabase, rows: UserRows, links: LinkRows, hierarchy: KeyHierarchy, audit: AuditLog,
        outbox: OutboxRepository
    ) {
        self.database = database
        self.rows = rows
        self.links = links
        self.hierarchy = hierarchy
        self.audit = audit
        self.outbox = outbox
    }

    /// Makes a link in the place of the user's former one of that purpose.
    /// - Parameters:
    ///   - token: of a random one that its holder alone learns.
    ///   - letters: written with the link, about the user.
    /// - Returns: when it ends.
    /// - Throws: `StoreConflict.notFound`, also where the user's state does not fit the purpose; `.erased`;
    ///   `StoreFault`.
    @discardableResult
    public func issue(
        _ token: TokenDigest, for purpose: LinkPurpose, to user: UserID, expiresAt: WallTime, audit entry: AuditEntry,
        at now: WallTime, letters: [Letter] = []
    ) async throws -> StoredLink {
        guard try await database.transaction({ try rows.find(user, &$0) }) != nil else { throw StoreConflict.notFound }
        let key = try await hierarchy.person(user, of: rows.keys)
        let auditKey = try await audit.sealingKey(for: entry)
        return try await outbox.posting(letters, at: now) { transaction in
            guard let row = try rows.find(user, &transaction) else { throw StoreConflict.notFound }
            let standing = try rows.standing(row)
            guard standing.state == purpose.state else { throw StoreConflict.notFound }
            let link = StoredLink(
                user: user, purpose: purpose, epoch: standing.epoch, createdAt: now, expiresAt: expiresAt)
            try links.replace(with: link, token: token, &transaction)
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
            try outbox.post(letters, to: user, key: key, at: now, in: &transaction)
            return link
        }
    }

    /// The link of a token, with its user; nil where it is not good for that purpose now.
    public func find(
        _ token: TokenDigest, for purpose: LinkPurpose, at now: WallTime
    ) async throws -> (link: StoredLink, user: User)? {
        let found = try await database.transaction { transaction -> (StoredLink, SQLRow)? in
            guard let link = try links.find(token, for: purpose, at: now, &transaction),
                let row = try rows.find(link.user, &transaction)
            else { return nil }
            let standing = try rows.standing(row)
            guard standing.state == purpose.state, standing.epoch == link.epoch else { return nil }
            return (link, row)
        }
        guard let (link, row) = found else { return nil }
        return (link, try rows.user(row, key: await hierarchy.person(link.user, of: rows.keys)))
    }

    /// Deletes what has ended by `now`, 1000 rows at most; how many.
    public func deleteExpired(at now: WallTime) async throws -> Int {
        try await database.transaction { transaction in
            try transaction.execute(
                "DELETE FROM link WHERE token IN (SELECT token FROM link WHERE expires_at <= ? LIMIT 1000)",
                .integer(now.milliseconds))
        }
    }

    /// The link, once, in the transaction of what it is used for: its row goes with the change that it permits.
    /// - Throws: `StoreConflict.notFound` where it is not this user's, for this purpose, now.
    func spend(
        _ token: TokenDigest, for purpose: LinkPurpose, by user: User, at now: WallTime,
        _ transaction: inout StoreTransaction
    ) throws {
        guard let link = try links.find(token, for: purpose, at: now, &transaction), link.user == user.id,
            link.epoch == user.epoch, purpose.state == user.state
        else { throw StoreConflict.notFound }
        try transaction.execute("DELETE FROM link WHERE token = ?", .blob(token.octets))
    }
}
