import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("What follows a provider's answer")
struct SSOContinuationTests {
    private static func loginCookie(_ value: String) -> String {
        "__Host-gatehouse-login=\(value); Path=/; Secure; HttpOnly; SameSite=Lax"
    }

    @Test("a second factor is asked for and proved, as after a password")
    func secondFactor() async throws {
        var stage = try await SSOStage()
        _ = await stage.begin()
        let known = try #require(stage.browser.cookies["__Host-gatehouse-login"])
        let page = await stage.answer(.proceeds(.secondFactor(try FactorScript.step()), SSOStage.arrival()))
        #expect(page.status == 200 && page.heading == "Confirm that it is you")
        // The answer brought no login cookie: the page comes with the one that its forms are bound to.
        #expect(page.setCookies.last == Self.loginCookie(known))
        #expect(page.setCookies.first?.hasPrefix("__Host-gatehouse-sso=;") == true)
        #expect(stage.browser.cookies["__Host-gatehouse"] == nil)
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.factors.with { $0.factorOutcomes = [.ended(.signedIn(signedIn))] }
        let form = try #require(page.form(to: "/.gatehouse/login/totp"))
        #expect(form.fields["return_to"] == "/a")
        let end = try await stage.browser.submit(form, ["code": "123456"])
        #expect(end.status == 303 && end.location == "/a")
        #expect(stage.browser.cookies["__Host-gatehouse"] == "acme.one")
        #expect(stage.factors.with { $0.provers } == [try FactorScript.member()])
    }

    @Test("where the provider began there is no cookie yet: a fresh one comes with the page")
    func unsolicited() async throws {
        var stage = try await SSOStage()
        let page = await stage.answer(
            .proceeds(.secondFactor(try FactorScript.step()), SSOStage.arrival(returnTo: nil, attempt: nil)))
        let fresh = try #require(stage.browser.cookies["__Host-gatehouse-login"])
        #expect(fresh.utf8.count == 43 && page.setCookies == [Self.loginCookie(fresh)])
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.factors.with { $0.factorOutcomes = [.ended(.signedIn(signedIn))] }
        let end = try await stage.browser.submit(page.form(to: "/.gatehouse/login/totp"), ["code": "123456"])
        #expect(end.location == "/")
    }

    @Test("a form of the page before is bound to the same browser: tabs do not disturb each other")
    func tabs() async throws {
        var stage = try await SSOStage()
        let tab = await stage.browser.get("/.gatehouse/login")
        _ = await stage.begin()
        _ = await stage.answer(.proceeds(.secondFactor(try FactorScript.step()), SSOStage.arrival()))
        #expect(await stage.browser.submit(tab, ["email": SSOStage.email]).status == 200)
    }

    @Test("a browser whose cookie came along keeps it")
    func sameSite() async throws {
        var stage = try await SSOStage()
        _ = await stage.begin()
        stage.script.with { [step = try FactorScript.step()] in
            $0.outcomes = [.proceeds(.secondFactor(step), SSOStage.arrival())]
        }
        let page = await stage.browser.post(
            SSOStage.acs, ["SAMLResponse": "PHg+", "RelayState": SSOStage.relayState()],
            with: [.secFetchSite: "same-site"])
        #expect(page.status == 200 && page.setCookies.count == 1)
        #expect(page.setCookies.first?.hasPrefix("__Host-gatehouse-sso=;") == true)
    }

    @Test("a first second factor is set up, with its way back")
    func enrolment() async throws {
        var stage = try await SSOStage()
        _ = await stage.begin()
        let wanted = try FactorScript.enrolment(.unneeded)
        let page = await stage.answer(.proceeds(.enrol(wanted), SSOStage.arrival()))
        let form = try #require(page.form(to: PortalAddress.enrolment, with: "code"))
        #expect(page.status == 200 && form.fields["return_to"] == "/a")
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.factors.with { $0.enrolmentOutcomes = [.ended(.signedIn(signedIn))] }
        let end = try await stage.browser.submit(form, ["code": "123456"])
        #expect(end.status == 303 && end.location == "/a")
    }

    @Test("the offer of a passkey follows where it is made")
    func passkeyOffer() async throws {
        var stage = try await SSOStage()
        stage.factors.with { $0.promptsForPasskey = true }
        let signedIn = try stage.world.signedIn(token: "acme.one")
        let page = await stage.answer(.proceeds(.signedIn(signedIn), SSOStage.arrival(attempt: nil)))
        #expect(page.status == 200 && page.form(to: PortalAddress.passkeyOffer)?.fields["return_to"] == "/a")
        #expect(stage.browser.cookies["__Host-gatehouse"] == "acme.one")
    }

