public import Core
public import Store

/// Whose account it is, and by which session they see it.
public struct AccountHolder: Hashable, Sendable {
    public let tenant: TenantID
    public let user: UserID
    public let session: SessionHandle
    /// The one host that the session's token opens; nil where it opens every host of the tenant.
    public let host: String?
    /// Of the session's token that was shown: what it is worth is what counts as proved.  Nil counts as the newest one.
    public let token: TokenDigest?

    public init(
        tenant: TenantID, user: UserID, session: SessionHandle, host: String? = nil, token: TokenDigest? = nil
    ) {
        self.tenant = tenant
        self.user = user
        self.session = session
        self.host = host
        self.token = token
    }
}

/// What members see of their own account and change in it.
///
/// Each change is committed with its audit entry; the loops are the caller's to tell.  A holder whose session or account
/// has ended is told `StoreConflict.notFound`, whatever was asked.
public struct MemberAccount: Sendable {
    /// A change of address needs a proof that is no older (security rule 11).
    public static let proofLifetime = Milliseconds.minutes(5)

    /// What the member sees of themselves.
    public struct Profile: Hashable, Sendable {
        public let name: String
        public let email: String
        /// The tenant's display name.
        public let tenantName: String
        public let createdAt: WallTime
        /// When the member signed in last, here or elsewhere.
        public let lastSignIn: WallTime
        /// When this session's member proved last who they are, by password or at a provider; nil where it was neither.
        public let provedAt: WallTime?
    }

    /// Why an address is not the member's now.
    public enum AddressFault: Error, Hashable, Sendable {
        /// Another member has it, or its domain is one that the member may not choose: which is nobody's business.
        case unavailable
        /// The proof is too old.
        case proofTooOld
    }

    let store: DataStore
    let settings: @Sendable () -> LoginSettings
    let now: @Sendable () -> WallTime

    public init(
        store: DataStore, settings: @escaping @Sendable () -> LoginSettings, now: @escaping @Sendable () -> WallTime
    ) {
        self.store = store
        self.settings = settings
        self.now = now
    }

