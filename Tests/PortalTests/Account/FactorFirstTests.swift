import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("A first second factor, in the account")
struct FactorFirstTests {
    private let page = SignedInMember.factors

    @Test("a visitor is led to the login and back, by GET and by POST")
    func visitor() async throws {
        let world = try await LoginWorld(isScripted: false)
        var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        for path in AccountPage.allCases where path.listedAs == .factors {
            let login = "/.gatehouse/login?return_to=\(path.address)"
            #expect(await browser.get(path.address).location == login)
            if path != .factors { #expect(await browser.post(path.address, ["x": "y"]).location == login) }
        }
    }

    @Test("without second factors there are no pages of them, and no navigation leads there")
    func none() async throws {
        let world = try await LoginWorld()
        try world.signedIn(token: "t")
        var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        browser.cookies["__Host-gatehouse"] = "t"
        #expect(await browser.get(page).status == 404)
        let navigation = AccountPages.navigation(on: .data, in: .english, hasFactors: false)
        let pages = try #require(navigation["pages"] as? [[String: Any]])
        #expect(pages.compactMap { $0["name"] as? String } == ["Your data", "Password", "Sessions"])
    }

    @Test("an unknown browser needs a mailed code, which is sent on request and never by loading a page")
    func code() async throws {
        var member = try await SignedInMember(
            settings: LoginSettings(mail: MailSettings(publicHost: "app.example.org")))
        let list = await member.browser.get(page)
        #expect(list.heading == "Second factors")
        #expect(list.html.contains("You have no second factor yet."))
        #expect(
            SignedInMember.links(list, below: page + "/") == [page + "/passkey", page + "/app"])
        let asked = await member.browser.get(page + "/app")
        #expect(asked.location == page + "/code?next=app")
        let code = await member.browser.get(asked.location ?? "")
        #expect(code.heading == "Confirm that it is you")
        #expect(code.html.contains("We can send it to erika@acme.example."))
        #expect(try await member.letters().isEmpty)
        let sent = await member.browser.submit(code, ["send": "1"])
        #expect(sent.location == page + "/code?next=app&done=code-sent")
        let letters = try await member.letters()
        #expect(letters.map(\.kind) == ["enrolment-code"])
        let after = await member.browser.get(sent.location ?? "")
        #expect(after.html.contains("The code has been sent."))
        #expect(after.html.contains("We have sent it to erika@acme.example."))
        for (typed, words) in [("12345", "Enter the 8 digits"), ("00000000", "wrong or no longer valid")] {
            let refused = await member.browser.submit(after, ["code": typed])
            #expect(refused.status == 422)
            #expect(refused.html.contains("<a href=\"#code\" id=\"fault\">"))
            #expect(refused.html.contains(words))
        }
        let right = await member.browser.submit(after, ["code": letters[0].fields["code"]])
        #expect(right.status == 200)
        #expect(right.heading == "Add an authenticator app")
    }

    @Test("without mail an administrator is named")
    func withoutMail() async throws {
        let world = try await LoginWorld(isScripted: false, hasMail: false)
        try await world.makeMember(of: "acme", SignedInMember.email, password: SignedInMember.password)
        var member = try await SignedInMember(in: world)
        let code = await member.browser.get(page + "/code?next=passkey")
        #expect(code.html.contains("Ask your administrator for an enrolment code."))
        #expect(!code.html.contains("name=\"send\""))
    }

    @Test("the app's page has the secret as a picture and as text, and a code adds it")
    func added() async throws {
        var member = try await SignedInMember()
        let other = try await SignedInMember(in: member.world)
        let app = try await member.firstAppPage()
        let address = try #require(app.html.between("<p><a href=\"otpauth:", "\""))
        #expect(address.hasPrefix("//totp/Acme%20GmbH:erika%40acme.example?secret="))
        let svg = try #require(app.html.between("<p class=\"picture\">", "</p>"))
        #expect(svg.hasPrefix("<svg class=\"qr\" role=\"img\" aria-label=\"QR code"))
        #expect(!app.response.head.headerFields[values: .contentSecurityPolicy].joined().contains("script-src"))
        let (before, user) = (member.token, try await member.user().id)
        member.world.with { $0.notices = [] }
        let done = await member.browser.submit(app, ["code": try member.code(of: app), "name": " Telefon "])
        #expect(done.status == 200)
        #expect(done.heading == "Your recovery codes")
        #expect(done.html.contains("The second factor has been added."))
        #expect(!done.html.contains("<nav class=\"account\""))
        // The session has a new token, every other one has ended, and the loops are told.
        #expect(member.token != before)
        #expect(try await member.world.session(other.token) == nil)
        let acme = try #require(LoginWorld.acme)
        #expect(member.world.with { $0.notices }.last == .ended(.user(user, of: acme)))
        let stored = try await member.stored()
        #expect(stored.apps.map(\.name) == ["Telefon"])
        #expect(stored.recoveryCodesLeft == 10)
        #expect(try await member.letters().map(\.kind) == ["factor-added"])
        let list = await member.browser.get(page)
        for words in ["<span>Telefon</span> <strong class=\"tag\">Authenticator app</strong>", "You have 10 left."] {
            #expect(list.html.contains(words), "\(words)")
        }
    }

