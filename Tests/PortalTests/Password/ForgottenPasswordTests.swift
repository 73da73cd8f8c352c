import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("Forgotten passwords")
struct ForgottenPasswordTests {
    private static let path = "/.gatehouse/password/forgot"

    private func browser(_ world: LoginWorld) throws -> PortalBrowser {
        try PortalBrowser(world, hostTenant: LoginWorld.acme)
    }

    private func asked(_ browser: inout PortalBrowser, _ email: String) async -> PortalBrowser.Page {
        let page = await browser.get(Self.path)
        return await browser.submit(page, ["email": email])
    }

    @Test("the login's second step leads there, and the page asks for the address alone")
    func led() async throws {
        let world = try await LoginWorld(isScripted: false)
        var browser = try browser(world)
        let step = await browser.submit(await browser.get("/.gatehouse/login"), ["email": "erika@acme.example"])
        #expect(step.html.contains("<a href=\"\(Self.path)\">Forgot your password?</a>"))
        let page = await browser.get(Self.path)
        #expect(page.status == 200 && page.heading == "Forgot your password?")
        #expect(page.fields.keys.sorted() == ["csrf", "email"])
    }

    @Test("the answer is byte for byte the same whoever is asked for, and only a member is sent a mail")
    func same() async throws {
        let world = try await LoginWorld(isScripted: false)
        try await world.makeMember(of: "acme", "erika@acme.example", password: "correct horse")
        try await world.makeMember(of: "acme", "dora@acme.example", password: "correct horse", state: .disabled)
        var pages: [PortalBrowser.Page] = []
        for email in ["erika@acme.example", "dora@acme.example", "nobody@acme.example"] {
            var browser = try browser(world)
            pages.append(await asked(&browser, email))
            await world.flows?.settle()
        }
        #expect(Set(pages.map(\.html)).count == 1)
        #expect(pages[0].status == 200 && pages[0].heading == "Look into your mailbox")
        #expect(try await world.letters().map(\.recipient) == ["erika@acme.example"])
    }

    @Test("where a connection alone signs a domain in the answer is the same, and only an excepted member is mailed")
    func enforced() async throws {
        var settings = LoginSettings()
        settings.plans.connectionDomains = { $0 == LoginWorld.acme ? ["acme.example"] : [] }
        let world = try await LoginWorld(isScripted: false, settings: settings)
        try await world.makeMember(of: "acme", "erika@acme.example", password: "correct horse")
        try await world.makeMember(of: "acme", "jit@acme.example", password: nil)
        try await world.makeMember(of: "acme", "it@acme.example", password: "correct horse")
        let entry = AuditEntry(action: "test.prepared", actor: .system)
        try await world.store.tenants.update(
            try #require(LoginWorld.acme), audit: entry, at: WallTime(milliseconds: LoginWorld.start)
        ) { $0.signIn = SignInRule(breakGlass: ["it@acme.example"], ssoDomains: .enforced) }
        var pages: Set<String> = []
        for email in ["erika@acme.example", "jit@acme.example", "it@acme.example", "nobody@acme.example"] {
            var browser = try browser(world)
            pages.insert(await asked(&browser, email).html)
            await world.flows?.settle()
        }
        #expect(pages.count == 1)
        #expect(try await world.letters().map(\.recipient) == ["it@acme.example"])
    }

    @Test("what is no address is asked for again, with what was typed")
    func noAddress() async throws {
        var browser = try browser(try await LoginWorld(isScripted: false))
        let page = await asked(&browser, "<erika>")
        #expect(page.status == 422 && page.fault != nil)
        #expect(page.fields["email"] == "<erika>")
    }

    @Test("beyond the bucket the page says when, and where the last mail is")
    func throttled() async throws {
        let world = try await LoginWorld(isScripted: false)
        var browser = try browser(world)
        for _ in 0..<2 { #expect(await asked(&browser, "erika@acme.example").status == 200) }
        let page = await asked(&browser, "erika@acme.example")
        #expect(page.status == 429)
        #expect(page.response.head.headerFields[.retryAfter] == "1800")
        #expect(page.html.contains("login-throttled") && page.html.contains("the last link that was sent still works"))
    }

    @Test("where no mail is configured the pages say whom to ask, and offer no form")
    func withoutMail() async throws {
        let world = try await LoginWorld(isScripted: false, hasMail: false)
        var browser = try browser(world)
        let step = await browser.submit(await browser.get("/.gatehouse/login"), ["email": "erika@acme.example"])
        #expect(step.html.contains("administrator can set a new one") && !step.html.contains(Self.path))
        let page = await browser.get(Self.path)
        #expect(page.status == 200 && page.html.contains("administrator") && page.fields.isEmpty)
    }

    @Test("a form without its cookie, from another site or without its token changes nothing and leads back")
    func foreign() async throws {
        let world = try await LoginWorld(isScripted: false)
        try await world.makeMember(of: "acme", "erika@acme.example", password: "correct horse")
        var browser = try browser(world)
        let page = await browser.get(Self.path)
        let forged = await browser.submit(page, ["email": "erika@acme.example", "csrf": "x"])
        #expect(forged.status == 403 && forged.html.contains("form-refused") && forged.html.contains(Self.path))
        let elsewhere = await browser.submit(
            page, ["email": "erika@acme.example"], with: [.secFetchSite: "cross-site"])
        #expect(elsewhere.status == 403)
        browser.cookies = [:]
        #expect(await browser.submit(page, ["email": "erika@acme.example"]).status == 403)
        await world.flows?.settle()
        #expect(try await world.letters().isEmpty)
    }

    @Test("it speaks German, and the mail does too")
    func german() async throws {
        let world = try await LoginWorld(isScripted: false)
        try await world.makeMember(of: "acme", "erika@acme.example", password: "correct horse")
        var browser = try browser(world)
        browser.fields[.acceptLanguage] = "de"
        #expect(await asked(&browser, "erika@acme.example").heading == "Sehen Sie in Ihr Postfach")
        await world.flows?.settle()
        #expect(try await world.letters().map(\.language) == ["de"])
    }
}
