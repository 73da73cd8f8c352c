import Access
import Core
import Foundation
import HTTPTypes
import HostCrypto
import Login
import Store
import Testing

@testable import Portal

@Suite("Second factors, from the forms to the store")
struct SecondFactorWalkTests {
    private static let email = "erika@acme.example"
    private static let password = "Seven-Herons_4-Breakfast"
    private static let enrol = "/.gatehouse/login/enrol"
    private static let totp = "/.gatehouse/login/totp"

    /// acme, which asks everybody for a second factor, with one member and a browser on its host.
    private struct Walk {
        let world: LoginWorld
        let acme: TenantID
        var user: User
        var browser: PortalBrowser

        init(rule: Tenant.SecondFactor = .required, grace: Milliseconds = Milliseconds(0)) async throws {
            world = try await LoginWorld(
                isScripted: false, settings: LoginSettings(mail: MailSettings(publicHost: "app.example.org")))
            acme = try #require(LoginWorld.acme)
            user = try await world.makeMember(of: "acme", email, password: SecondFactorWalkTests.password)
            try await world.store.tenants.update(
                acme, audit: AuditEntry(action: "test.prepared", actor: .system),
                at: WallTime(milliseconds: LoginWorld.start)
            ) { tenant in
                tenant.secondFactor = rule
                tenant.secondFactorGrace = grace
            }
            browser = try PortalBrowser(world, hostTenant: acme)
        }

        /// Up to what follows the password.
        mutating func password(_ returnTo: String = "/a") async -> PortalBrowser.Page {
            let first = await browser.get("/.gatehouse/login?return_to=\(returnTo)")
            return await browser.submit(first, ["email": email, "password": SecondFactorWalkTests.password])
        }

        /// The code that was mailed last.
        func mailedCode() async throws -> String {
            let letter = try #require(try await world.letters().last { $0.kind == "enrolment-code" })
            return try #require(letter.fields["code"])
        }