    @Test("a wrong code shows the same secret again, and costs nothing but another try")
    func wrongCode() async throws {
        var member = try await SignedInMember()
        let app = try await member.firstAppPage()
        let right = try member.code(of: app)
        for (typed, words) in [
            ("", "Enter the 6 digits"), ("12 34", "Enter the 6 digits"),
            (right == "000000" ? "000001" : "000000", "The code is wrong."),
        ] {
            let refused = await member.browser.submit(app, ["code": typed, "name": "Mein <b>"])
            #expect(refused.status == 422)
            #expect(refused.html.contains("<title>Error: Add an authenticator app · Acme GmbH</title>"))
            #expect(refused.html.contains("<a href=\"#code\" id=\"fault\">\(words)"))
            #expect(refused.fields["name"] == "Mein <b>")
            #expect(refused.html.between("<code>", "</code>") == app.html.between("<code>", "</code>"))
        }
        #expect(try await member.stored().apps.isEmpty)
        #expect(await member.browser.submit(app, ["code": right]).heading == "Your recovery codes")
    }

    @Test("a form that is sent twice adds one factor, and the second answer says so")
    func twice() async throws {
        var member = try await SignedInMember()
        let app = try await member.firstAppPage()
        let code = try member.code(of: app)
        #expect(await member.browser.submit(app, ["code": code]).status == 200)
        let again = await member.browser.submit(app, ["code": code])
        #expect(again.location == page + "?done=repeated")
        #expect(await member.browser.get(again.location ?? "").html.contains("counted once at most"))
        #expect(try await member.stored().apps.count == 1)
    }

    @Test("a page that was open for too long begins anew and stores nothing")
    func expired() async throws {
        var member = try await SignedInMember()
        let app = try await member.firstAppPage(query: "?return_to=/admin/")
        member.wait(.minutes(15))
        member.wait(Milliseconds(1))
        let late = await member.browser.submit(app, ["code": try member.code(of: app)])
        #expect(late.location == page + "/app?return_to=/admin/&next=app&done=expired")
        #expect(try await member.stored().apps.isEmpty)
        // The password is too old as well by now; the way back is kept.
        let proof = await member.browser.get(late.location ?? "")
        #expect(proof.location?.hasPrefix("/.gatehouse/account/proof?return_to=\(page)/app") == true)
        let question = await member.browser.get(proof.location ?? "")
        let back = await member.browser.submit(question, ["password": SignedInMember.password])
        #expect(back.location == page + "/app?return_to=/admin/&next=app")
    }

    @Test("the form of another session, of a passkey or of nobody adds nothing")
    func foreign() async throws {
        var member = try await SignedInMember()
        var other = try await SignedInMember(in: member.world)
        let own = try await member.firstAppPage()
        let foreign = try await other.firstAppPage()
        let code = try other.code(of: foreign)
        for ceremony in [foreign.fields["ceremony"], "", nil, "AAAA"] {
            let refused = await member.browser.submit(own, ["code": code, "ceremony": ceremony])
            #expect(refused.location == page + "/app?next=app&done=expired")
        }
        let elsewhere = await member.browser.submit(own, ["code": code], with: [.secFetchSite: "cross-site"])
        #expect(elsewhere.status == 403)
        #expect(await member.browser.submit(own, ["csrf": foreign.fields["csrf"]]).status == 403)
        #expect(try await member.stored().apps.isEmpty)
    }

    @Test("who came from a page that asks for a second factor is led on to it")
    func returnTo() async throws {
        var member = try await SignedInMember()
        let list = await member.browser.get(page + "?return_to=/admin/?x=1%262")
        #expect(list.html.contains("The page that you asked for needs a second factor."))
        #expect(
            SignedInMember.links(list, below: page + "/app") == [page + "/app?return_to=/admin/%3Fx%3D1%262"])
        let codes = try await member.addFirstApp(query: "?return_to=/admin/")
        #expect(codes.html.contains("<a class=\"button\" href=\"/admin/\">I have kept them</a>"))
        let after = await member.browser.get(page + "?return_to=/admin/")
        #expect(after.html.contains("<a class=\"button\" href=\"/admin/\">Continue to where you were going</a>"))
        let evil = await member.browser.get(page + "?return_to=//evil.example")
        #expect(!evil.html.contains("evil.example"))
    }

    @Test("a device that the account has known for a day needs no code")
    func trusted() async throws {
        var member = try await SignedInMember()
        member.wait(.hours(24))
        // The session has ended; the browser signs in again with its device's cookie.
        member.browser.cookies["__Host-gatehouse"] = nil
        let second = await member.browser.submit(
            await member.browser.get("/.gatehouse/login"), ["email": SignedInMember.email])
        _ = await member.browser.submit(second, ["password": SignedInMember.password])
        #expect(await member.browser.get(page + "/app").heading == "Add an authenticator app")
        #expect(await member.browser.get(page + "/code?next=app").location == page + "/app?next=app")
    }

    @Test("everything is said in German too")
    func german() async throws {
        var member = try await SignedInMember()
        #expect(await member.browser.get(page + "?lang=de").heading == "Zweite Faktoren")
        let app = try await member.firstAppPage()
        #expect(app.heading == "Authenticator-App hinzufügen")
        #expect(app.fields["name"] == "Authenticator-App")
        let done = await member.browser.submit(app, ["code": try member.code(of: app), "name": "  "])
        #expect(done.heading == "Ihre Wiederherstellungs\u{AD}codes")
        #expect(try await member.stored().apps.map(\.name) == ["Authenticator-App"])
    }
}
