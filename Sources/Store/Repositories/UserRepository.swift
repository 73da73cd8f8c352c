public import Core
public import HostCrypto

/// The users of one tenant.
public struct UserRepository: Sendable {
    /// Users of one reading, at most.
    public static let longestPage = 200
    /// Former password hashes kept, at most.
    public static let longestHistory = 24

    let database: any SQLDatabase
    let rows: UserRows
    let hierarchy: KeyHierarchy
    let members: MemberIndex
    let dearHashes: DearHashIndex
    let audit: AuditLog
    private let outbox: OutboxRepository
    private let links: LinkRows

    init(
        _ database: any SQLDatabase, rows: UserRows, hierarchy: KeyHierarchy, members: MemberIndex,
        dearHashes: DearHashIndex, audit: AuditLog, outbox: OutboxRepository, links: LinkRows
    ) {
        self.database = database
        self.rows = rows
        self.hierarchy = hierarchy
        self.members = members
        self.dearHashes = dearHashes
        self.audit = audit
        self.outbox = outbox
        self.links = links
    }

    /// Writes a new user, under a key of their own.
    /// - Parameters:
    ///   - password: an encoded hash; nil for a user who signs in another way.
    ///   - letters: written with the user, about them.
    /// - Throws: `StoreConflict.emailTaken`, `.notFound` where the address is no address; `StoreFault`.
    public func create(
        _ user: User, password: Argon2id.EncodedHash? = nil, audit entry: AuditEntry, at now: WallTime,
        letters: [Letter] = []
    ) async throws -> User {
        guard let email = NormalizedEmail(user.email) else { throw StoreConflict.notFound }
        guard try await find(email: email) == nil else { throw StoreConflict.emailTaken }
        // Durable in this order, so that a crash leaves a key or an index entry without a user, never the
        // other way round.
        let key = try await hierarchy.makePerson(user.id, of: rows.keys, at: now)
        let auditKey = try await audit.sealingKey(for: entry)
        try await members.add(email, tenant: rows.tenant)
        return try await outbox.posting(letters, at: now) { transaction in
            var user = user
            (user.createdAt, user.changedAt, user.epoch) = (now, now, 1)
            user.passwords = password.map { [$0.text] } ?? []
            try rows.insert(user, email: email, key: key, &transaction)
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
            try outbox.post(letters, to: user.id, key: key, at: now, in: &transaction)
            return user
        }
    }

    /// The user with this id; nil where there is none.
    public func find(_ id: UserID) async throws -> User? {
        try await database.reading { try find(id, &$0) }
    }

    /// The user with this address; nil where there is none.
    public func find(email: NormalizedEmail) async throws -> User? {
        try await database.reading { transaction in
            try rows.find(email, &transaction).flatMap { try find($0, &transaction) }
        }
    }

    private func find(_ id: UserID, _ transaction: inout StoreTransaction) throws -> User? {
        guard let row = try rows.find(id, &transaction) else { return nil }
        return try rows.user(row, key: hierarchy.personWithin(id, of: rows.keys))
    }

    /// Users after `id` in the order of their ids, which says nothing about them.
    /// - Parameter limit: 1…200; more is cut.
    public func list(after id: UserID? = nil, limit: Int = longestPage) async throws -> [User] {
        let limit = min(max(1, limit), Self.longestPage)
        let found = try await database.transaction { try rows.page(after: id, limit: limit, &$0) }
        let persons = try await hierarchy.persons(found.map { try rows.id($0) }, of: rows.keys)
        return try found.compactMap { row in try persons[rows.id(row)].map { try rows.user(row, key: $0) } }
    }

    /// Active users whom a role was given, in the order of their ids; `limit` at most.
    public func active(with role: RoleName, limit: Int) async throws -> [User] {
        let found = try await database.transaction { try rows.active(with: role, limit: limit, &$0) }
        let persons = try await hierarchy.persons(found.map { try rows.id($0) }, of: rows.keys)
        return try found.compactMap { row in try persons[rows.id(row)].map { try rows.user(row, key: $0) } }
    }

    /// The current password's hash; nil where the user has none or is not there.
    public func passwordHash(of id: UserID) async throws -> PasswordHash? {
        try await find(id)?.passwordHash
    }