        /// The code of the key on a page, so many steps from now.
        func code(_ page: PortalBrowser.Page, step: Int64 = 0) throws -> String {
            try code(key: try #require(page.html.between("<br><code>", "</code>")), step: step)
        }

        func code(key: String, step: Int64 = 0) throws -> String {
            let key = key.replacing(" ", with: "")
            let secret = SecretBytes(copying: try #require(Base32.decode(Array(key.utf8))))
            return TimeBasedCode.code(
                secret, step: TimeBasedCode.step(at: WallTime(milliseconds: world.with { $0.now })) + step)
        }

        /// Adds an app at the sign-in.
        mutating func enrolled() async throws -> (key: String, page: PortalBrowser.Page) {
            let asked = await password()
            let ready = try await browser.submit(
                asked.form(to: enrol, with: "code"), ["code": try await mailedCode()])
            let key = try #require(ready.html.between("<br><code>", "</code>"))
            let done = try await browser.submit(ready.form(to: enrol, with: "name"), ["code": try code(key: key)])
            return (key, done)
        }

        func recoveryCodes(_ page: PortalBrowser.Page) -> [String] {
            page.html.components(separatedBy: "<li><code>").dropFirst().map { String($0.prefix(19)) }
        }

        mutating func forgetSession() { browser.cookies["__Host-gatehouse"] = nil }

        func factors() async throws -> MemberFactors {
            try await world.store.tenant(acme).factors.all(of: user.id)
        }
    }

    @Test("a member is sent a code, adds an app, keeps ten codes and is in; the next sign-in asks for the app")
    func wholeWay() async throws {
        var walk = try await Walk()
        let (key, done) = try await walk.enrolled()
        #expect(done.status == 200 && done.heading == "Your recovery codes")
        #expect(Set(walk.recoveryCodes(done)).count == 10)
        #expect(walk.browser.cookies["__Host-gatehouse"]?.hasPrefix("acme.") == true)
        #expect(await walk.browser.get("/.gatehouse/whoami").html.contains("\"totp\""))
        let file = try await walk.browser.submit(done.form(to: PortalAddress.recoveryCodeFile))
        #expect(file.status == 200 && file.html.contains(walk.recoveryCodes(done)[0]))
        walk.forgetSession()
        walk.world.with { $0.now += 60_000 }
        let asked = await walk.password("/b")
        #expect(asked.status == 200 && walk.browser.cookies["__Host-gatehouse"] == nil)
        let code = try walk.code(key: key)
        let wrong = try await walk.browser.submit(asked.form(to: Self.totp), ["code": try walk.code(key: key, step: 9)])
        #expect(wrong.status == 422)
        let end = try await walk.browser.submit(
            wrong.form(to: Self.totp), ["code": "\(code.prefix(3)) \(code.suffix(3))"])
        #expect(end.location == "/b" && walk.browser.cookies["__Host-gatehouse"] != nil)
        // The code has been used.
        walk.forgetSession()
        let again = try await walk.browser.submit(await walk.password().form(to: Self.totp), ["code": code])
        #expect(again.status == 422 && again.fault == "This code has been used already. Wait for the next one.")
    }

    @Test("the password alone adds no factor: neither without the code, nor with the form of the page behind it")
    func thief() async throws {
        var walk = try await Walk()
        let asked = await walk.password()
        let form = try #require(asked.form(to: Self.enrol, with: "code"))
        let skipped = try await walk.browser.submit(form, ["step": "totp", "code": "123456", "name": "x"])
        #expect(skipped.form(to: Self.enrol, with: "name") == nil)
        let passkey = try await walk.browser.submit(form, ["step": "passkey", "passkey": FactorScript.registration])
        #expect(passkey.form(to: Self.enrol, with: "name") == nil)
        let later = try await walk.browser.submit(form, ["later": "1"])
        #expect(later.form(to: Self.enrol, with: "code") != nil)
        let code = try await walk.mailedCode()
        let wrong = try await walk.browser.submit(form, ["code": code == "00000000" ? "11111111" : "00000000"])
        #expect(wrong.status == 422)
        #expect(try await walk.factors().apps.isEmpty)
        #expect(walk.browser.cookies["__Host-gatehouse"] == nil)
    }

    @Test("an attempt of before the first factor adds no other one")
    func staleEnrolment() async throws {
        var walk = try await Walk()
        let asked = await walk.password()
        let code = try await walk.mailedCode()
        let ready = try await walk.browser.submit(asked.form(to: Self.enrol, with: "code"), ["code": code])
        let other = try await walk.browser.submit(asked.form(to: Self.enrol, with: "code"), ["code": code])
        _ = try await walk.browser.submit(
            ready.form(to: Self.enrol, with: "name"), ["code": try walk.code(ready)])
        walk.forgetSession()
        let late = try await walk.browser.submit(
            other.form(to: Self.enrol, with: "name"), ["code": try walk.code(other)])
        #expect(walk.browser.cookies["__Host-gatehouse"] == nil && walk.recoveryCodes(late).isEmpty)
        #expect(try await walk.factors().apps.count == 1)
    }

    @Test("a recovery code lets in once, and its page warns when few are left")
    func recoveryCodes() async throws {
        var walk = try await Walk()
        let codes = walk.recoveryCodes(try await walk.enrolled().page)
        let path = "/.gatehouse/login/recovery-code"
        for (number, code) in codes.prefix(7).enumerated() {
            walk.forgetSession()
            let typed = number.isMultiple(of: 2) ? code.lowercased() : code.replacing("-", with: " ")
            let end = try await walk.browser.submit(await walk.password().form(to: path), ["code": typed])
            #expect(walk.browser.cookies["__Host-gatehouse"] != nil, "\(number)")
            #expect(number < 6 ? end.location == "/a" : end.html.contains("You have 3 left."))
        }
        #expect(await walk.browser.get("/.gatehouse/whoami").html.contains("\"recovery-code\""))
        walk.forgetSession()
        let again = try await walk.browser.submit(await walk.password().form(to: path), ["code": codes[0]])
        #expect(again.status == 422)
    }

    @Test("not now is a session until the grace ends, and no longer")
    func grace() async throws {
        var walk = try await Walk(grace: .hours(24))
        let page = await walk.password()
        #expect(try await walk.world.letters().isEmpty)
        #expect(page.html.contains("Not now (possible until 22 November 2025, 22:00 UTC)"))
        let form = page.form(to: Self.enrol, with: "later")
        #expect(try await walk.browser.submit(form, ["later": "1"]).location == "/a")
        #expect(walk.browser.cookies["__Host-gatehouse"] != nil)
        walk.forgetSession()
        walk.world.with { $0.now += 24 * 3_600_000 }
        let must = await walk.password()
        #expect(must.status == 200 && must.form(to: Self.enrol, with: "later") == nil)
        let forged = try await walk.browser.submit(must.form(to: Self.enrol, with: "code"), ["later": "1"])
        #expect(forged.location == nil && walk.browser.cookies["__Host-gatehouse"] == nil)
    }

    @Test("a session of the password alone is confirmed by the app, on the page that says why")
    func stepUp() async throws {
        var walk = try await Walk()
        let key = try await walk.enrolled().key
        try await walk.world.store.tenants.update(
            walk.acme, audit: AuditEntry(action: "test.prepared", actor: .system),
            at: WallTime(milliseconds: LoginWorld.start)
        ) { $0.secondFactor = .none }
        walk.forgetSession()
        #expect(await walk.password().location == "/a")
        #expect(!(await walk.browser.get("/.gatehouse/whoami").html.contains("totp")))
        walk.world.with { $0.now += 60_000 }
        let page = await walk.browser.get("/.gatehouse/login/step-up?return_to=/vault/x")
        let before = walk.browser.cookies["__Host-gatehouse"]
        let done = try await walk.browser.submit(page.forms.first, ["code": try walk.code(key: key)])
        #expect(done.status == 303 && done.location == "/vault/x")
        #expect(walk.browser.cookies["__Host-gatehouse"] != before)
        #expect(await walk.browser.get("/.gatehouse/whoami").html.contains("totp"))
    }

    @Test("who has no factor is led from the page that asks for one to where it is added")
    func stepUpWithoutFactor() async throws {
        var walk = try await Walk(rule: .optional)
        #expect(await walk.password().location == "/a")
        #expect(
            await walk.browser.get("/.gatehouse/login/step-up?return_to=/vault/x").location
                == "/.gatehouse/account/factors?return_to=/vault/x")
    }

