import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("Pages of links that set a password")
struct PasswordLinkTests {
    private static let new = "Seven-Herons_4-Lunch"

    private func invited() async throws -> (world: LoginWorld, browser: PortalBrowser, user: User, link: String) {
        let world = try await LoginWorld(isScripted: false)
        let user = try await world.makeMember(of: "acme", "erika@acme.example", password: nil, state: .invited)
        let browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        return (world, browser, user, try await world.link(.invitation, to: user))
    }

    @Test("the page of an invitation says whose it is and by whom, and its form carries the token unseen")
    func shown() async throws {
        var (_, browser, _, link) = try await invited()
        let page = await browser.get(link)
        #expect(page.status == 200 && page.heading == "Welcome to Acme GmbH")
        #expect(page.html.contains("Erika Muster") && page.html.contains("value=\"erika@acme.example\""))
        #expect(page.fields["token"].map { link.hasSuffix("=\($0)") } == true)
        #expect(page.action == "/.gatehouse/invitation")
        #expect(page.html.contains("autocomplete=\"new-password\"") && page.html.contains("autocomplete=\"username\""))
        #expect(page.html.contains("at least 12 characters"))
        #expect(page.response.head.headerFields[.referrerPolicy] == "no-referrer")
        #expect(page.response.head.headerFields[.cacheControl] == "no-store")
    }

    @Test("showing it uses nothing up; the form sets the password and leads to the login, with no session")
    func accepted() async throws {
        var (world, browser, user, link) = try await invited()
        _ = await browser.get(link)
        let page = await browser.get(link)
        let done = await browser.submit(page, ["password": Self.new])
        #expect(done.status == 303 && done.location == "/.gatehouse/login?password-set=1")
        #expect(browser.cookies["__Host-gatehouse"] == nil)
        #expect(await browser.get(done.location ?? "").html.contains("Your new password is set."))
        #expect(world.with { $0.notices } == [.ended(.user(user.id, of: try #require(LoginWorld.acme)))])
        // The same form once more, from the back button or a second press.
        #expect(await browser.submit(page, ["password": Self.new]).location == done.location)
    }

    @Test("a password that breaks rules: 422, each by its name, the strength, and the form again without the password")
    func refused() async throws {
        var (_, browser, _, link) = try await invited()
        let page = await browser.submit(await browser.get(link), ["password": "erika"])
        #expect(page.status == 422)
        #expect(page.html.contains("The password is too short") && page.html.contains("<a href=\"#new-password\">"))
        #expect(page.html.contains("<meter id=\"password-meter\""))
        #expect(page.fields["password"] == "" && page.fields["token"] != nil)
        #expect(await browser.submit(page, ["password": Self.new]).status == 303)
    }

    @Test(
        "links that fit nothing have one page, 410, with the way on",
        arguments: ["", "?token=", "?token=x", "?token=%00", "?token=acme.AAAA&token=b", "?x=<script>"])
    func unusable(query: String) async throws {
        var (_, browser, _, _) = try await invited()
        let page = await browser.get("/.gatehouse/invitation\(query)")
        #expect(page.status == 410 && page.heading == "This link does not work any more")
        #expect(page.html.contains("href=\"/.gatehouse/login\"") && !page.html.contains("<script>"))
    }

    @Test("a used link, and one of another tenant's host, have the same page")
    func used() async throws {
        var (world, browser, _, link) = try await invited()
        let never = await browser.get("/.gatehouse/invitation?token=x")
        var elsewhere = try PortalBrowser(world, hostTenant: TenantID("bolt"))
        #expect(await elsewhere.get(link).status == 410)
        _ = await browser.submit(await browser.get(link), ["password": Self.new])
        let used = await browser.get(link)
        #expect(used.status == 410 && used.html == never.html)
    }

    @Test("after too many of them the page says when; a link that fits still opens")
    func throttled() async throws {
        var (_, browser, _, link) = try await invited()
        for _ in 0..<3 { #expect(await browser.get("/.gatehouse/invitation?token=x").status == 410) }
        let page = await browser.get("/.gatehouse/invitation?token=x")
        #expect(page.status == 429 && page.response.head.headerFields[.retryAfter] == "1200")
        #expect(await browser.get(link).status == 200)
    }

    @Test("a form without its cookie or its token, or from another site, sets nothing and leads back to the link")
    func foreign() async throws {
        var (_, browser, _, link) = try await invited()
        let page = await browser.get(link)
        let cookies = browser.cookies
        for change in ["csrf", "cookie", "site"] {
            browser.cookies = change == "cookie" ? [:] : cookies
            let answer = await browser.submit(
                page, ["password": Self.new, "csrf": change == "csrf" ? "x" : page.fields["csrf"]],
                with: change == "site" ? [.secFetchSite: "cross-site"] : [:])
            #expect(answer.status == 403, "\(change)")
            if change != "site" { #expect(answer.html.contains("href=\"\(link)\"")) }
        }
        browser.cookies = cookies
        #expect(await browser.submit(page, ["password": Self.new]).status == 303)
    }

    @Test("browsers that send no Sec-Fetch-Site send null as the origin of a page without referrer: the token tells")
    func opaqueOrigin() async throws {
        var (_, browser, _, link) = try await invited()
        let page = await browser.get(link)
        for origin in ["https://evil.example", "null"] {
            let answer = await browser.submit(
                page, ["password": Self.new], with: [.secFetchSite: "", .origin: origin])
            #expect(answer.status == (origin == "null" ? 303 : 403))
        }
    }

    @Test("a reset's page is the same in German, and a used one offers another")
    func reset() async throws {
        let world = try await LoginWorld(isScripted: false)
        let user = try await world.makeMember(of: "acme", "erika@acme.example", password: "correct horse")
        var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        browser.fields[.acceptLanguage] = "de"
        let link = try await world.link(.passwordReset, to: user)
        let page = await browser.get(link)
        #expect(page.status == 200 && page.heading == "Wählen Sie ein anderes Passwort")
        #expect(await browser.submit(page, ["password": Self.new]).status == 303)
        let used = await browser.get(link)
        #expect(used.status == 410 && used.html.contains("Neuen Link anfordern"))
        #expect(used.html.contains("/.gatehouse/password/forgot"))
        #expect(try await world.letters().map(\.kind) == ["password-changed"])
    }
}
