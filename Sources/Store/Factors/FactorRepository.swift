public import Core
import HostCrypto

/// The second factors of one tenant's members: authenticator apps, passkeys, recovery codes, and what was noted on the
/// way to them.
///
/// Each change is one transaction with its entry and its letters.  A member who is not there is `StoreConflict.notFound`
/// for every call.
public struct FactorRepository: Sendable {
    /// Authenticator apps of one member, at most.
    public static let longestApps = 5
    /// Passkeys of one member, at most.
    public static let longestPasskeys = 20
    /// Recovery codes of one set, at most.
    public static let recoveryCodeCount = 10
    /// Bytes of a user handle (WebAuthn Level 3 §14.6.1 recommends 64 at most, all random).
    public static let userHandleByteCount = 32

    let database: any SQLDatabase
    let users: UserRows
    let factors: FactorRows
    let links: LinkRows
    let sessions: SessionRepository
    let hierarchy: KeyHierarchy
    let audit: AuditLog
    let outbox: OutboxRepository

    init(
        _ database: any SQLDatabase, users: UserRows, factors: FactorRows, links: LinkRows,
        sessions: SessionRepository, hierarchy: KeyHierarchy, audit: AuditLog, outbox: OutboxRepository
    ) {
        self.database = database
        self.users = users
        self.factors = factors
        self.links = links
        self.sessions = sessions
        self.hierarchy = hierarchy
        self.audit = audit
        self.outbox = outbox
    }

    /// What a member has.
    /// - Throws: `StoreConflict.notFound`, `.erased`; `StoreFault`.
    public func all(of user: UserID) async throws -> MemberFactors {
        let (set, key) = try await open(user)
        return MemberFactors(
            apps: try set.apps.map { try factors.app($0, key: key) },
            passkeys: try set.passkeys.map { try factors.passkey($0, key: key) },
            recoveryCodesLeft: set.recoveryCodes.count, graceBeganAt: set.state?.graceBeganAt,
            invitedAt: set.state?.invitedAt, promptDismissedAt: set.state?.promptDismissedAt,
            enrolmentCodeExpiresAt: set.state?.enrolmentExpiresAt, addressChangedAt: set.state?.addressChangedAt)
    }

    /// The passkey with a credential's id, whoever's it is, with its member's user handle; nil where there is none.
    /// - Throws: `StoreFault`.
    public func passkey(credential id: [UInt8]) async throws -> (passkey: StoredPasskey, userHandle: [UInt8])? {
        let owner = try await database.transaction { try factors.owner(ofCredential: id, &$0) }
        guard let (user, passkey) = owner else { return nil }
        let (set, key): (FactorSet, SealingKey)
        do {
            (set, key) = try await open(user)
        } catch StoreConflict.notFound, StoreConflict.erased {
            return nil
        }
        guard let row = set.passkey(passkey) else { return nil }
        guard let handle = try factors.handle(set.state, key: key) else { throw factors.fault(user) }
        return (try factors.passkey(row, key: key), handle)
    }

    /// What authenticators call the member instead of anything that says who it is; made at the first question, and the
    /// same ever after (WebAuthn Level 3 §14.6.1).
    /// - Returns: 32 random bytes.
    /// - Throws: `StoreConflict.notFound`, `.erased`; `StoreFault`.
    public func userHandle(of user: UserID, at now: WallTime) async throws -> [UInt8] {
        let (set, key) = try await open(user)
        if let handle = try factors.handle(set.state, key: key) { return handle }
        return try await note(user) { state in
            // Somebody may have come in between.
            if let handle = try factors.handle(state, key: key) { return handle }
            state.handle = newHandle(of: user, key: key)
            return try factors.handle(state, key: key) ?? []
        }
    }

    /// A handle for a member who has none, sealed.
    func newHandle(of user: UserID, key: SealingKey) -> [UInt8] {
        factors.sealed(handle: SecureRandom.bytes(Self.userHandleByteCount), of: user, key: key)
    }

    /// Reads everything that a member has, for an examination.
    /// - Returns: how many apps and passkeys there are.
    /// - Throws: `StoreFault` where something was changed.
    func examine(_ user: UserID) async throws -> Int {
        let (set, key) = try await open(user)
        for row in set.apps { _ = try factors.app(row, key: key) }
        for row in set.passkeys { _ = try factors.passkey(row, key: key) }
        _ = try factors.handle(set.state, key: key)
        return set.count
    }

    // MARK: How changes are made

    /// What a change has before it, and what it leaves behind.
    struct Change: Sendable {
        /// Written again where it becomes another.
        var user: User
        var state: FactorState
        /// What the member had before.
        let set: FactorSet
        let key: SealingKey
    }

    /// Changes a member's factors in one transaction.
    /// - Parameters:
    ///   - letters: how many it may write.
    ///   - body: nil says that nothing was done; then nothing is written, no entry either.
    func change<Result: Sendable>(
        _ user: UserID, audit entry: AuditEntry, letters count: Int, at now: WallTime,
        _ body: @escaping @Sendable (inout Change, inout StoreTransaction) throws -> (Result, [Letter])?
    ) async throws -> Result? {
        // A user who is not there has no key either: the row is asked first.
        guard try await database.transaction({ try users.find(user, &$0) }) != nil else { throw StoreConflict.notFound }
        let key = try await hierarchy.person(user, of: users.keys)
        let auditKey = try await audit.sealingKey(for: entry)
        return try await outbox.posting(upTo: count, at: now) { transaction -> Result? in
            guard let row = try users.find(user, &transaction) else { throw StoreConflict.notFound }
            let before = try users.user(row, key: key)
            let set = try factors.load(user, &transaction)
            try factors.check(set, of: before)
            var change = Change(user: before, state: set.state ?? FactorState(user: user), set: set, key: key)
            guard let (result, letters) = try body(&change, &transaction) else { return nil }
            let after = try factors.loadUnchecked(user, &transaction).set
            try factors.write(change.state, over: after, &transaction)
            change.user.hasSecondFactor = after.count > 0
            if change.user != before {
                guard let email = NormalizedEmail(change.user.email) else { throw StoreConflict.notFound }
                change.user.changedAt = now
                try users.update(change.user, email: email, key: key, &transaction)
            }
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
            try outbox.post(letters, to: user, key: key, at: now, in: &transaction)
            return result
        }
    }

    /// Changes what is noted of a member, without an entry.
    func note<Result: Sendable>(
        _ user: UserID, _ body: @escaping @Sendable (inout FactorState) throws -> Result
    ) async throws -> Result {
        try await database.transaction { transaction in
            guard try users.find(user, &transaction) != nil else { throw StoreConflict.notFound }
            return try factors.note(user, &transaction, body)
        }
    }

    /// What a member has, with the key that opens it.
    private func open(_ user: UserID) async throws -> (FactorSet, SealingKey) {
        let found = try await database.transaction { transaction -> (SQLRow, FactorSet)? in
            guard let row = try users.find(user, &transaction) else { return nil }
            return (row, try factors.load(user, &transaction))
        }
        guard let (row, set) = found else { throw StoreConflict.notFound }
        let key = try await hierarchy.person(user, of: users.keys)
        try factors.check(set, of: users.user(row, key: key))
        return (set, key)
    }
}
