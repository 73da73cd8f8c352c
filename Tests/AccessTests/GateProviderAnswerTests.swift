import Access
import Core
import Testing

/// Step 2 of a decision for what identity providers send by the browser: it comes from their site.
@Suite("Gate: messages of identity providers")
struct GateProviderAnswerTests {
    private func posted(_ path: String, signedIn: Bool) throws -> Outcome {
        var world = AccessWorld()
        world.ask(path)
        if signedIn { world.signIn() }
        world.facts.method = .post
        (world.facts.fetchSite, world.facts.origin) = (.crossSite, .other)
        (world.facts.fetchMode, world.facts.fetchDestination) = (.navigate, .document)
        return try world.decide()
    }

    @Test("a post from another site reaches the portal's addresses of a connection, and no application")
    func crossSite() throws {
        for endpoint in ["acs", "slo"] {
            for isSignedIn in [false, true] {
                let call = try posted("/.gatehouse/saml/acme/okta/\(endpoint)", signedIn: isSignedIn).portal
                #expect(call?.surface == .portal && (call?.session != nil) == isSignedIn)
            }
        }
        #expect(try posted("/saml/acme/okta/acs", signedIn: true).refusal?.reason == .crossOrigin)
    }

    @Test("beside a portal_host it is known to belong there")
    func portalHost() throws {
        var world = AccessWorld()
        world.settings.portalHost = "id.example.org"
        world.ask("/.gatehouse/saml/acme/okta/acs")
        #expect(try world.decide().portal?.belongsToPortalHost == true)
        world.ask("/.gatehouse/saml/acme/okta/acs", host: "id.example.org")
        #expect(try world.decide().portal?.belongsToPortalHost == false)
    }
}
