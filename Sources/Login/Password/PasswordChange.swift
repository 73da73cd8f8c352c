public import Core
import HostCrypto
public import Store

/// Another password by its owner: a member who is signed in and proves the current one, or whoever must choose another
/// one before a session begins.
///
/// A change ends every other session and every link, and forgets the user's devices but this one.
public struct PasswordChange: Sendable {
    private let login: PasswordLogin
    let services: PasswordServices

    public init(login: PasswordLogin, services: PasswordServices) {
        self.login = login
        self.services = services
    }

    /// The rules that stand beside the field.
    public var rules: [PasswordRule] { services.policy().rules }

    /// The rules where another password must be chosen: not even the current one comes back.
    public var rulesWhereForced: [PasswordRule] { services.policy().remembering(atLeast: 1).rules }

    // MARK: Signed in

    /// A member who is signed in wants another password.
    public struct Request: ~Copyable, Sendable {
        let session: SessionHandle
        /// The one host that the session's token opens; nil where it opens every host of the tenant.
        let host: String?
        /// Of the token that was shown; nil counts as the newest one.
        let token: TokenDigest?
        let tenant: TenantID
        let user: UserID
        /// The member's, as the session has it.
        let email: String
        let current: SecretBytes
        let new: SecretBytes
        let visit: LoginVisit
        let language: String

        /// - Parameters:
        ///   - current: as it was typed.
        ///   - new: as it was typed.
        ///   - deviceToken: of `__Host-gatehouse-device`; anything but a known token counts as none.
        ///   - language: the page's, for the mail that follows.
        public init(
            session: SessionHandle, host: String? = nil, token: TokenDigest? = nil, tenant: TenantID, user: UserID,
            email: String, current: consuming SecretBytes, new: consuming SecretBytes, client: ClientAddress,
            deviceToken: String?, userAgent: String, language: String, forms: FormSeal
        ) {
            self.session = session
            self.host = host
            self.token = token
            self.tenant = tenant
            self.user = user
            self.email = email
            self.current = current
            self.new = new
            visit = LoginVisit(client: client, deviceToken: deviceToken, userAgent: userAgent, forms: forms)
            self.language = language
        }
    }

    public enum Outcome: Sendable {
        /// It is set; the session goes on under this token.  The caller tells those who hold copies of sessions.
        /// - Parameter keptUntil: as long as the browser is to keep the cookie; nil where it goes with the browser.
        case changed(token: String, device: KnownDevice, keptUntil: WallTime?)
        /// The current password is another one.
        case wrong
        /// The member has a second factor, which this session never proved: it comes first (`SecondFactors.stepUp`).
        case needsSecondFactor
        /// The new one breaks a rule.
        case refused(PasswordVerdict)
        /// The session has ended meanwhile, or another change was faster.
        case overtaken
        case throttled(retryAfter: Milliseconds)
        case busy(retryAfter: Milliseconds)
        /// The store cannot be used.
        case unavailable
    }

    /// Sets the new password where the current one is right: a wrong one costs what a failed login costs.
    public func change(_ request: consuming Request) async -> Outcome {
        let begin = login.pacing.begin()
        let (session, host, tenantID, userID) = (request.session, request.host, request.tenant, request.user)
        let (email, visit, language) = (NormalizedEmail(request.email), request.visit, request.language)
        let holder = AccountHolder(
            tenant: tenantID, user: userID, session: session, host: host, token: request.token)
        let current = NormalizedPassword(request.current)
        do {
            // 1. Whose hand it is.  A password is not changed by whoever knows nothing but the password.
            guard try await !owesSecondFactor(holder) else { return .needsSecondFactor }
            switch try await login.prove(email, current, tenant: tenantID, visit) {
            case .ended(let outcome):
                await login.pacing.hold(since: begin)
                return Self.outcome(of: outcome)
            case .proved(let members):
                guard members.contains(where: { $0.member.user == userID }) else {
                    await login.pacing.hold(since: begin)
                    return .wrong
                }
            }
            // 2. The new one.  The hash that was proved may have been computed anew since.
            guard let (tenant, store) = try await services.store.openTenant(tenantID), tenant.state == .active,
                let user = try await store.users.find(userID), let former = user.passwordHash,
                let id = RowID(session.description)
            else { return .overtaken }
            let hash: Argon2id.EncodedHash
            switch await services.judge(request.new, of: user, in: tenant, for: visit.client) {
            case .hashed(let value): hash = value
            case .refused(let verdict): return .refused(verdict)
            case .busy(let retryAfter): return .busy(retryAfter: retryAfter)
            }
            // 3. Both at once.
            let token = SessionTokens.make(for: tenantID)
            guard let digest = SessionTokens.digest(token) else { return .unavailable }
            let epoch = try await store.changePassword(
                hash, of: userID, replacing: former, keeping: (id, digest), on: host,
                history: services.settings().password.history, audit: Self.entry(userID, visit), at: services.now(),
                letters: letters(to: user, visit, language))
            let device = try await login.rememberAnew(visit, userID, epoch: epoch, in: store)
            let kept = try await store.sessions.find(id)
            return .changed(
                token: token, device: device, keptUntil: kept.flatMap { $0.isRemembered ? $0.expiresAt : nil })
        } catch is StoreConflict {
            return .overtaken
        } catch {
            services.report(error)
            return .unavailable
        }
    }

