import Access
import Core
import Testing

@Suite("Tokens for one host")
struct SessionHostTests {
    private static let handedOver = SessionKey(5, 6, 7, 8)

    /// A member with a token for every host of acme, and one that was handed over to `www.acme.example`.
    private func world(sending key: SessionKey) -> AccessWorld {
        var world = AccessWorld()
        world.signIn()
        var entry = SessionEntry.sample(lastUse: world.now)
        entry.host = "www.acme.example"
        world.sessions.insert(entry, for: Self.handedOver)
        world.facts.sessionKey = key
        return world
    }

    @Test("a token that was handed over opens its own host, with the same identity")
    func own() throws {
        var world = world(sending: Self.handedOver)
        world.ask("/", host: "www.acme.example")
        let forward = try world.decide().forward
        #expect(forward?.session == "s-1")
        #expect(forward?.tenant == .acme)
    }

    @Test(
        "on another host it counts as none, be that of the same tenant, shared, or the portal",
        arguments: ["acme.example.org", "app.example.org", "shared.example.org"])
    func other(host: String) throws {
        var world = world(sending: Self.handedOver)
        world.ask("/", host: host)
        let refusal = try world.decide().refusal
        #expect(refusal?.reason == .loginRequired)
        #expect(refusal?.notedSessionReason == .sessionUnknown)
        world.ask("/.gatehouse/whoami", host: host)
        #expect(try world.decide().portal?.session == nil)
        // The token that opens every host goes on doing so.
        world.facts.sessionKey = AccessWorld.key
        #expect(try world.decide().portal?.session != nil)
    }

    @Test("a host that is served no more is nobody's")
    func gone() throws {
        var world = world(sending: Self.handedOver)
        world.ask("/", host: "www.acme.example")
        #expect(try world.decide().forward != nil)
        world.settings.tenants[0].hosts = ["acme.example.org"]
        world.ask("/", host: "acme.example.org")
        #expect(try world.decide(generation: 2).refusal?.notedSessionReason == .sessionUnknown)
    }

    @Test("an end by handle, by user or by tenant ends every token; other roles reach each, and its host stays")
    func together() throws {
        var byHandle = world(sending: Self.handedOver)
        #expect(byHandle.sessions.remove(handle: SessionHandle("s-1")!) == 2)
        #expect(byHandle.sessions.count == 0)
        var byUser = world(sending: Self.handedOver)
        #expect(byUser.sessions.remove(user: UserID(high: 1, low: 2), of: .acme) == 2)
        var changed = world(sending: Self.handedOver)
        #expect(changed.sessions.replace(.sample(roles: [.user, .admin], lastUse: changed.now)) == 2)
        _ = changed.sessions.update(
            user: UserID(high: 1, low: 2), of: .acme,
            to: MemberIdentity(externalID: nil, email: "mia@acme.example", name: "Mia M", roles: [.user, .admin]))
        changed.ask("/admin/", host: "www.acme.example")
        #expect(try changed.decide().forward?.identity.contains("X-User-Name: Mia M\r\n") == true)
        changed.ask("/admin/", host: "acme.example.org")
        #expect(try changed.decide().refusal?.notedSessionReason == .sessionUnknown)
    }
}
