import Core
import Testing

@testable import Store

@Suite("Whoever can write the files, with factors")
struct FactorForgeryTests {
    private static let file = "tenants/acme.db"

    /// A store with two members who have apps, passkeys, recovery codes and notes, closed.
    private func closedWorld() async throws -> (world: StoreWorld, user: User) {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        let other = try await tenant.makeUser("second@acme.example", roles: ["admin"])
        for (number, user) in [user, other].enumerated() {
            _ = try await tenant.factors.userHandle(of: user.id, at: time(5))
            try await tenant.addApp(user, FactorSample.app("App \(number)"), codes: FactorSample.codes)
            try await tenant.addPasskey(user, FactorSample.passkey(UInt8(number)))
            try await tenant.factors.noteInvitation(of: user.id, at: time(12))
            try await tenant.factors.issueEnrolmentCode(
                "12345678", to: user.id, expiresAt: time(1000), audit: entry("code"), at: time(13))
        }
        try await store.close()
        return (world, user)
    }

    static let statements: [StaticString] = [
        "UPDATE authenticator_app SET last_step = 1", "UPDATE authenticator_app SET used_at = 1",
        "UPDATE authenticator_app SET created_at = 1",
        "UPDATE authenticator_app SET member = (SELECT max(member) FROM authenticator_app)",
        "UPDATE authenticator_app SET secret = (SELECT max(secret) FROM authenticator_app)",
        "UPDATE authenticator_app SET sealed = (SELECT max(sealed) FROM authenticator_app)",
        "UPDATE authenticator_app SET mac = x'00'",
        "DELETE FROM authenticator_app WHERE id = (SELECT max(id) FROM authenticator_app)",
        "UPDATE passkey SET sign_count = 0", "UPDATE passkey SET backed_up = 1", "UPDATE passkey SET used_at = 1",
        "UPDATE passkey SET member = (SELECT max(member) FROM passkey)",
        "UPDATE passkey SET credential = randomblob(32)",
        "UPDATE passkey SET sealed = (SELECT max(sealed) FROM passkey)", "DELETE FROM passkey",
        "UPDATE recovery_code SET member = (SELECT max(member) FROM recovery_code)",
        "UPDATE recovery_code SET code = randomblob(32)", "UPDATE recovery_code SET created_at = 1",
        "DELETE FROM recovery_code", "DELETE FROM recovery_code WHERE code = (SELECT max(code) FROM recovery_code)",
        "UPDATE member_factor SET grace_began_at = 1900000000000", "UPDATE member_factor SET invited_at = 1",
        "UPDATE member_factor SET enrolment_expires_at = 1900000000000",
        "UPDATE member_factor SET enrolment_code = randomblob(32)",
        "UPDATE member_factor SET enrolment_code = (SELECT max(enrolment_code) FROM member_factor)",
        "UPDATE member_factor SET handle = (SELECT max(handle) FROM member_factor)",
        "UPDATE member_factor SET address_changed_at = 1", "UPDATE member_factor SET handle = NULL",
        "DELETE FROM member_factor",
    ]

    @Test("cannot change a factor without being found", arguments: 0..<statements.count)
    func changed(index: Int) async throws {
        let (world, _) = try await closedWorld()
        let clean = try await world.open()
        #expect(await StoreVerification(clean).run().isClean)
        try await clean.close()
        try await world.tamper(Self.file, Self.statements[index])
        let store = try await world.open()
        let report = await StoreVerification(store).run()
        #expect(!report.isClean)
        #expect(report.findings.allSatisfy { $0.place == "acme" })
        // Nor is anybody let in by it: one of the two at least is an error now.
        let id = try #require(TenantID("acme"))
        let tenant = try await store.tenant(id)
        var faults = 0
        for user in try await tenant.users.list() {
            do { _ = try await tenant.factors.all(of: user.id) } catch is StoreFault { faults += 1 }
        }
        #expect(faults > 0)
    }