    /// Whether the user can sign in without SSO: by a password, or by a passkey.
    /// - Throws: `StoreConflict.notFound`, `.erased`; `StoreFault`.
    public func hasCredentials(of id: UserID) async throws -> Bool {
        let factors = FactorRows(tenant: rows.tenant, keys: rows.keys)
        let found = try await database.transaction { transaction -> (SQLRow, FactorSet)? in
            guard let row = try rows.find(id, &transaction) else { return nil }
            return (row, try factors.load(id, &transaction))
        }
        guard let (row, set) = found else { throw StoreConflict.notFound }
        let user = try rows.user(row, key: await hierarchy.person(id, of: rows.keys))
        try factors.check(set, of: user)
        return user.hasPassword || !set.passkeys.isEmpty
    }

    /// Former hashes, the latest first, for the rule that a password does not come back.
    public func passwordHistory(of id: UserID) async throws -> [PasswordHash] {
        try await find(id)?.passwords.dropFirst().compactMap { PasswordHash($0) } ?? []
    }

    /// Changes state, roles, name or external id.
    /// - Parameters:
    ///   - endingSessions: ends every session of the user with the change, and forgets the user's devices.
    ///   - letters: written with the change, about the user.
    /// - Throws: `StoreConflict.notFound`, `.erased`, what `change` throws; `StoreFault`.
    @discardableResult
    public func update(
        _ id: UserID, endingSessions: Bool = false, audit entry: AuditEntry, at now: WallTime, letters: [Letter] = [],
        change: @escaping @Sendable (inout User) throws -> Void
    ) async throws -> User {
        try await modify(
            id, endingSessions: endingSessions, audit: entry, at: now, letters: letters, change: change)
    }

    /// Sets a new password, ends every session and every link, and forgets the user's devices: whoever knew the old
    /// password keeps no allowance of their own for guesses at the new one.
    /// - Parameters:
    ///   - history: former hashes to keep, 0…24.
    ///   - isRehash: the same password at another cost: sessions and devices go on and the history stays.
    ///   - former: the hash that is replaced, where it must still be the current one.
    ///   - mustChange: the user chooses another one at the next login, before a session begins.
    ///   - letters: written with the change, about the user.
    /// - Throws: `StoreConflict.notFound`, also where `former` is not the current hash; `.erased`; `StoreFault`.
    public func setPassword(
        _ hash: Argon2id.EncodedHash, of id: UserID, history: Int = 5, isRehash: Bool = false,
        replacing former: PasswordHash? = nil, mustChange: Bool = false, audit entry: AuditEntry,
        at now: WallTime, letters: [Letter] = []
    ) async throws {
        try await modify(id, endingSessions: !isRehash, audit: entry, at: now, letters: letters) { user in
            guard former == nil || user.passwords.first == former?.text else { throw StoreConflict.notFound }
            guard !isRehash else {
                user.passwords = [hash.text] + user.passwords.dropFirst()
                return
            }
            user.setPassword(hash, history: history, mustChange: mustChange)
            // Whoever was invited has a password now, and needs the invitation no more.
            if user.state == .invited { user.state = .active }
        }
    }

    /// Gives the user another address; look-ups by the old one find nobody.
    /// - Parameters:
    ///   - isOwnChange: the member's own, which is noted: whoever signs in by a stolen password alone could give the
    ///     account an address of theirs, and have codes sent there.
    ///   - letters: written with the change, about the user, whatever address they go to.
    /// - Throws: `StoreConflict.emailTaken`, `.notFound`, `.erased`; `StoreFault`.
    public func setEmail(
        _ email: String, of id: UserID, isOwnChange: Bool = false, audit entry: AuditEntry, at now: WallTime,
        letters: [Letter] = []
    ) async throws {
        guard let new = NormalizedEmail(email), let user = try await find(id) else { throw StoreConflict.notFound }
        try await members.add(new, tenant: rows.tenant)
        let factors = FactorRows(tenant: rows.tenant, keys: rows.keys)
        try await modify(
            id, endingSessions: false, audit: entry, at: now, letters: letters,
            alongside: { before, after, transaction in
                guard NormalizedEmail(before.email) != NormalizedEmail(after.email) else { return }
                try factors.note(id, &transaction) { $0.addressChangedAt = isOwnChange ? now : nil }
            },
            change: { $0.email = email })
        if let old = NormalizedEmail(user.email), old != new { try await members.remove(old, tenant: rows.tenant) }
    }

