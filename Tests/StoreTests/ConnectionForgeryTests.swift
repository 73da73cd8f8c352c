import Core
import Foundation
import Testing

@testable import Store

@Suite("Whoever can write the files, with connections")
struct ConnectionForgeryTests {
    private static let file = "tenants/acme.db"

    /// A store with two of everything, closed.
    private func closedWorld() async throws -> StoreWorld {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        for (number, connection) in ["entra", "okta"].enumerated() {
            let user = try await tenant.makeUser("user\(number)@acme.example", roles: number == 0 ? ["admin"] : [])
            try await tenant.connections.keep(
                ConnectionSample.metadata(connection), of: ConnectionSample.name(connection), at: time(30))
            try await tenant.addKey(to: connection, pem: connection, at: time(Int64(number)))
            try await tenant.link(user, "subject \(number)", by: connection)
            try await tenant.makeSSOSession(
                user, token: UInt8(number),
                origin: ConnectionSample.origin(connection, subject: "subject \(number)", index: "s-\(number)"))
            #expect(
                try await tenant.connections.use(["id \(number)"], until: time(1000 + Int64(number)), at: time(1)))
            try await tenant.ssoTraces.keep(
                ConnectionSample.trace(number, isBound: number == 0, connection: connection), at: time(10))
        }
        try await store.close()
        return world
    }

    static let statements: [StaticString] = [
        "UPDATE connection_metadata SET connection = 'ping' WHERE connection = 'okta'",
        "UPDATE connection_metadata SET fetched_at = 1", "UPDATE connection_metadata SET checked_at = 1",
        "UPDATE connection_metadata SET failures = 0",
        "UPDATE connection_metadata SET document = (SELECT max(document) FROM connection_metadata)",
        "UPDATE connection_metadata SET notes = (SELECT max(notes) FROM connection_metadata)",
        "UPDATE connection_metadata SET mac = x'00'",
        "UPDATE connection_key SET connection = 'ping' WHERE connection = 'okta'",
        "UPDATE connection_key SET state = 'former'", "UPDATE connection_key SET created_at = 7",
        "UPDATE connection_key SET changed_at = 7", "UPDATE connection_key SET certificate = x'00'",
        "UPDATE connection_key SET secret = (SELECT max(secret) FROM connection_key)",
        "UPDATE connection_key SET mac = x'00'",
        "UPDATE account_link SET member = (SELECT max(member) FROM account_link)",
        "UPDATE account_link SET subject = randomblob(32)", "UPDATE account_link SET connection = 'ping'",
        "UPDATE account_link SET created_at = 1", "UPDATE account_link SET used_at = 1",
        "UPDATE account_link SET sealed = (SELECT max(sealed) FROM account_link)",
        "UPDATE account_link SET mac = x'00'",
        "UPDATE session_origin SET connection = 'ping'",
        "UPDATE session_origin SET subject = (SELECT max(subject) FROM session_origin)",
        "UPDATE session_origin SET session_index = (SELECT max(session_index) FROM session_origin)",
        "UPDATE session_origin SET session_index = NULL",
        "UPDATE session_origin SET sealed = (SELECT max(sealed) FROM session_origin)",
        "UPDATE session_origin SET mac = x'00'", "DELETE FROM session_origin",
        "DELETE FROM session_origin WHERE session = (SELECT max(session) FROM session_origin)",
        "UPDATE used_id SET id = randomblob(32)", "UPDATE used_id SET expires_at = 1", "UPDATE used_id SET mac = x'00'",
        "INSERT INTO used_id VALUES (x'00', 1, x'00')",
        "UPDATE sso_trace SET at = 1", "UPDATE sso_trace SET is_bound = 1", "UPDATE sso_trace SET connection = 'ping'",
        "UPDATE sso_trace SET request = 'other'", "UPDATE sso_trace SET id = randomblob(16)",
        "UPDATE sso_trace SET sealed = (SELECT max(sealed) FROM sso_trace)",
    ]

    @Test("cannot change anything of a connection without being found", arguments: 0..<statements.count)
    func changed(index: Int) async throws {
        let world = try await closedWorld()
        let clean = try await world.open()
        #expect(await StoreVerification(clean).run().isClean)
        try await clean.close()
        try await world.tamper(Self.file, Self.statements[index])
        let store = try await world.open()
        let report = await StoreVerification(store).run()
        #expect(!report.isClean)
        #expect(report.findings.allSatisfy { $0.place == "acme" })
    }

    @Test("cannot have a subject lead to another account")
    func takenOver() async throws {
        let world = try await closedWorld()
        let clean = try await world.open()
        let id = try #require(TenantID("acme"))
        let admin = try await clean.tenant(id).owner("subject 0", by: "entra")
        try await clean.close()
        // The attacker is `subject 1` at okta, and gives the own link the administrator's account.
        try await world.tamper(
            Self.file, "UPDATE account_link SET member = ? WHERE connection = 'okta'", .blob(try #require(admin).octets)
        )
        let tenant = try await world.open().tenant(id)
        await #expect(throws: StoreFault.self) { try await tenant.owner("subject 1", by: "okta") }
        #expect(try await tenant.owner("subject 0", by: "entra") == admin)
    }

    @Test("cannot have a changed link written again as if it held, nor a key brought to another state")
    func laundered() async throws {
        let world = try await closedWorld()
        try await world.tamper(Self.file, "UPDATE account_link SET used_at = 1")
        try await world.tamper(Self.file, "UPDATE connection_key SET state = 'next'")
        let id = try #require(TenantID("acme"))
        let tenant = try await world.open().tenant(id)
        let name = try ConnectionSample.name()
        await #expect(throws: StoreFault.self) { try await tenant.owner("subject 1", by: "okta") }
        await #expect(throws: StoreFault.self) {
            try await tenant.connections.noteUse(
                connection: name, entityID: ConnectionSample.entityID, subject: "subject 1", at: time(60))
        }
        await #expect(throws: StoreFault.self) {
            try await tenant.connections.finishRollOver(of: name, audit: entry("never"), at: time(60))
        }
        #expect(try await !tenant.actions().contains("never"))
    }

    @Test("cannot put certificates of their own in, nor a key, nor make a logout end somebody else's session")
    func misled() async throws {
        let world = try await closedWorld()
        for statement in [
            "UPDATE connection_metadata SET document = (SELECT max(document) FROM connection_metadata)",
            "UPDATE connection_key SET certificate = x'00'",
            "UPDATE session_origin SET subject = (SELECT max(subject) FROM session_origin)",
        ] as [StaticString] {
            try await world.tamper(Self.file, statement)
        }
        let id = try #require(TenantID("acme"))
        let tenant = try await world.open().tenant(id)
        var faults = 0
        for (number, connection) in ["entra", "okta"].enumerated() {
            let name = try ConnectionSample.name(connection)
            await #expect(throws: StoreFault.self) { try await tenant.connections.keys(of: name) }
            do { _ = try await tenant.connections.metadata(of: name) } catch is StoreFault { faults += 1 }
            do {
                let found = try await tenant.connections.sessions(
                    connection: name, entityID: ConnectionSample.entityID, subject: "subject \(number)",
                    sessionIndexes: [])
                #expect(found.isEmpty)
            } catch is StoreFault { faults += 1 }
        }
        #expect(faults == 2)
    }

    @Test("cannot keep a session alive whose connection is gone, by changing where it came from")
    func endedAnyway() async throws {
        let world = try await closedWorld()
        try await world.tamper(Self.file, "UPDATE session SET mac = x'00'")
        let id = try #require(TenantID("acme"))
        let tenant = try await world.open().tenant(id)
        let ended = try await tenant.connections.endAll(
            of: ConnectionSample.name(), audit: { entry("session.revoked \($0)", subject: $1) }, at: time(60))
        #expect(ended.count == 1)
    }

    @Test("cannot read who is linked, what was fetched, or a private key")
    func nothingReadable() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.connections.keep(
            ConnectionSample.metadata("dokument-geheim"), of: ConnectionSample.name(), at: time(30))
        try await tenant.addKey()
        try await tenant.link(user)
        try await tenant.makeSSOSession(user, origin: ConnectionSample.origin(index: "index-geheim"))
        #expect(try await tenant.connections.use(["kennung-geheim"], until: time(100), at: time(1)))
        try await tenant.ssoTraces.keep(ConnectionSample.trace(), at: time(10))
        let secrets = [
            ConnectionSample.subject, ConnectionSample.entityID, "PRIVATE KEY", "dokument-geheim", "timed out",
            "index-geheim", "qualifier-geheim", "kennung-geheim", "issuer-geheim", "schritt-geheim", "email-domain",
            ConnectionSample.format,
        ]
        for (name, data) in try world.files() {
            for secret in secrets {
                #expect(data.range(of: Data(secret.utf8)) == nil, "\(secret) in \(name)")
            }
        }
    }

    @Test("a file from before there were connections is brought up to them, and all that was in it is there")
    func migrated() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        let session = try await tenant.makeSession(user)
        try await store.close()
        for statement in [
            "DROP TABLE connection_metadata", "DROP TABLE connection_key", "DROP TABLE account_link",
            "DROP TABLE session_origin", "DROP TABLE used_id", "DROP TABLE sso_trace",
            "DELETE FROM schema_version WHERE version > 7",
        ] as [StaticString] {
            try await world.tamper(Self.file, statement)
        }
        let again = try await world.open()
        let reopened = try await again.tenant(tenant.tenant)
        #expect(try await reopened.sessions.find(digest(1))?.session == session)
        try await reopened.link(user)
        #expect(try await reopened.owner() == user.id)
        #expect(await StoreVerification(again).run().isClean)
    }
}
