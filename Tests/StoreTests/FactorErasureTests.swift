import Core
import Foundation
import Testing

@testable import Store

@Suite("Factors at rest")
struct FactorErasureTests {
    @Test("no secret, name, credential or code of a factor stands in any file, write-ahead logs included")
    func nothingReadable() async throws {
        let world = try StoreWorld()
        let (_, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        let handle = try await tenant.factors.userHandle(of: user.id, at: time(5))
        try await tenant.factors.issueEnrolmentCode(
            "48151623", to: user.id, expiresAt: time(1000), audit: entry("code"), at: time(6))
        #expect(try await tenant.factors.isEnrolmentCode("48151623", of: user.id, at: time(7)))
        try await tenant.addApp(user, codes: FactorSample.codes)
        try await tenant.addPasskey(user)
        let passkey = FactorSample.passkey()
        let secrets: [[UInt8]] =
            [
                FactorSample.seed, Array("Geheimname".utf8), Array("Schlüsselbund".utf8), passkey.credentialID,
                passkey.publicKey, Array(passkey.rpID.utf8), passkey.aaguid, Array("hybrid".utf8), handle,
                Array("48151623".utf8),
            ] + FactorSample.codes.map { Array($0.utf8) }
        for (name, data) in try world.files() {
            for secret in secrets {
                #expect(data.range(of: Data(secret)) == nil, "\(String(decoding: secret, as: UTF8.self)) in \(name)")
            }
        }
    }

    @Test("with an erased member all their factors go, and nobody else's")
    func erased() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        for (number, user) in [user, other].enumerated() {
            try await tenant.addApp(user, codes: FactorSample.codes)
            try await tenant.addPasskey(user, FactorSample.passkey(UInt8(number)))
        }
        try await tenant.users.erase(user.id, audit: entry("user.erased", subject: user.id), at: time(50))
        await #expect(throws: StoreConflict.notFound) { try await tenant.factors.all(of: user.id) }
        #expect(try await tenant.factors.passkey(credential: FactorSample.credential(0)) == nil)
        let counts = try await tenant.database.transaction { transaction in
            try [
                transaction.query("SELECT 1 FROM member_factor"), transaction.query("SELECT 1 FROM authenticator_app"),
                transaction.query("SELECT 1 FROM passkey"), transaction.query("SELECT 1 FROM recovery_code"),
            ].map(\.count)
        }
        #expect(counts == [1, 1, 1, 10])
        let left = try await tenant.factors.all(of: other.id)
        #expect(left.apps.count == 1 && left.passkeys.count == 1 && left.recoveryCodesLeft == 10)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("what was sealed opens no more once the person's key is destroyed")
    func keyDestroyed() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.addPasskey(user)
        try await store.keys.destroyPerson(user.id, of: "acme", at: time(50))
        await #expect(throws: StoreConflict.erased) { try await tenant.factors.all(of: user.id) }
        await #expect(throws: StoreConflict.erased) { try await tenant.factors.userHandle(of: user.id, at: time(51)) }
        #expect(try await tenant.factors.passkey(credential: FactorSample.credential(1)) == nil)
    }

    @Test("a database from before there were factors gets their tables, and its members have none")
    func migrated() async throws {
        let world = try StoreWorld()
        let (first, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        _ = try await tenant.makeSession(user)
        try await first.close()
        for statement in [
            "DROP TABLE member_factor", "DROP TABLE authenticator_app", "DROP TABLE passkey",
            "DROP TABLE recovery_code", "DROP TABLE connection_metadata", "DROP TABLE connection_key",
            "DROP TABLE account_link", "DROP TABLE session_origin", "DROP TABLE used_id", "DROP TABLE sso_trace",
            "DELETE FROM schema_version WHERE version > 6",
        ] as [StaticString] {
            try await world.tamper("tenants/acme.db", statement)
        }
        let second = try await world.open()
        let again = try await second.tenant(tenant.tenant)
        #expect(try await !again.factors.all(of: user.id).hasSecondFactor)
        #expect(try await again.sessions.find(digest(1)) != nil)
        try await again.addApp(user, codes: FactorSample.codes)
        #expect(try await again.factors.all(of: user.id).apps.count == 1)
        #expect(await StoreVerification(second).run().isClean)
    }
}
