import Core
import HostCrypto
import Store
import Testing

@testable import Login

@Suite("Ceremonies of members who are signed in")
struct FactorCeremonyTests {
    private let host = "app.example.org"

    @Test("a ceremony comes back as it was, for a quarter of an hour, to its session and host")
    func opens() async throws {
        let world = try await LoginWorld()
        let seal = FactorCeremonySeal(forms: world.store.forms)
        let (mine, other) = (try #require(SessionHandle("one")), try #require(SessionHandle("two")))
        for ceremony in [
            FactorCeremony.begun(at: world.clock.wall()),
            FactorCeremony.begun(at: world.clock.wall(), secret: TimeBasedCode.newSecret(), isSure: true),
            FactorCeremony.begun(at: world.clock.wall(), secret: [UInt8](repeating: 255, count: 64)),
        ] {
            let text = seal.seal(ceremony, session: mine, host: host)
            #expect(text.utf8.count <= FactorCeremonySeal.longestText)
            #expect(seal.open(text, session: mine, host: host, now: world.clock.wall()) == ceremony)
            #expect(seal.open(text, session: other, host: host, now: world.clock.wall()) == nil)
            #expect(seal.open(text, session: mine, host: "acme.example.org", now: world.clock.wall()) == nil)
            let end = world.clock.wall().advanced(by: FactorCeremonySeal.lifetime)
            #expect(seal.open(text, session: mine, host: host, now: end) == ceremony)
            #expect(seal.open(text, session: mine, host: host, now: end.advanced(by: Milliseconds(1))) == nil)
        }
    }

    @Test("a forged one is refused, whichever bit was changed, and so is a login's attempt")
    func forged() async throws {
        let world = try await LoginWorld()
        let (seal, now) = (FactorCeremonySeal(forms: world.store.forms), world.clock.wall())
        let session = try #require(SessionHandle("one"))
        let text = seal.seal(.begun(at: now), session: session, host: host)
        let bytes = try #require(Base64.decode(text.utf8, alphabet: .url))
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            let forged = Base64.encode(changed, alphabet: .url)
            #expect(seal.open(forged, session: session, host: host, now: now) == nil)
        }
        let attempt = LoginAttemptSeal(forms: world.store.forms).seal(.begun(at: now), browser: "one", host: host)
        for text in ["", "AAAA", String(repeating: "A", count: 600), attempt] {
            #expect(seal.open(text, session: session, host: host, now: now) == nil)
        }
    }

    @Test("a challenge follows from the id alone: 32 bytes, another for each, the same for attempt and ceremony")
    func challenges() throws {
        let id = [UInt8](0..<16)
        let ceremony = FactorCeremony(id: id, beganAt: WallTime(milliseconds: 0))
        #expect(ceremony.challenge == SHA256Digest.bytes(Array("gatehouse webauthn challenge 1".utf8) + id))
        #expect(LoginAttempt(id: id, beganAt: WallTime(milliseconds: 9)).challenge == ceremony.challenge)
        let many = (0..<100).map { _ in LoginAttempt.begun(at: WallTime(milliseconds: 0)).challenge }
        #expect(Set(many).count == 100 && many.allSatisfy { $0.count == 32 })
    }
}
