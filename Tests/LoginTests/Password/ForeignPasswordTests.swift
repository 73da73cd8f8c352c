import Core
import HostCrypto
import Store
import TestSupport
import Testing

@testable import Login

@Suite("Passwords whose hashes members brought along")
struct ForeignPasswordTests {
    /// PBKDF2 with 1000 iterations, far below what ours costs.
    private static let cheap = try? ForeignSample.hash("pbkdf2_sha256$1000$")

    private func world(_ hash: String) async throws -> (LoginWorld, TenantStore, UserID) {
        let world = try await LoginWorld()
        let acme = try await world.makeTenant()
        let id = UserID.random()
        let user = ArrivingUser(
            user: User(id: id, email: LoginWorld.email, name: "Erika"),
            email: try #require(NormalizedEmail(LoginWorld.email)), bringsID: true,
            password: try PasswordHash.importing(hash))
        let outcome = try await acme.users.admit(
            [user], isTrial: false, audit: { entry("user.imported", subject: $0.id) }, at: world.clock.wall())
        #expect(outcome == [.created(id)])
        return (world, acme, id)
    }

    @Test("the right password signs in, and its hash is ours from then on", arguments: try ForeignSample.oneOfEach())
    func replaced(sample: ForeignSample) async throws {
        let (world, acme, id) = try await world(sample.hash)
        #expect(try await world.signIn(LoginWorld.email, sample.password + "x") == .refused)
        #expect(try await acme.users.passwordHash(of: id)?.text == sample.hash)
        let session = try #require(try await world.signIn(LoginWorld.email, sample.password).session)
        guard case .own(let own) = try await acme.users.passwordHash(of: id) else { throw Missing() }
        #expect(own.cost == LoginWorld.cheap)
        #expect(try await world.signIn(LoginWorld.email, sample.password).session != nil)
        let digest = try #require(SessionTokens.digest(session.token))
        #expect(try await acme.sessions.find(digest) != nil)
        #expect(try await acme.audit.entries().map(\.action).contains("password.rehashed"))
    }

    @Test("a wrong password against a hash that costs less than ours costs ours as well, a right one its own alone")
    func cheapHash() async throws {
        let cheap = try #require(Self.cheap)
        let (world, _, _) = try await world(cheap.hash)
        #expect(try PasswordHash.importing(cheap.hash).work < LoginWorld.cheap.work)
        let before = world.hashesDone()
        #expect(try await world.signIn(LoginWorld.email, "wrong") == .refused)
        #expect(world.hashesDone() == before + 2)
        // The right one: the foreign hash, and ours that takes its place.
        #expect(try await world.signIn(LoginWorld.email, cheap.password).session != nil)
        #expect(world.hashesDone() == before + 4)
        #expect(try await world.signIn("nobody@acme.example", "wrong") == .refused)
        #expect(world.hashesDone() == before + 5)
    }

    @Test("while a tenant has dearer hashes than ours, every refusal of it waits twice as long as the dearest takes")
    func dearHash() async throws {
        let dear = "pbkdf2_sha256$1000000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        let (world, acme, id) = try await world(dear)
        _ = try await world.makeTenant("other")
        let work = try PasswordHash.importing(dear).work
        let ours = LoginWorld.cheap.work
        let steps = UInt64((2 * work.microseconds + ours.microseconds - 1) / ours.microseconds)
        #expect(steps > 1)
        world.holds.value = []
        #expect(try await world.signIn("nobody@acme.example", "wrong") == .refused)
        #expect(world.holds.value == [Milliseconds(AnswerPacing.standardStep.count * steps)])
        // Nobody else's answers wait for it, but those of hosts where the address decides.
        world.holds.value = []
        #expect(try await world.signIn("nobody@acme.example", "wrong", tenant: "other") == .refused)
        #expect(try await world.signIn("nobody@acme.example", "wrong", tenant: nil) == .refused)
        #expect(
            world.holds.value == [
                AnswerPacing.standardStep,
                Milliseconds(AnswerPacing.standardStep.count * steps * PasswordLogin.stepsWithoutTenant),
            ])
        // With the last of them gone, all is as before.
        let own = try normalized("another one").withOctets { try Argon2id.hash($0, cost: LoginWorld.cheap) }
        try await acme.users.setPassword(own, of: id, audit: entry("password.set"), at: world.clock.wall())
        world.holds.value = []
        #expect(try await world.signIn("nobody@acme.example", "wrong") == .refused)
        #expect(world.holds.value == [AnswerPacing.standardStep])
    }

    @Test("the steps grow with the dearest hash, and never shrink below one")
    func steps() throws {
        let ours = Argon2id.Cost.standard.work
        let cases: [(HashWork?, Bool, UInt64)] = [
            (nil, true, 1), (nil, false, 2), (HashWork(microseconds: 1), true, 1), (ours, true, 1),
            (HashWork(microseconds: ours.microseconds + 1), true, 3),
            (HashWork(microseconds: 4 * ours.microseconds), false, 16),
        ]
        for (dearest, hasTenant, steps) in cases {
            #expect(PasswordLogin.steps(dearest: dearest, ours: ours, hasTenant: hasTenant) == steps)
        }
    }
}

/// A hash of `Tests/Vectors/passwords`.
struct ForeignSample: Sendable, CustomTestStringConvertible {
    let password: String
    let hash: String

    var testDescription: String { String(hash.prefix(32)) }

    private static func all() throws -> [ForeignSample] {
        String(decoding: try TestFile.bytes("Vectors/passwords/hashes.txt"), as: UTF8.self)
            .split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
                let parts = line.split(separator: "\t").map(String.init)
                return ForeignSample(password: String(parts[1].dropFirst().dropLast()), hash: parts[2])
            }
    }

    /// The first whose hash begins so.
    static func hash(_ prefix: String) throws -> ForeignSample {
        guard let found = try all().first(where: { $0.hash.hasPrefix(prefix) }) else { throw Missing() }
        return found
    }

    /// One of each form.
    static func oneOfEach() throws -> [ForeignSample] {
        try [
            "$2b$", "$2a$", "$2y$", "$pbkdf2-sha256$", "$pbkdf2-sha512$i", "{PBKDF2-SHA256}", "$scrypt$", "$argon2id$",
            "pbkdf2_sha256$", "bcrypt_sha256$", "scrypt$", "argon2$", "AAAB", "AQAAAAE",
        ].map(hash)
    }
}
