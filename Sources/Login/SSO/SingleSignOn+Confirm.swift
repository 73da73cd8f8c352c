import Core
import HostCrypto
import Store

/// The member of a session proves at the provider who they are, anew.
extension SingleSignOn {
    /// The session goes on with a new token (security rule 9).
    /// - Throws: `SSORefusal`, `StoreConflict`, `StoreFault`.
    func confirm(
        _ holder: AccountHolder, _ person: AssertedPerson, by proof: SSOProof, at place: SSOPlace, _ run: inout SSORun,
        _ visit: FactorVisit
    ) async throws -> RenewedSession {
        // 1. It is the member of the session, and nobody else who has an account there.
        guard holder.tenant == place.tenant.id, let user = try await linked(person, at: place),
            user.id == holder.user
        else { throw SSORefusal(.accountDiffers, "somebody else than the session's member signed in") }
        run.user = user.id
        run.passed("it is the member of the session")
        try checkDomain(person.email ?? NormalizedEmail(user.email), at: place, &run)
        guard user.state == .active else { throw SSORefusal(.accountDisabled, "the account is not active") }
        // 2. The session as its holder had it.
        let over = SSORefusal(.sessionEnded, "the session is over, or has another token by now")
        let moment = now()
        let token = SessionTokens.make(for: holder.tenant)
        guard let id = RowID(holder.session.description), let digest = SessionTokens.digest(token),
            let session = try await place.store.sessions.find(id, on: holder.host, by: holder.token),
            session.user == user.id, session.epoch == user.epoch, moment < session.expiresAt
        else { throw over }
        // 3. What was proved, now: the provider was asked to have it proved anew.
        let second = place.connection.settings.countsAsMFA ? ProvedFactor(.mfa, at: moment) : nil
        let renewed: StoredSession
        do {
            renewed = try await place.store.sessions.renew(
                id, on: holder.host, holding: holder.token, of: user.id, epoch: user.epoch,
                proving: ProvedFactor(.sso, at: moment), and: second, with: digest,
                // What its logouts name from now on, and when it ends the session.
                origin: proof.origin, endsAt: proof.endsAt,
                audit: LoginRecord.confirmed(user.id, by: .sso, session: holder.session, client: visit.client),
                at: moment)
        } catch StoreConflict.notFound {
            throw over
        }
        run.passed("the session is confirmed")
        return RenewedSession(
            token: token, handle: holder.session, digest: digest.octets, expiresAt: renewed.expiresAt,
            isRemembered: renewed.isRemembered)
    }
}
