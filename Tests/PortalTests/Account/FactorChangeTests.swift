import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("Second factors that are there, in the account")
struct FactorChangeTests {
    private let page = SignedInMember.factors

    private func member(query: String = "") async throws -> SignedInMember {
        var member = try await SignedInMember()
        try await member.addFirstApp(query: query)
        // What is added later is listed later.
        member.wait(.seconds(1))
        member.world.with { $0.notices = [] }
        return member
    }

    /// The tenant's rule.
    private func setRule(_ rule: Tenant.SecondFactor, in world: LoginWorld) async throws {
        let entry = AuditEntry(action: "test.prepared", actor: .system)
        try await world.store.tenants.update(
            try #require(LoginWorld.acme), audit: entry, at: WallTime(milliseconds: LoginWorld.start)
        ) { $0.secondFactor = rule }
    }

    @Test("another one needs a recent proof and no code, brings no new recovery codes and ends no session")
    func another() async throws {
        var member = try await member()
        let other = await member.browser.get(page + "/app")
        #expect(other.heading == "Add an authenticator app")
        let before = member.token
        let done = await member.browser.submit(other, ["code": try member.code(of: other), "name": "Tablet"])
        #expect(done.location == page + "?done=factor-added")
        #expect(member.token != before)
        let handle = try #require(try await member.world.session(member.token)?.handle)
        let digest = try #require(SessionTokens.digest(member.token)).octets
        #expect(member.world.with { $0.notices } == [.renewed(handle, digest: digest)])
        #expect(try await member.stored().apps.map(\.name) == ["Telefon", "Tablet"])
        #expect(try await member.letters().map(\.kind) == ["factor-added"])
        member.wait(.minutes(6))
        let late = await member.browser.get(page + "/app")
        #expect(late.location == "/.gatehouse/account/proof?return_to=/.gatehouse/account/factors/app")
    }

    @Test("five apps are as many as can be kept")
    func full() async throws {
        var member = try await member()
        for _ in 2...5 {
            let app = await member.browser.get(page + "/app")
            _ = await member.browser.submit(app, ["code": try member.code(of: app)])
        }
        #expect(try await member.stored().apps.count == FactorRepository.longestApps)
        let list = await member.browser.get(page)
        #expect(list.html.contains("You have as many as can be kept."))
        #expect(SignedInMember.links(list, below: page + "/app").isEmpty)
        #expect(await member.browser.get(page + "/app").location == page)
    }

    @Test("a factor is renamed, and a name that is none is shown again with what is wrong")
    func renamed() async throws {
        var member = try await member()
        let list = await member.browser.get(page)
        let address = try #require(SignedInMember.links(list, below: page + "/rename").first)
        let form = await member.browser.get(address)
        #expect(form.fields["name"] == "Telefon")
        for name in ["", "  ", String(repeating: "ä", count: 65), "a\u{202E}b"] {
            let refused = await member.browser.submit(form, ["name": name])
            #expect(refused.status == 422)
            #expect(refused.html.contains("<a href=\"#name\" id=\"fault\">Enter a name"))
        }
        let done = await member.browser.submit(form, ["name": " <b>Neu</b> "])
        #expect(done.location == page + "?done=factor-renamed")
        #expect(try await member.stored().apps.map(\.name) == ["<b>Neu</b>"])
        let after = await member.browser.get(done.location ?? "")
        #expect(after.html.contains("<span>&lt;b&gt;Neu&lt;/b&gt;</span>"))
        #expect(after.html.contains("The second factor has another name."))
        member.wait(.minutes(6))
        let late = await member.browser.submit(form, ["name": "Spät"])
        #expect(late.location?.hasPrefix("/.gatehouse/account/proof?return_to=\(page)/rename") == true)
        #expect(late.location?.contains("factor%3D") == true)
    }

    @Test(
        "a factor that nobody has leads to the list",
        arguments: ["", "factor=x", "factor=0198f2b4-0000-7000-8000-000000000000"])
    func unknown(query: String) async throws {
        var member = try await member()
        for path in ["/rename", "/remove"] {
            #expect(await member.browser.get(page + path + "?" + query).location == page)
        }
    }

