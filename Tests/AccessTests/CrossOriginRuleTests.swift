import Access
import Core
import Testing

/// Security rule 12.
@Suite("Cross-origin rule")
struct CrossOriginRuleTests {
    private func forwards(
        _ method: Method = .post, site: FetchSite = .absent, origin: OriginRelation = .absent, isUpgrade: Bool = false,
        path: String = "/", signedIn: Bool = true
    ) throws -> Bool {
        var world = AccessWorld()
        world.ask(path)
        if signedIn { world.signIn() }
        world.facts.method = method
        world.facts.fetchSite = site
        world.facts.origin = origin
        world.facts.isUpgrade = isUpgrade
        let outcome = try world.decide()
        if outcome.forward == nil { #expect(outcome.refusal?.reason == .crossOrigin) }
        return outcome.forward != nil
    }

    @Test("an unsafe method goes on from the same origin alone", arguments: [Method.post, .put, .delete, .patch])
    func unsafeMethods(method: Method) throws {
        #expect(try forwards(method, site: .sameOrigin, origin: .same))
        #expect(try forwards(method, site: .none))
        #expect(try forwards(method))
        #expect(try forwards(method, origin: .same))
        #expect(try !forwards(method, origin: .other))
        #expect(try !forwards(method, site: .crossSite, origin: .other))
        #expect(try !forwards(method, site: .crossSite))
        #expect(try !forwards(method, site: .sameSite))
        #expect(try !forwards(method, site: .unknown))
        #expect(try !forwards(method, site: .crossSite, origin: .same))
    }

    @Test("a safe method goes on from anywhere", arguments: [Method.get, .head, .options])
    func safeMethods(method: Method) throws {
        #expect(try forwards(method, site: .crossSite, origin: .other))
    }

    @Test("a handshake needs its own origin wherever one is sent")
    func handshakes() throws {
        #expect(try forwards(.get, origin: .same, isUpgrade: true))
        #expect(try forwards(.get, isUpgrade: true))
        #expect(try forwards(.get, site: .sameOrigin, origin: .same, isUpgrade: true))
        #expect(try !forwards(.get, origin: .other, isUpgrade: true))
        #expect(try !forwards(.get, site: .sameOrigin, origin: .other, isUpgrade: true))
        #expect(try !forwards(.get, site: .crossSite, isUpgrade: true))
    }

    @Test("without a session, and on public routes, there is nothing to protect")
    func withoutSession() throws {
        #expect(try forwards(site: .crossSite, origin: .other, path: "/assets/"))
        #expect(try forwards(site: .crossSite, origin: .other, path: "/news/", signedIn: false))
        #expect(try !forwards(site: .crossSite, origin: .other, path: "/news/"))
    }
}
