import Core
import Testing

@testable import Store

@Suite("Factors that are used")
struct FactorUseTests {
    @Test("a time step is accepted once, and no earlier one after it")
    func steps() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        let app = try await tenant.addApp(user)
        func use(_ step: Int64, _ user: User, at moment: Int64 = 20) async throws -> Bool {
            try await tenant.factors.use(app: app, of: user.id, step: step, at: time(moment))
        }
        #expect(try await !use(99, user))
        #expect(try await !use(100, user))
        #expect(try await !use(101, other))
        #expect(try await use(102, user, at: 21))
        #expect(try await !use(101, user))
        #expect(try await !use(102, user))
        #expect(try await use(103, user, at: 22))
        let found = try #require(try await tenant.factors.all(of: user.id).apps.first)
        #expect(found.lastStep == 103 && found.usedAt == time(22) && found.name == "Handy Geheimname")
        try await tenant.removeFactor(app, of: user)
        #expect(try await !use(104, user))
    }

    @Test("of many uses of one step at once, one is accepted")
    func oneStep() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let app = try await tenant.addApp(user)
        let accepted = try await count { try await tenant.factors.use(app: app, of: user.id, step: 101, at: time(20)) }
        #expect(accepted == 1)
    }

    @Test("of many uses of one recovery code at once, one is accepted")
    func oneCode() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.addApp(user, codes: FactorSample.codes)
        #expect(try await count { try await tenant.useCode(FactorSample.codes[3], of: user) != nil } == 1)
        #expect(try await tenant.factors.all(of: user.id).recoveryCodesLeft == 9)
        #expect(try await tenant.audit.entries().filter { $0.action == "recovery-code.used" }.count == 1)
    }

    @Test("of many uses of one counter at once, one is accepted")
    func oneCounter() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let id = try await tenant.addPasskey(user)
        let accepted = try await count {
            try await tenant.factors.use(
                passkey: id, of: user.id, from: 5, to: 6, isBackedUp: false, at: time(20))
        }
        #expect(accepted == 1)
    }

    /// How many of eight uses at once were accepted.
    private func count(_ use: @escaping @Sendable () async throws -> Bool) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { try await use() } }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    @Test("neither a step nor a recovery code is good again after a restart")
    func replayed() async throws {
        let world = try StoreWorld()
        let (first, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        let app = try await tenant.addApp(user, codes: FactorSample.codes)
        #expect(try await tenant.factors.use(app: app, of: user.id, step: 101, at: time(20)))
        #expect(try await tenant.useCode(FactorSample.codes[0], of: user) == 9)
        try await first.close()
        let again = try await world.open().tenant(tenant.tenant)
        #expect(try await !again.factors.use(app: app, of: user.id, step: 101, at: time(21)))
        #expect(try await again.useCode(FactorSample.codes[0], of: user) == nil)
        #expect(try await again.factors.use(app: app, of: user.id, step: 102, at: time(22)))
        #expect(try await again.useCode(FactorSample.codes[1], of: user) == 8)
    }

    @Test("a passkey's use is accepted against the counter that it was verified against, and noted")
    func counters() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        let id = try await tenant.addPasskey(user)
        func use(_ former: UInt32, _ next: UInt32, _ user: User, at moment: Int64 = 20) async throws -> Bool {
            try await tenant.factors.use(
                passkey: id, of: user.id, from: former, to: next, isBackedUp: true, at: time(moment))
        }
        #expect(try await !use(4, 6, user))
        #expect(try await !use(5, 6, other))
        #expect(try await use(5, .max, user, at: 21))
        #expect(try await !use(5, 7, user))
        let found = try #require(try await tenant.factors.all(of: user.id).passkeys.first)
        #expect(found.signCount == .max && found.isBackedUp && found.usedAt == time(21))
        #expect(await StoreVerification(store).run().isClean)
        try await tenant.removeFactor(id, of: user)
        #expect(try await !use(.max, .max, user))
    }

    @Test("a passkey that does not count is used again and again")
    func withoutCounter() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        let id = try await tenant.addPasskey(user, FactorSample.passkey(signCount: 0))
        for moment in 20...22 as ClosedRange<Int64> {
            #expect(
                try await tenant.factors.use(
                    passkey: id, of: user.id, from: 0, to: 0, isBackedUp: true, at: time(moment)))
        }
    }

    @Test("each recovery code works once, for its member alone, and a new set ends the old one")
    func recoveryCodes() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        try await tenant.addApp(user, codes: FactorSample.codes)
        try await tenant.addApp(other)
        #expect(try await tenant.useCode(FactorSample.codes[0], of: other) == nil)
        #expect(try await tenant.useCode("CODE05678", of: user) == nil)
        for (index, code) in FactorSample.codes.prefix(3).enumerated() {
            #expect(try await tenant.useCode(code, of: user) == 9 - index)
            #expect(try await tenant.useCode(code, of: user) == nil)
        }
        let fresh = ["NEWCODE000000001", FactorSample.codes[0]]
        try await tenant.factors.replaceRecoveryCodes(
            fresh, of: user.id, audit: entry("recovery-codes.renewed", subject: user.id), at: time(40))
        #expect(try await tenant.useCode(FactorSample.codes[5], of: user) == nil)
        #expect(try await tenant.useCode(fresh[0], of: user) == 1)
        #expect(try await tenant.useCode(fresh[1], of: user) == 0)
        #expect(try await tenant.factors.all(of: user.id).hasSecondFactor)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("two members may have the same recovery code, and each has it once")
    func sameCode() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        for email in ["a@acme.example", "b@acme.example"] {
            try await tenant.addApp(try await tenant.makeUser(email), codes: FactorSample.codes)
        }
        for user in try await tenant.users.list() {
            #expect(try await tenant.useCode(FactorSample.codes[0], of: user) == 9)
        }
    }

    @Test("a member without a second factor gets no recovery codes")
    func withoutFactor() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.factors.replaceRecoveryCodes(
                FactorSample.codes, of: user.id, audit: entry("never"), at: time(5))
        }
    }

    @Test("the letter about a recovery code knows how many are left, and a wrong code writes none")
    func letter() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.addApp(user, codes: FactorSample.codes)
        func use(_ code: String) async throws -> Int? {
            try await tenant.factors.useRecoveryCode(
                code, of: user.id, audit: entry("recovery-code.used", subject: user.id), at: time(30)
            ) { left in
                left == 8
                    ? nil
                    : Letter(
                        recipient: user.email, kind: "recovery-code-used", language: "en",
                        fields: ["left": "\(left)"], expiresAt: time(100_000))
            }
        }
        #expect(try await use("WRONGWRONGWRONG0") == nil)
        #expect(try await tenant.outbox.take(at: time(50), until: time(60)) == nil)
        #expect(try await use(FactorSample.codes[0]) == 9)
        #expect(try await use(FactorSample.codes[1]) == 8)
        #expect(try await tenant.outbox.take(at: time(50), until: time(60))?.letter.fields == ["left": "9"])
        #expect(try await tenant.outbox.take(at: time(50), until: time(60)) == nil)
    }
}
