import Access
import Core
import HTTPTypes
import Login
import Testing

@testable import Portal

@Suite("What the login pages refuse")
struct LoginDefenceTests {
    private let email = "erika@acme.example"

    private func form(_ browser: inout PortalBrowser) async -> PortalBrowser.Page {
        await browser.get("/.gatehouse/login?return_to=/a")
    }

    @Test("a form token that is missing, forged or another browser's is refused, with a way to a fresh form")
    func formToken() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        var other = try PortalBrowser(world)
        let page = await form(&browser)
        let foreign = await form(&other).fields["csrf"]
        for forged in [nil, "", String(repeating: "A", count: 43), String(repeating: "A", count: 100_00), foreign] {
            let refused = await browser.submit(page, ["email": email, "csrf": forged])
            #expect(refused.status == 403)
            #expect(refused.html.contains("<code>form-refused</code>"))
            #expect(refused.html.contains("href=\"/.gatehouse/login?return_to=/a\">Back to signing in</a>"))
            #expect(refused.fields.isEmpty)
        }
        #expect(await browser.submit(page, ["email": email]).status == 200)
    }

    @Test("without the login cookie, with two of them or an over-long one a form counts for nothing")
    func loginCookie() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let page = await form(&browser)
        let own = try #require(browser.cookies["__Host-gatehouse-login"])
        let cookies = [
            nil, "\(own); __Host-gatehouse-login=\(own)", String(repeating: "a", count: 65), "\(own)x", "a b",
        ]
        for cookie in cookies {
            browser.cookies["__Host-gatehouse-login"] = cookie
            #expect(await browser.submit(page, ["email": email]).status == 403)
        }
        browser.cookies["__Host-gatehouse-login"] = own
        #expect(await browser.submit(page, ["email": email]).status == 200)
    }

    @Test(
        "a page is shown as a document of its own only",
        arguments: [
            ("document", 200), (nil, 200), ("iframe", 403), ("frame", 403), ("empty", 403), ("object", 403),
            ("Document", 403), ("", 200),
        ])
    func destination(value: String?, status: Int) async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let page = await form(&browser)
        browser.fields[.secFetchDest] = value?.isEmpty == true ? nil : value
        #expect(await browser.get("/.gatehouse/login").status == status)
        #expect(await browser.submit(page, ["email": email]).status == status)
        #expect(await browser.get("/.gatehouse/logout").status == status)
        #expect(await browser.post("/.gatehouse/logout", [:]).status == (status == 200 ? 303 : status))
    }

    @Test(
        "a form is taken from our own pages only",
        arguments: [
            (site: "same-origin", origin: "", status: 200), ("none", "", 200), ("cross-site", "", 403),
            ("same-site", "https://app.example.org", 403), ("", "https://app.example.org", 200),
            ("", "https://app.example.org:443", 200), ("", "HTTPS://APP.example.org", 200), ("", "", 200),
            ("", "https://app.example.org:8443", 403), ("", "http://app.example.org", 403), ("", "null", 403),
            ("", "https://evil.example", 403), ("", "https://app.example.org.evil.example", 403),
        ])
    func origin(site: String, origin: String, status: Int) async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let page = await form(&browser)
        let answer = await browser.submit(page, ["email": email], with: [.secFetchSite: site, .origin: origin])
        #expect(answer.status == status)
        #expect(answer.html.contains("<code>cross-origin</code>") == (status == 403))
    }

    @Test(
        "a body is read as a form only where it says that it is one",
        arguments: [
            ("application/x-www-form-urlencoded", 200), ("Application/X-WWW-Form-URLencoded ; charset=utf-8", 200),
            ("text/plain", 415), ("application/json", 415), ("multipart/form-data; boundary=x", 415), ("", 415),
        ])
    func mediaType(type: String, status: Int) async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let page = await form(&browser)
        let answer = await browser.submit(page, ["email": email], with: [.contentType: type])
        #expect(answer.status == status)
        #expect(answer.html.contains("<code>form-refused</code>") == (status == 415))
    }

    @Test("a body that breaks the grammar is refused", arguments: ["email=%zz", "email=%4", "a=1&a=2", "a=%ff"])
    func malformed(body: String) async throws {
        var browser = try PortalBrowser(try await LoginWorld())
        let answer = await browser.send(
            .post, "/.gatehouse/login", [.contentType: "application/x-www-form-urlencoded"], body: Array(body.utf8))
        #expect(answer.status == 400)
        #expect(answer.html.contains("<code>form-refused</code>"))
    }

    @Test("what a visitor sends is shown as text")
    func escaping() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let hostile = "\"><script>alert(1)</script>\u{600}<b>@x"
        let page = await browser.submit(await form(&browser), ["email": hostile])
        #expect(page.status == 422)
        #expect(page.fields["email"] == hostile)
        #expect(!page.html.utf8Contains("<script"))
        #expect(!page.html.utf8Contains("<b>"))
        let back = await browser.get("/.gatehouse/login?return_to=/x%3F%22%3E%3Cscript%3E")
        #expect(back.fields["return_to"] == "/x?\"><script>")
        #expect(!back.html.contains("<script"))
        #expect(back.html.contains("href=\"/.gatehouse/login?return_to=/x%3F%22%3E%3Cscript%3E&amp;lang=de\""))
    }

    @Test("an over-long address is not shown again")
    func longAddress() async throws {
        var browser = try PortalBrowser(try await LoginWorld())
        let first = await form(&browser)
        let page = await browser.submit(first, ["email": String(repeating: "x", count: 16_384)])
        #expect(page.status == 422)
        #expect(page.fields["email"] == "")
        #expect(await browser.submit(first, ["email": String(repeating: "x", count: 16_385)]).status == 400)
    }

    @Test("every page carries the policy, is never kept and shows in no frame")
    func headers() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let first = await form(&browser)
        let second = await browser.submit(first, ["email": email])
        let refused = await browser.submit(first, ["csrf": "x"])
        let signedOut = await browser.get("/.gatehouse/logout")
        for page in [first, second, refused, signedOut] {
            let fields = page.response.head.headerFields
            #expect(fields[.contentSecurityPolicy] == (try pages().contentSecurityPolicy))
            #expect(fields[.contentSecurityPolicy]?.contains("frame-ancestors 'none'") == true)
            #expect(fields[.cacheControl] == "no-store")
            #expect(fields[.referrerPolicy] == "same-origin")
            for forbidden in ["<script", "style=", "javascript:", "http:", "src=", "onload", "{{"] {
                #expect(!page.html.contains(forbidden))
            }
        }
    }

    @Test("a query that cannot be read says nothing")
    func malformedQuery() async throws {
        var browser = try PortalBrowser(try await LoginWorld())
        let page = await browser.get("/.gatehouse/login?return_to=/a&return_to=/b")
        #expect(page.status == 200)
        #expect(page.fields["return_to"] == nil)
        #expect(await browser.get("/.gatehouse/login?return_to=%zz").status == 200)
    }
}
