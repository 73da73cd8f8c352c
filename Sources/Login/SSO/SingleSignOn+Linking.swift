import Core
import HostCrypto
import Store

/// An account that its member connects with the provider's subject, after signing in to it in another way.
extension SingleSignOn {
    /// Connects the account of a session that has just begun with what a provider said before.
    /// - Returns: false where it is another account than the one with that address, where too much time has passed,
    ///   where the connection is not in use, or where account or subject are connected with somebody else.
    public func completeLink(_ link: PendingLink, by signedIn: SignedIn, visit: FactorVisit) async -> Bool {
        do {
            let isMade = try await complete(link, signedIn.user, of: signedIn.tenant, visit)
            count { counts in
                if isMade {
                    counts.linked += 1
                } else {
                    counts.refused[SSOReason.linkRefused.rawValue, default: 0] += 1
                }
            }
            return isMade
        } catch is StoreConflict {
            count { $0.refused[SSOReason.linkRefused.rawValue, default: 0] += 1 }
            return false
        } catch {
            report(error)
            return false
        }
    }

    private func complete(
        _ link: PendingLink, _ user: UserID, of tenantID: TenantID, _ visit: FactorVisit
    ) async throws -> Bool {
        let moment = now()
        guard link.tenant == tenantID, link.isYoung(at: moment), login.mayUse(link.connection, tenantID),
            let (tenant, store) = try await login.store.openTenant(tenantID),
            let found = try await store.users.find(user), found.state == .active,
            let email = NormalizedEmail(found.email), email.text == link.email,
            // Whatever was connected since: the domains are those of now.
            let settings = connections.settings(of: tenantID).first(where: { $0.name == link.connection }),
            settings.domains(in: tenant).contains(email.domain)
        else { return false }
        do {
            try await store.connections.addLink(
                user, connection: link.connection, entityID: link.entityID, subject: link.subject, format: link.format,
                audit: SSORecord.linked(
                    user, to: link.connection, subject: link.subject, way: .proof, actor: .user(user)),
                at: moment)
        } catch StoreConflict.linkTaken {
            let present = try await store.connections.link(
                connection: link.connection, entityID: link.entityID, subject: link.subject)
            return present?.user == user
        }
        return true
    }
}