    /// What the member sees of themselves.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func profile(of holder: AccountHolder) async throws -> Profile {
        let (tenant, store, user, session) = try await open(holder)
        let newest = try await store.sessions.list(of: user.id).map(\.createdAt).max()
        return Profile(
            name: user.name, email: user.email, tenantName: tenant.name, createdAt: user.createdAt,
            lastSignIn: newest ?? session.createdAt,
            provedAt: [session.provedAt(.password), session.provedAt(.sso)].compactMap(\.self).max())
    }

    /// Whether the session's member gave the password or a passkey, or signed in at a provider, so short a time ago that
    /// what needs it may be done.
    /// Where the member has a second factor, one must have been proved in this session too, at any time.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func hasRecentProof(_ holder: AccountHolder) async throws -> Bool {
        let (_, store, user, session) = try await open(holder)
        return isRecent(session, try await store.factors.all(of: user.id))
    }

    /// Whether what needs a recent proof needs a second factor in this session first, which was never proved in it:
    /// neither password nor anything else does instead.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func needsSecondFactor(_ holder: AccountHolder) async throws -> Bool {
        let (_, store, user, session) = try await open(holder)
        return try await store.factors.all(of: user.id).hasSecondFactor && !session.hasProvedSecondFactor
    }

    /// Gives the member another display name; the same one is no change.
    /// - Parameter name: as the rule for display names lets it pass.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func rename(_ holder: AccountHolder, to name: String) async throws {
        let (_, store, user, _) = try await open(holder)
        guard user.name != name else { return }
        let entry = AuditEntry(
            action: "account.name-changed", actor: .user(user.id), subject: user.id,
            sealedDetails: [.init("old", user.name), .init("new", name)])
        try await store.users.update(user.id, audit: entry, at: now()) { $0.name = name }
    }

    /// Gives the member another address, and tells both where mail is configured; the same one is no change.
    ///
    /// A member chooses among the domains of the own organisation where the present address is of one of them; others
    /// choose any that is no organisation's here: nobody takes on an address that makes them look like somebody else's
    /// member.
    /// - Parameters:
    ///   - email: an address as it was typed.
    ///   - language: of the page that asks, for the letters.
    /// - Throws: `AddressFault`, `StoreConflict`, `StoreFault`.
    public func changeEmail(
        _ holder: AccountHolder, to email: (typed: String, normalized: NormalizedEmail), language: String
    ) async throws {
        let (tenant, store, user, session) = try await open(holder)
        guard isRecent(session, try await store.factors.all(of: user.id)) else { throw AddressFault.proofTooOld }
        guard user.email != email.typed else { return }
        guard try await mayTake(email.normalized, instead: NormalizedEmail(user.email), in: tenant) else {
            throw AddressFault.unavailable
        }
        let moment = now()
        let notice = MailNotice.emailChanged(old: user.email, new: email.typed, at: moment)
        let letters =
            settings().mail == nil
            ? [] : [user.email, email.typed].map { notice.letter(to: $0, language: language, now: moment) }
        let entry = AuditEntry(
            action: "account.email-changed", actor: .user(user.id), subject: user.id,
            sealedDetails: [.init("old", user.email), .init("new", email.typed)])
        do {
            try await store.users.setEmail(
                email.typed, of: user.id, isOwnChange: true, audit: entry, at: moment, letters: letters)
        } catch StoreConflict.emailTaken {
            throw AddressFault.unavailable
        }
    }

    /// Whether a member may choose an address, whoever has it now.
    private func mayTake(
        _ email: NormalizedEmail, instead of: NormalizedEmail?, in tenant: Tenant
    ) async throws -> Bool {
        // Another spelling of the same one.
        guard email != of else { return true }
        // Of a connection's domains the provider gives the addresses: whoever took one would wait in an account for the
        // person whose address it is, and whoever gave one up would be beyond the provider's word (security rule 23).
        let given = settings().plans.connectionDomains(tenant.id)
        guard !given.contains(email.domain), !(of.map { given.contains($0.domain) } ?? false) else { return false }
        // Addresses that the tenant's rule excepts are given by those who answer for the rule.
        guard !tenant.signIn.breakGlass.contains(email.text) else { return false }
        let owner = try await store.tenants.find(emailDomain: email.domain)?.id
        let isOfOrganisation = of.map { tenant.emailDomains.contains($0.domain) } ?? false
        return owner == (isOfOrganisation ? tenant.id : nil)
    }

    /// As `hasRecentProof`, of what was read before.
    func isRecent(_ session: StoredSession, _ factors: MemberFactors) -> Bool {
        guard !factors.hasSecondFactor || session.hasProvedSecondFactor else { return false }
        let moment = now()
        return [Factor.password, .passkey, .sso].compactMap { session.provedAt($0) }.contains {
            moment.isWithin(Self.proofLifetime, after: $0, skew: LoginAttemptSeal.skew)
        }
    }

    /// Everything that an account is read from.
    /// - Throws: `StoreConflict.notFound` where one of them is not there; `StoreFault`.
    func open(
        _ holder: AccountHolder
    ) async throws -> (tenant: Tenant, store: TenantStore, user: User, session: StoredSession) {
        guard let (tenant, store) = try await store.openTenant(holder.tenant),
            let user = try await store.users.find(holder.user), let id = RowID(holder.session.description),
            let session = try await store.sessions.find(id, on: holder.host, by: holder.token), session.user == user.id
        else { throw StoreConflict.notFound }
        return (tenant, store, user, session)
    }
}

extension SessionRepository {
    /// The session of this id as the holder of a token has it: a token of before is worth what it was, also while it is
    /// let pass (security rule 9).  Nil where the session has ended, or where the token is not its own on this host.
    /// - Parameter token: nil counts as the newest one.
    func find(_ id: RowID, on host: String?, by token: TokenDigest?) async throws -> StoredSession? {
        guard let token else { return try await find(id, on: host) }
        guard let found = try await find(token), found.session.id == id, found.host == host else { return nil }
        return found.session
    }
}

extension StoredSession {
    /// Whether a second factor was proved in it, at any time.
    var hasProvedSecondFactor: Bool {
        [Factor.totp, .passkey, .recoveryCode, .mfa].contains { provedAt($0) != nil }
    }
}
