import Core
import HTTPTypes
import Store

/// `tenants/{tenant}/sessions`: list; end one, a user's, a tenant's.
extension OperatorAPI {
    var sessionEndpoints: [APIEndpoint] {
        [
            APIEndpoint(.get, "/tenants/{tenant}/sessions", listSessions),
            APIEndpoint(.delete, "/tenants/{tenant}/sessions", endAllSessions),
            APIEndpoint(.delete, "/tenants/{tenant}/sessions/{session}", endSession),
            APIEndpoint(.delete, "/tenants/{tenant}/users/{user}/sessions", endSessionsOfUser),
        ]
    }

    @Sendable private func listSessions(_ call: APICall) async throws -> APIAnswer {
        let query = try call.query("after", "limit", "email")
        let tenant = try await store(of: call.tenant)
        let now = seams.now()
        if let text = query["email"] {
            let user = try await user(FieldRule.email(text, field: "email").normalized, in: tenant)
            let sessions = try await tenant.sessions.list(of: user.id).filter { $0.expiresAt > now }
            return APIAnswer(Page(items: sessions.map { SessionResource($0, email: user.email) }, next: nil))
        }
        let (after, limit) = (try query.after { RowID($0) }, try query.limit())
        let rows = try await tenant.sessions.list(after: after, limit: limit + 1)
        var addresses: [UserID: String] = [:]
        for row in rows.prefix(limit) where addresses[row.user] == nil {
            addresses[row.user] = try await tenant.users.find(row.user)?.email ?? ""
        }
        // What has reached its end waits for its deletion, and is no session any more.
        let items = rows.prefix(limit).filter { $0.expiresAt > now }.map {
            SessionResource($0, email: addresses[$0.user] ?? "")
        }
        let next = rows.count > limit ? rows[limit - 1].id.description : nil
        return APIAnswer(Page(items: items, next: next))
    }

    @Sendable private func endSession(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let tenant = try await store(of: call.tenant)
        let text = call.parameters["session"] ?? ""
        guard let id = RowID(text), let handle = SessionHandle(id.description) else {
            throw APIRefusal(
                .inputMalformed, "\(QuotedInput.show(text)) is no session's handle (a UUID)", field: "session")
        }
        let entry = AuditEntry(
            action: "session.revoked", actor: .operator, publicDetails: [.init("session", id.description)])
        do {
            try await tenant.sessions.revoke(id, audit: entry, at: seams.now())
        } catch StoreConflict.notFound {
            // What still runs under it ends all the same.
            seams.notify(.ended(.handle(handle)))
            throw APIRefusal(
                .sessionMissing, "tenant \(tenant.tenant) has no session \(id); it may have ended", field: "session")
        }
        seams.notify(.ended(.handle(handle)))
        return APIAnswer(CountResource(count: 1))
    }

    @Sendable private func endSessionsOfUser(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let (tenant, id) = try await (store(of: call.tenant), call.user)
        guard try await tenant.users.find(id) != nil else { throw unknown(id, of: tenant.tenant) }
        let count = try await tenant.sessions.revokeAll(
            of: id, audit: AuditEntry(action: "sessions.revoked", actor: .operator, subject: id), at: seams.now())
        seams.notify(.ended(.user(id, of: tenant.tenant)))
        return APIAnswer(CountResource(count: count))
    }

    @Sendable private func endAllSessions(_ call: APICall) async throws -> APIAnswer {
        let query = try call.query("all")
        guard try query.flag("all") else {
            throw APIRefusal(.fieldMissing, "ending every session of a tenant needs all=true", field: "all")
        }
        let tenant = try await store(of: call.tenant)
        let count = try await tenant.sessions.revokeAll(
            of: nil, audit: AuditEntry(action: "sessions.revoked", actor: .operator), at: seams.now())
        seams.notify(.ended(.tenant(tenant.tenant)))
        return APIAnswer(CountResource(count: count))
    }
}