    @Test("a password that must be changed is changed after the second factor, by whoever gave it")
    func forcedChange() async throws {
        var walk = try await Walk()
        let key = try await walk.enrolled().key
        let users = try await walk.world.store.tenant(walk.acme).users
        let hash = try Argon2id.hash(
            SecretBytes(copying: Array(Self.password.utf8)), cost: try #require(LoginWorld.cheap))
        try await users.setPassword(
            hash, of: walk.user.id, mustChange: true, audit: AuditEntry(action: "test.prepared", actor: .operator),
            at: WallTime(milliseconds: LoginWorld.start))
        walk.forgetSession()
        walk.world.with { $0.now += 60_000 }
        let asked = await walk.password("/changed")
        let change = try await walk.browser.submit(asked.form(to: Self.totp), ["code": try walk.code(key: key)])
        #expect(change.status == 200 && change.html.contains("autocomplete=\"new-password\""))
        #expect(walk.browser.cookies["__Host-gatehouse"] == nil)
        let end = await walk.browser.submit(change, ["password": "Nine-Kestrels_6-Supper"])
        #expect(end.location == "/changed")
        #expect(await walk.browser.get("/.gatehouse/whoami").html.contains("totp"))
    }

    @Test("an invitation that was taken up in this browser needs no code there, and one elsewhere does")
    func invitation() async throws {
        var walk = try await Walk()
        let user = try await walk.world.makeMember(of: "acme", "iris@acme.example", password: nil, state: .invited)
        let link = try await walk.world.link(.invitation, to: user)
        let done = await walk.browser.submit(await walk.browser.get(link), ["password": Self.password])
        #expect(done.location == "/.gatehouse/login?password-set=1")
        #expect(walk.browser.cookies["__Host-gatehouse-device"]?.utf8.count == 87)
        #expect(
            done.setCookies.contains { $0.hasPrefix("__Host-gatehouse-device=") && $0.contains("Max-Age=15552000") })
        var stranger = try PortalBrowser(walk.world, hostTenant: walk.acme)
        for (isOwn, browser) in [(true, walk.browser), (false, stranger)] {
            stranger = browser
            let first = await stranger.get("/.gatehouse/login")
            let page = await stranger.submit(first, ["email": "iris@acme.example", "password": Self.password])
            #expect((page.form(to: Self.enrol, with: "name") != nil) == isOwn)
        }
    }
}
