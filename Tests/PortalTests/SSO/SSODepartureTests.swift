import Access
import Core
import HTTPTypes
import Login
import Testing

@testable import Portal

@Suite("The way to a provider")
struct SSODepartureTests {
    @Test("a request that fits an address is a redirect, with the cookie that its answer is bound to")
    func redirect() async throws {
        var stage = try await SSOStage()
        let page = await stage.begin()
        #expect(page.status == 303 && page.location == SSOScript.redirect)
        #expect(page.response.head.headerFields[.cacheControl] == "no-store")
        let sealed = try #require(stage.browser.cookies["__Host-gatehouse-sso"])
        let login = try #require(stage.browser.cookies["__Host-gatehouse-login"])
        #expect(
            page.setCookies == [
                "__Host-gatehouse-sso=\(sealed); Path=/; Secure; HttpOnly; SameSite=None; Max-Age=600",
                "__Host-gatehouse-login=\(login); Path=/; Secure; HttpOnly; SameSite=Lax",
            ])
        let begun = try #require(stage.script.with { $0.begun.first })
        #expect(begun.purpose == .signIn && begun.connection == "okta" && begun.language == "en")
        #expect(begun.begin == SSOBegin(returnTo: SafeRedirect("/a")))
    }

    @Test("a browser that has a login cookie keeps it, and the attempt knows it and the device")
    func knownBrowser() async throws {
        var stage = try await SSOStage()
        let device = String(repeating: "d", count: 87)
        stage.browser.cookies = ["__Host-gatehouse-login": "one-browser", "__Host-gatehouse-device": device]
        let page = await stage.begin()
        #expect(page.setCookies.count == 1)
        _ = await stage.answer(.refused(reason: "expired"))
        let attempt = try #require(stage.script.with { $0.attempts.first?.first })
        #expect(attempt.browser == "one-browser" && attempt.deviceToken == device)
        #expect(stage.script.with { $0.answers.first?.visit.deviceToken } == device)
    }

    @Test("tabs begin beside each other: the cookie holds all of them, the newest first")
    func tabs() async throws {
        var stage = try await SSOStage()
        _ = await stage.begin("return_to=/a")
        _ = await stage.begin("return_to=/b")
        _ = await stage.answer(.refused(reason: "expired"))
        #expect(stage.script.with { $0.attempts.first?.map { $0.returnTo?.target } } == ["/b", "/a"])
        // The one that was answered is gone, the other one stays.
        _ = await stage.answer(.refused(reason: "expired"))
        #expect(stage.script.with { $0.attempts.last?.map { $0.returnTo?.target } } == ["/b"])
    }

    @Test("an attempt of another connection, or of another host, is none here")
    func otherPlaces() async throws {
        var stage = try await SSOStage()
        _ = await stage.browser.get("/.gatehouse/saml/acme/entra/login")
        _ = await stage.answer(.startAgain(reason: "attempt-unknown"))
        #expect(stage.script.with { $0.attempts } == [[]])
        let cookie = stage.browser.cookies["__Host-gatehouse-sso"]
        var other = try await SSOStage(portal: HostsBrowser.portal)
        other.browser.cookies["__Host-gatehouse-sso"] = cookie
        _ = await other.answer(.startAgain(reason: "attempt-unknown"))
        #expect(other.script.with { $0.attempts } == [[]])
    }

    @Test("a request that is posted is a page that sends itself, to the provider alone")
    func post() async throws {
        var stage = try await SSOStage()
        let form = SSOForm(
            address: "https://IdP.example:8444/sso?a=1&b=2", field: "SAMLRequest", value: "PHg+/w==", relayState: "r<1>"
        )
        stage.script.with { $0.message = .post(form) }
        let page = await stage.begin()
        #expect(page.status == 200 && page.heading == "Continue with Okta &lt;Acme&gt;")
        let sent = try #require(page.forms.first)
        #expect(page.forms.count == 1 && sent.action == "https://IdP.example:8444/sso?a=1&b=2")
        #expect(sent.fields == ["SAMLRequest": "PHg+/w==", "RelayState": "r<1>"])
        #expect(sent.has("data-submit") && sent.html.contains("<button type=\"submit\">Continue</button>"))
        let policy = try #require(page.response.head.headerFields[.contentSecurityPolicy])
        #expect(policy.contains("; form-action 'self' https://idp.example:8444; frame-ancestors 'none'"))
        #expect(policy.contains("; script-src 'sha256-") && !policy.contains("unsafe"))
        #expect(page.html.contains("<script>" + Asset.submit.text + "</script>"))
        #expect(page.setCookies.first?.hasPrefix("__Host-gatehouse-sso=") == true)
        let fields = page.response.head.headerFields
        #expect(fields[.referrerPolicy] == "same-origin" && fields[.crossOriginOpenerPolicy] == "same-origin")
        #expect(fields[.crossOriginResourcePolicy] == "same-origin" && fields[.cacheControl] == "no-store")
    }

    @Test("who is signed in is led on, unless the session is another tenant's")
    func signedIn() async throws {
        var stage = try await SSOStage()
        try stage.world.signedIn(token: "acme.one")
        stage.browser.cookies["__Host-gatehouse"] = "acme.one"
        #expect(await stage.begin().location == "/a")
        #expect(stage.script.with { $0.begun.isEmpty })
        try stage.world.signedIn(token: "bolt.one", tenant: "bolt", email: "otto@bolt.example")
        stage.browser.cookies["__Host-gatehouse"] = "bolt.one"
        #expect(await stage.begin().location == SSOScript.redirect)
    }

    @Test("to confirm a session takes one that came by this connection")
    func confirmation() async throws {
        var stage = try await SSOStage()
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.browser.cookies["__Host-gatehouse"] = "acme.one"
        _ = await stage.begin("return_to=/a&confirm=1")
        #expect(stage.script.with { $0.begun.last?.purpose } == .signIn)
        let origin = try SSOStage.sessionOrigin()
        stage.script.with { $0.origins[signedIn.handle] = origin }
        _ = await stage.begin("return_to=/a&confirm=1")
        guard case .confirm(let holder) = stage.script.with({ $0.begun.last?.purpose }) else {
            Issue.record("no confirmation")
            return
        }
        #expect(holder.session == signedIn.handle && holder.user == signedIn.user)
        #expect(stage.script.with { $0.begun.last?.begin.isConfirmation } == true)
        // By another connection: a sign-in.
        _ = await stage.browser.get("/.gatehouse/saml/acme/entra/login?confirm=1")
        #expect(stage.script.with { $0.begun.last?.purpose } == .signIn)
        // Without a session there is nothing to confirm.
        stage.browser.cookies["__Host-gatehouse"] = nil
        _ = await stage.begin("return_to=/a&confirm=1")
        #expect(stage.script.with { $0.begun.last?.purpose } == .signIn)
    }

    @Test("the wish to stay signed in counts where the tenant offers it")
    func remembered() async throws {
        var stage = try await SSOStage()
        _ = await stage.begin("remember=1")
        #expect(stage.script.with { $0.begun.last?.begin.isRemembered } == false)
        var offering = try await SSOStage(settings: .remembering)
        _ = await offering.begin("remember=1")
        #expect(offering.script.with { $0.begun.last?.begin.isRemembered } == true)
        _ = await offering.begin("remember=0")
        #expect(offering.script.with { $0.begun.last?.begin.isRemembered } == false)
    }

    @Test(
        "a wish to stay signed in counts from a page of this site, not from a link of another or of nobody's",
        arguments: [
            ("same-origin", true), ("same-site", true), ("cross-site", false), ("none", false), ("other", false),
        ])
    func rememberedFrom(site: String, expected: Bool) async throws {
        var stage = try await SSOStage(settings: .remembering)
        stage.browser.fields[.secFetchSite] = site
        #expect(await stage.begin("return_to=/a&remember=1").status == 303)
        #expect(stage.script.with { $0.begun.last?.begin.isRemembered } == expected)
    }

    @Test(
        "a way back to another site is none",
        arguments: ["//evil.example", "https://evil.example/", "/.gatehouse/login"])
    func wayBack(target: String) async throws {
        var stage = try await SSOStage()
        _ = await stage.begin("return_to=\(target)")
        #expect(stage.script.with { $0.begun.first.map { $0.begin.returnTo == nil } } == true)
    }

    @Test("a provider that cannot be used is one neutral page, and the log knows why")
    func unavailable() async throws {
        var stage = try await SSOStage()
        stage.script.with { $0.departure = .unavailable(reason: "metadata-expired") }
        let page = await stage.begin("return_to=/a&lang=de")
        #expect(page.status == 503 && page.response.head.headerFields[.retryAfter] == "5")
        #expect(page.heading == "Ihr Firmenkonto kann zurzeit nicht benutzt werden")
        #expect(page.html.contains("<code>sso-unavailable</code>") && page.html.contains("request-7"))
        #expect(page.html.contains("href=\"\(SSOStage.login)?return_to=/a&amp;lang=de\""))
        #expect(!page.html.contains("metadata"))
        #expect(page.setCookies.allSatisfy { !$0.hasPrefix("__Host-gatehouse-sso") })
        let note = try #require(stage.script.with { $0.notes.first })
        #expect(note.reason == "metadata-expired" && note.endpoint == .login && note.requestID == "request-7")
        #expect(note.connection.text == "okta" && note.tenant.text == "acme")
    }

    @Test("no frame and no script begins a sign-in", arguments: ["iframe", "empty", "image"])
    func destinations(destination: String) async throws {
        var stage = try await SSOStage()
        stage.browser.fields[.secFetchDest] = destination
        let page = await stage.begin()
        #expect(page.status == 403 && page.html.contains("<code>cross-origin</code>"))
        #expect(stage.script.with { $0.begun.isEmpty })
    }

    @Test("a page that a form leads to goes on by itself: no redirect stands behind a form")
    func onward() async throws {
        let world = try await LoginWorld()
        let visit = LoginVisit(
            request(.get, "/.gatehouse/login", fields: [.accept: browserAccept]), services: world.services)
        let address = "https://acme.example.org:8443/.gatehouse/saml/acme/okta/login?return_to=/a&remember=1"
        let page = PortalBrowser.Page(
            response: SSOPages(pages: try pages()).onward(
                visit, to: address, name: "Okta", fields: [.setCookie: "a=b"]))
        #expect(page.status == 200 && page.heading == "Continue with Okta" && page.setCookies == ["a=b"])
        let escaped = address.replacing("&", with: "&amp;")
        #expect(page.html.contains("<meta http-equiv=\"refresh\" content=\"0; url=\(escaped)\">"))
        #expect(page.html.contains("<a class=\"button\" href=\"\(escaped)\">Continue</a>"))
        #expect(page.response.head.headerFields[.contentSecurityPolicy]?.contains("script-src") == false)
        #expect(!page.html.contains("<nav"))
    }

    @Test(
        "a policy names a provider by its origin, and nothing else that an address may hold",
        arguments: [
            ("https://idp.example/a?b#c", "https://idp.example"),
            ("HTTPS://IDP.example:444?x", "https://idp.example:444"),
            ("http://idp.example/", nil), ("https://a;b/", nil), ("https://a b/", nil), ("https://u@h/", nil),
            ("https:///x", nil), ("https://a'b", nil), ("", nil),
        ] as [(String, String?)])
    func origin(address: String, expected: String?) {
        #expect(ProviderOrigin.of(address) == expected)
    }

    @Test("the script that sends a form does nothing else, and ends no element of its page")
    func script() {
        let script = Asset.submit.text
        let forbidden = [
            "</", "<!--", "{{", "eval(", "Function(", "innerHTML", "fetch(", "XMLHttpRequest", "import(", "http:",
            "https:", "localStorage", "document.cookie", "setTimeout", "location",
        ]
        for word in forbidden { #expect(!script.contains(word), "\(word)") }
        #expect(script.contains("\"use strict\";"))
    }
}
