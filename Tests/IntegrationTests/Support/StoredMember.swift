import Core
import Foundation
import HostCrypto
import Store

@testable import Gateway

/// A member whom the store of a running gateway knows, with a session of theirs.
struct StoredMember: Sendable {
    let user: User
    let session: StoredSession
    /// What the cookie holds.
    let token: String
    let tenant: TenantID

    /// Makes user and session.
    /// - Parameters:
    ///   - age: how long ago the session was used last.
    ///   - lasts: from now to its end at the latest.
    static func make(
        in server: GatewayServer, tenant name: String = "acme", email: String = "mia@acme.example",
        roles: [String] = [], age: Milliseconds = Milliseconds(0), lasts: Milliseconds = .hours(12)
    ) throws -> StoredMember {
        guard let tenant = TenantID(name) else { throw StreamFailure.malformed(name) }
        let data = server.data
        let token = "\(name).\(SecureRandom.token())"
        let now = Clocks.wall()
        let used = WallTime(milliseconds: now.milliseconds - Int64(age.count))
        return try Awaiting.result {
            let store = try await data.store.tenant(tenant)
            let entry = AuditEntry(action: "test", actor: .system)
            let user = try await store.users.create(
                User(roles: roles.compactMap(RoleName.init), email: email, name: "Mia Ödegård"), audit: entry, at: now)
            guard let digest = TokenDigest(SHA256Digest.bytes(Array(token.utf8))) else {
                throw StreamFailure.malformed("digest")
            }
            let (session, _) = try await store.sessions.create(
                user: user.id, token: digest, factors: [ProvedFactor(.password, at: used)],
                expiresAt: WallTime(milliseconds: now.milliseconds + Int64(lasts.count)), audit: entry, at: used)
            return StoredMember(user: user, session: session, token: token, tenant: tenant)
        }
    }

    /// Changes the user in the store, without telling the loops.
    func change(in server: GatewayServer, _ body: @escaping @Sendable (inout User) -> Void) throws {
        let (data, tenant, id) = (server.data, tenant, user.id)
        try Awaiting.result {
            _ = try await data.store.tenant(tenant).users.update(
                id, audit: AuditEntry(action: "test", actor: .system), at: Clocks.wall(), change: body)
        }
    }

    /// Gives the session a new token, tells the loops, and has the store forget the old one at once.
    func renew(in server: GatewayServer) throws -> String {
        let (data, tenant, user, session) = (server.data, tenant, user, session)
        let token = "\(tenant).\(SecureRandom.token())"
        let digest = SHA256Digest.bytes(Array(token.utf8))
        guard let found = TokenDigest(digest), let handle = SessionHandle(session.id.description) else {
            throw StreamFailure.malformed("digest")
        }
        try Awaiting.result {
            let (store, now) = (try await data.store.tenant(tenant), Clocks.wall())
            _ = try await store.sessions.renew(
                session.id, of: user.id, epoch: session.epoch, proving: ProvedFactor(.password, at: now), with: found,
                audit: AuditEntry(action: "test", actor: .system), at: now)
            let later = now.milliseconds + Int64(SessionRepository.formerTokenLifetime.count)
            _ = try await store.sessions.deleteExpired(at: WallTime(milliseconds: later))
        }
        data.notices.send(.renewed(handle, digest: digest))
        return token
    }

    /// The session as the store has it; nil where it has ended.
    func stored(in server: GatewayServer) throws -> StoredSession? {
        let (data, tenant, user, id) = (server.data, tenant, user.id, session.id)
        return try Awaiting.result {
            try await data.store.tenant(tenant).sessions.list(of: user).first { $0.id == id }
        }
    }
}