    /// Erases the user: the rows go, and the person's key is destroyed, so that no copy anywhere opens again.
    ///
    /// The entry's sealed part would be unreadable at once and is refused.
    public func erase(_ id: UserID, audit entry: AuditEntry, at now: WallTime) async throws {
        precondition(entry.sealedDetails.isEmpty || entry.subject != id)
        guard let user = try await find(id) else {
            // The rows went before, and the process ended before the key did.
            guard try await hierarchy.hasKey(id, of: rows.keys) else { throw StoreConflict.notFound }
            return try await hierarchy.destroyPerson(id, of: rows.keys.scope, at: now)
        }
        let auditKey = try await audit.sealingKey(for: entry)
        try await database.transaction { transaction in
            try transaction.execute("DELETE FROM session WHERE member = ?", .blob(id.octets))
            try transaction.execute("DELETE FROM device WHERE member = ?", .blob(id.octets))
            try links.removeAll(of: id, &transaction)
            try FactorRows.removeAll(of: id, &transaction)
            _ = try AccountLinkRows.remove(of: id, at: nil, &transaction)
            try transaction.execute("DELETE FROM outbox WHERE member = ?", .blob(id.octets))
            try transaction.execute("DELETE FROM member_arrival WHERE member = ?", .blob(id.octets))
            try transaction.execute("DELETE FROM dear_hash WHERE member = ?", .blob(id.octets))
            try transaction.execute("DELETE FROM member WHERE id = ?", .blob(id.octets))
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
        }
        if let email = NormalizedEmail(user.email) { try await members.remove(email, tenant: rows.tenant) }
        try await hierarchy.destroyPerson(id, of: rows.keys.scope, at: now)
        if DearHashIndex.isDear(user.passwordHash) { try await lowerDearHashes() }
    }

    /// Changes a user in one transaction.
    /// - Parameters:
    ///   - kept: a session that outlives `endingSessions`, if what is done alongside brings it to the new epoch.
    ///   - alongside: what else belongs to the change; it is given the user before and after it.
    @discardableResult
    func modify(
        _ id: UserID, endingSessions: Bool, except kept: RowID? = nil, audit entry: AuditEntry, at now: WallTime,
        letters: [Letter],
        alongside: @escaping @Sendable (User, User, inout StoreTransaction) throws -> Void = { _, _, _ in },
        change: @escaping @Sendable (inout User) throws -> Void
    ) async throws -> User {
        // A user who is not there has no key either: the row is asked first.
        guard try await database.transaction({ try rows.find(id, &$0) }) != nil else { throw StoreConflict.notFound }
        let key = try await hierarchy.person(id, of: rows.keys)
        let auditKey = try await audit.sealingKey(for: entry)
        let (user, wasDear) = try await outbox.posting(letters, at: now) { transaction in
            guard let row = try rows.find(id, &transaction) else { throw StoreConflict.notFound }
            var user = try rows.user(row, key: key)
            let before = user
            let wasDear = DearHashIndex.isDear(user.passwordHash)
            try change(&user)
            guard let email = NormalizedEmail(user.email) else { throw StoreConflict.notFound }
            user.changedAt = now
            if endingSessions {
                user.epoch += 1
                try transaction.execute(
                    "DELETE FROM session WHERE member = ? AND id <> ?", .blob(id.octets), .blob(kept?.octets ?? []))
                try transaction.execute("DELETE FROM device WHERE member = ?", .blob(id.octets))
            }
            try alongside(before, user, &transaction)
            if endingSessions || user.state != before.state || user.email != before.email {
                try links.removeAll(of: id, &transaction)
            }
            try rows.update(user, email: email, key: key, &transaction)
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
            try outbox.post(letters, to: id, key: key, at: now, in: &transaction)
            return (user, wasDear)
        }
        if wasDear, !DearHashIndex.isDear(user.passwordHash) { try await lowerDearHashes() }
        return user
    }
}
