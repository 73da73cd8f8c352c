public import Core
import HostCrypto
public import Store

/// Links that set a password: the first one of an invitation, another one after a reset.
///
/// Showing changes nothing, so that whatever looks at mails before their reader does uses nothing up; only a submitted
/// form does.  Neither signs anybody in (security rules 16 and 17).
public final class PasswordLinks: Sendable {
    public let purpose: LinkPurpose
    let services: PasswordServices
    private let spent = SpentLinks()

    public init(_ purpose: LinkPurpose, services: PasswordServices) {
        self.purpose = purpose
        self.services = services
    }

    /// The rules that stand beside the field.
    public var rules: [PasswordRule] { services.policy().rules }

    /// What the link is good for.
    public func look(_ visit: LinkVisit) async -> LinkOutcome {
        switch await find(visit) {
        case .found(let found): .usable(found.owner)
        case .unusable: .unusable
        case .throttled(let retryAfter): .throttled(retryAfter: retryAfter)
        case .unavailable: .unavailable
        }
    }

    /// Sets the password and uses the link up; ends every session of the user.
    public func setPassword(_ typed: consuming SecretBytes, _ visit: LinkVisit) async -> LinkPasswordOutcome {
        // 1. The link, before a hash is computed for anybody.
        let found: Found
        switch await find(visit) {
        case .found(let value): found = value
        case .unusable: return spent.holds(visit.token, at: services.now()) ? .spent : .unusable
        case .throttled(let retryAfter): return .throttled(retryAfter: retryAfter)
        case .unavailable: return .unavailable
        }
        // 2. The password.
        let hash: Argon2id.EncodedHash
        switch await services.judge(typed, of: found.user, in: found.tenant, for: visit.client) {
        case .hashed(let value): hash = value
        case .refused(let verdict): return .refused(found.owner, verdict)
        case .busy(let retryAfter): return .busy(retryAfter: retryAfter)
        }
        // 3. Both at once: of two that submit the same link one wins.
        do {
            try await found.store.setPassword(
                hash, of: found.user.id, by: found.token.digest, for: purpose,
                history: services.settings().password.history, audit: entry(found.user.id, visit), at: services.now(),
                letters: letters(found, visit))
            spent.note(visit.token, at: services.now())
            return .done(found.owner, device: purpose == .invitation ? await arrive(found) : nil)
        } catch is StoreConflict {
            return spent.holds(visit.token, at: services.now()) ? .spent : .unusable
        } catch {
            services.report(error)
            return .unavailable
        }
    }

    // MARK: Parts

    private struct Found: Sendable {
        let token: LinkToken
        let tenant: Tenant
        let store: TenantStore
        let user: User
        let owner: LinkOwner
    }

    private enum Search: Sendable {
        case found(Found)
        case unusable
        case throttled(retryAfter: Milliseconds)
        case unavailable
    }

    /// The link, its user and tenant.  One that fits is never refused, whatever others do from the same address: nobody
    /// guesses 256 bits.  One that does not costs its address a token.
    private func find(_ visit: LinkVisit) async -> Search {
        do {
            if let found = try await lookUp(visit) { return .found(found) }
        } catch {
            services.report(error)
            return .unavailable
        }
        switch services.throttle.reserve(linkFrom: visit.client) {
        case .reserved: return .unusable
        case .refused(let retryAfter): return .throttled(retryAfter: retryAfter)
        }
    }

    private func lookUp(_ visit: LinkVisit) async throws -> Found? {
        guard let token = LinkToken(visit.token), visit.hostTenant == nil || visit.hostTenant == token.tenant,
            // A token that somebody made up must not have a database made.
            try await services.store.isUsed(token.tenant),
            let (tenant, store) = try await services.store.openTenant(token.tenant), tenant.state == .active,
            let (link, user) = try await store.links.find(token.digest, for: purpose, at: services.now()),
            services.admitsPassword(tenant, user)
        else { return nil }
        let owner = LinkOwner(
            tenant: tenant.id, tenantName: tenant.name, user: user.id, name: user.name, email: user.email,
            expiresAt: link.expiresAt)
        return Found(token: token, tenant: tenant, store: store, user: user, owner: owner)
    }

    /// Notes that the invitation was accepted now, and makes its browser one that the account knows: there the member
    /// sets up a first factor without a code (security rule 16).
    /// - Returns: nil where it could not be noted: then a code is asked for.
    private func arrive(_ found: Found) async -> KnownDevice? {
        let (moment, forms) = (services.now(), services.store.forms)
        let (token, end) = (SessionTokens.makeDevice(forms: forms), moment.advanced(by: PasswordLogin.deviceLifetime))
        do {
            guard let digest = SessionTokens.deviceDigest(token, forms: forms),
                let user = try await found.store.users.find(found.user.id)
            else { return nil }
            try await found.store.factors.noteInvitation(of: user.id, at: moment)
            try await found.store.devices.remember(
                digest, of: user.id, epoch: user.epoch, expiresAt: end, at: moment)
            return KnownDevice(token: token, expiresAt: end)
        } catch {
            services.report(error)
            return nil
        }
    }

    private func entry(_ user: UserID, _ visit: LinkVisit) -> AuditEntry {
        let action =
            switch purpose {
            case .invitation: "invitation.accepted"
            case .passwordReset: "password.reset"
            }
        return AuditEntry(
            action: action, actor: .user(user), subject: user,
            sealedDetails: [
                .init("address", visit.client.description), .init("user-agent", PasswordLogin.cut(visit.userAgent)),
            ])
    }

    /// Whoever has just taken up an invitation knows it; a reset is told to the owner of the address.
    private func letters(_ found: Found, _ visit: LinkVisit) -> [Letter] {
        switch purpose {
        case .invitation: []
        case .passwordReset:
            services.post.letters(
                .passwordChanged(
                    at: services.now(), device: PasswordLogin.cut(visit.userAgent),
                    address: visit.client.description),
                to: found.user, language: visit.language)
        }
    }
}
