import Core
import Testing

@testable import Store

@Suite("Whoever can write the files")
struct ForgeryTests {
    /// A store with a user, a session and a device, closed.
    func closedWorld() async throws -> (world: StoreWorld, user: User) {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        _ = try await tenant.makeUser("second@acme.example", roles: ["admin"])
        _ = try await tenant.makeSession(user)
        try await tenant.devices.remember(digest(9), of: user.id, expiresAt: time(1000), at: time(1))
        try await store.close()
        return (world, user)
    }

    static let statements: [StaticString] = [
        "UPDATE member SET roles = 'admin' WHERE roles = 'user'", "UPDATE member SET state = 2",
        "UPDATE member SET epoch = 7", "UPDATE member SET sealed = (SELECT max(sealed) FROM member)",
        "UPDATE member SET mac = x'00'", "UPDATE session SET factors = 'totp:1700000000003'",
        "UPDATE session SET expires_at = 1900000000000", "UPDATE session SET used_at = 1900000000000",
        "UPDATE session SET member = (SELECT id FROM member WHERE roles = 'admin')", "UPDATE session SET epoch = 2",
        "UPDATE session SET token = x'0202020202020202020202020202020202020202020202020202020202020202'",
        "UPDATE audit SET at = 1 WHERE sequence = 2", "DELETE FROM audit WHERE sequence = 2",
        "DELETE FROM audit WHERE sequence = (SELECT max(sequence) FROM audit)",
        "UPDATE audit SET sequence = 99 WHERE sequence = 3", "UPDATE audit_head SET sequence = sequence - 1",
        "DELETE FROM audit_head",
    ]

    @Test("cannot change a row of a tenant without being found", arguments: 0..<statements.count)
    func changed(index: Int) async throws {
        let (world, _) = try await closedWorld()
        let clean = try await world.open()
        #expect(await StoreVerification(clean).run().isClean)
        try await clean.close()
        try await world.tamper("tenants/acme.db", Self.statements[index])
        let report = await StoreVerification(try await world.open()).run()
        #expect(!report.isClean)
        #expect(report.findings.allSatisfy { $0.place == "acme" })
    }

    @Test("cannot become an administrator: the changed row is an error, not a user")
    func administrator() async throws {
        let (world, user) = try await closedWorld()
        try await world.tamper("tenants/acme.db", "UPDATE member SET roles = 'admin'")
        let store = try await world.open()
        let id = try #require(TenantID("acme"))
        let tenant = try await store.tenant(id)
        await #expect(throws: StoreFault.recordNotAuthentic(table: "member", row: user.id.description)) {
            try await tenant.users.find(user.id)
        }
        await #expect(throws: StoreFault.self) { try await tenant.sessions.find(digest(1)) }
    }

    static let directoryStatements: [StaticString] = [
        "UPDATE tenant SET state = 2", "UPDATE tenant SET plan = 'enterprise'", "UPDATE tenant SET policy = x'00'",
        "UPDATE throttle SET tokens = 100000", "UPDATE throttle SET sealed = x'01'",
    ]

    @Test("cannot change the directory without being found", arguments: 0..<directoryStatements.count)
    func directory(index: Int) async throws {
        let (world, _) = try await closedWorld()
        let clean = try await world.open()
        try await clean.throttles.save([
            ThrottleCounter(kind: "address", subject: "203.0.113.7", tokens: 0, updatedAt: time(1))
        ])
        #expect(await StoreVerification(clean).run().isClean)
        try await clean.close()
        try await world.tamper("directory.db", Self.directoryStatements[index])
        let report = await StoreVerification(try await world.open()).run()
        #expect(!report.isClean)
    }

    @Test("cannot put one tenant's rows into another's file")
    func transplanted() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let other = try await world.makeTenant(store, "other")
        let user = try await tenant.makeUser()
        let row = try await tenant.database.transaction { transaction in
            try transaction.query("SELECT * FROM member")[0].values
        }
        try await other.database.transaction { transaction in
            try transaction.execute(
                "INSERT INTO member VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row[0], row[1], row[2], row[3], row[4],
                row[5], row[6], row[7], row[8], row[9], row[10])
        }
        await #expect(throws: StoreFault.self) { try await other.users.find(user.id) }
        #expect(try await tenant.users.find(user.id) == user)
    }

    @Test("cannot swap two persons' keys")
    func swappedKeys() async throws {
        let (world, user) = try await closedWorld()
        try await world.tamper(
            "keys.db", "UPDATE person_key SET wrapped = (SELECT max(wrapped) FROM person_key WHERE person <> ?)",
            .blob(user.id.octets))
        let id = try #require(TenantID("acme"))
        let tenant = try await world.open().tenant(id)
        await #expect(throws: StoreFault.recordNotAuthentic(table: "person_key", row: user.id.description)) {
            try await tenant.users.find(user.id)
        }
    }
}
