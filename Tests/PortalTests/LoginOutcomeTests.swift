import Access
import Core
import HTTPTypes
import Login
import Testing

@testable import Portal

@Suite("What a sign-in leads to")
struct LoginOutcomeTests {
    private let email = "erika@acme.example"

    private func signIn(
        _ world: LoginWorld, _ outcome: PasswordLoginOutcome, fields: HTTPFields = [:]
    ) async throws -> (page: PortalBrowser.Page, browser: PortalBrowser) {
        var browser = try PortalBrowser(world)
        for field in fields { browser.fields[field.name] = field.value }
        let form = await browser.submit(await browser.get("/.gatehouse/login?return_to=/a"), ["email": email])
        world.say(outcome)
        return (await browser.submit(form, ["password": "p"]), browser)
    }

    @Test("every failure is answered by the password's form with one message")
    func refused() async throws {
        let page = try await signIn(try await LoginWorld(), .refused).page
        #expect(page.status == 422)
        #expect(
            page.fault == "That did not work: the e-mail address or the password is wrong. Check both and try again.")
        #expect(page.fields["email"] == email)
        #expect(page.fields["password"] == "")
        #expect(page.fields["return_to"] == "/a")
        #expect(page.setCookies.isEmpty)
    }

    @Test("the second step is the same for every address, but for the address")
    func secondStepTellsNothing() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let first = await browser.get("/.gatehouse/login")
        let one = await browser.submit(first, ["email": "known@acme.example"])
        let other = await browser.submit(first, ["email": "never@nowhere.example"])
        #expect(
            one.html.masked.replacing("known@acme.example", with: "")
                == other.html.masked.replacing("never@nowhere.example", with: ""))
        #expect(one.response.head == other.response.head)
    }

    @Test("a throttled visitor is told in minutes, a program in seconds")
    func throttled() async throws {
        let world = try await LoginWorld()
        let page = try await signIn(world, .throttled(retryAfter: .seconds(361))).page
        #expect(page.status == 429)
        #expect(page.response.head.headerFields[.retryAfter] == "361")
        #expect(page.html.contains("You can try again in about 7 minutes."))
        #expect(page.html.contains("<code>login-throttled</code>"))
        #expect(page.html.contains("href=\"/.gatehouse/login?return_to=/a\">Back to signing in</a>"))
        let program = try await signIn(world, .throttled(retryAfter: .seconds(361)), fields: [.accept: "*/*"]).page
        #expect(program.status == 429)
        #expect(program.response.head.headerFields[.retryAfter] == "361")
        #expect(program.response.head.headerFields[.contentType] == "application/problem+json")
    }

    @Test("a full queue and a lost store are 503, with a way back")
    func busyAndUnavailable() async throws {
        let busy = try await signIn(try await LoginWorld(), .busy(retryAfter: Milliseconds(1200))).page
        #expect(busy.status == 503)
        #expect(busy.response.head.headerFields[.retryAfter] == "2")
        #expect(busy.html.contains("<code>login-busy</code>"))
        #expect(busy.html.contains("You can try again in less than a minute."))
        let lost = try await signIn(try await LoginWorld(), .unavailable).page
        #expect(lost.status == 503)
        #expect(lost.response.head.headerFields[.retryAfter] == "5")
        #expect(lost.html.contains("<code>store-unavailable</code>"))
        #expect(lost.html.contains("Back to signing in</a>"))
    }

    @Test("sessions that gave way are told of")
    func displaced() async throws {
        let world = try await LoginWorld()
        let old = try #require(SessionHandle("old"))
        let made = try world.signedIn(token: "acme.one")
        let signedIn = SignedIn(
            token: made.token, handle: made.handle, tenant: made.tenant, user: made.user, deviceToken: "d",
            deviceExpiresAt: made.deviceExpiresAt, expiresAt: made.expiresAt, displaced: [old])
        #expect(try await signIn(world, .signedIn(signedIn)).page.status == 303)
        #expect(world.with { $0.notices } == [.ended(.handle(old))])
    }

    // MARK: Several tenants

    private func choices() throws -> [TenantChoice] {
        try ["acme", "bolt"].map { id in
            let tenant = try #require(TenantID(id))
            return TenantChoice(
                member: ProvedMember(
                    tenant: tenant, user: LoginWorld.user, epoch: 3, at: WallTime(milliseconds: LoginWorld.start)),
                name: LoginWorld.names[id] ?? "")
        }
    }

    @Test("a member of several tenants chooses one, by a proof that stands for the password once")
    func choose() async throws {
        let world = try await LoginWorld()
        let choices = try choices()
        var (page, browser) = try await signIn(world, .choose(choices))
        #expect(page.status == 200)
        #expect(page.heading == "Choose your organisation")
        #expect(
            page.html.contains("<button class=\"choice\" type=\"submit\" name=\"tenant\" value=\"acme\">Acme GmbH<"))
        #expect(page.html.contains("value=\"bolt\">Bolt &amp; Söhne</button>"))
        #expect(page.setCookies.isEmpty)
        world.say(.signedIn(try world.signedIn(token: "bolt.one", tenant: "bolt")))
        let end = await browser.submit(page, ["tenant": "bolt"])
        #expect(end.location == "/a")
        #expect(world.with { $0.begun } == [choices[1].member])
        browser.cookies["__Host-gatehouse"] = nil
        let again = await browser.submit(page, ["tenant": "acme"])
        #expect(again.location == "/.gatehouse/login?return_to=/a&stale=1")
        #expect(world.with { $0.begun.count } == 1)
    }

    @Test("a tenant that was not proved, and another browser's proof, begin anew")
    func chooseForeign() async throws {
        let world = try await LoginWorld()
        var (page, browser) = try await signIn(world, .choose(try choices()))
        let unproved = await browser.submit(page, ["tenant": "evil"])
        #expect(unproved.location == "/.gatehouse/login?return_to=/a&stale=1")
        var other = try PortalBrowser(world)
        let own = await other.get("/.gatehouse/login")
        let stolen = await other.submit(own, ["tenant": "acme", "attempt": page.fields["attempt"]])
        #expect(stolen.location == "/.gatehouse/login?stale=1")
        #expect(world.with { $0.begun.isEmpty })
        #expect(await browser.submit(page, ["tenant": "acme"]).location == "/.gatehouse/login?return_to=/a&stale=1")
        #expect(world.with { $0.begun.count } == 1)
    }

    @Test("without a proof, a tenant in the form is nothing")
    func tenantWithoutProof() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let form = await browser.get("/.gatehouse/login")
        #expect(await browser.submit(form, ["email": email, "tenant": "acme"]).fields["password"] == "")
        #expect(world.with { $0.begun.isEmpty })
    }

    @Test("nobody signs in to a suspended tenant, and its page says so")
    func suspended() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        let form = await browser.get("/.gatehouse/login")
        browser.isTenantSuspended = true
        for page in [await browser.get("/.gatehouse/login"), await browser.submit(form, ["email": email])] {
            #expect(page.status == 403)
            #expect(page.html.contains("<code>tenant-suspended</code>"))
            #expect(page.html.contains("<p>Acme GmbH</p>"))
        }
    }
}
