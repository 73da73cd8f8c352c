public import Core
import HostCrypto
import Store

/// A passkey that stands alone: both factors at once, since its authenticator verifies its user.
extension SecondFactors {
    /// What a browser is asked for where nobody has said yet who they are; nil where a passkey alone signs nobody in.
    public func passkeyRequest(for tenant: TenantID) -> PasskeyRequest? {
        guard let realm = login.rules.realm(tenant), realm.signsIn else { return nil }
        return PasskeyRequest(rpID: realm.rpID, credentials: [], requiresUserVerification: true)
    }

    /// Signs in whoever's passkey it is.  Whatever is wrong is `.refused`, on the step of a wrong password.
    ///
    /// Nobody is refused for what others did from the same address, or with the same account: a signature cannot be
    /// guessed (security rule 15).  What fails costs the address a token, and the account none: guesses at its second
    /// factor are possible after the first one alone (security rule 16).
    /// - Parameters:
    ///   - challenge: the attempt's own.
    ///   - tenant: of the host, the address or the destination.
    public func signIn(
        _ assertion: PasskeyAssertion, challenge: [UInt8], at tenant: TenantID, _ visit: FactorVisit
    ) async -> PasswordLoginOutcome {
        let visit = self.visit(visit)
        return await login.answer(since: login.pacing.begin(), steps: 1) {
            // 1. The tenant.
            guard login.rules.realm(tenant) != nil,
                let (record, store) = try await services.store.openTenant(tenant), record.state == .active
            else { return .refused }
            // 2. Whose passkey it is.
            guard let (passkey, handle) = try await store.factors.passkey(credential: assertion.credentialID),
                let user = try await store.users.find(passkey.user)
            else {
                count { $0.wrong[.passkey, default: 0] += 1 }
                try await refuse(FactorRecord.passkeyUnknown(client: visit.client), at: tenant, store, visit)
                return .refused
            }
            let standing = MemberStanding(tenant: record, store: store, user: user)
            // 3. Whether they may come in so, and whether it is theirs.
            do {
                try admit(standing)
                //    Nobody is known yet: the handle says who it is, and must be there (WebAuthn L3 §7.2 step 6).
                guard let given = assertion.userHandle, ConstantTime.isEqual(given, handle) else {
                    throw FactorFault.notThisPasskey
                }
                try await check(assertion, challenge, passkey, in: tenant, store, isAlone: true)
            } catch let bar as Bar {
                let entry = FactorRecord.passkeyRefused(user.id, reason: bar.reason, client: visit.client)
                try await refuse(entry, at: tenant, store, visit)
                return .refused
            } catch let fault as FactorFault {
                count { $0.wrong[.passkey, default: 0] += 1 }
                let entry = FactorRecord.passkeyRefused(user.id, reason: fault.code, client: visit.client)
                try await refuse(entry, at: tenant, store, visit)
                return .refused
            }
            count { $0.proved[.passkey, default: 0] += 1 }
            let member = ProvedMember(
                tenant: tenant, user: user.id, epoch: user.epoch, at: services.now(), first: .passkey)
            return try await login.proceed(member, standing, visit)
        }
    }

    /// Why a member may not sign in by passkey, whatever they prove.
    private struct Bar: Error {
        let reason: String
    }

    private func admit(_ standing: MemberStanding) throws(Bar) {
        switch standing.user.state {
        case .invited: throw Bar(reason: "user-invited")
        case .disabled: throw Bar(reason: "user-disabled")
        case .active: break
        }
        guard let email = NormalizedEmail(standing.user.email),
            services.settings().plans.allows(.passkey, for: email, in: standing.tenant)
        else { throw Bar(reason: "method-not-allowed") }
    }

    /// A failure: it costs the address a token, and is told as long as there are any, so that nobody fills the log.
    private func refuse(
        _ entry: AuditEntry, at tenant: TenantID, _ store: TenantStore, _ visit: LoginVisit
    ) async throws {
        let attempt = ThrottleAttempt(address: visit.client, tenant: tenant, email: nil)
        guard case .reserved(let reservation) = services.throttle.reserve(attempt), !reservation.keys.isEmpty else {
            return
        }
        let moment = services.now()
        try await Task { try await store.audit.append(entry, at: moment) }.value
    }
}
