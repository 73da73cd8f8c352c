import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("A second factor in the middle of a session")
struct StepUpTests {
    private static let path = "/.gatehouse/login/step-up"

    private func member() async throws -> FactorStage {
        var stage = try FactorStage(try await LoginWorld())
        try stage.world.signedIn(token: "acme.one")
        stage.browser.cookies["__Host-gatehouse"] = "acme.one"
        return stage
    }

    private func renewed(isRemembered: Bool = false) throws -> RenewedSession {
        RenewedSession(
            token: "acme.two", handle: try #require(SessionHandle("h-acme_one")), digest: [1, 2],
            expiresAt: WallTime(milliseconds: LoginWorld.start + 60_000), isRemembered: isRemembered)
    }

    @Test("the page says why it asks, and what the member can prove")
    func shown() async throws {
        var stage = try await member()
        let page = await stage.browser.get("\(Self.path)?return_to=/vault/x%3Fa%3D1")
        #expect(page.status == 200 && page.heading == "Confirm that it is you")
        #expect(page.html.contains("This page asks for your second factor."))
        #expect(page.html.contains("<p>Acme GmbH</p>"))
        let methods = page.forms.map { [$0.action, $0.fields["method"] ?? "", $0.fields["return_to"] ?? ""] }
        #expect(
            methods == [[Self.path, "totp", "/vault/x?a=1"], [Self.path, "recovery-code", "/vault/x?a=1"]])
        #expect(!page.html.contains("was not done") && !page.html.contains("<script"))
        #expect(
            page.html.contains(
                "href=\"/.gatehouse/login/step-up?return_to=/vault/x%3Fa%3D1&amp;lang=de\" lang=\"de\""))
        let german = await stage.browser.get("\(Self.path)?return_to=/vault/x&lang=de")
        #expect(german.heading == "Bestätigen Sie, dass Sie es sind")
        let holder = try #require(stage.script.with { $0.holders.first })
        #expect(holder.session == SessionHandle("h-acme_one") && holder.tenant == LoginWorld.acme && holder.host == nil)
    }

    @Test("where something was sent the page says that it was not done, on every page until it is confirmed")
    func repeated() async throws {
        var stage = try await member()
        let page = await stage.browser.get("\(Self.path)?return_to=/vault/form&repeat=1")
        #expect(page.html.contains("<p class=\"notice\" role=\"status\">What you sent was not done."))
        #expect(page.html.contains("return_to=/vault/form&amp;repeat=1&amp;lang=de"))
        let wrong = try await stage.browser.submit(page.forms.first, ["code": "1"])
        #expect(wrong.status == 422 && wrong.html.contains("What you sent was not done."))
    }

    @Test("a right factor gives the session a new token, tells those who hold the old one, and leads back")
    func confirmed() async throws {
        var stage = try await member()
        let page = await stage.browser.get("\(Self.path)?return_to=/vault/x")
        let renewed = try renewed(isRemembered: true)
        stage.script.with { $0.stepUpOutcomes = [.wrong(.wrong), .confirmed(renewed, recoveryCodesLeft: nil)] }
        let wrong = try await stage.browser.submit(page.forms.first, ["code": "000000"])
        #expect(wrong.status == 422 && wrong.fault?.hasPrefix("The code is wrong.") == true)
        #expect(wrong.setCookies.isEmpty)
        let done = try await stage.browser.submit(wrong.forms.first, ["code": "12 34 56"])
        #expect(done.status == 303 && done.location == "/vault/x")
        #expect(
            done.setCookies == ["__Host-gatehouse=acme.two; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60"])
        #expect(stage.world.with { $0.notices } == [.renewed(renewed.handle, digest: [1, 2])])
        #expect(stage.script.with { $0.proofs } == [.totp("000000"), .totp("12 34 56")])
    }

    @Test("a recovery code serves too, and few that are left are said")
    func recoveryCode() async throws {
        var stage = try await member()
        let page = await stage.browser.get("\(Self.path)?return_to=/vault/x")
        let renewed = try renewed()
        stage.script.with { $0.stepUpOutcomes = [.wrong(.used), .confirmed(renewed, recoveryCodesLeft: 2)] }
        let wrong = try await stage.browser.submit(page.forms.last, ["code": "x"])
        #expect(wrong.fault?.hasPrefix("This recovery code is wrong") == true)
        let done = try await stage.browser.submit(page.forms.last, ["code": "y"])
        #expect(done.status == 200 && done.html.contains("You have 2 left."))
        #expect(stage.browser.cookies["__Host-gatehouse"] == "acme.two")
        #expect(done.html.contains("href=\"/vault/x\">Continue</a>"))
        #expect(stage.script.with { $0.proofs } == [.recoveryCode("x"), .recoveryCode("y")])
    }

    @Test("a passkey answers the page's own challenge, once")
    func passkey() async throws {
        var stage = try await member()
        stage.script.with {
            $0.stepUpRequest = StepUpRequest(factors: [.passkey, .recoveryCode], passkey: FactorScript.request)
        }
        let page = await stage.browser.get("\(Self.path)?return_to=/vault/x")
        let form = try #require(page.forms.first { $0.fields["method"] == "passkey" })
        let challenge = try #require(form.attribute("data-options")?.between("\"challenge\":\"", "\""))
        #expect(page.response.head.headerFields[.contentSecurityPolicy]?.contains("script-src 'sha256-") == true)
        let renewed = try renewed()
        stage.script.with {
            $0.stepUpOutcomes = [.wrong(.notThisPasskey), .confirmed(renewed, recoveryCodesLeft: nil)]
        }
        let unreadable = try await stage.browser.submit(form, ["passkey": "{}"])
        #expect(unreadable.status == 422 && stage.script.with { $0.proofs.isEmpty })
        let foreign = try await stage.browser.submit(form, ["passkey": FactorScript.assertion])
        #expect(foreign.status == 422 && foreign.fault?.hasPrefix("This passkey does not belong") == true)
        #expect(try await stage.browser.submit(form, ["passkey": FactorScript.assertion]).location == "/vault/x")
        guard case .passkey(_, let answered) = stage.script.with({ $0.proofs.last }) else {
            Issue.record("no passkey arrived")
            return
        }
        #expect(Base64.encode(answered, alphabet: .url) == challenge)
        // The same answer, sent again by whoever has read it.
        stage.browser.cookies["__Host-gatehouse"] = "acme.one"
        let again = try await stage.browser.submit(form, ["passkey": FactorScript.assertion])
        #expect(again.status == 422 && again.fault == "The page had been open for too long. Please try again.")
        #expect(stage.script.with { $0.proofs.count } == 2)
    }

    @Test("a ceremony that is too old, of another session or none is not looked at")
    func ceremonies() async throws {
        var stage = try await member()
        stage.script.with { $0.stepUpRequest = StepUpRequest(factors: [.passkey], passkey: FactorScript.request) }
        let form = try #require(await stage.browser.get(Self.path).forms.first)
        stage.world.with { $0.now += 15 * 60_000 + 1 }
        #expect(try await stage.browser.submit(form, ["passkey": FactorScript.assertion]).status == 422)
        stage.world.with { $0.now = LoginWorld.start }
        #expect(
            try await stage.browser.submit(form, ["passkey": FactorScript.assertion, "ceremony": nil]).status == 422)
        try stage.world.signedIn(token: "acme.other")
        stage.browser.cookies["__Host-gatehouse"] = "acme.other"
        let own = try #require(await stage.browser.get(Self.path).forms.first)
        let stolen = try await stage.browser.submit(
            own, ["passkey": FactorScript.assertion, "ceremony": form.fields["ceremony"]])
        #expect(stolen.status == 422)
        #expect(stage.script.with { $0.proofs.isEmpty })
        _ = try await stage.browser.submit(own, ["passkey": FactorScript.assertion])
        #expect(stage.script.with { $0.proofs.count } == 1)
    }

    @Test("who has no factor is led to where one is added, and back")
    func withoutFactor() async throws {
        var stage = try await member()
        stage.script.with { $0.stepUpRequest = StepUpRequest(factors: [], passkey: nil) }
        #expect(
            await stage.browser.get("\(Self.path)?return_to=/vault/x%3Fa%3D1").location
                == "/.gatehouse/account/factors?return_to=/vault/x%3Fa%3D1")
        #expect(await stage.browser.get(Self.path).location == "/.gatehouse/account/factors?return_to=/")
    }

    @Test("beside a portal_host the way to a first factor and back leads over the hand-over")
    func withoutFactorBesidePortal() async throws {
        var stage = try await member()
        stage.world.with { $0.access = HostsBrowser.access(portal: HostsBrowser.portal) }
        stage.script.with { $0.stepUpRequest = StepUpRequest(factors: [], passkey: nil) }
        stage.browser.host = "\(HostsBrowser.acmeOther):8443"
        let led = try #require(await stage.browser.get("\(Self.path)?return_to=/vault/x").location)
        let way = "/.gatehouse/session/handoff?to=\(HostsBrowser.acmeOther)&return_to=/vault/x"
        #expect(
            led == "https://\(HostsBrowser.portal):8443/.gatehouse/account/factors?return_to="
                + PortalAddress.encoded(way))
        #expect(SafeRedirect(way) != nil)
    }

    @Test("a visitor signs in first; so does whoever's session has ended meanwhile")
    func visitors() async throws {
        var stage = try FactorStage(try await LoginWorld())
        #expect(
            await stage.browser.get("\(Self.path)?return_to=/vault/x").location
                == "/.gatehouse/login?return_to=/vault/x")
        #expect(await stage.browser.get(Self.path).location == "/.gatehouse/login?return_to=/")
        stage = try await member()
        let form = await stage.browser.get("\(Self.path)?return_to=/vault/x").forms.first
        stage.script.with { $0.stepUpOutcomes = [.ended] }
        #expect(
            try await stage.browser.submit(form, ["code": "1"]).location == "/.gatehouse/login?return_to=/vault/x")
        stage.script.with { $0.stepUpFailure = StoreConflict.notFound }
        #expect(
            await stage.browser.get("\(Self.path)?return_to=/vault/x").location
                == "/.gatehouse/login?return_to=/vault/x")
        stage.browser.cookies["__Host-gatehouse"] = nil
        #expect(
            try await stage.browser.submit(form, ["code": "1"]).location == "/.gatehouse/login?return_to=/vault/x")
    }

    @Test("a form without the session's token, from elsewhere or in a frame proves nothing")
    func foreign() async throws {
        var stage = try await member()
        let form = await stage.browser.get(Self.path).forms.first
        for forged in [nil, "", String(repeating: "A", count: 43)] {
            let refused = try await stage.browser.submit(form, ["code": "1", "csrf": forged])
            #expect(refused.status == 403 && refused.html.contains("<code>form-refused</code>"))
        }
        #expect(
            try await stage.browser.submit(form, ["code": "1"], with: [.secFetchSite: "cross-site"]).status == 403)
        #expect(
            try await stage.browser.submit(form, ["code": "1"], with: [.contentType: "text/plain"]).status == 415)
        stage.browser.fields[.secFetchDest] = "iframe"
        #expect(try await stage.browser.submit(form, ["code": "1"]).status == 403)
        #expect(await stage.browser.get(Self.path).status == 403)
        stage.browser.fields[.secFetchDest] = "document"
        #expect(stage.script.with { $0.proofs.isEmpty })
        _ = try await stage.browser.submit(form, ["code": "1"])
        #expect(stage.script.with { $0.proofs.count } == 1)
    }

    @Test("patience and a lost store have their pages, with the way back here")
    func troubles() async throws {
        var stage = try await member()
        let form = await stage.browser.get("\(Self.path)?return_to=/vault/x").forms.first
        stage.script.with { $0.stepUpOutcomes = [.throttled(retryAfter: .minutes(3)), .unavailable] }
        let throttled = try await stage.browser.submit(form, ["code": "1"])
        #expect(throttled.status == 429 && throttled.response.head.headerFields[.retryAfter] == "180")
        #expect(throttled.html.contains("href=\"/.gatehouse/login/step-up?return_to=/vault/x\""))
        #expect(try await stage.browser.submit(form, ["code": "1"]).status == 503)
        stage.script.with { $0.stepUpFailure = MissingStore() }
        #expect(await stage.browser.get(Self.path).status == 503)
        stage.browser.isTenantSuspended = true
        #expect(await stage.browser.get(Self.path).html.contains("<code>tenant-suspended</code>"))
    }

    private struct MissingStore: Error {}

    @Test(
        "a way back that leads elsewhere is ignored",
        arguments: [
            "https://evil.example/", "//evil.example/", "/%5Cevil", "/.gatehouse/logout", "/.gatehouse/login",
        ])
    func wayBack(target: String) async throws {
        var stage = try await member()
        let page = await stage.browser.get("\(Self.path)?return_to=\(PortalAddress.encoded(target))")
        #expect(page.forms.first?.fields["return_to"] == nil)
        let renewed = try renewed()
        stage.script.with { $0.stepUpOutcomes = [.confirmed(renewed, recoveryCodesLeft: nil)] }
        #expect(try await stage.browser.submit(page.forms.first, ["code": "1", "return_to": target]).location == "/")
    }
}
