import Access
import Core
import HTTPTypes
import HostCrypto
import Login
import Store
import Testing

@testable import Portal

@Suite("A provider confirms a session")
struct ConnectionConfirmationTests {
    private static let stepUp = "/.gatehouse/login/step-up"
    private static let proof = "/.gatehouse/account/proof"
    private static let confirm = "okta: Confirm with Acme &lt;Okta&gt;"

    // MARK: Step-up

    /// A member whose session came by a connection, and what they can prove here.
    private func stage(
        factors: [Factor] = [], countsAsMFA: Bool = true, hasOrigin: Bool = true, host: String = "app.example.org",
        origin: String = "https://app.example.org"
    ) async throws -> ConnectionStage {
        let world = try await LoginWorld()
        let access = HostsBrowser.access()
        if host != "app.example.org" { world.with { $0.access = access } }
        let script = FactorScript()
        script.with { $0.stepUpRequest = StepUpRequest(factors: factors, passkey: nil) }
        var stage = try ConnectionStage(world, origin: origin) { $0.factorLogin = script.steps }
        let offer = try ConnectionScript.offer(countsAsMFA: countsAsMFA)
        stage.script.with {
            $0.offers["acme"] = [offer]
            $0.origin = hasOrigin ? offer.name : nil
        }
        try world.signedIn(token: "acme.one")
        stage.browser.host = host
        stage.browser.cookies["__Host-gatehouse"] = "acme.one"
        return stage
    }

    @Test("where the provider's second factor counts it is asked for, alone or beside the member's own factors")
    func offered() async throws {
        var alone = try await stage()
        let page = await alone.browser.get("\(Self.stepUp)?return_to=/vault")
        #expect(page.status == 200 && page.connections == [Self.confirm] && page.forms.count == 1)
        #expect(page.html.contains("This page asks for your second factor. Confirm with your company account."))
        let leaving = try await alone.browser.submit(page.forms.first, ["connection": "okta"])
        #expect(leaving.onward == ConnectionScript.begin("?return_to=/vault&confirm=1") && leaving.setCookies.isEmpty)
        var beside = try await stage(factors: [.totp, .recoveryCode])
        let both = await beside.browser.get("\(Self.stepUp)?return_to=/vault")
        #expect(both.connections == [Self.confirm])
        #expect(both.forms.map { $0.fields["method"] } == ["totp", nil, "recovery-code"])
        #expect(both.html.contains("<div class=\"connections below\">"))
    }

    @Test(
        "where it does not count, or the session came by no connection, a factor is added first",
        arguments: [(false, true), (true, false)])
    func notOffered(countsAsMFA: Bool, hasOrigin: Bool) async throws {
        var stage = try await stage(countsAsMFA: countsAsMFA, hasOrigin: hasOrigin)
        let page = await stage.browser.get("\(Self.stepUp)?return_to=/vault")
        #expect(page.location == "/.gatehouse/account/factors?return_to=/vault")
        let token = FormToken(forms: stage.world.store.forms)
        let handle = try #require(SessionHandle("h-acme_one"))
        let forged = await stage.browser.post(
            Self.stepUp, ["connection": "okta", "csrf": token.token(for: .session(handle))])
        #expect(forged.onward == nil && forged.status == 303)
    }

    @Test("a form of another connection, of nobody or from elsewhere leads nowhere")
    func forged() async throws {
        var stage = try await stage(factors: [.totp])
        let page = await stage.browser.get(Self.stepUp)
        let form = try #require(page.forms.first { $0.html.contains("connection") })
        let other = try await stage.browser.submit(form, ["connection": "entra"])
        #expect(other.status == 200 && other.onward == nil && other.connections == [Self.confirm])
        #expect(try await stage.browser.submit(form, ["connection": "okta", "csrf": "x"]).status == 403)
        let foreign = try await stage.browser.submit(form, ["connection": "okta"], with: [.secFetchSite: "cross-site"])
        #expect(foreign.status == 403 && foreign.onward == nil)
    }

