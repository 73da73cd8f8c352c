import Core
import HostCrypto
import Store
import Testing

@testable import Login

@Suite("Password login")
struct PasswordLoginTests {
    @Test("the right password begins a session, durable with its audit entry, and the device is remembered")
    func signsIn() async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        let user = try await world.makeUser(acme)
        let signedIn = try #require(try await world.signIn(userAgent: "Firefox\u{7} 140").session)
        #expect(signedIn.tenant.text == "acme" && signedIn.user == user.id)
        #expect(signedIn.expiresAt.milliseconds == world.clock.wall().milliseconds + 12 * 3_600_000)
        let digest = try #require(SessionTokens.digest(signedIn.token))
        let found = try #require(try await acme.sessions.find(digest))
        #expect(found.session.id.description == signedIn.handle.description)
        #expect(found.session.factors == [ProvedFactor(.password, at: world.clock.wall())])
        #expect(found.session.client == "203.0.113.7 Firefox 140")
        let device = try #require(SessionTokens.deviceDigest(signedIn.deviceToken, forms: world.store.forms))
        #expect(try await acme.devices.isKnown(device, to: user.id, at: world.clock.wall()))
        let record = try #require(try await acme.audit.entries().last)
        #expect(record.action == "login.succeeded" && record.subject == user.id)
        #expect(record.sealedDetails?.first == .init("address", "203.0.113.7"))
        #expect(world.holds.value.isEmpty)
        #expect(world.login.metrics.signedIn == 1)
    }

    @Test("the address is found however it is spelled")
    func spelling() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        #expect(try await world.signIn("  ERIKA.Muster@Acme.Example ").session != nil)
    }

    @Test("a wrong password is refused, with an entry about the user")
    func wrong() async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        let user = try await world.makeUser(acme)
        #expect(try await world.signIn(LoginWorld.email, "wrong") == .refused)
        let record = try #require(try await acme.audit.entries().last)
        #expect(record.action == "login.failed" && record.subject == user.id && record.actor == .visitor)
        #expect(record.publicDetails == [.init("reason", "password-wrong")])
        #expect(record.sealedDetails == [.init("address", "203.0.113.7")])
        #expect(try await acme.sessions.list(of: user.id).isEmpty)
    }

    @Test("an unknown user is refused, with an entry that names nobody")
    func unknown() async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        #expect(try await world.signIn("nobody@acme.example") == .refused)
        let record = try #require(try await acme.audit.entries().last)
        #expect(record.action == "login.failed" && record.subject == nil)
        #expect(record.publicDetails == [.init("reason", "user-unknown")])
        #expect(record.sealedDetails == [.init("network", "203.0.113.0/24")])
    }

    @Test("an unknown user costs as many hashes as a wrong password and leaves on the same step")
    func sameWork() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        for email in [LoginWorld.email, "nobody@acme.example", "no address", "", String(repeating: "a", count: 9000)] {
            let before = world.hashesDone()
            #expect(try await world.signIn(email, "wrong", from: "203.0.113.8") == .refused)
            #expect(world.hashesDone() == before + 1)
        }
        #expect(world.holds.value == [Milliseconds](repeating: AnswerPacing.standardStep, count: 5))
    }

    @Test(
        "whoever may not sign in is refused like a wrong password, the right one notwithstanding",
        arguments: [User.State.disabled, .invited])
    func barred(state: User.State) async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        let user = try await world.makeUser(acme, state: state)
        #expect(try await world.signIn() == .refused)
        #expect(world.hashesDone() == 1 && world.holds.value == [AnswerPacing.standardStep])
        let record = try #require(try await acme.audit.entries().last)
        #expect(record.subject == user.id)
        #expect(record.publicDetails.first?.value == (state == .disabled ? "user-disabled" : "user-invited"))
    }

    @Test("a user without a password is refused like a wrong password")
    func withoutPassword() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant(), password: nil)
        #expect(try await world.signIn() == .refused)
        #expect(world.hashesDone() == 1)
    }

    @Test("a member of a suspended or ended tenant is refused", arguments: [Tenant.State.suspended, .ended])
    func closedTenant(state: Tenant.State) async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        try await world.makeUser(acme)
        try await world.store.tenants.update(acme.tenant, audit: entry("tenant.changed"), at: world.clock.wall()) {
            $0.state = state
        }
        #expect(try await world.signIn() == .refused)
        #expect(world.hashesDone() == 1)
    }

    @Test("a tenant that is not there is refused with a hash and an entry in the directory")
    func unknownTenant() async throws {
        let world = try await LoginWorld()
        #expect(try await world.signIn(tenant: "nowhere") == .refused)
        #expect(world.hashesDone() == 1)
        #expect(try await world.store.audit.entries().last?.action == "login.failed")
    }

    @Test("a password of 1 MiB is refused at the price of one hash of something short")
    func longPassword() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        let long = String(repeating: "a", count: 1 << 20)
        #expect(try await world.signIn(LoginWorld.email, long) == .refused)
        #expect(world.hashesDone() == 1 && world.holds.value == [AnswerPacing.standardStep])
    }

    @Test("a password of 4096 bytes is taken, one more is refused, none too, and one of broken UTF-8")
    func bounds() throws {
        #expect(throws: Never.self) { try normalized(String(repeating: "a", count: 4096)) }
        #expect(throws: Missing.self) { try normalized(String(repeating: "a", count: 4097)) }
        #expect(throws: Missing.self) { try normalized("") }
        #expect(NormalizedPassword(SecretBytes(copying: [0xC3, 0x28])) == nil)
    }

    @Test("what stands in for a password that is none never signs in, even where it is somebody's password")
    func standIn() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant(), password: "-")
        #expect(try await world.signIn(LoginWorld.email, "") == .refused)
        #expect(try await world.signIn(LoginWorld.email, "-").session != nil)
    }

    @Test("a password is the same from keyboards that compose and from those that do not")
    func composition() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant(), password: "pa\u{DF}w\u{F6}rter f\u{FC}r alle")
        #expect(try await world.signIn(LoginWorld.email, "pa\u{DF}wo\u{308}rter fu\u{308}r alle").session != nil)
    }

    @Test("a store that cannot be used lets nobody in, and the try is given back")
    func unavailable() async throws {
        let world = try await LoginWorld()
        try await world.makeUser(world.makeTenant())
        try await world.store.close()
        #expect(try await world.signIn() == .unavailable)
        #expect(world.throttle.list().isEmpty)
        #expect(world.holds.value == [AnswerPacing.standardStep])
    }

    @Test("whoever gets no hash is told to come again and charged nothing")
    func busy() async throws {
        let world = try await LoginWorld(hashThreads: 0)
        try await world.makeUser(world.makeTenant())
        let task = Task { try await world.signIn() }
        while world.hashes.metrics.waiting == 0 { await Task.yield() }
        #expect(world.throttle.list().map(\.failuresLeft) == [9, 99])
        task.cancel()
        #expect(try await task.value == .busy(retryAfter: .seconds(1)))
        #expect(world.throttle.list().isEmpty)
    }

    @Test("a stranger who would find no place for a hash is told so before the store is asked")
    func surplus() async throws {
        let world = try await LoginWorld(hashThreads: 0)
        try await world.makeUser(world.makeTenant())
        let tasks = (0..<8).map { index in Task { try await world.signIn("user\(index)@acme.example") } }
        while world.hashes.metrics.waiting < 8 { await Task.yield() }
        try await world.store.close()
        guard case .busy(let retryAfter) = try await world.signIn(from: "203.0.113.99") else { throw Missing() }
        #expect(retryAfter == .seconds(1))
        #expect(!world.throttle.list().contains { $0.subject.hasSuffix("203.0.113.99") })
        #expect(try await world.signIn(from: "198.51.100.1") == .unavailable)
        for task in tasks {
            task.cancel()
            guard case .busy = try await task.value else { throw Missing() }
        }
    }

    @Test("a hash of another cost is made anew after a success, and other sessions go on")
    func rehash() async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        let dear = try #require(Argon2id.Cost(memory: 9216, passes: 1))
        let user = try await world.makeUser(acme, cost: dear)
        #expect(try await world.signIn(LoginWorld.email, "wrong") == .refused)
        #expect(try await acme.users.passwordHash(of: user.id)?.work == dear.work)
        let first = try #require(try await world.signIn().session)
        #expect(try await acme.users.passwordHash(of: user.id)?.work == LoginWorld.cheap.work)
        #expect(try await world.signIn().session != nil)
        let digest = try #require(SessionTokens.digest(first.token))
        #expect(try await acme.sessions.find(digest) != nil)
        #expect(try await acme.audit.entries().map(\.action).contains("password.rehashed"))
    }

    @Test("a hash that somebody else has replaced meanwhile is not put back")
    func rehashOvertaken() async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        let user = try await world.makeUser(acme)
        let former = try #require(try await acme.users.passwordHash(of: user.id))
        let other = try normalized("another one").withOctets { try Argon2id.hash($0, cost: LoginWorld.cheap) }
        try await acme.users.setPassword(other, of: user.id, audit: entry("password.set"), at: world.clock.wall())
        await #expect(throws: StoreConflict.notFound) {
            try await acme.users.setPassword(
                other, of: user.id, isRehash: true, replacing: former, audit: entry("password.rehashed"),
                at: world.clock.wall())
        }
        #expect(try await acme.users.passwordHash(of: user.id) == .own(other))
    }

    @Test("a password that was replaced between its proof and the session begins none")
    func overtaken() async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        let user = try await world.makeUser(acme)
        let proved = ProvedMember(tenant: acme.tenant, user: user.id, epoch: user.epoch, at: world.clock.wall())
        let other = try normalized("another one").withOctets { try Argon2id.hash($0, cost: LoginWorld.cheap) }
        try await acme.users.setPassword(other, of: user.id, audit: entry("password.set"), at: world.clock.wall())
        let visit = LoginVisit(
            client: try clientAddress("203.0.113.7"), deviceToken: nil, userAgent: "", forms: world.store.forms)
        let tenant = try #require(try await world.store.tenants.find(acme.tenant))
        let standing = MemberStanding(tenant: tenant, store: acme, user: user)
        await #expect(throws: StoreConflict.notFound) { try await world.login.start(proved, standing, visit) }
        #expect(try await acme.sessions.list(of: user.id).isEmpty)
        // Nor is the device known, whose allowance would be a guesser's.
        #expect(try await acme.devices.count(of: user.id, at: world.clock.wall()) == 0)
        // A device that is known again begins none either.
        let device = try await world.plantDevice(of: user, in: acme)
        let again = LoginVisit(
            client: visit.client, deviceToken: device, userAgent: "", forms: world.store.forms)
        #expect(try await world.login.start(proved, standing, again) == .refused)
        #expect(try await acme.sessions.list(of: user.id).isEmpty)
    }

    @Test("after a new password the device is a stranger, signs in, and is known again by a new token")
    func deviceAfterNewPassword() async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        let user = try await world.makeUser(acme)
        let first = try #require(try await world.signIn().session)
        let other = try normalized("another one").withOctets { try Argon2id.hash($0, cost: LoginWorld.cheap) }
        try await acme.users.setPassword(other, of: user.id, audit: entry("password.set"), at: world.clock.wall())
        let second = try #require(
            try await world.signIn(LoginWorld.email, "another one", device: first.deviceToken).session)
        #expect(second.deviceToken != first.deviceToken)
        let third = try #require(
            try await world.signIn(LoginWorld.email, "another one", device: second.deviceToken).session)
        #expect(third.deviceToken == second.deviceToken)
    }

    @Test("sessions beyond the limit give way and are named")
    func limit() async throws {
        let world = try await LoginWorld()
        world.settings.change { $0.session.perUserLimit = 1 }
        try await world.makeUser(world.makeTenant())
        let first = try #require(try await world.signIn().session)
        world.clock.advance(.seconds(1))
        let second = try #require(try await world.signIn().session)
        #expect(first.displaced.isEmpty && second.displaced == [first.handle])
    }

    @Test("logout ends its session alone, with an entry; once more is no error")
    func signOut() async throws {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        let user = try await world.makeUser(acme)
        let first = try #require(try await world.signIn().session)
        let second = try #require(try await world.signIn().session)
        for _ in 0..<2 { try await world.login.signOut(first.handle, of: acme.tenant, user: user.id) }
        #expect(try await acme.sessions.list(of: user.id).map(\.id.description) == [second.handle.description])
        let record = try #require(try await acme.audit.entries().last)
        #expect(record.action == "logout" && record.actor == .user(user.id))
        #expect(record.publicDetails == [.init("session", first.handle.description)])
    }
}
