import Access
import Core
import HTTPTypes
import Login
import Testing

@testable import Portal

@Suite("The languages of the login pages")
struct LoginLanguageTests {
    @Test("a browser that likes German is answered in German, at each step")
    func german() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        for field in germanBrowser { browser.fields[field.name] = field.value }
        let first = await browser.get("/.gatehouse/login")
        #expect(first.html.contains("<html lang=\"de\">"))
        #expect(first.response.head.headerFields[.contentLanguage] == "de")
        #expect(first.heading == "Anmelden")
        let second = await browser.submit(first, ["email": "a@b.example"])
        #expect(second.html.contains(">Passwort</label>"))
        let wrong = await browser.submit(second, ["password": "p"])
        #expect(wrong.fault?.hasPrefix("Das hat nicht geklappt") == true)
        world.say(.throttled(retryAfter: .minutes(61)))
        let throttled = await browser.submit(second, ["password": "p"])
        #expect(throttled.html.contains("In etwa 61 Minuten können Sie es noch einmal versuchen."))
        #expect(await browser.get("/.gatehouse/logout").heading == "Sie sind abgemeldet")
    }

    @Test("the switch keeps the way back and the tenant, and the choice is remembered against the browser's wish")
    func chosen() async throws {
        var browser = try PortalBrowser(try await LoginWorld())
        browser.fields[.acceptLanguage] = "en"
        let english = await browser.get("/.gatehouse/login?return_to=/a%3Fb&tenant=acme")
        let link = "/.gatehouse/login?return_to=/a%3Fb&tenant=acme&lang=de"
        #expect(
            english.html.contains(
                "<a href=\"\(ScalarEscapedHTML.escape(link))\" lang=\"de\" hreflang=\"de\">Deutsch</a>"))
        let german = await browser.get(link)
        #expect(german.heading == "Anmelden")
        #expect(german.fields["return_to"] == "/a?b")
        #expect(
            german.setCookies.contains(
                "__Host-gatehouse-lang=de; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000"))
        #expect(await browser.get("/.gatehouse/login").heading == "Anmelden")
        #expect(await browser.get("/.gatehouse/none").html.contains("<html lang=\"de\">"))
        #expect(await browser.get("/.gatehouse/logout?lang=en").heading == "You are signed out")
        #expect(browser.cookies["__Host-gatehouse-lang"] == "en")
    }

    @Test("a language that we do not speak changes nothing", arguments: ["fr", "", "DE", "de-AT", "<b>"])
    func unknown(language: String) async throws {
        var browser = try PortalBrowser(try await LoginWorld())
        let page = await browser.get("/.gatehouse/login?lang=\(language)")
        #expect(page.heading == "Sign in")
        #expect(!page.setCookies.contains { $0.hasPrefix("__Host-gatehouse-lang") })
    }

    @Test("the two languages say different things, and neither leaves one out")
    func texts() {
        let english = Mirror(reflecting: LoginText.english).children.compactMap { $0.value as? String }
        let german = Mirror(reflecting: LoginText.german).children.compactMap { $0.value as? String }
        #expect(english.count == german.count)
        #expect(zip(english, german).allSatisfy { $0 != $1 && !$0.isEmpty && !$1.isEmpty })
        let waits: [RetryWait] = [.moments, .minutes(1), .minutes(2), .hours(3)]
        #expect(Set(waits.map(LoginText.english.tryAgain)).count == 4)
        #expect(Set(waits.map(LoginText.german.tryAgain)).count == 4)
    }
}