    /// Whether the member has a second factor that the session never proved.  A session that has ended owes none: that it
    /// is over is found with the change.
    private func owesSecondFactor(_ holder: AccountHolder) async throws -> Bool {
        guard let id = RowID(holder.session.description),
            let (_, store) = try await services.store.openTenant(holder.tenant),
            let session = try await store.sessions.find(id, on: holder.host, by: holder.token),
            session.user == holder.user
        else { return false }
        return try await store.factors.all(of: holder.user).hasSecondFactor && !session.hasProvedSecondFactor
    }

    // MARK: Before a session begins

    /// What became of a password that had to be changed.
    public enum ForcedOutcome: Sendable {
        /// It is set, and the session has begun.
        case signedIn(SignedIn)
        /// The new one breaks a rule.
        case refused(PasswordVerdict)
        /// The proof is too old, or something has changed since: the login begins anew.
        case overtaken
        case busy(retryAfter: Milliseconds)
        case unavailable
    }

    /// After `PasswordLoginOutcome.mustChange`: sets the new password, and begins the session.  Whoever owes a second
    /// factor still gets neither.
    public func changeAndBegin(
        _ member: ProvedMember, new typed: consuming SecretBytes, client: ClientAddress, deviceToken: String?,
        userAgent: String, language: String, isRemembered: Bool = false
    ) async -> ForcedOutcome {
        let visit = LoginVisit(
            client: client, deviceToken: deviceToken, userAgent: userAgent, forms: services.store.forms,
            isRemembered: isRemembered)
        do {
            guard let standing = try await login.standing(of: member), standing.user.mustChangePassword,
                services.admitsPassword(standing.tenant, standing.user), let former = standing.user.passwordHash,
                try await login.hasPassedFactors(member, standing)
            else { return .overtaken }
            let (tenant, store, user) = (standing.tenant, standing.store, standing.user)
            let hash: Argon2id.EncodedHash
            switch await services.judge(typed, of: user, in: tenant, for: client, mustDiffer: true) {
            case .hashed(let value): hash = value
            case .refused(let verdict): return .refused(verdict)
            case .busy(let retryAfter): return .busy(retryAfter: retryAfter)
            }
            let epoch = try await store.changePassword(
                hash, of: user.id, replacing: former, keeping: nil, history: services.settings().password.history,
                audit: Self.entry(user.id, visit), at: services.now(), letters: letters(to: user, visit, language))
            let renewed = ProvedMember(
                tenant: tenant.id, user: user.id, epoch: epoch,
                at: member.first == .password ? services.now() : member.at, first: member.first,
                second: member.second, sso: member.sso)
            switch try await login.start(renewed, standing, visit) {
            case .signedIn(let signedIn): return .signedIn(signedIn)
            default: return .overtaken
            }
        } catch is StoreConflict {
            return .overtaken
        } catch {
            services.report(error)
            return .unavailable
        }
    }

    // MARK: Parts

    private static func outcome(of ended: PasswordLoginOutcome) -> Outcome {
        switch ended {
        case .throttled(let retryAfter): .throttled(retryAfter: retryAfter)
        case .busy(let retryAfter): .busy(retryAfter: retryAfter)
        case .unavailable: .unavailable
        case .refused, .signedIn, .choose, .mustChange, .secondFactor, .enrol: .wrong
        }
    }

    private static func entry(_ user: UserID, _ visit: LoginVisit) -> AuditEntry {
        AuditEntry(
            action: "password.changed", actor: .user(user), subject: user,
            sealedDetails: [
                .init("address", visit.client.description), .init("user-agent", PasswordLogin.cut(visit.userAgent)),
            ])
    }

    private func letters(to user: User, _ visit: LoginVisit, _ language: String) -> [Letter] {
        services.post.letters(
            .passwordChanged(
                at: services.now(), device: PasswordLogin.cut(visit.userAgent), address: visit.client.description),
            to: user, language: language)
    }
}

/// A browser that an account knows from now on.
public struct KnownDevice: Sendable, Hashable {
    /// The device cookie's value.
    public let token: String
    /// When it is forgotten.
    public let expiresAt: WallTime

    public init(token: String, expiresAt: WallTime) {
        self.token = token
        self.expiresAt = expiresAt
    }
}

extension PasswordLogin {
    /// Remembers this browser again after a change has forgotten every device.
    fileprivate func rememberAnew(
        _ visit: LoginVisit, _ user: UserID, epoch: Int64, in tenant: TenantStore
    ) async throws -> KnownDevice {
        let moment = now()
        let end = moment.advanced(by: Self.deviceLifetime)
        let member = ProvedMember(tenant: tenant.tenant, user: user, epoch: epoch, at: moment)
        let token = try await remember(visit, member, in: tenant, until: end, at: moment)
        return KnownDevice(token: token, expiresAt: end)
    }
}
