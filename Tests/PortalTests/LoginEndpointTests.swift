import Access
import Core
import HTTPTypes
import Login
import Testing

@testable import Portal

@Suite("The login pages")
struct LoginEndpointTests {
    private let email = "erika@acme.example"

    @Test("a visitor is asked for the address, then for the password, then led to where they wanted to go")
    func walk() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world, hostTenant: LoginWorld.acme)
        world.say(.signedIn(try world.signedIn(token: "acme.one")))

        let first = await browser.get("/.gatehouse/login?return_to=/reports%3Fyear%3D2025")
        #expect(first.status == 200)
        #expect(first.heading == "Sign in")
        #expect(first.html.contains("<p>Acme GmbH</p>"))
        #expect(first.html.contains("<title>Sign in · Acme GmbH</title>"))
        #expect(Set(first.fields.keys) == ["email", "csrf", "attempt", "return_to"])
        #expect(first.fields["return_to"] == "/reports?year=2025")
        #expect(first.action == "/.gatehouse/login")

        let second = await browser.submit(first, ["email": email])
        #expect(second.status == 200)
        #expect(Set(second.fields.keys) == ["email", "csrf", "attempt", "return_to", "password"])
        #expect(second.fields["email"] == email)
        #expect(second.fields["password"] == "")
        #expect(second.html.contains("autocomplete=\"current-password\""))
        #expect(second.html.contains("<a href=\"/.gatehouse/login?return_to=/reports%3Fyear%3D2025\">Use another"))

        let end = await browser.submit(second, ["password": "Passwort mit Ü & mehr"])
        #expect(end.status == 303)
        #expect(end.location == "/reports?year=2025")
        #expect(end.response.body.isEmpty)
        let signIn = try #require(world.with { $0.signIns }.first)
        #expect(signIn.tenant == LoginWorld.acme)
        #expect(signIn.email == email)
        #expect(signIn.password == Array("Passwort mit Ü & mehr".utf8))
    }

    @Test("address and password in one POST are enough")
    func oneStep() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        world.say(.signedIn(try world.signedIn(token: "acme.one")))
        let first = await browser.get("/.gatehouse/login")
        let end = await browser.submit(first, ["email": email, "password": "secret"])
        #expect(end.status == 303)
        #expect(end.location == "/")
        #expect(world.with { $0.signIns.count } == 1)
    }

    @Test("the cookies have exactly the attributes that the contract names")
    func cookies() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        world.say(.signedIn(try world.signedIn(token: "acme.one")))
        let first = await browser.get("/.gatehouse/login")
        let login = try #require(browser.cookies["__Host-gatehouse-login"])
        #expect(login.utf8.count == 43)
        #expect(
            first.setCookies == ["__Host-gatehouse-login=\(login); Path=/; Secure; HttpOnly; SameSite=Lax"])
        let end = await browser.submit(first, ["email": email, "password": "secret"])
        #expect(
            end.setCookies == [
                "__Host-gatehouse=acme.one; Path=/; Secure; HttpOnly; SameSite=Lax",
                "__Host-gatehouse-device=device-token; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=15552000",
            ])
        // The login cookie stays: another tab's form is bound to it.
        #expect(browser.cookies["__Host-gatehouse-login"] == login)
        #expect(await browser.get("/.gatehouse/login").setCookies.isEmpty)
    }

    @Test("the device's cookie lives out its last second though time has passed since it was written")
    func deviceAge() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        world.say(.signedIn(try world.signedIn(token: "acme.one")))
        world.with { $0.now += 1 }
        let first = await browser.get("/.gatehouse/login")
        let end = await browser.submit(first, ["email": email, "password": "secret"])
        #expect(end.setCookies.contains { $0.hasSuffix("; Max-Age=15552000") })
    }

    @Test("device and browser are told to the sign-in")
    func deviceIsTold() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        browser.cookies["__Host-gatehouse-device"] = "known-device"
        browser.fields[.userAgent] = String(repeating: "x", count: 600)
        let first = await browser.get("/.gatehouse/login")
        _ = await browser.submit(first, ["email": email, "password": "secret"])
        let signIn = try #require(world.with { $0.signIns }.first)
        #expect(signIn.deviceToken == "known-device")
        #expect(signIn.userAgent.utf8.count == 512)
    }

    @Test("whoever is signed in is led on, by GET and by another tab's form")
    func signedInAlready() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let tab = await browser.get("/.gatehouse/login?return_to=/b")
        let other = await browser.submit(tab, ["email": email])
        world.say(.signedIn(try world.signedIn(token: "acme.one")))
        _ = await browser.submit(
            await browser.get("/.gatehouse/login?return_to=/a"), ["email": email, "password": "p"])
        #expect(browser.cookies["__Host-gatehouse"] == "acme.one")
        let again = await browser.submit(other, ["password": "p"])
        #expect(again.status == 303)
        #expect(again.location == "/b")
        #expect(again.setCookies.isEmpty)
        #expect(world.with { $0.signIns.count } == 1)
        #expect(await browser.get("/.gatehouse/login?return_to=/c").location == "/c")
    }

    @Test("two tabs sign in side by side")
    func parallelTabs() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let one = await browser.submit(await browser.get("/.gatehouse/login?return_to=/one"), ["email": "a@b.example"])
        let two = await browser.submit(await browser.get("/.gatehouse/login?return_to=/two"), ["email": "c@d.example"])
        world.say(.refused, .signedIn(try world.signedIn(token: "acme.one")))
        let wrong = await browser.submit(one, ["password": "wrong"])
        #expect(wrong.status == 422)
        #expect(wrong.fields["return_to"] == "/one")
        let end = await browser.submit(two, ["password": "right"])
        #expect(end.location == "/two")
        #expect(world.with { $0.signIns.map(\.email) } == ["a@b.example", "c@d.example"])
    }

    @Test("a used form leads to the target while signed in, and to a fresh login afterwards")
    func usedForm() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let form = await browser.submit(await browser.get("/.gatehouse/login?return_to=/a"), ["email": email])
        world.say(
            .signedIn(try world.signedIn(token: "acme.one")), .signedIn(try world.signedIn(token: "acme.two")))
        #expect(await browser.submit(form, ["password": "p"]).location == "/a")
        #expect(await browser.submit(form, ["password": "p"]).location == "/a")
        browser.cookies["__Host-gatehouse"] = nil
        // Somebody goes back in the browser's history and sends the old form once more.
        let replay = await browser.submit(form, ["password": "p"])
        #expect(replay.status == 303)
        #expect(replay.location == "/.gatehouse/login?return_to=/a&stale=1")
        #expect(replay.setCookies.isEmpty)
        #expect(world.with { $0.signIns.count } == 1)
        let fresh = await browser.get(replay.location ?? "")
        #expect(fresh.status == 200)
        #expect(fresh.html.contains("role=\"status\">The form had been open for too long"))
        #expect(await browser.submit(fresh, ["email": email, "password": "p"]).location == "/a")
    }

    @Test("a form that is sent twice at once leads to one session, that of the later answer")
    func pressedTwice() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let form = await browser.submit(await browser.get("/.gatehouse/login?return_to=/a"), ["email": email])
        let (one, two) = (try world.signedIn(token: "acme.one"), try world.signedIn(token: "acme.two"))
        world.say(.signedIn(one), .signedIn(two))
        let twin = browser
        world.with {
            $0.meanwhile = {
                var twin = twin
                _ = await twin.submit(form, ["password": "p"])
            }
        }
        let answer = await browser.submit(form, ["password": "p"])
        #expect(answer.location == "/a")
        #expect(browser.cookies["__Host-gatehouse"] == "acme.two")
        #expect(world.with { $0.signOuts } == [one.handle])
        #expect(world.with { $0.notices } == [.ended(.handle(one.handle))])
    }

    @Test("a form of 30 minutes is taken, an older one leads to a fresh login")
    func expiredForm() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let form = await browser.submit(await browser.get("/.gatehouse/login?return_to=/a"), ["email": email])
        world.with { $0.now += 30 * 60_000 }
        #expect(await browser.submit(form, ["password": "wrong"]).status == 422)
        world.with { $0.now += 1 }
        let late = await browser.submit(form, ["password": "right"])
        #expect(late.status == 303)
        #expect(late.location == "/.gatehouse/login?return_to=/a&stale=1")
        #expect(world.with { $0.signIns.count } == 1)
    }

    @Test("an attempt that is forged, cut or another browser's leads to a fresh login", arguments: ["", "AAAA", "x y"])
    func forgedAttempt(attempt: String) async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        var other = try PortalBrowser(world)
        let form = await browser.get("/.gatehouse/login")
        let foreign = try #require(await other.get("/.gatehouse/login").fields["attempt"])
        for forged in [attempt, foreign] {
            let answer = await browser.submit(form, ["email": email, "password": "p", "attempt": forged])
            #expect(answer.status == 303)
            #expect(answer.location == "/.gatehouse/login?stale=1")
        }
        #expect(world.with { $0.signIns.isEmpty })
        #expect(await browser.submit(form, ["email": email, "password": "p"]).status == 422)
    }

    @Test(
        "an address that is none is asked for again, with what was typed",
        arguments: ["", "erika", "erika@", "@acme.example", "erika@acme example", "a@b@c.example"])
    func addressFault(typed: String) async throws {
        var browser = try PortalBrowser(try await LoginWorld())
        let page = await browser.submit(await browser.get("/.gatehouse/login"), ["email": typed])
        #expect(page.status == 422)
        #expect(page.fault == "Enter your e-mail address, such as name@example.org.")
        #expect(page.fields["email"] == typed)
        #expect(page.html.contains("aria-invalid=\"true\" aria-describedby=\"fault\""))
        #expect(await browser.submit(page, ["email": email]).status == 200)
    }

    @Test("an empty password is asked for again")
    func emptyPassword() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let form = await browser.submit(await browser.get("/.gatehouse/login"), ["email": email])
        let page = await browser.submit(form)
        #expect(page.status == 422)
        #expect(page.fault == "Enter your password.")
        #expect(world.with { $0.signIns.isEmpty })
    }

    @Test("a password beyond 64 KiB is refused as a wrong one, without a look at it")
    func longPassword() async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let form = await browser.submit(await browser.get("/.gatehouse/login"), ["email": email])
        let wrong = await browser.submit(form, ["password": String(repeating: "x", count: 65_536)])
        #expect(world.with { $0.signIns.map(\.password.count) } == [65_536])
        let long = await browser.submit(form, ["password": String(repeating: "x", count: 65_537)])
        #expect(world.with { $0.signIns.count } == 1)
        #expect(long.status == wrong.status)
        #expect(long.html.masked == wrong.html.masked)
    }

    @Test(
        "no way back is kept that is none", arguments: ["//evil.example", "https://evil.example/", "/.gatehouse/login"])
    func unsafeReturn(target: String) async throws {
        let world = try await LoginWorld()
        var browser = try PortalBrowser(world)
        let first = await browser.get("/.gatehouse/login?return_to=\(target)")
        #expect(first.fields["return_to"] == nil)
        world.say(.signedIn(try world.signedIn(token: "acme.one")))
        let end = await browser.submit(first, ["email": email, "password": "p", "return_to": target])
        #expect(end.location == "/")
    }
}

extension String {
    /// The page without what is made anew each time: the sealed attempt, and the challenge that follows from it.
    var masked: String {
        replacing(#/name="attempt" value="[^"]*"/#, with: "name=\"attempt\"")
            .replacing(#/challenge&quot;:&quot;[^&]*&quot;/#, with: "challenge")
    }
}
