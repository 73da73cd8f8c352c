public import Core
public import Store

/// What became of asking a member for the password again.
public enum ConfirmationOutcome: Sendable, Hashable {
    case confirmed(RenewedSession)
    case refused
    /// Too many failures; a try is given back after so long.
    case throttled(retryAfter: Milliseconds)
    /// More wait for their hash than may.
    case busy(retryAfter: Milliseconds)
    /// The session has ended meanwhile.
    case ended
    /// The store cannot be used.
    case unavailable
}

/// A session with a new token, of which only its browser may learn.
public struct RenewedSession: Sendable, Hashable {
    /// The session cookie's value from now on.
    public let token: String
    public let handle: SessionHandle
    /// What the token is found by: 32 bytes.
    public let digest: [UInt8]
    /// When the session ends, whatever is asked.
    public let expiresAt: WallTime
    /// Whether the browser is to keep the cookie when it is closed.
    public let isRemembered: Bool

    public init(token: String, handle: SessionHandle, digest: [UInt8], expiresAt: WallTime, isRemembered: Bool) {
        self.token = token
        self.handle = handle
        self.digest = digest
        self.expiresAt = expiresAt
        self.isRemembered = isRemembered
    }
}

extension PasswordLogin {
    /// The password of a member who is signed in, once more: with the throttles of every login, since whoever found an
    /// open session may guess here.  The session goes on with a new token (security rule 9); its copies are the caller's
    /// to tell.
    /// - Parameter token: that was shown, where it is known: one of before confirms nothing any more.
    public func confirm(
        _ session: SessionHandle, on host: String? = nil, by token: TokenDigest? = nil, of user: UserID,
        in tenant: TenantID, password typed: consuming SecretBytes, client: ClientAddress, deviceToken: String?
    ) async -> ConfirmationOutcome {
        let begin = pacing.begin()
        let visit = LoginVisit(client: client, deviceToken: deviceToken, userAgent: "", forms: store.forms)
        let password = NormalizedPassword(typed)
        let outcome: ConfirmationOutcome
        do {
            outcome = try await confirm(session, on: host, by: token, of: user, in: tenant, password, visit)
        } catch is StoreConflict {
            outcome = .ended
        } catch {
            report(error)
            outcome = .unavailable
        }
        if case .confirmed = outcome { return outcome }
        await pacing.hold(since: begin)
        return outcome
    }

    private func confirm(
        _ handle: SessionHandle, on host: String?, by shown: TokenDigest?, of user: UserID, in tenant: TenantID,
        _ password: NormalizedPassword?, _ visit: LoginVisit
    ) async throws -> ConfirmationOutcome {
        // 1. The address as the store has it now: whoever asks may have changed it in another tab.
        guard let id = RowID(handle.description), let (_, store) = try await store.openTenant(tenant),
            let member = try await store.users.find(user), let email = NormalizedEmail(member.email),
            try await store.sessions.find(id, on: host, by: shown)?.user == user
        else { return .ended }
        // 2. The password, as at every login.
        let proof: ProvedMember
        switch try await prove(email, password, tenant: tenant, visit) {
        case .ended(.throttled(let retryAfter)): return .throttled(retryAfter: retryAfter)
        case .ended(.busy(let retryAfter)): return .busy(retryAfter: retryAfter)
        case .ended(.unavailable): return .unavailable
        case .ended: return .refused
        case .proved(let members):
            guard let found = members.first(where: { $0.member.user == user }) else { return .refused }
            proof = found.member
        }
        // 3. The new token.
        let token = SessionTokens.make(for: tenant)
        guard let digest = SessionTokens.digest(token) else { return .unavailable }
        let renewed = try await store.sessions.renew(
            id, on: host, holding: shown, of: user, epoch: proof.epoch,
            proving: ProvedFactor(.password, at: proof.at), with: digest,
            audit: LoginRecord.confirmed(user, session: handle, client: visit.client), at: now())
        return .confirmed(
            RenewedSession(
                token: token, handle: handle, digest: digest.octets, expiresAt: renewed.expiresAt,
                isRemembered: renewed.isRemembered))
    }
}
