import Core
import Testing

@testable import Store

@Suite("The way to a first factor")
struct FactorEnrolmentTests {
    private func issue(
        _ code: String, _ tenant: TenantStore, _ user: User, expiresAt: WallTime = time(1000)
    ) async throws {
        try await tenant.factors.issueEnrolmentCode(
            code, to: user.id, expiresAt: expiresAt,
            audit: entry("factor.enrolment-code-issued", subject: user.id), at: time(10))
    }

    private func isRight(
        _ code: String, _ tenant: TenantStore, _ user: User, at now: WallTime = time(20)
    ) async throws -> Bool { try await tenant.factors.isEnrolmentCode(code, of: user.id, at: now) }

    @Test("a code is its member's, until its end, and a newer one takes its place")
    func code() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        #expect(try await !isRight("12345678", tenant, user))
        try await issue("12345678", tenant, user)
        try await issue("55555555", tenant, other)
        #expect(try await isRight("12345678", tenant, user))
        #expect(try await isRight("12345678", tenant, user, at: time(999)))
        #expect(try await !isRight("12345678", tenant, user, at: time(1000)))
        #expect(try await !isRight("12345679", tenant, user))
        #expect(try await !isRight("12345678", tenant, other))
        #expect(try await tenant.factors.all(of: user.id).enrolmentCodeExpiresAt == time(1000))
        try await issue("87654321", tenant, user, expiresAt: time(2000))
        #expect(try await !isRight("12345678", tenant, user))
        #expect(try await isRight("87654321", tenant, user, at: time(1999)))
        #expect(try await tenant.audit.entries().last?.action == "factor.enrolment-code-issued")
    }

    @Test("a code is spent by the factor that it permits", arguments: [false, true])
    func spent(isPasskey: Bool) async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        try await issue("12345678", tenant, user)
        if isPasskey { try await tenant.addPasskey(user) } else { try await tenant.addApp(user) }
        #expect(try await !isRight("12345678", tenant, user))
        #expect(try await tenant.factors.all(of: user.id).enrolmentCodeExpiresAt == nil)
    }

    @Test("a reset without a code ends the code before it")
    func resetWithoutCode() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        try await issue("12345678", tenant, user)
        _ = try await tenant.factors.reset(user.id, audit: entry("factors.reset"), at: time(15))
        #expect(try await !isRight("12345678", tenant, user))
    }

    @Test("a grace begins once, and is over for whoever has ever had a factor")
    func grace() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        #expect(try await tenant.factors.beginGrace(of: user.id, at: time(10)) == time(10))
        #expect(try await tenant.factors.beginGrace(of: user.id, at: time(5000)) == time(10))
        #expect(try await tenant.factors.all(of: user.id).graceBeganAt == time(10))
        let app = try await tenant.addApp(user)
        try await tenant.removeFactor(app, of: user)
        #expect(try await tenant.factors.beginGrace(of: user.id, at: time(6000)) == FactorState.graceOver)
        _ = try await tenant.factors.reset(user.id, audit: entry("factors.reset"), at: time(7000))
        #expect(try await tenant.factors.beginGrace(of: user.id, at: time(8000)) == FactorState.graceOver)
    }

    @Test("what is noted of a member stays over a restart and beside the factors")
    func notes() async throws {
        let world = try StoreWorld()
        let (first, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.factors.noteInvitation(of: user.id, at: time(4))
        try await tenant.factors.dismissPrompt(of: user.id, at: time(5))
        try await tenant.addApp(user)
        try await first.close()
        let second = try await world.open()
        let found = try await second.tenant(tenant.tenant).factors.all(of: user.id)
        #expect(found.invitedAt == time(4) && found.promptDismissedAt == time(5) && found.apps.count == 1)
        #expect(await StoreVerification(second).run().isClean)
    }

    @Test("whoever is not active adds no factor")
    func inactive() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.users.update(user.id, audit: entry("user.disabled"), at: time(5)) { $0.state = .disabled }
        await #expect(throws: StoreConflict.notFound) { try await tenant.addApp(user) }
        #expect(try await !tenant.factors.all(of: user.id).hasSecondFactor)
    }

    @Test("a second factor survives other changes of its user")
    func otherChanges() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        let plain = try await tenant.users.create(
            User(email: "plain@acme.example", name: "Plain"), audit: entry("user.created"), at: time(2))
        for user in [try await tenant.makeUser(), plain] {
            try await tenant.addApp(user)
            try await tenant.users.setEmail(
                "new-\(user.email)", of: user.id, audit: entry("email", subject: user.id), at: time(20))
            try await tenant.users.setPassword(
                try argon2Sample(), of: user.id, audit: entry("password", subject: user.id), at: time(21))
            try await tenant.users.update(user.id, audit: entry("name"), at: time(22)) { $0.name = "Erika M." }
            let changed = try #require(try await tenant.users.find(user.id))
            #expect(changed.hasSecondFactor && changed.externalID == user.externalID && changed.name == "Erika M.")
            #expect(try await tenant.factors.all(of: user.id).apps.count == 1)
        }
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("an address that the member chose is noted, with its moment; one that was given is not, nor another spelling")
    func address() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let user = try await tenant.makeUser()
        func change(_ email: String, isOwn: Bool, at moment: Int64) async throws -> WallTime? {
            try await tenant.users.setEmail(
                email, of: user.id, isOwnChange: isOwn, audit: entry("email", subject: user.id), at: time(moment))
            return try await tenant.factors.all(of: user.id).addressChangedAt
        }
        #expect(try await tenant.factors.all(of: user.id).addressChangedAt == nil)
        #expect(try await change("Erika.Muster@acme.example", isOwn: true, at: 10) == nil)
        #expect(try await change("own@acme.example", isOwn: true, at: 20) == time(20))
        #expect(try await change("OWN@acme.example", isOwn: false, at: 30) == time(20))
        #expect(try await change("again@acme.example", isOwn: true, at: 40) == time(40))
        _ = try await tenant.factors.reset(user.id, audit: entry("factors.reset"), at: time(45))
        #expect(try await tenant.factors.all(of: user.id).addressChangedAt == time(40))
        #expect(try await change("given@acme.example", isOwn: false, at: 50) == nil)
    }

    @Test("a device is known since its first sign-in, to its user, until its end")
    func knownSince() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("second@acme.example"))
        let devices = tenant.devices
        try await devices.remember(digest(9), of: user.id, expiresAt: time(1000), at: time(5))
        try await devices.remember(digest(9), of: user.id, expiresAt: time(1000), at: time(500))
        #expect(try await devices.knownSince(digest(9), to: user.id, at: time(600)) == time(5))
        #expect(try await devices.knownSince(digest(9), to: user.id, at: time(1000)) == nil)
        #expect(try await devices.knownSince(digest(9), to: other.id, at: time(600)) == nil)
        #expect(try await devices.knownSince(digest(8), to: user.id, at: time(600)) == nil)
    }
}
