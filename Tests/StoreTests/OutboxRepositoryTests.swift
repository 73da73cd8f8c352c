import Core
import Foundation
import HostCrypto
import Testing

@testable import Store

@Suite("The outbox")
struct OutboxRepositoryTests {
    private func letter(_ recipient: String = "erika.muster@acme.example", expires: Int64 = 1_000_000) -> Letter {
        Letter(
            recipient: recipient, kind: "password-reset", language: "de",
            fields: ["link": "https://acme.example.org/?token=Geheimnis", "expires": "7"], expiresAt: time(expires))
    }

    @Test("a letter comes out as it was posted, the oldest first, and is nobody else's for a while")
    func roundTrip() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        #expect(try await tenant.outbox.post(letter(), to: user.id, at: time(10)))
        #expect(try await tenant.outbox.post(letter("second@acme.example"), to: user.id, at: time(11)))
        #expect(try await tenant.outbox.take(at: time(9), until: time(100)) == nil)
        let first = try #require(try await tenant.outbox.take(at: time(12), until: time(100)))
        #expect(first.letter == letter())
        #expect(first.user == user.id)
        #expect(first.postedAt == time(10))
        #expect(first.attempts == 0)
        let second = try #require(try await tenant.outbox.take(at: time(12), until: time(200)))
        #expect(second.letter.recipient == "second@acme.example")
        #expect(try await tenant.outbox.take(at: time(99), until: time(300)) == nil)
        // Whoever took it has died.
        #expect(try await tenant.outbox.take(at: time(100), until: time(300))?.id == first.id)
        try await store.close()
    }

    @Test("a letter that went is gone, one that was postponed comes again")
    func ends() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.outbox.post(letter(), to: user.id, at: time(10))
        let taken = try #require(try await tenant.outbox.take(at: time(10), until: time(100)))
        try await tenant.outbox.postpone(taken.id, until: time(50))
        try await tenant.outbox.postpone(taken.id, until: time(60), isAttempt: false)
        #expect(try await tenant.outbox.take(at: time(59), until: time(100)) == nil)
        #expect(try await tenant.outbox.take(at: time(60), until: time(100))?.attempts == 1)
        let standing = try await tenant.outbox.standing()
        #expect(standing.waiting == 1 && standing.oldest == time(10) && standing.nextDue == time(100))
        try await tenant.outbox.remove(taken.id)
        #expect(try await tenant.outbox.standing().waiting == 0)
        try await tenant.outbox.post(letter(), to: user.id, at: time(70))
        let other = try #require(try await tenant.outbox.take(at: time(70), until: time(100)))
        try await tenant.outbox.giveUp(other.id, audit: entry("mail.given-up", subject: user.id), at: time(71))
        #expect(try await tenant.outbox.standing().waiting == 0)
        #expect(try await tenant.audit.entries().last?.action == "mail.given-up")
        try await store.close()
    }

    @Test("a letter is written with its cause, or not at all")
    func withCause() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        let (hash, other) = (try #require(Argon2Sample.hash), try #require(Argon2Sample.other))
        try await tenant.users.setPassword(
            hash, of: user.id, audit: entry("password", subject: user.id), at: time(20), letters: [letter()])
        #expect(try await tenant.outbox.standing().waiting == 1)
        await #expect(throws: StoreConflict.notFound) {
            try await tenant.users.setPassword(
                hash, of: user.id, replacing: .own(other), audit: entry("password"), at: time(21),
                letters: [letter()])
        }
        #expect(try await tenant.outbox.standing().waiting == 1)
        try await tenant.users.setEmail(
            "new@acme.example", of: user.id, audit: entry("email", subject: user.id), at: time(22),
            letters: [letter(), letter("new@acme.example")])
        #expect(try await tenant.outbox.standing().waiting == 3)
        try await store.close()
    }

    @Test("the first sign-in alerts nobody, each later one does")
    func arrival() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        for number in 1...3 as ClosedRange<UInt8> {
            _ = try await tenant.sessions.create(
                user: user.id, token: digest(number), factors: [], expiresAt: time(1_000_000),
                audit: entry("login", subject: user.id), at: time(Int64(number)), alert: letter())
            #expect(try await tenant.outbox.standing().waiting == Int(number) - 1)
        }
        try await store.close()
    }

    @Test("nobody's letters fill the outbox; what has no room is dropped and its cause goes on")
    func bounds() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        for _ in 0..<OutboxRepository.mostOfUser {
            #expect(try await tenant.outbox.post(letter(), to: user.id, at: time(10)))
        }
        #expect(try await !tenant.outbox.post(letter(), to: user.id, at: time(10)))
        #expect(store.letters.dropped == 1)
        try await tenant.users.update(
            user.id, audit: entry("name", subject: user.id), at: time(11), letters: [letter()]
        ) { $0.name = "Erika" }
        #expect(try await tenant.users.find(user.id)?.name == "Erika")
        #expect(store.letters.dropped == 2)
        let other = try await tenant.makeUser("other@acme.example")
        #expect(try await tenant.outbox.post(letter(), to: other.id, at: time(12)))
        try await store.close()
    }

    @Test("erasing a person erases what was to be mailed")
    func erasure() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("other@acme.example"))
        try await tenant.outbox.post(letter(), to: user.id, at: time(10))
        try await tenant.outbox.post(letter("other@acme.example"), to: other.id, at: time(11))
        try await tenant.users.erase(user.id, audit: entry("user.erased"), at: time(12))
        #expect(try await tenant.outbox.standing().waiting == 1)
        // A row that came back from elsewhere opens no more, and goes.
        try await store.keys.destroyPerson(other.id, of: "acme", at: time(13))
        #expect(try await tenant.outbox.take(at: time(14), until: time(100)) == nil)
        #expect(try await tenant.outbox.standing().waiting == 0)
        try await store.close()
    }

    @Test("what nobody sends is not kept for ever")
    func abandoned() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.outbox.post(letter(expires: 1000), to: user.id, at: time(10))
        #expect(try await tenant.outbox.deleteExpired(at: time(86_400_999)) == 0)
        #expect(try await tenant.outbox.deleteExpired(at: time(86_401_000)) == 1)
        #expect(try await tenant.outbox.standing().waiting == 0)
        try await store.close()
    }

    @Test("neither addresses nor links lie open in the files")
    func sealed() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.outbox.post(letter(), to: user.id, at: time(10))
        try await store.close()
        for (_, bytes) in try world.files() {
            for word in ["Geheimnis", "erika.muster"] { #expect(bytes.range(of: Data(word.utf8)) == nil) }
        }
    }

    @Test("a letter that another hand changed is refused, and the next one comes")
    func forged() async throws {
        let world = try StoreWorld()
        var (store, tenant) = try await world.openWithTenant()
        let user = try await tenant.makeUser()
        try await tenant.outbox.post(letter(), to: user.id, at: time(10))
        try await tenant.outbox.post(letter("second@acme.example"), to: user.id, at: time(11))
        try await store.close()
        try await world.tamper(
            "tenants/acme.db", "UPDATE outbox SET expires_at = expires_at + 1 WHERE posted_at = ?",
            .integer(time(10).milliseconds))
        store = try await world.open()
        tenant = try await store.tenant(tenant.tenant)
        await #expect(throws: StoreFault.self) { try await tenant.outbox.take(at: time(12), until: time(100)) }
        #expect(
            try await tenant.outbox.take(at: time(12), until: time(100))?.letter.recipient == "second@acme.example")
        try await store.close()
    }

    @Test("an alert is written once in its interval, to everybody")
    func alerts() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let (user, other) = (try await tenant.makeUser(), try await tenant.makeUser("other@acme.example"))
        let letters = [(letter: letter(), user: user.id), (letter: letter("other@acme.example"), user: other.id)]
        let outbox = tenant.outbox
        #expect(try await outbox.postAlert(letters, about: "logins", every: .hours(1), at: time(0)) == .posted)
        #expect(
            try await outbox.postAlert(letters, about: "logins", every: .hours(1), at: time(3_599_999))
                == .tooEarly(last: time(0)))
        #expect(try await outbox.standing().waiting == 2)
        #expect(try await outbox.postAlert(letters, about: "logins", every: .hours(1), at: time(3_600_000)) == .posted)
        // A clock that was wrong silences nobody for long.
        #expect(try await outbox.postAlert(letters, about: "logins", every: .hours(1), at: time(100)) == .posted)
        #expect(try await outbox.standing().waiting == 6)
        try await store.close()
    }
}