    @Test("on portal_host the pages that follow belong to the tenant of the address")
    func portalHost() async throws {
        var stage = try await SSOStage(portal: HostsBrowser.portal)
        let page = await stage.answer(
            .proceeds(.secondFactor(try FactorScript.step()), SSOStage.arrival(attempt: nil)))
        #expect(page.status == 200 && page.html.contains("<p>Acme GmbH</p>"))
        #expect(page.forms.first?.action == "/.gatehouse/login/totp?tenant=acme")
    }

    // MARK: Connecting an account

    private static func link() throws -> PendingLink {
        PendingLink(
            tenant: try SSOStage.acme(), connection: try SSOStage.okta(), entityID: "https://idp.example/",
            subject: "s-1", format: "persistent", email: SSOStage.email, at: WallTime(milliseconds: LoginWorld.start))
    }

    @Test("an account with the address is connected by its password, once it is proved")
    func link() async throws {
        var stage = try await SSOStage()
        _ = await stage.begin()
        let link = try Self.link()
        let page = await stage.answer(.link(link, email: SSOStage.email, returnTo: SafeRedirect("/a")))
        #expect(page.status == 200 && page.heading == "Sign in")
        #expect(page.html.contains("There is an account with this address already."))
        let form = try #require(page.form(to: "/.gatehouse/login", with: "password"))
        #expect(form.fields["email"] == SSOStage.email && form.fields["return_to"] == "/a")
        #expect(page.setCookies.first?.hasPrefix("__Host-gatehouse-sso=;") == true)
        // A wrong password leads back to the same step, and connects nothing.
        stage.world.say(.refused)
        let again = try await stage.browser.submit(form, ["password": "wrong"])
        #expect(again.status == 422 && stage.script.with { $0.links.isEmpty })
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.world.say(.signedIn(signedIn))
        let end = try await stage.browser.submit(
            again.form(to: "/.gatehouse/login", with: "password"), ["password": "right"])
        #expect(end.status == 303 && end.location == "/a")
        #expect(stage.script.with { $0.links.map(\.link) } == [link])
        #expect(stage.script.with { $0.links.map(\.by.handle) } == [signedIn.handle])
        #expect(stage.world.with { $0.signIns.map(\.email) } == [SSOStage.email, SSOStage.email])
    }

    @Test("it is connected after the second factor too, where one is asked for")
    func linkWithFactor() async throws {
        var stage = try await SSOStage()
        let link = try Self.link()
        let page = await stage.answer(.link(link, email: SSOStage.email, returnTo: nil))
        stage.world.say(.secondFactor(try FactorScript.step()))
        let factor = try await stage.browser.submit(
            page.form(to: "/.gatehouse/login", with: "password"), ["password": "right"])
        #expect(factor.heading == "Confirm that it is you" && stage.script.with { $0.links.isEmpty })
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.factors.with { $0.factorOutcomes = [.ended(.signedIn(signedIn))] }
        let end = try await stage.browser.submit(factor.form(to: "/.gatehouse/login/totp"), ["code": "123456"])
        #expect(end.location == "/" && stage.script.with { $0.links.map(\.link) } == [link])
    }

    @Test("who proves another account is signed in, and told that nothing was connected")
    func notLinked() async throws {
        var stage = try await SSOStage()
        stage.script.with { $0.isLinked = false }
        let page = await stage.answer(.link(try Self.link(), email: SSOStage.email, returnTo: SafeRedirect("/a")))
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.world.say(.signedIn(signedIn))
        let end = try await stage.browser.submit(
            page.form(to: "/.gatehouse/login", with: "password"), ["password": "right"])
        #expect(end.status == 200 && end.heading == "Your company account is not connected")
        #expect(end.html.contains("href=\"/a\">Continue</a>"))
        #expect(stage.browser.cookies["__Host-gatehouse"] == "acme.one")
    }

    @Test("a sign-in that a provider did not begin connects nothing")
    func plain() async throws {
        var stage = try await SSOStage()
        let first = await stage.browser.get("/.gatehouse/login")
        let second = await stage.browser.submit(first, ["email": SSOStage.email])
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.world.say(.signedIn(signedIn))
        let end = try await stage.browser.submit(
            second.form(to: "/.gatehouse/login", with: "password"), ["password": "right"])
        #expect(end.location == "/" && stage.script.with { $0.links.isEmpty })
    }
}