    @Test("a host with a token of its own forgets it on the way, and is handed the session anew")
    func otherHost() async throws {
        let shop = HostsBrowser.acmeOther
        var stage = try await stage(host: "\(shop):8443", origin: "https://\(HostsBrowser.acmeFirst):8443")
        let page = await stage.browser.get("\(Self.stepUp)?return_to=/vault")
        let leaving = try await stage.browser.submit(page.forms.first, ["connection": "okta"])
        let onward = try #require(leaving.onward)
        let begin = "https://\(HostsBrowser.acmeFirst):8443/.gatehouse/saml/acme/okta/login?return_to="
        #expect(onward.hasPrefix(begin + "/.gatehouse/session/handoff%3Fto%3D\(shop)%26state%3D"))
        #expect(onward.hasSuffix("%26return_to%3D/vault&confirm=1"))
        #expect(stage.browser.cookies["__Host-gatehouse"] == nil)
        // The state opens in this browser alone.
        let browser = try #require(stage.browser.cookies["__Host-gatehouse-login"])
        let state = try #require(onward.between("state%3D", "%26"))
        let now = stage.world.services.now()
        let states = HandoffState(forms: stage.world.store.forms)
        #expect(states.open(state, browser: browser, host: shop, now: now) != nil)
        #expect(states.open(state, browser: SecureRandom.token(), host: shop, now: now) == nil)
        // A host from which nothing would lead back has no such button.
        var lost = try await self.stage(host: "\(HostsBrowser.shared):8443", origin: "https://acme.example.org:8443")
        #expect(await lost.browser.get(Self.stepUp).location?.hasPrefix("/.gatehouse/account/factors") == true)
    }

    // MARK: The recent proof

    /// A member in the account pages, whose last proof is old.
    private func member(
        allowsPassword: Bool = true, hasOrigin: Bool = true
    ) async throws -> (member: SignedInMember, script: ConnectionScript) {
        var member = try await SignedInMember()
        let stage = try ConnectionStage(member.world)
        stage.script.with {
            $0.origin = hasOrigin ? ConnectionName(ConnectionScript.okta) : nil
            $0.withoutPassword = allowsPassword ? [] : [SignedInMember.email]
        }
        let cookies = member.browser.cookies
        member.browser = stage.browser
        member.browser.cookies = cookies
        member.wait(.minutes(6))
        return (member, stage.script)
    }

    @Test("a session that came by a connection is confirmed there, and the password stays where it counts")
    func proof() async throws {
        var (member, script) = try await member()
        let asked = await member.browser.get("/.gatehouse/account/email")
        #expect(asked.location == "\(Self.proof)?return_to=/.gatehouse/account/email")
        let page = await member.browser.get(asked.location ?? "")
        #expect(page.connections == [Self.confirm] && page.fields["password"] == "")
        #expect(page.html.contains("What comes next needs a proof that it is you"))
        let form = try #require(page.forms.first { $0.html.contains("connection") })
        let leaving = try await member.browser.submit(form, ["connection": "okta"])
        #expect(leaving.onward == ConnectionScript.begin("?return_to=/.gatehouse/account/email&confirm=1"))
        #expect(try await member.browser.submit(form, ["connection": "entra"]).onward == nil)
        #expect(try await member.browser.submit(form, ["connection": "okta", "csrf": "x"]).status == 403)
        // Whatever its provider's second factor is worth, it is a proof of who the member is.
        #expect(script.with { $0.offers["acme"]?.first?.countsAsMFA } == false)
    }

    @Test("where no password counts none is asked for, and where nothing is left the page says what to do")
    func withoutPassword() async throws {
        var (member, script) = try await member(allowsPassword: false)
        let page = await member.browser.get("\(Self.proof)?return_to=/.gatehouse/account")
        #expect(page.connections == [Self.confirm] && page.fields["password"] == nil)
        script.with { $0.origin = nil }
        let nothing = await member.browser.get("\(Self.proof)?return_to=/.gatehouse/account")
        #expect(nothing.connections.isEmpty && nothing.fields["password"] == nil)
        #expect(nothing.html.contains("What comes next needs a sign-in of the last five minutes."))
    }

    @Test("members without a connection are asked as ever")
    func asEver() async throws {
        var (member, _) = try await member(hasOrigin: false)
        let page = await member.browser.get("\(Self.proof)?return_to=/.gatehouse/account")
        #expect(page.connections.isEmpty && page.fields["password"] == "")
        #expect(page.html.contains("because you entered it more than five minutes ago."))
    }
}
