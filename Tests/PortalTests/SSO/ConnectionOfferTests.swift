import Access
import Core
import Foundation
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("Connections on the login page")
struct ConnectionOfferTests {
    private static let login = "/.gatehouse/login"
    private static let email = "erika@acme.example"
    private static let button = "okta: Sign in with Acme &lt;Okta&gt;"

    private func stage(
        hostTenant: TenantID? = LoginWorld.acme, settings: LoginSettings = LoginSettings()
    ) async throws -> ConnectionStage {
        try ConnectionStage(try await LoginWorld(settings: settings), hostTenant: hostTenant)
    }

    @Test("each connection has a button on both steps, in both languages, below what the page asks for")
    func buttons() async throws {
        var stage = try await stage()
        let other = try ConnectionScript.offer("entra", called: "Entra")
        stage.script.with { $0.offers["acme"]?.append(other) }
        let first = await stage.browser.get("\(Self.login)?return_to=/a")
        #expect(first.connections == [Self.button, "entra: Sign in with Entra"])
        #expect(first.forms.count == 1 && first.fields["return_to"] == "/a" && first.fields["email"] == "")
        #expect(first.html.contains("<div class=\"connections below\">"))
        #expect(first.html.contains("<button class=\"quiet\" type=\"submit\" name=\"connection\" value=\"entra\">"))
        // The Enter key presses a form's first button.
        let own = try #require(first.html.firstRange(of: "<button type=\"submit\">Continue</button>"))
        #expect(own.upperBound < (try #require(first.html.firstRange(of: "class=\"connections"))).lowerBound)
        let second = await stage.browser.submit(first, ["email": Self.email])
        #expect(second.connections == first.connections && second.fields["password"] == "")
        #expect(second.html.contains("required autofocus>"))
        let german = await stage.browser.get("\(Self.login)?lang=de")
        #expect(german.connections.first == "okta: Mit Acme &lt;Okta&gt; anmelden")
    }

    @Test("a button leads to the connection's own address with all that is kept, and needs no provider in the policy")
    func pressed() async throws {
        var stage = try await stage(settings: .remembering)
        let first = await stage.browser.get("\(Self.login)?return_to=/a%3Fb")
        #expect(first.html.components(separatedBy: "type=\"checkbox\"").count == 2)
        let plain = await stage.browser.submit(first, ["connection": "okta", "email": ""])
        #expect(plain.status == 200 && plain.onward == ConnectionScript.begin("?return_to=/a%3Fb"))
        #expect(plain.response.head.headerFields[.contentSecurityPolicy]?.contains("form-action 'self';") == true)
        let kept = await stage.browser.submit(first, ["connection": "okta", "remember": "1", "email": "x"])
        #expect(kept.onward == ConnectionScript.begin("?return_to=/a%3Fb&remember=1"))
        #expect(kept.setCookies.isEmpty)
        // A password that a browser filled in beside the button is nobody's guess.
        let second = await stage.browser.submit(first, ["email": Self.email])
        let filled = await stage.browser.submit(second, ["connection": "okta", "password": "secret"])
        #expect(filled.onward == ConnectionScript.begin("?return_to=/a%3Fb"))
        #expect(stage.world.with { $0.signIns.isEmpty })
    }

    @Test("a connection that is not offered here, and a form that is not ours, lead nowhere")
    func forged() async throws {
        var stage = try await stage()
        let first = await stage.browser.get(Self.login)
        for name in ["entra", "", "okta ", "../okta"] {
            let answer = await stage.browser.submit(first, ["connection": name])
            #expect(answer.status == 303 && answer.location == "\(Self.login)?stale=1", "\(name)")
        }
        #expect(await stage.browser.submit(first, ["connection": "okta", "csrf": "x"]).status == 403)
        let foreign = await stage.browser.submit(first, ["connection": "okta"], with: [.secFetchSite: "cross-site"])
        #expect(foreign.status == 403 && foreign.onward == nil)
        let used = await stage.browser.submit(first, ["connection": "okta", "attempt": "AAAA"])
        #expect(used.location == "\(Self.login)?stale=1")
    }