    @Test("a factor is removed after a question, and every other session ends; a second try is no error")
    func removed() async throws {
        var member = try await member()
        let app = await member.browser.get(page + "/app")
        _ = await member.browser.submit(app, ["code": try member.code(of: app), "name": "Tablet"])
        let user = try await member.user().id
        let list = await member.browser.get(page)
        let address = try #require(SignedInMember.links(list, below: page + "/remove").first)
        let question = await member.browser.get(address)
        #expect(question.html.contains("sign in with “Telefon”"))
        #expect(!question.html.contains("This is your last second factor."))
        member.world.with { $0.notices = [] }
        let done = await member.browser.submit(question)
        #expect(done.location == page + "?done=factor-removed")
        #expect(try await member.stored().apps.map(\.name) == ["Tablet"])
        #expect(member.world.with { $0.notices } == [.ended(.user(user, of: try #require(LoginWorld.acme)))])
        #expect(await member.browser.get(page).status == 200)
        #expect(await member.browser.submit(question).location == page + "?done=factor-removed")
        #expect(try await member.letters().map(\.kind).sorted() == ["factor-added", "factor-removed"])
    }

    @Test("with the last one the recovery codes go, which the question says")
    func last() async throws {
        var member = try await member()
        let list = await member.browser.get(page)
        let question = await member.browser.get(try #require(SignedInMember.links(list, below: page + "/remove").first))
        #expect(question.html.contains("This is your last second factor. Your recovery codes go with it"))
        #expect(await member.browser.submit(question).location == page + "?done=factor-removed")
        let stored = try await member.stored()
        #expect(!stored.hasSecondFactor && stored.recoveryCodesLeft == 0)
    }

    @Test("the last one stays where the tenant asks for one, and the page says so")
    func lastRequired() async throws {
        var member = try await member()
        let list = await member.browser.get(page)
        let address = try #require(SignedInMember.links(list, below: page + "/remove").first)
        let before = await member.browser.get(address)
        try await setRule(.required, in: member.world)
        let question = await member.browser.get(address)
        #expect(question.html.contains("cannot be removed, because your organisation asks for one."))
        #expect(question.action == nil)
        let refused = await member.browser.submit(before)
        #expect(refused.status == 422)
        #expect(refused.fault == nil)
        #expect(refused.html.contains("<a href=\"#back\" id=\"fault\">This is your last second factor"))
        #expect(try await member.stored().apps.count == 1)
    }

    @Test("a session that never gave the second factor gives it first: the password alone is no proof, and no loop")
    func stepUpFirst() async throws {
        var member = try await SignedInMember()
        let world = member.world
        let user = try await member.user()
        let secret: [UInt8] = Array(1...20)
        let handle = try #require(try await world.session(member.token)?.handle)
        // Added elsewhere, while this session was kept.
        _ = try await world.store.tenant(try #require(LoginWorld.acme)).factors.add(
            NewAuthenticatorApp(
                name: "App", secret: FactorSecret(SecretBytes(copying: secret)),
                firstStep: TimeBasedCode.step(at: world.services.now()) - 2),
            to: user, recoveryCodes: nil, keeping: RowID(handle.description),
            audit: AuditEntry(action: "test.prepared", actor: .system), at: world.services.now())
        let email = "/.gatehouse/account/email"
        let stepUp = "/.gatehouse/login/step-up?return_to=\(email)"
        #expect(await member.browser.get(email).location == stepUp)
        #expect(await member.browser.get("/.gatehouse/account/proof?return_to=\(email)").location == stepUp)
        let question = await member.browser.get(stepUp)
        let code = TimeBasedCode.code(SecretBytes(copying: secret), step: TimeBasedCode.step(at: world.services.now()))
        #expect(await member.browser.submit(question, ["code": code]).location == email)
        #expect(await member.browser.get(email).status == 200)
    }
}
