import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("Another address, and the proof that it needs")
struct AccountEmailTests {
    private let page = "/.gatehouse/account/email"

    /// Every letter that waits.
    private func waitingLetters(_ world: LoginWorld) async throws -> [Letter] {
        let outbox = try await world.store.tenant(try #require(LoginWorld.acme)).outbox
        let now = world.services.now()
        var letters: [Letter] = []
        while let waiting = try await outbox.take(at: now, until: WallTime(milliseconds: .max)) {
            letters.append(waiting.letter)
        }
        return letters
    }

    @Test("soon after the sign-in an address is changed without another proof, and nobody is found by the old one")
    func changed() async throws {
        var member = try await SignedInMember()
        let user = try await member.user()
        let form = await member.browser.get(page)
        #expect(form.heading == "Change your e-mail address")
        let done = await member.browser.submit(form, ["email": " Erika.Neu@example.net "])
        #expect(done.location == "/.gatehouse/account?done=email")
        #expect(try await member.user().email == "Erika.Neu@example.net")
        let acme = try #require(LoginWorld.acme)
        #expect(member.world.with { $0.notices } == [.changed(user: user.id, of: acme)])
        let old = try #require(NormalizedEmail(SignedInMember.email))
        #expect(try await member.world.store.tenant(acme).users.find(email: old) == nil)
        #expect(try await waitingLetters(member.world).isEmpty)
        let log = try await member.world.store.tenant(acme).audit
        #expect(try await log.entries().last?.action == "account.email-changed")
    }

    @Test("both addresses get a letter where mail is configured, in the language of the page")
    func letters() async throws {
        var member = try await SignedInMember(
            settings: LoginSettings(mail: MailSettings(publicHost: "app.example.org")))
        let form = await member.browser.get(page + "?lang=de")
        #expect(form.html.contains("Beide Adressen"))
        #expect(await member.browser.submit(form, ["email": "neu@example.net"]).status == 303)
        let letters = try await waitingLetters(member.world)
        #expect(Set(letters.map(\.recipient)) == [SignedInMember.email, "neu@example.net"])
        #expect(letters.map(\.kind) == ["email-changed", "email-changed"])
        #expect(Set(letters.map(\.language)) == ["de"])
    }

    @Test("five minutes after the password it is asked for again, with a new token for the session")
    func proved() async throws {
        var member = try await SignedInMember()
        let form = await member.browser.get(page)
        member.wait(.minutes(5))
        #expect(await member.browser.get(page).status == 200)
        member.wait(Milliseconds(1))
        let late = await member.browser.submit(form, ["email": "neu@example.net"])
        #expect(late.location == "/.gatehouse/account/proof?return_to=/.gatehouse/account/email")
        #expect(await member.browser.get(page).location == late.location)
        let question = await member.browser.get(late.location ?? "")
        #expect(question.heading == "Confirm that it is you")
        #expect(question.html.contains("value=\"erika@acme.example\""))
        let wrong = await member.browser.submit(question, ["password": "wrong"])
        #expect(wrong.status == 422)
        #expect(wrong.html.contains("The password is wrong."))
        #expect(wrong.setCookies.isEmpty)
        #expect(await member.browser.submit(question, ["password": ""]).html.contains("Enter your password."))
        let before = member.token
        let handle = try #require(try await member.world.session(before)?.handle)
        let right = await member.browser.submit(question, ["password": SignedInMember.password])
        #expect(right.location == page)
        #expect(member.token != before)
        #expect(right.setCookies == ["__Host-gatehouse=\(member.token); Path=/; Secure; HttpOnly; SameSite=Lax"])
        // The same session, and the old token for half a minute.
        #expect(try await member.world.session(member.token)?.handle == handle)
        #expect(try await member.world.session(before)?.handle == handle)
        let digest = try #require(SessionTokens.digest(member.token)).octets
        #expect(member.world.with { $0.notices } == [.renewed(handle, digest: digest)])
        #expect(await member.browser.submit(form, ["email": "neu@example.net"]).status == 303)
        // Whoever goes back to the question is led on.
        #expect(await member.browser.get(late.location ?? "").location == page)
    }

    @Test("guesses at the proof are throttled like those at a login")
    func throttled() async throws {
        var member = try await SignedInMember()
        member.wait(.minutes(6))
        let question = await member.browser.get("/.gatehouse/account/proof")
        for _ in 0..<3 { #expect(await member.browser.submit(question, ["password": "wrong"]).status == 422) }
        let throttled = await member.browser.submit(question, ["password": SignedInMember.password])
        #expect(throttled.status == 429)
        #expect(throttled.html.contains("<code>login-throttled</code>"))
        #expect(throttled.response.head.headerFields[.retryAfter] != nil)
    }

    @Test(
        "a proof leads back to a page of this host only", arguments: ["//evil.example", "https://evil.example", "/\\x"])
    func returnTo(target: String) async throws {
        var member = try await SignedInMember()
        member.wait(.minutes(6))
        let question = await member.browser.get("/.gatehouse/account/proof")
        let right = await member.browser.submit(
            question, ["password": SignedInMember.password, "return_to": target])
        #expect(right.location == "/.gatehouse/account")
    }

    @Test("what is no address is shown again with what is wrong", arguments: ["", "erika", "a@b@", "a b@c.example"])
    func malformed(email: String) async throws {
        var member = try await SignedInMember()
        let refused = await member.browser.submit(await member.browser.get(page), ["email": email])
        #expect(refused.status == 422)
        #expect(refused.html.contains("<a href=\"#email\" id=\"fault\">Enter an e-mail address"))
        #expect(try await member.user().email == SignedInMember.email)
    }

    @Test("an address that somebody has and one of another organisation get the same words")
    func unavailable() async throws {
        var member = try await SignedInMember()
        let world = member.world
        try await world.makeMember(of: "acme", "max@acme.example", password: "Auch-Sehr-Gut-7")
        let entry = AuditEntry(action: "test.prepared", actor: .system)
        let bolt = Tenant(id: try #require(TenantID("bolt")), name: "Bolt", emailDomains: ["bolt.example"])
        _ = try await world.store.createTenant(bolt, audit: entry, at: WallTime(milliseconds: LoginWorld.start))
        let form = await member.browser.get(page)
        for taken in ["MAX@acme.example", "erika@bolt.example"] {
            let refused = await member.browser.submit(form, ["email": taken])
            #expect(refused.status == 422)
            #expect(refused.html.contains("This address cannot be used"))
        }
        #expect(try await member.user().email == SignedInMember.email)
    }

    @Test("a member of the organisation's domain stays in it, and nobody else comes in")
    func domains() async throws {
        var member = try await SignedInMember()
        let world = member.world
        let acme = try #require(LoginWorld.acme)
        let entry = AuditEntry(action: "test.prepared", actor: .system)
        let now = WallTime(milliseconds: LoginWorld.start)
        try await world.store.tenants.update(acme, audit: entry, at: now) {
            $0.emailDomains = ["acme.example", "acme.test"]
        }
        let form = await member.browser.get(page)
        #expect(await member.browser.submit(form, ["email": "erika@example.net"]).status == 422)
        #expect(await member.browser.submit(form, ["email": "erika@acme.test"]).status == 303)
        try await world.store.tenants.update(acme, audit: entry, at: now) { $0.emailDomains = ["acme.example"] }
        #expect(await member.browser.submit(form, ["email": "erika@acme.example"]).status == 422)
        #expect(await member.browser.submit(form, ["email": "erika@example.net"]).status == 303)
    }
}