    @Test("where SAML is the only way no address is asked for, and one that is excepted shows by a link alone")
    func alone() async throws {
        var stage = try await stage(settings: .remembering)
        stage.script.with { $0.ways = SignInWays(allowsOthers: false) }
        let page = await stage.browser.get("\(Self.login)?return_to=/a")
        #expect(page.heading == "Sign in" && page.connections == [Self.button])
        #expect(page.fields["email"] == nil && page.fields["return_to"] == "/a")
        #expect(page.html.contains("Sign in here with the account that your organisation gave you."))
        #expect(page.html.contains("<button type=\"submit\" name=\"connection\" value=\"okta\">"))
        #expect(!page.html.contains("method=password") && !page.html.contains("autofocus"))
        #expect(
            await stage.browser.submit(page, ["connection": "okta"]).onward
                == ConnectionScript.begin("?return_to=/a"))
        stage.script.with { $0.ways.hasBreakGlass = true }
        let excepted = await stage.browser.get("\(Self.login)?return_to=/a")
        #expect(
            excepted.html.contains(
                "href=\"/.gatehouse/login?return_to=/a&amp;method=password\">Sign in with a password instead</a>"))
        let byPassword = await stage.browser.get("\(Self.login)?return_to=/a&method=password")
        #expect(byPassword.fields["email"] == "" && byPassword.fields["method"] == "password")
        #expect(byPassword.connections == [Self.button])
        #expect(!byPassword.html.contains("Sign in with a password instead"))
    }

    @Test("pages of a tenant without connections say nothing of them")
    func without() async throws {
        var plain = try PortalBrowser(try await LoginWorld(), hostTenant: LoginWorld.acme)
        var stage = try await stage()
        stage.script.with { $0.offers = [:] }
        let (one, other) = (await plain.get(Self.login), await stage.browser.get(Self.login))
        #expect(Self.masked(one) == Self.masked(other))
        let (second, same) = (
            await plain.submit(one, ["email": Self.email]), await stage.browser.submit(other, ["email": Self.email])
        )
        #expect(Self.masked(second) == Self.masked(same) && second.status == 200)
    }

    // MARK: By domain

    @Test("an address in a connection's domain is offered it above the password, whoever it is")
    func offered() async throws {
        var stage = try await stage(settings: .remembering)
        let (okta, other) = (try ConnectionScript.offer(), try ConnectionScript.offer("entra", called: "Entra"))
        stage.script.with {
            $0.offers["acme"] = [other, okta]
            $0.routes["acme.example"] = .offered(okta)
        }
        let first = await stage.browser.get("\(Self.login)?return_to=/a")
        let known = await stage.browser.submit(first, ["email": Self.email, "remember": "1"])
        #expect(known.connections == [Self.button, "entra: Sign in with Entra"])
        #expect(known.forms.count == 2 && known.forms[0].fields["password"] == nil)
        #expect(known.forms[0].fields["remember"] == "1" && known.forms[1].fields["remember"] == "1")
        #expect(!known.html.contains("autofocus"))
        let leaving = try await stage.browser.submit(known.forms.first, ["connection": "okta"])
        #expect(leaving.onward == ConnectionScript.begin("?return_to=/a&remember=1"))
        // The password stays, and a wrong one is said where it was typed.
        let wrong = try await stage.browser.submit(known.forms.last, ["password": "wrong"])
        #expect(wrong.status == 422 && wrong.connections == known.connections && wrong.html.contains("autofocus"))
        #expect(stage.world.with { $0.signIns.map(\.email) } == [Self.email])
        let unknown = await stage.browser.submit(first, ["email": "nobody@acme.example", "remember": "1"])
        #expect(
            unknown.html.masked.replacing("nobody@acme.example", with: "")
                == known.html.masked.replacing(Self.email, with: ""))
        let elsewhere = await stage.browser.submit(first, ["email": "guest@other.example"])
        #expect(elsewhere.forms.count == 1 && elsewhere.connections.count == 2)
    }

    @Test("where the domain is enforced the address leads to the provider, an excepted one like every other")
    func enforced() async throws {
        var stage = try await stage()
        let okta = try ConnectionScript.offer()
        stage.script.with {
            $0.routes["acme.example"] = .enforced(okta)
            $0.ways = SignInWays(hasBreakGlass: true, enforcesDomains: true)
            $0.withoutPassword = [Self.email]
        }
        let first = await stage.browser.get("\(Self.login)?return_to=/a")
        #expect(first.html.contains("Sign in with a password instead"))
        var seen: Set<String> = []
        for email in [Self.email, "it@acme.example", "nobody@acme.example"] {
            let page = await stage.browser.submit(first, ["email": email])
            #expect(page.onward == ConnectionScript.begin("?return_to=/a"))
            seen.insert(page.html)
        }
        #expect(seen.count == 1)
        #expect(await stage.browser.submit(first, ["email": "guest@other.example"]).fields["password"] == "")
    }

    @Test("whoever asks for the way by password is asked for it, and told nothing else than all others")
    func byPassword() async throws {
        var stage = try await stage()
        let okta = try ConnectionScript.offer()
        stage.script.with {
            $0.routes["acme.example"] = .enforced(okta)
            $0.entries["app.example.org"] = okta
            $0.ways = SignInWays(hasBreakGlass: true, enforcesDomains: true)
        }
        let first = await stage.browser.get("\(Self.login)?return_to=/a&method=password")
        #expect(first.status == 200 && first.fields["method"] == "password")
        #expect(first.html.contains("return_to=/a&amp;method=password&amp;lang=de"))
        var seen: Set<String> = []
        for email in [Self.email, "it@acme.example"] {
            let second = await stage.browser.submit(first, ["email": email])
            #expect(second.fields["password"] == "" && second.fields["method"] == "password")
            #expect(second.html.contains("href=\"/.gatehouse/login?return_to=/a&amp;method=password\">Use another"))
            let wrong = await stage.browser.submit(second, ["password": "wrong"])
            #expect(wrong.status == 422 && wrong.fields["method"] == "password")
            seen.insert(wrong.html.masked.replacing(email, with: ""))
        }
        #expect(seen.count == 1)
        #expect(stage.script.with { $0.asked.isEmpty })
        // A form that is too old keeps the way too.
        let stale = await stage.browser.submit(first, ["attempt": "AAAA", "email": Self.email])
        #expect(stale.location == "\(Self.login)?return_to=/a&method=password&stale=1")
        stage.world.say(.signedIn(try stage.world.signedIn(token: "acme.one")))
        let second = await stage.browser.submit(first, ["email": "it@acme.example"])
        #expect(await stage.browser.submit(second, ["password": "right"]).location == "/a")
    }

    @Test("an attempt that connects an account is led nowhere else")
    func linking() async throws {
        var stage = try await stage()
        let okta = try ConnectionScript.offer()
        stage.script.with { $0.routes["acme.example"] = .enforced(okta) }
        let first = await stage.browser.get(Self.login)
        let seal = LoginAttemptSeal(forms: stage.world.store.forms)
        let browser = try #require(stage.browser.cookies["__Host-gatehouse-login"])
        let now = stage.world.services.now()
        var attempt = LoginAttempt.begun(at: now, returnTo: nil, tenant: nil)
        attempt.link = PendingLink(
            tenant: okta.tenant, connection: okta.name, entityID: "https://idp.example", subject: "s", format: "",
            email: Self.email, at: now)
        let sealed = seal.seal(attempt, browser: browser, host: "app.example.org")
        let page = await stage.browser.submit(first, ["email": Self.email, "attempt": sealed])
        #expect(page.fields["password"] == "" && page.onward == nil && page.connections.isEmpty)
        #expect(page.html.contains("role=\"status\">There is an account with this address already."))
        #expect(stage.script.with { $0.asked.isEmpty })
    }

    // MARK: By host

    @Test("a connection's host leads straight to its provider, but not whoever asks otherwise or is to read something")
    func entry() async throws {
        var stage = try await stage()
        let okta = try ConnectionScript.offer()
        stage.script.with { $0.entries["app.example.org"] = okta }
        let leaving = await stage.browser.get("\(Self.login)?return_to=/a&lang=de")
        #expect(leaving.status == 303)
        #expect(leaving.location == ConnectionScript.begin("?return_to=/a&lang=de"))
        #expect(stage.browser.cookies["__Host-gatehouse-login"]?.utf8.count == 43)
        #expect(await stage.browser.get("\(Self.login)?return_to=/a").setCookies.isEmpty)
        for query in ["method=password", "stale=1", "password-set=1"] {
            let page = await stage.browser.get("\(Self.login)?\(query)")
            #expect(page.status == 200 && page.fields["email"] == "", "\(query)")
        }
        stage.browser.host = "shop.example.net"
        #expect(await stage.browser.get(Self.login).status == 200)
        try stage.world.signedIn(token: "acme.one")
        (stage.browser.host, stage.browser.cookies["__Host-gatehouse"]) = ("app.example.org", "acme.one")
        #expect(await stage.browser.get("\(Self.login)?return_to=/a").location == "/a")
    }

    @Test("a host that signs in elsewhere keeps its own connection, and the way by password, on the way there")
    func entryElsewhere() async throws {
        let world = try await LoginWorld()
        let access = HostsBrowser.access(portal: HostsBrowser.portal)
        world.with { $0.access = access }
        var stage = try ConnectionStage(world, hostTenant: nil, origin: "https://id.example.org:8443")
        let okta = try ConnectionScript.offer()
        stage.script.with { $0.entries[HostsBrowser.acmeOther] = okta }
        stage.browser.host = "\(HostsBrowser.acmeOther):8443"
        for (query, isByPassword) in [("", false), ("&method=password", true)] {
            stage.browser.host = "\(HostsBrowser.acmeOther):8443"
            stage.browser.hostTenant = LoginWorld.acme
            let away = await stage.browser.get("\(Self.login)?return_to=/a\(query)")
            let path = try #require(away.location).replacing("https://id.example.org:8443", with: "")
            #expect(path.contains("method=password") == isByPassword)
            stage.browser.host = "\(HostsBrowser.portal):8443"
            stage.browser.hostTenant = nil
            let handed = await stage.browser.get(path)
            let first = await stage.browser.get(try #require(handed.location))
            if isByPassword {
                #expect(first.status == 200 && first.fields["method"] == "password")
            } else {
                #expect(first.status == 303)
                #expect(
                    first.location?.hasPrefix(
                        "https://id.example.org:8443/.gatehouse/saml/acme/okta/login?return_to=/.gatehouse/session/")
                        == true)
            }
        }
    }

    // MARK: On a shared host

    @Test("on a shared host no name in the address and no domain tells who has connections")
    func hidden() async throws {
        var stage = try await stage(hostTenant: nil)
        let okta = try ConnectionScript.offer()
        stage.script.with {
            $0.offers["bolt"] = $0.offers["acme"]
            $0.routes["bolt.example"] = .enforced(okta)
        }
        for query in ["", "?tenant=acme", "?tenant=bolt", "?tenant=nope"] {
            let first = await stage.browser.get("\(Self.login)\(query)")
            #expect(first.connections.isEmpty && first.fields["email"] == "")
            let second = await stage.browser.submit(first, ["email": "otto@bolt.example"])
            #expect(second.fields["password"] == "" && second.connections.isEmpty)
            let forged = await stage.browser.submit(second, ["connection": "okta"])
            #expect(forged.onward == nil && forged.location?.hasSuffix("stale=1") == true)
        }
        #expect(stage.script.with { $0.asked.isEmpty })
    }

    @Test("with home_realm: domain the address's tenant offers its own, by name or by domain")
    func domain() async throws {
        var stage = try await stage(hostTenant: nil)
        stage.world.with { $0.homeRealm = .domain }
        let bolt = try ConnectionScript.offer("adfs", of: "bolt", called: "ADFS")
        stage.script.with {
            $0.offers["bolt"] = [bolt]
            $0.routes["bolt.example"] = .offered(bolt)
        }
        #expect(await stage.browser.get("\(Self.login)?tenant=acme").connections == [Self.button])
        let first = await stage.browser.get(Self.login)
        #expect(first.connections.isEmpty)
        let second = await stage.browser.submit(first, ["email": "otto@bolt.example"])
        #expect(second.connections == ["adfs: Sign in with ADFS"])
        let leaving = try await stage.browser.submit(second.forms.first, ["connection": "adfs"])
        #expect(leaving.onward == "https://app.example.org/.gatehouse/saml/bolt/adfs/login")
        stage.script.with { $0.routes["bolt.example"] = .enforced(bolt) }
        #expect(
            await stage.browser.submit(first, ["email": "otto@bolt.example"]).onward
                == "https://app.example.org/.gatehouse/saml/bolt/adfs/login")
    }

    /// A page without what is made anew in each browser.
    private static func masked(_ page: PortalBrowser.Page) -> String {
        page.html.masked.replacing(#/name="csrf" value="[^"]*"/#, with: "")
    }
}
