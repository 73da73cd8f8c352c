import Access
import Core
import HTTPTypes
import Login
import Testing

@testable import Portal

@Suite("An answer of a provider")
struct SSOAnswerTests {
    private static let cleared = "__Host-gatehouse-sso=; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=0"

    @Test("a session begins, with its cookies, and leads to where the visitor wanted to go")
    func signedIn() async throws {
        var stage = try await SSOStage()
        _ = await stage.begin()
        let signedIn = try stage.world.signedIn(token: "acme.one")
        let page = await stage.answer(.proceeds(.signedIn(signedIn), SSOStage.arrival()))
        #expect(page.status == 303 && page.location == "/a")
        #expect(
            page.setCookies == [
                "__Host-gatehouse=acme.one; Path=/; Secure; HttpOnly; SameSite=Lax",
                "__Host-gatehouse-device=device-token; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=15552000",
                "app.sid=; Path=/; Max-Age=0; Secure", Self.cleared,
            ])
        let answer = try #require(stage.script.with { $0.answers.first })
        #expect(answer.response == Array("PHg+".utf8) && answer.relayState == SSOStage.relayState())
        #expect(answer.requestID == "request-7" && answer.connection.text == "okta")
        #expect(answer.visit.language == "en" && !answer.visit.isRemembered)
        #expect(stage.script.with { $0.attempts.first?.count } == 1)
        #expect(stage.script.with { $0.notes.isEmpty })
    }

    @Test("a cookie that is to be kept is kept")
    func remembered() async throws {
        var stage = try await SSOStage(settings: .remembering)
        _ = await stage.begin("return_to=/a&remember=1")
        let (token, now) = (try stage.world.signedIn(token: "acme.one"), LoginWorld.start)
        let kept = SignedIn(
            token: token.token, handle: token.handle, tenant: token.tenant, user: token.user,
            deviceToken: token.deviceToken, deviceExpiresAt: token.deviceExpiresAt,
            expiresAt: WallTime(milliseconds: now + 9000), isRemembered: true)
        let page = await stage.answer(.proceeds(.signedIn(kept), SSOStage.arrival(isRemembered: true)))
        #expect(page.setCookies.first?.hasSuffix("SameSite=Lax; Max-Age=9") == true)
        #expect(stage.script.with { $0.answers.first?.visit.isRemembered } == true)
    }

    @Test("without a way back it leads to the start page")
    func home() async throws {
        var stage = try await SSOStage()
        _ = await stage.begin("")
        let signedIn = try stage.world.signedIn(token: "acme.one")
        #expect(await stage.answer(.proceeds(.signedIn(signedIn), SSOStage.arrival(returnTo: nil))).location == "/")
    }

    @Test("sessions that gave way are told of")
    func displaced() async throws {
        var stage = try await SSOStage()
        let one = try stage.world.signedIn(token: "acme.one")
        let old = try stage.world.signedIn(token: "acme.old").handle
        let signedIn = SignedIn(
            token: one.token, handle: one.handle, tenant: one.tenant, user: one.user, deviceToken: one.deviceToken,
            deviceExpiresAt: one.deviceExpiresAt, expiresAt: one.expiresAt, displaced: [old])
        _ = await stage.answer(.proceeds(.signedIn(signedIn), SSOStage.arrival(attempt: nil)))
        #expect(stage.world.with { $0.notices } == [.ended(.handle(old))])
    }

    @Test("the page speaks the language in which the sign-in began")
    func language() async throws {
        var stage = try await SSOStage()
        stage.browser.cookies["__Host-gatehouse-lang"] = "de"
        _ = await stage.begin()
        let page = await stage.answer(.refused(reason: "expired"))
        #expect(page.heading == "Die Anmeldung mit Ihrem Firmenkonto hat nicht geklappt")
        #expect(page.html.contains("Acme GmbH"))
        #expect(stage.script.with { $0.answers.first?.visit.language } == "de")
    }

    @Test(
        "whatever was wrong, the page is the same; the log knows why",
        arguments: ["signature-invalid", "email-domain", "account-missing", "assertion-replayed"])
    func refused(reason: String) async throws {
        var stage = try await SSOStage()
        _ = await stage.begin()
        let page = await stage.answer(.refused(reason: reason))
        #expect(page.status == 403)
        #expect(page.heading == "Signing in with your company account did not work")
        #expect(page.html.contains("<code>sso-refused</code>") && page.html.contains("<code>request-7</code>"))
        #expect(page.html.contains("href=\"/.gatehouse/login?return_to=/a\">Start again</a>"))
        #expect(!page.html.contains(reason))
        #expect(page.setCookies == [Self.cleared])
        let note = try #require(stage.script.with { $0.notes.first })
        #expect(note.reason == reason && note.endpoint == .acs && note.requestID == "request-7")
        // All of them are one page, but for nothing.
        var twin = try await SSOStage()
        _ = await twin.begin()
        #expect(await twin.answer(.refused(reason: "expired")).html == page.html)
    }

    @Test("a login that is refused after the answer was accepted is the same page")
    func loginRefused() async throws {
        var stage = try await SSOStage()
        _ = await stage.begin()
        let page = await stage.answer(.proceeds(.refused, SSOStage.arrival()))
        #expect(page.status == 403 && page.html.contains("<code>sso-refused</code>"))
        #expect(stage.script.with { $0.notes.map(\.reason) } == [SSORefusalNote.loginRefused])
        let unavailable = await stage.answer(.proceeds(.unavailable, SSOStage.arrival()))
        #expect(unavailable.status == 503 && unavailable.html.contains("<code>store-unavailable</code>"))
    }

    @Test("an answer that this browser did not begin makes no session and offers a fresh start")
    func startAgain() async throws {
        var stage = try await SSOStage()
        let page = await stage.answer(.startAgain(reason: "attempt-unknown"))
        #expect(page.status == 403 && page.html.contains("<code>sso-refused</code>"))
        #expect(page.html.contains("href=\"\(SSOStage.login)\">Start again</a>"))
        #expect(page.setCookies.isEmpty && stage.script.with { $0.attempts } == [[]])
        #expect(stage.script.with { $0.notes.map(\.reason) } == ["attempt-unknown"])
    }

    @Test("where the provider began and may not, the provider is asked anew")
    func restart() async throws {
        var stage = try await SSOStage()
        let page = await stage.answer(.restart(returnTo: SafeRedirect("/b?c=d")))
        #expect(page.status == 303 && page.location == "\(SSOStage.login)?return_to=/b%3Fc%3Dd")
        #expect(page.setCookies.isEmpty)
        #expect(await stage.browser.get(page.location ?? "").location == SSOScript.redirect)
    }

    @Test("a store or provider that is lost is said, and the attempt stays good")
    func unavailable() async throws {
        var stage = try await SSOStage()
        _ = await stage.begin()
        let page = await stage.answer(.unavailable(reason: "store-unavailable"))
        #expect(page.status == 503 && page.html.contains("<code>sso-unavailable</code>"))
        #expect(page.html.contains("href=\"\(SSOStage.login)?return_to=/a\""))
        #expect(page.setCookies.isEmpty && !page.html.contains("store-unavailable"))
        let signedIn = try stage.world.signedIn(token: "acme.one")
        #expect(await stage.answer(.proceeds(.signedIn(signedIn), SSOStage.arrival())).location == "/a")
        #expect(stage.script.with { $0.attempts.map(\.count) } == [1, 1])
    }

    @Test("a session that was confirmed goes on with a new token, and the loops hear of it")
    func confirmed() async throws {
        var stage = try await SSOStage()
        let handle = try stage.world.signedIn(token: "acme.one").handle
        let digest = [UInt8](repeating: 5, count: 32)
        let renewed = RenewedSession(
            token: "acme.two", handle: handle, digest: digest,
            expiresAt: WallTime(milliseconds: LoginWorld.start + 5000), isRemembered: false)
        let page = await stage.answer(.confirmed(renewed, returnTo: SafeRedirect("/a")))
        #expect(page.status == 303 && page.location == "/a")
        #expect(page.setCookies == ["__Host-gatehouse=acme.two; Path=/; Secure; HttpOnly; SameSite=Lax"])
        #expect(stage.world.with { $0.notices } == [.renewed(handle, digest: digest)])
    }

    @Test("who was to confirm a session is led back to the page that asked")
    func confirmationRefused() async throws {
        var stage = try await SSOStage()
        let signedIn = try stage.world.signedIn(token: "acme.one")
        let origin = try SSOStage.sessionOrigin()
        stage.script.with { $0.origins[signedIn.handle] = origin }
        stage.browser.cookies["__Host-gatehouse"] = "acme.one"
        _ = await stage.begin("return_to=/a&confirm=1")
        let page = await stage.answer(.refused(reason: "account-differs"))
        #expect(page.html.contains("href=\"/a\">Start again</a>"))
        #expect(stage.browser.cookies["__Host-gatehouse"] == "acme.one")
    }

    @Test("after the answer the session is handed over to the host that asked")
    func handedOver() async throws {
        var stage = try await SSOStage()
        let way = PortalAddress.handoff(
            to: HostsBrowser.acmeOther, state: "c3RhdGU", returnTo: SafeRedirect("/x"), tenant: nil)
        _ = await stage.begin("return_to=\(PortalAddress.encoded(way))")
        let signedIn = try stage.world.signedIn(token: "acme.one")
        let page = await stage.answer(.proceeds(.signedIn(signedIn), SSOStage.arrival(returnTo: way)))
        #expect(page.status == 303 && page.location == way)
    }

    // MARK: How it comes

    @Test(
        "it comes from another site, in a form, as a document",
        arguments: [
            (HTTPFields(), 303), ([.secFetchSite: "cross-site", .origin: "null"], 303),
            ([.secFetchSite: "same-site", .origin: "https://id.example.org"], 303),
            ([.secFetchSite: "cross-site", .secFetchDest: "iframe"], 403),
            ([.secFetchSite: "cross-site", .secFetchDest: "empty"], 403), ([.contentType: "application/json"], 415),
            ([.contentType: "text/plain"], 415), ([.contentType: "multipart/form-data; boundary=a"], 415),
        ] as [(HTTPFields, Int)])
    func arrival(fields: HTTPFields, status: Int) async throws {
        var stage = try await SSOStage()
        _ = await stage.begin()
        let signedIn = try stage.world.signedIn(token: "acme.one")
        let page = await stage.answer(.proceeds(.signedIn(signedIn), SSOStage.arrival()), with: fields)
        #expect(page.status == status)
        #expect(stage.script.with { $0.answers.count } == (status == 303 ? 1 : 0))
        #expect(page.setCookies.isEmpty == (status != 303))
    }

    @Test("a response of 256 KiB is read, a longer one, or another field as long, is refused unread")
    func lengths() async throws {
        let longest = String(repeating: "A", count: 256 * 1024)
        let forms: [([String: String], Int)] = [
            (["SAMLResponse": longest], 403), (["SAMLResponse": longest + "A"], 400),
            (["SAMLResponse": "A", "RelayState": String(repeating: "r", count: 16 * 1024 + 1)], 400),
            (["SAMLResponse": "A", "RelayState": String(repeating: "r", count: 16 * 1024)], 403), ([:], 400),
            (["SAMLRequest": "A"], 400),
            (["SAMLResponse": "A", "more": String(repeating: "A", count: 16 * 1024 + 1)], 400),
        ]
        for (fields, status) in forms {
            var stage = try await SSOStage()
            let page = await stage.answer(fields: fields)
            #expect(page.status == status)
            #expect(page.html.contains("<code>sso-refused</code>") && page.heading?.hasPrefix("Signing in") == true)
            #expect(stage.script.with { $0.answers.count } == (status == 403 ? 1 : 0))
            #expect(stage.script.with { $0.notes.count } == 1)
        }
    }

    @Test("only the addresses of messages take long fields")
    func elsewhere() async throws {
        var stage = try await SSOStage()
        let page = await stage.browser.post(
            "/.gatehouse/login", ["SAMLResponse": String(repeating: "A", count: 16 * 1024 + 1)])
        #expect(page.status == 400 && page.html.contains("<code>form-refused</code>"))
    }

    @Test("a cookie that is forged, too old, too long or came twice is none")
    func cookies() async throws {
        var stage = try await SSOStage()
        _ = await stage.begin()
        let own = try #require(stage.browser.cookies["__Host-gatehouse-sso"])
        let values = [
            "\(own)x", String(own.dropLast()), "a.b.c", String(repeating: "a", count: 3801),
            "\(own); __Host-gatehouse-sso=\(own)",
        ]
        for value in values {
            stage.browser.cookies["__Host-gatehouse-sso"] = value
            _ = await stage.answer(.startAgain(reason: "attempt-unknown"))
            #expect(stage.script.with { $0.attempts.last?.isEmpty } == true)
        }
        stage.browser.cookies["__Host-gatehouse-sso"] = own
        _ = await stage.answer(.startAgain(reason: "attempt-unknown"))
        #expect(stage.script.with { $0.attempts.last?.count } == 1)
        stage.world.with { $0.now += 600_001 }
        _ = await stage.answer(.startAgain(reason: "attempt-unknown"))
        #expect(stage.script.with { $0.attempts.last?.isEmpty } == true)
    }
}
