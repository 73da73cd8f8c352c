import Access
import Core
import HTTPTypes
import HostCrypto
import Login
import Store
import Testing

@testable import Portal

@Suite("Changing a password")
struct PasswordChangePageTests {
    private static let (email, password, new) = ("erika@acme.example", "correct horse", "Seven-Herons_4-Lunch")
    private static let path = "/.gatehouse/account/password"

    private func stage() async throws -> (world: LoginWorld, user: User, browser: PortalBrowser) {
        let world = try await LoginWorld(isScripted: false)
        let user = try await world.makeMember(of: "acme", Self.email, password: Self.password)
        return (world, user, try PortalBrowser(world, hostTenant: LoginWorld.acme))
    }

    private func signIn(_ browser: inout PortalBrowser, returnTo: String = "/app") async -> PortalBrowser.Page {
        let first = await browser.get("/.gatehouse/login?return_to=\(returnTo)")
        return await browser.submit(await browser.submit(first, ["email": Self.email]), ["password": Self.password])
    }

    @Test("visitors sign in first and are led back; the well-known address leads there")
    func visitors() async throws {
        var (_, _, browser) = try await stage()
        let known = await browser.get("/.well-known/change-password")
        #expect(known.status == 302 && known.location == Self.path)
        let page = await browser.get(Self.path)
        #expect(page.status == 303 && page.location == "/.gatehouse/login?return_to=\(Self.path)")
        #expect(await signIn(&browser, returnTo: Self.path).location == Self.path)
        #expect(await browser.get(Self.path).heading == "Change your password")
    }

    @Test("the current password and a good new one: another token, a notice, and the other devices are signed out")
    func changed() async throws {
        var (world, user, browser) = try await stage()
        _ = await signIn(&browser)
        let token = browser.cookies["__Host-gatehouse"]
        let page = await browser.get(Self.path)
        #expect(page.fields.keys.sorted() == ["csrf", "current_password", "password"])
        let done = await browser.submit(page, ["current_password": Self.password, "password": Self.new])
        #expect(done.status == 303 && done.location == "\(Self.path)?done=1")
        #expect(browser.cookies["__Host-gatehouse"] != token)
        #expect(await browser.get(done.location ?? "").html.contains("Your password is changed."))
        #expect(world.with { $0.notices }.last == .ended(.user(user.id, of: try #require(LoginWorld.acme))))
        browser.cookies["__Host-gatehouse"] = token
        #expect(await browser.get(Self.path).status == 303)
    }

    @Test("a wrong, a missing and an endless current password are told, and change nothing")
    func wrong() async throws {
        var (_, _, browser) = try await stage()
        _ = await signIn(&browser)
        let page = await browser.get(Self.path)
        for current in ["wrong", "", String(repeating: "x", count: 70_000)] {
            let answer = await browser.submit(page, ["current_password": current, "password": Self.new])
            #expect(answer.status == 422)
            #expect(answer.html.contains("aria-invalid=\"true\" aria-describedby=\"fault\""))
        }
        let endless = await browser.submit(
            page, ["current_password": Self.password, "password": String(repeating: "x", count: 70_000)])
        #expect(endless.status == 422 && endless.html.contains("The password is too long"))
        #expect(await browser.submit(page, ["current_password": Self.password, "password": Self.new]).status == 303)
    }

    @Test("a form of another session, or sent after the session's end, changes nothing")
    func foreign() async throws {
        var (world, user, browser) = try await stage()
        _ = await signIn(&browser)
        let page = await browser.get(Self.path)
        let form: [String: String?] = ["current_password": Self.password, "password": Self.new]
        #expect(await browser.submit(page, form.merging(["csrf": "x"]) { $1 }).status == 403)
        browser.cookies["__Host-gatehouse"] = nil
        #expect(await browser.submit(page, form).location == "/.gatehouse/login?return_to=\(Self.path)")
        let store = try await world.store.tenant(try #require(LoginWorld.acme))
        #expect(try await store.users.find(user.id)?.epoch == user.epoch)
    }

    // MARK: At the next login

    private func force(_ world: LoginWorld, _ user: User) async throws {
        let store = try await world.store.tenant(try #require(LoginWorld.acme))
        guard case .own(let hash) = user.passwordHash else { throw StoreConflict.notFound }
        try await store.users.setPassword(
            hash, of: user.id, mustChange: true,
            audit: AuditEntry(action: "test.prepared", actor: .system), at: WallTime(milliseconds: LoginWorld.start))
    }

    @Test("a password that must be changed: the login asks for another one, and begins the session then, once")
    func forced() async throws {
        var (world, user, browser) = try await stage()
        try await force(world, user)
        let page = await signIn(&browser)
        #expect(page.status == 200 && page.heading == "Choose another password")
        #expect(browser.cookies["__Host-gatehouse"] == nil)
        let refused = await browser.submit(page, ["password": Self.password])
        #expect(refused.status == 422 && browser.cookies["__Host-gatehouse"] == nil)
        let done = await browser.submit(refused, ["password": Self.new])
        #expect(done.status == 303 && done.location == "/app")
        #expect(browser.cookies["__Host-gatehouse"] != nil)
        // Once more, with a session and without: to the target, and to a fresh login.
        #expect(await browser.submit(refused, ["password": Self.new]).location == "/app")
        browser.cookies["__Host-gatehouse"] = nil
        let stale = await browser.submit(refused, ["password": Self.new])
        #expect(stale.location == "/.gatehouse/login?return_to=/app&stale=1")
    }

    @Test("no form of the step before gets around it, and no choice of a tenant")
    func noWayAround() async throws {
        var (world, user, browser) = try await stage()
        try await force(world, user)
        let page = await signIn(&browser)
        #expect(await browser.submit(page, ["password": nil]).heading == "Choose another password")
        let chosen = await browser.submit(page, ["tenant": "acme", "password": nil])
        #expect(chosen.status == 200 && chosen.heading == "Choose another password")
        #expect(browser.cookies["__Host-gatehouse"] == nil)
    }
}
