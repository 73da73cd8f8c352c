import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("Signing out with a provider")
struct SSOLogoutTests {
    private static let cleared = [
        "__Host-gatehouse=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0", "app.sid=; Path=/; Max-Age=0; Secure",
    ]

    /// A member whose session came from the provider.
    private func stage() async throws -> (SSOStage, SessionHandle) {
        var stage = try await SSOStage()
        let handle = try stage.world.signedIn(token: "acme.one").handle
        let origin = try SSOStage.sessionOrigin()
        stage.script.with { state in
            state.origins[handle] = origin
            state.logout = .redirect(to: "\(SSOScript.origin)/slo?SAMLRequest=a&RelayState=b")
        }
        stage.world.with { $0.afterLogout = ["https://www.example.org/", "https://www.example.org/bye"] }
        stage.browser.cookies["__Host-gatehouse"] = "acme.one"
        return (stage, handle)
    }

    // MARK: From here

    @Test("the session ends here first, then the browser goes on to the provider by itself")
    func redirect() async throws {
        var (stage, handle) = try await stage()
        let question = await stage.browser.get("/.gatehouse/logout?after_logout=https%3A%2F%2Fwww.example.org%2Fbye")
        let page = await stage.browser.submit(question)
        #expect(page.status == 200 && page.heading == "You are signed out here")
        #expect(
            page.html.contains(
                "content=\"0; url=\(SSOScript.origin)/slo?SAMLRequest=a&amp;RelayState=b\""))
        #expect(page.setCookies == Self.cleared)
        #expect(stage.world.with { $0.signOuts } == [handle])
        #expect(stage.world.with { $0.notices } == [.ended(.handle(handle))])
        #expect(stage.script.with { $0.logouts.map(\.nextIndex) } == [1])
        #expect(stage.script.with { $0.logouts.map(\.origin.subject) } == ["s-1"])
    }

    @Test("a request that is posted is a page that sends itself")
    func post() async throws {
        var (stage, _) = try await stage()
        stage.script.with {
            $0.logout = .post(
                SSOForm(address: "\(SSOScript.origin)/slo", field: "SAMLRequest", value: "PHg+", relayState: "-.r"))
        }
        let page = await stage.browser.submit(await stage.browser.get("/.gatehouse/logout"))
        #expect(page.forms.first?.fields == ["SAMLRequest": "PHg+", "RelayState": "-.r"])
        let policy = page.response.head.headerFields[.contentSecurityPolicy]
        #expect(policy?.contains("form-action 'self' \(SSOScript.origin);") == true)
        #expect(page.setCookies == Self.cleared)
        #expect(stage.script.with { $0.logouts.map(\.nextIndex) } == [nil])
    }

    @Test("a session of a password, and a provider without logout, end here alone")
    func local() async throws {
        var (stage, handle) = try await stage()
        stage.script.with { $0.logout = nil }
        let page = await stage.browser.submit(await stage.browser.get("/.gatehouse/logout"))
        #expect(page.location == "/.gatehouse/logout?done" && page.setCookies == Self.cleared)
        stage.script.with { $0.origins[handle] = nil }
        stage.script.with { $0.logout = .redirect(to: SSOScript.redirect) }
        stage.browser.cookies["__Host-gatehouse"] = "acme.one"
        let second = await stage.browser.submit(await stage.browser.get("/.gatehouse/logout"))
        #expect(second.location == "/.gatehouse/logout?done")
        #expect(stage.script.with { $0.logouts.count } == 1)
    }

    @Test("a session that cannot be ended here goes to no provider")
    func lost() async throws {
        var (stage, _) = try await stage()
        stage.world.with { $0.signOutFailure = StoreFault.closed }
        let page = await stage.browser.submit(await stage.browser.get("/.gatehouse/logout"))
        #expect(page.status == 503 && stage.script.with { $0.logouts.isEmpty })
    }

    @Test("the provider's answer leads to the page after the logout, and on from there")
    func answered() async throws {
        var (stage, _) = try await stage()
        stage.browser.cookies = [:]
        stage.script.with { $0.logoutOutcomes = [.signedOut(nextIndex: 1, isComplete: true)] }
        let query = "SAMLResponse=a%2Bb&RelayState=1.r&SigAlg=s&Signature=t"
        let page = await stage.browser.get("\(SSOStage.slo)?\(query)")
        #expect(page.status == 303)
        #expect(page.location == "/.gatehouse/logout?done&after_logout=https%3A//www.example.org/bye")
        let message = try #require(stage.script.with { $0.messages.first })
        #expect(message.arrival == .query(Array(query.utf8)) && !message.isRequest)
        #expect(message.relayState == "1.r" && message.requestID == "request-7")
        let end = await stage.browser.get(page.location ?? "")
        #expect(end.heading == "You are signed out" && end.html.contains(">Go on to www.example.org</a>"))
        #expect(!end.html.contains("class=\"notice\""))
    }

    @Test("where not everything ended at the provider the page says so; a place that is no longer listed is none")
    func incomplete() async throws {
        var (stage, _) = try await stage()
        stage.browser.cookies = [:]
        stage.script.with { $0.logoutOutcomes = [.signedOut(nextIndex: 7, isComplete: false)] }
        let page = await stage.browser.get("\(SSOStage.slo)?SAMLResponse=a")
        #expect(page.location == "/.gatehouse/logout?done&unconfirmed=1")
        let end = await stage.browser.get(page.location ?? "")
        #expect(end.html.contains("<p class=\"notice\" role=\"status\">Whether you are signed out everywhere else"))
        let german = await stage.browser.get("/.gatehouse/logout?unconfirmed=1&lang=de")
        #expect(german.html.contains("Ob Sie überall sonst abgemeldet sind"))
        #expect(german.html.contains("href=\"/.gatehouse/logout?unconfirmed=1&amp;lang=en\""))
    }

    // MARK: From the provider

    @Test("a provider's request ends sessions by what it says, and the answer goes back")
    func asked() async throws {
        var (stage, handle) = try await stage()
        let other = try stage.world.signedIn(token: "acme.two").handle
        let back = "\(SSOScript.origin)/slo?SAMLResponse=c"
        stage.script.with { $0.logoutOutcomes = [.answer(.redirect(to: back), ended: [other])] }
        let query = "SAMLRequest=a&RelayState=p"
        let page = await stage.browser.get("\(SSOStage.slo)?\(query)")
        #expect(page.status == 303 && page.location == back)
        #expect(stage.world.with { $0.notices } == [.ended(.handle(other))])
        // The cookie of this browser's own session, which was none of them, stays.
        #expect(page.setCookies.isEmpty)
        #expect(stage.script.with { $0.messages.first?.isRequest } == true)
        stage.script.with { $0.logoutOutcomes = [.answer(.redirect(to: back), ended: [handle])] }
        #expect(await stage.browser.get("\(SSOStage.slo)?\(query)").setCookies == Self.cleared)
    }

    @Test("it may be posted from the provider's page, and be answered by a page that sends itself")
    func posted() async throws {
        var (stage, handle) = try await stage()
        stage.browser.cookies = [:]
        let form = SSOForm(address: "\(SSOScript.origin)/slo", field: "SAMLResponse", value: "PHk+", relayState: nil)
        stage.script.with { $0.logoutOutcomes = [.answer(.post(form), ended: [handle])] }
        let long = String(repeating: "A", count: 20_000)
        let page = await stage.browser.post(
            SSOStage.slo, ["SAMLRequest": long, "RelayState": "p"], with: SSOStage.crossSite)
        #expect(page.status == 200 && page.forms.first?.fields == ["SAMLResponse": "PHk+"])
        #expect(stage.world.with { $0.notices } == [.ended(.handle(handle))])
        let message = try #require(stage.script.with { $0.messages.first })
        #expect(message.arrival == .field(Array(long.utf8)) && message.relayState == "p")
    }

    @Test("providers ask in hidden frames too")
    func framed() async throws {
        var (stage, handle) = try await stage()
        stage.browser.fields[.secFetchDest] = "iframe"
        stage.script.with { $0.logoutOutcomes = [.answer(.redirect(to: SSOScript.redirect), ended: [handle])] }
        #expect(await stage.browser.get("\(SSOStage.slo)?SAMLRequest=a").location == SSOScript.redirect)
    }

    @Test("where the provider takes no answer the browser stays on the page after a logout")
    func unanswered() async throws {
        var (stage, handle) = try await stage()
        stage.script.with { $0.logoutOutcomes = [.ended([handle])] }
        let page = await stage.browser.get("\(SSOStage.slo)?SAMLRequest=a")
        #expect(page.location == "/.gatehouse/logout?done" && page.setCookies == Self.cleared)
    }

    @Test(
        "a message that is none, or two, is refused unread",
        arguments: [
            "", "?", "?RelayState=a", "?SAMLRequest=a&SAMLResponse=b", "?SAMLRequest=a&SAMLRequest=b", "?SAMLRequest=%",
        ])
    func malformed(query: String) async throws {
        var (stage, _) = try await stage()
        let page = await stage.browser.get(SSOStage.slo + query)
        #expect(page.status == 400 && page.html.contains("<code>sso-refused</code>"))
        #expect(stage.script.with { $0.messages.isEmpty && $0.notes.map(\.endpoint) == [.slo] })
    }

    @Test("a message that is not accepted ends nothing, and its page says no more than any")
    func refused() async throws {
        var (stage, _) = try await stage()
        stage.script.with {
            $0.logoutOutcomes = [.refused(reason: "signature-invalid"), .unavailable(reason: "metadata-expired")]
        }
        let page = await stage.browser.get("\(SSOStage.slo)?SAMLRequest=a")
        #expect(page.status == 403 && page.html.contains("<code>sso-refused</code>"))
        #expect(!page.html.contains("signature") && page.setCookies.isEmpty)
        let unavailable = await stage.browser.get("\(SSOStage.slo)?SAMLRequest=a")
        #expect(unavailable.status == 503 && unavailable.html.contains("<code>sso-unavailable</code>"))
        #expect(stage.script.with { $0.notes.map(\.reason) } == ["signature-invalid", "metadata-expired"])
        #expect(stage.world.with { $0.notices.isEmpty })
        let bad = await stage.browser.post(
            SSOStage.slo, ["SAMLRequest": String(repeating: "A", count: 256 * 1024 + 1)], with: SSOStage.crossSite)
        #expect(bad.status == 400)
    }
}