    @Test("cannot take a member's second factor away by deleting all that speaks of it")
    func deleted() async throws {
        let (world, user) = try await closedWorld()
        for statement in [
            "DELETE FROM authenticator_app", "DELETE FROM passkey", "DELETE FROM recovery_code",
            "DELETE FROM member_factor",
        ] as [StaticString] {
            try await world.tamper(Self.file, statement)
        }
        let store = try await world.open()
        let id = try #require(TenantID("acme"))
        let tenant = try await store.tenant(id)
        await #expect(throws: StoreFault.recordNotAuthentic(table: "member_factor", row: user.id.description)) {
            try await tenant.factors.all(of: user.id)
        }
        #expect(await !StoreVerification(store).run().isClean)
    }

    @Test("cannot add a factor beside it: nothing is written over what does not hold")
    func addedToForged() async throws {
        let (world, user) = try await closedWorld()
        try await world.tamper(Self.file, "DELETE FROM passkey")
        let id = try #require(TenantID("acme"))
        let tenant = try await world.open().tenant(id)
        await #expect(throws: StoreFault.self) { try await tenant.addApp(user) }
        await #expect(throws: StoreFault.self) { try await tenant.factors.dismissPrompt(of: user.id, at: time(50)) }
        await #expect(throws: StoreFault.self) { try await tenant.useCode(FactorSample.codes[0], of: user) }
    }

    @Test("cannot put a used recovery code or a removed factor back")
    func restored() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let app = try await tenant.addApp(user, codes: FactorSample.codes)
        try await tenant.addPasskey(user)
        let index = SQLValue.blob(tenant.factors.factors.index(recoveryCode: FactorSample.codes[0], of: user.id))
        let (code, row) = try await tenant.database.transaction { transaction in
            (
                try transaction.query("SELECT * FROM recovery_code WHERE code = ?", index)[0].values,
                try transaction.query("SELECT * FROM authenticator_app")[0].values
            )
        }
        #expect(try await tenant.useCode(FactorSample.codes[0], of: user) == 9)
        try await tenant.database.transaction { transaction in
            try transaction.execute(
                "INSERT INTO recovery_code VALUES (?, ?, ?, ?)", code[0], code[1], code[2], code[3])
        }
        await #expect(throws: StoreFault.self) { try await tenant.useCode(FactorSample.codes[0], of: user) }
        // Nor in the place of another.
        let other = SQLValue.blob(tenant.factors.factors.index(recoveryCode: FactorSample.codes[1], of: user.id))
        let unused = try await tenant.database.transaction { transaction in
            let row = try transaction.query("SELECT * FROM recovery_code WHERE code = ?", other)[0].values
            try transaction.execute("DELETE FROM recovery_code WHERE code = ?", other)
            return row
        }
        await #expect(throws: StoreFault.self) { try await tenant.useCode(FactorSample.codes[0], of: user) }
        try await tenant.database.transaction { transaction in
            try transaction.execute(
                "INSERT INTO recovery_code VALUES (?, ?, ?, ?)", unused[0], unused[1], unused[2], unused[3])
        }
        try await tenant.database.transaction { transaction in
            try transaction.execute("DELETE FROM recovery_code WHERE code = ?", index)
        }
        try await tenant.removeFactor(app, of: user)
        try await tenant.database.transaction { transaction in
            try transaction.execute(
                "INSERT INTO authenticator_app VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row[0], row[1], row[2], row[3],
                row[4], row[5], row[6], row[7])
        }
        await #expect(throws: StoreFault.self) {
            try await tenant.factors.use(app: app, of: user.id, step: 200, at: time(50))
        }
        await #expect(throws: StoreFault.self) { try await tenant.factors.all(of: user.id) }
    }

    @Test("cannot put one tenant's factors into another's file")
    func transplanted() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let other = try await world.makeTenant(store, "other")
        let user = try await tenant.makeUser()
        let victim = try await other.makeUser()
        try await tenant.addPasskey(user)
        let row = try await tenant.database.transaction { transaction in
            try transaction.query("SELECT * FROM passkey")[0].values
        }
        let index = other.factors.factors.keys.index.index("passkey", FactorSample.credential(1))
        try await other.database.transaction { transaction in
            // Under the index of the other tenant, which a forger could not even make.
            try transaction.execute(
                "INSERT INTO passkey VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row[0], .blob(victim.id.octets),
                .blob(index), row[3], row[4], row[5], row[6], row[7], row[8])
        }
        await #expect(throws: StoreFault.self) {
            try await other.factors.passkey(credential: FactorSample.credential(1))
        }
        await #expect(throws: StoreFault.self) { try await other.factors.all(of: victim.id) }
        #expect(try await tenant.factors.passkey(credential: FactorSample.credential(1))?.passkey.user == user.id)
    }

    /// The seal alone, with a row whose code is right: what no forger has, and what a mistake of ours might make.
    @Test("what is sealed opens for its own row, member and moment only", arguments: 0..<3)
    func moved(column: Int) async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        try await tenant.addApp(user)
        try await tenant.addPasskey(user)
        let rows = tenant.factors.factors
        let key = try await tenant.users.hierarchy.person(user.id, of: rows.keys)
        let set = try await tenant.database.transaction { try rows.load(user.id, &$0) }
        let replacement: [SQLValue] = [.blob(RowID(at: time(1)).octets), .blob(other.id.octets), .integer(7)]
        var (app, passkey) = (Array(set.apps[0].values.dropLast()), Array(set.passkeys[0].values.dropLast()))
        app[column] = replacement[column]
        // A passkey's third column is its credential's index.
        passkey[column] = column == 2 ? .blob([UInt8](repeating: 0, count: 32)) : replacement[column]
        let forged = (
            app: try rows.authenticated(SQLRow(app + [rows.code(app, .app)]), .app),
            passkey: try rows.authenticated(SQLRow(passkey + [rows.code(passkey, .passkey)]), .passkey)
        )
        #expect(throws: StoreFault.self) { try rows.app(forged.app, key: key) }
        #expect(throws: StoreFault.self) { try rows.passkey(forged.passkey, key: key) }
        #expect(try rows.app(set.apps[0], key: key).name == "Handy Geheimname")
        #expect(try rows.passkey(set.passkeys[0], key: key).written == FactorSample.passkey())
    }

    @Test("cannot make a device older than it is")
    func device() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.devices.remember(digest(9), of: user.id, expiresAt: time(1000), at: time(500))
        try await store.close()
        try await world.tamper(Self.file, "UPDATE device SET created_at = 1")
        let again = try await world.open().tenant(tenant.tenant)
        await #expect(throws: StoreFault.self) {
            try await again.devices.knownSince(digest(9), to: user.id, at: time(600))
        }
    }
}
