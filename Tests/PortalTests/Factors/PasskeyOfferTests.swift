import Access
import Core
import HTTPTypes
import Login
import Testing

@testable import Portal

@Suite("A passkey in place of the password")
struct PasskeyOfferTests {
    private static let passkey = "/.gatehouse/login/passkey"
    private static let alone = PasskeyRequest(
        rpID: "acme.example.org", credentials: [], requiresUserVerification: true)

    private func stage(
        hostTenant: TenantID? = LoginWorld.acme, settings: LoginSettings = LoginSettings()
    ) async throws -> FactorStage {
        let stage = try FactorStage(try await LoginWorld(settings: settings), hostTenant: hostTenant)
        let acme = try #require(LoginWorld.acme)
        stage.script.with { $0.requests[acme] = Self.alone }
        return stage
    }

    @Test(
        "the first page offers it by a button and behind the field for the address, to every visitor of the host alike")
    func offered() async throws {
        var stage = try await stage()
        let page = await stage.browser.get("/.gatehouse/login?return_to=/a")
        #expect(page.html.contains("autocomplete=\"username webauthn\""))
        #expect(page.action == "/.gatehouse/login")
        let form = try #require(page.form(to: Self.passkey))
        #expect(form.has("hidden") && form.has("data-conditional") && form.attribute("data-passkey") == "get")
        let options = try #require(form.attribute("data-options"))
        #expect(options.contains("\"userVerification\":\"required\"") && options.contains("\"allowCredentials\":[]"))
        #expect(form.fields["return_to"] == "/a" && form.fields["passkey"] == "")
        #expect(page.html.between("<script>", "</script>") == Asset.passkeys.text)
        // The page after a fault, and the password's, offer it too; the latter without the list.
        let wrong = await stage.browser.submit(page, ["email": "x"])
        #expect(wrong.status == 422 && wrong.form(to: Self.passkey)?.has("data-conditional") == true)
        let second = await stage.browser.submit(page, ["email": FactorScript.email])
        #expect(second.form(to: Self.passkey)?.has("data-conditional") == false)
        let other = await stage.browser.submit(page, ["email": "never@nowhere.example"])
        #expect(
            second.html.masked.replacing(FactorScript.email, with: "")
                == other.html.masked.replacing("never@nowhere.example", with: ""))
    }

    @Test("where no passkey signs in, and on a host of nobody, there is neither button nor script")
    func notOffered() async throws {
        var shared = try await stage(hostTenant: nil)
        var bolt = try await stage(hostTenant: TenantID("bolt"))
        for page in [await shared.browser.get("/.gatehouse/login"), await bolt.browser.get("/.gatehouse/login")] {
            #expect(page.form(to: Self.passkey) == nil && !page.html.contains("<script"))
            #expect(page.html.contains("autocomplete=\"username\""))
            #expect(page.response.head.headerFields[.contentSecurityPolicy] == (try pages().contentSecurityPolicy))
        }
    }

    @Test("on a shared host every name in the address is offered the same, whether there is such a tenant or not")
    func hiddenTenants() async throws {
        var stage = try await stage(hostTenant: nil)
        stage.world.with { $0.access = AccessSettings(publicHost: "app.example.org", publicPort: 443) }
        var seen: [String] = []
        for name in ["acme", "bolt", "nope"] {
            let page = await stage.browser.get("/.gatehouse/login?tenant=\(name)")
            let form = try #require(page.form(to: Self.passkey))
            #expect(form.attribute("data-options")?.contains("\"rpId\":\"app.example.org\"") == true)
            #expect(form.action == "\(Self.passkey)?tenant=\(name)")
            seen.append(page.html.masked.replacing("tenant=\(name)", with: ""))
        }
        #expect(Set(seen).count == 1)
        // Who may sign in where is the store's answer.
        let page = await stage.browser.get("/.gatehouse/login?tenant=bolt")
        _ = try await stage.browser.submit(page.form(to: Self.passkey), ["passkey": FactorScript.assertion])
        #expect(stage.script.with { $0.alone.map(\.tenant.text) } == ["bolt"])
        // On a host for which that name is no relying party (WebAuthn L3 §5.1.3), nothing is offered.
        stage.browser.host = "other.example.net"
        #expect(await stage.browser.get("/.gatehouse/login?tenant=acme").form(to: Self.passkey) == nil)
    }

    @Test("with home_realm: domain the address's tenant is offered its own, by name or by domain")
    func domain() async throws {
        var stage = try await stage(hostTenant: nil)
        let bolt = try #require(TenantID("bolt"))
        stage.world.with { $0.homeRealm = .domain }
        stage.script.with {
            $0.requests[bolt] = PasskeyRequest(rpID: "bolt.example", credentials: [], requiresUserVerification: true)
        }
        let named = await stage.browser.get("/.gatehouse/login?tenant=acme")
        #expect(
            named.form(to: Self.passkey)?.attribute("data-options")?.contains("\"rpId\":\"acme.example.org\"") == true)
        let plain = await stage.browser.get("/.gatehouse/login")
        #expect(plain.form(to: Self.passkey) == nil)
        let known = await stage.browser.submit(plain, ["email": "otto@bolt.example"])
        let form = try #require(known.form(to: Self.passkey))
        #expect(form.attribute("data-options")?.contains("\"rpId\":\"bolt.example\"") == true)
        _ = try await stage.browser.submit(form, ["passkey": FactorScript.assertion])
        #expect(stage.script.with { $0.alone.map(\.tenant.text) } == ["bolt"])
    }

    @Test(
        "a right passkey signs in, held against the page's own challenge, and the page's wish to be remembered counts")
    func signedIn() async throws {
        var stage = try await stage(settings: .remembering)
        let page = await stage.browser.get("/.gatehouse/login?return_to=/a")
        let form = try #require(page.form(to: Self.passkey))
        let challenge = try #require(form.attribute("data-options")?.between("\"challenge\":\"", "\""))
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.script.with { $0.loginOutcomes = [.signedIn(signedIn)] }
        let end = try await stage.browser.submit(form, ["passkey": FactorScript.assertion, "remember": "1"])
        #expect(end.status == 303 && end.location == "/a")
        #expect(stage.browser.cookies["__Host-gatehouse"] == "acme.one")
        let asked = stage.script.with { $0.alone.map { ($0.assertion, $0.challenge, $0.tenant) } }
        #expect(asked.count == 1 && asked[0].0 == PortalPasskey.assertion(FactorScript.assertion))
        #expect(Base64.encode(asked[0].1, alphabet: .url) == challenge && asked[0].2 == LoginWorld.acme)
        #expect(stage.script.with { $0.visits.first?.isRemembered } == true)
        // Whoever has recorded the answer cannot use it again.
        stage.browser.cookies["__Host-gatehouse"] = nil
        let again = try await stage.browser.submit(form, ["passkey": FactorScript.assertion])
        #expect(again.location == "/.gatehouse/login?return_to=/a&stale=1")
        #expect(stage.script.with { $0.alone.count } == 1)
    }

    @Test("whatever is wrong with a passkey has one answer", arguments: ["", "{}", FactorScript.assertion])
    func refused(passkey: String) async throws {
        var stage = try await stage()
        let page = await stage.browser.get("/.gatehouse/login?return_to=/a")
        let refused = try await stage.browser.submit(page.form(to: Self.passkey), ["passkey": passkey])
        #expect(refused.status == 422)
        #expect(refused.fault == "That did not work with this passkey. Try again, or sign in with your password.")
        #expect(refused.forms.first?.html.contains("aria-invalid") == false)
        #expect(refused.form(to: Self.passkey) != nil && refused.setCookies.isEmpty)
        #expect(await stage.browser.submit(refused, ["email": FactorScript.email]).fields["password"] == "")
    }

    @Test("guesses that are too many are told to wait")
    func throttled() async throws {
        var stage = try await stage()
        let page = await stage.browser.get("/.gatehouse/login")
        stage.script.with { $0.loginOutcomes = [.throttled(retryAfter: .minutes(2))] }
        let refused = try await stage.browser.submit(
            page.form(to: Self.passkey), ["passkey": FactorScript.assertion])
        #expect(refused.status == 429 && refused.response.head.headerFields[.retryAfter] == "120")
    }

    // MARK: The offer after a password

    @Test("after a password a passkey is offered where the settings say so, signed in already")
    func prompt() async throws {
        var stage = try await stage()
        stage.script.with { $0.promptsForPasskey = true }
        let page = await stage.password(.signedIn(try stage.world.signedIn(token: "acme.one")), returnTo: "/a%3Fb")
        #expect(page.status == 200 && page.heading == "Sign in without a password next time?")
        #expect(stage.browser.cookies["__Host-gatehouse"] == "acme.one")
        #expect(page.html.contains("href=\"/.gatehouse/account/factors?return_to=/a%3Fb\">Create a passkey</a>"))
        let form = try #require(page.form(to: "/.gatehouse/login/passkey-offer"))
        #expect(try await stage.browser.submit(form, ["csrf": "x"]).status == 403)
        #expect(
            try await stage.browser.submit(form, with: [.secFetchSite: "cross-site"]).status == 403)
        #expect(stage.script.with { $0.calls.isEmpty })
        let done = try await stage.browser.submit(form)
        #expect(done.status == 303 && done.location == "/a?b")
        #expect(stage.script.with { $0.calls } == ["dismiss"])
        #expect(await stage.browser.get("/.gatehouse/login/passkey-offer?return_to=/a").location == "/a")
        stage.browser.cookies["__Host-gatehouse"] = nil
        #expect(
            try await stage.browser.submit(form).location
                == "/.gatehouse/login?return_to=/a?b".replacing("?b", with: "%3Fb"))
    }

    @Test("nobody is asked where the settings say nothing, and no code or choice is lost to it")
    func noPrompt() async throws {
        var stage = try await stage()
        let page = await stage.password(.signedIn(try stage.world.signedIn(token: "acme.one")))
        #expect(page.status == 303 && page.location == "/a")
    }
}
