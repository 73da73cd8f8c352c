import Access
import Core
import Foundation
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("Setting up a second factor at sign-in")
struct EnrolmentPageTests {
    private static let path = "/.gatehouse/login/enrol"
    private static let codes = (0..<10).map { "ABCD-EFGH-JKMN-PQR\($0)" }

    private func secret(on page: PortalBrowser.Page) throws -> String {
        try #require(page.html.between("<br><code>", "</code>"))
    }

    // MARK: The app

    @Test("an app is offered by a picture and by its key, in groups of four; without script")
    func app() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.enrol(try FactorScript.enrolment(.unneeded)))
        let key = try secret(on: page)
        #expect(key.split(separator: " ").count == 8 && key.utf8.count == 39)
        #expect(page.html.contains("<svg class=\"qr\" role=\"img\""))
        #expect(!page.html.contains("<script") && !page.html.contains("otpauth"))
        let form = try #require(page.form(to: Self.path, with: "name"))
        #expect(form.fields["step"] == "totp" && form.fields["code"] == "" && form.fields["name"] == "")
        #expect(!form.html.contains("autofocus"))
        #expect(page.response.head.headerFields[.cacheControl] == "no-store")
    }

    @Test("the first code proves it: the key that was shown is the key that is kept, also after a fault")
    func enrolled() async throws {
        var stage = try FactorStage(try await LoginWorld(settings: .remembering))
        let ready = try FactorScript.enrolment(.unneeded)
        let page = await stage.password(.enrol(ready), fields: ["remember": "1"])
        let key = try secret(on: page)
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.script.with {
            $0.enrolmentOutcomes = [
                .step(ready, .wrong), .enrolled(.signedIn(signedIn), recoveryCodes: Self.codes),
            ]
        }
        let wrong = try await stage.browser.submit(
            page.form(to: Self.path, with: "name"), ["code": "000000", "name": "My <phone>"])
        #expect(wrong.status == 422 && wrong.fault?.hasPrefix("The code is wrong.") == true)
        #expect(try secret(on: wrong) == key)
        let form = try #require(wrong.form(to: Self.path, with: "name"))
        #expect(form.fields["name"] == "My <phone>" && form.html.contains("autofocus"))
        #expect(form.fields["remember"] == "1")
        let done = try await stage.browser.submit(form, ["code": "123456"])
        #expect(done.status == 200 && done.heading == "Your recovery codes")
        #expect(stage.browser.cookies["__Host-gatehouse"] == "acme.one")
        for code in Self.codes { #expect(done.html.contains("<code>\(code)</code>")) }
        #expect(done.html.contains("href=\"/a\">I have kept them</a>"))
        #expect(done.response.head.headerFields[.cacheControl] == "no-store")
        let kept = stage.script.with { state in
            state.enrolments.map { enrolment -> [String] in
                guard case .totp(let secret, let code, let name) = enrolment else { return [] }
                let bytes = secret.withSecret { secret in
                    secret.withBytes { raw in
                        let span = Span<UInt8>(_bytes: raw)
                        return span.indices.map { span[$0] }
                    }
                }
                return [Base32.encode(bytes), code, name]
            }
        }
        let flat = key.replacing(" ", with: "")
        #expect(kept == [[flat, "000000", "My <phone>"], [flat, "123456", "My <phone>"]])
        #expect(stage.script.with { $0.visits.allSatisfy(\.isRemembered) })
    }

    @Test("the codes are shown once: the same form again leads to where the sign-in led")
    func shownOnce() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.enrol(try FactorScript.enrolment(.unneeded)))
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.script.with { $0.enrolmentOutcomes = [.enrolled(.signedIn(signedIn), recoveryCodes: Self.codes)] }
        let form = page.form(to: Self.path, with: "name")
        _ = try await stage.browser.submit(form, ["code": "123456"])
        let again = try await stage.browser.submit(form, ["code": "123456"])
        #expect(again.status == 303 && again.location == "/a" && !again.html.contains("ABCD"))
        stage.browser.cookies["__Host-gatehouse"] = nil
        #expect(
            try await stage.browser.submit(form, ["code": "123456"]).location
                == "/.gatehouse/login?return_to=/a&stale=1")
        #expect(stage.script.with { $0.enrolments.count } == 1)
    }

    @Test("the codes can be had as a file, sealed for the new session")
    func download() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.enrol(try FactorScript.enrolment(.unneeded)))
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.script.with { $0.enrolmentOutcomes = [.enrolled(.signedIn(signedIn), recoveryCodes: Self.codes)] }
        let done = try await stage.browser.submit(page.form(to: Self.path, with: "name"), ["code": "123456"])
        let form = try #require(done.form(to: PortalAddress.recoveryCodeFile))
        let tokens = FormToken(forms: stage.world.store.forms)
        #expect(tokens.isToken(form.fields["csrf"] ?? "", for: .session(signedIn.handle)))
        let content = RecoveryCodeSheet(forms: stage.world.store.forms).open(
            form.fields["sheet"] ?? "", session: signedIn.handle, host: "app.example.org",
            now: WallTime(milliseconds: LoginWorld.start))
        #expect(content?.codes == Self.codes)
        #expect(content?.site == "Acme GmbH" && content?.email == FactorScript.email)
    }

    @Test("the sessions that ended with the first factor are told of, whatever became of the one that begins")
    func told() async throws {
        let acme = try #require(LoginWorld.acme)
        for outcome in [PasswordLoginOutcome.unavailable, .refused, .mustChange(try FactorScript.member())] {
            var stage = try FactorStage(try await LoginWorld())
            let page = await stage.password(.enrol(try FactorScript.enrolment(.unneeded)))
            stage.script.with { $0.enrolmentOutcomes = [.enrolled(outcome, recoveryCodes: Self.codes)] }
            _ = try await stage.browser.submit(page.form(to: Self.path, with: "name"), ["code": "123456"])
            #expect(stage.world.with { $0.notices } == [.ended(.user(LoginWorld.user, of: acme))])
        }
        for codes in [Self.codes, nil] {
            var stage = try FactorStage(try await LoginWorld())
            let page = await stage.password(.enrol(try FactorScript.enrolment(.unneeded)))
            let signedIn = try stage.world.signedIn(token: "acme.one")
            stage.script.with { $0.enrolmentOutcomes = [.enrolled(.signedIn(signedIn), recoveryCodes: codes)] }
            _ = try await stage.browser.submit(page.form(to: Self.path, with: "name"), ["code": "123456"])
            #expect(stage.world.with { $0.notices } == [.ended(.user(LoginWorld.user, of: acme))])
            #expect(stage.browser.cookies["__Host-gatehouse"] == "acme.one")
        }
    }

    @Test("a factor that was not added ends nothing")
    func notTold() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let ready = try FactorScript.enrolment(.unneeded)
        let page = await stage.password(.enrol(ready))
        stage.script.with { $0.enrolmentOutcomes = [.step(ready, .wrong), .ended(.refused)] }
        for _ in 0..<2 {
            _ = try await stage.browser.submit(page.form(to: Self.path, with: "name"), ["code": "123456"])
        }
        #expect(stage.world.with { $0.notices.isEmpty })
    }

    @Test("where the session does not begin the codes are shown all the same, with the way to the login")
    func withoutSession() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.enrol(try FactorScript.enrolment(.unneeded)))
        stage.script.with { $0.enrolmentOutcomes = [.enrolled(.unavailable, recoveryCodes: Self.codes)] }
        let done = try await stage.browser.submit(page.form(to: Self.path, with: "name"), ["code": "123456"])
        #expect(done.status == 200 && done.html.contains("<code>\(Self.codes[9])</code>"))
        #expect(done.html.contains("href=\"/.gatehouse/login?return_to=/a\">I have kept them</a>"))
        #expect(done.form(to: PortalAddress.recoveryCodeFile) == nil)
        #expect(stage.browser.cookies["__Host-gatehouse"] == nil)
    }

    @Test("where the password must be changed yet, the codes' page leads on to that")
    func beforeChange() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.enrol(try FactorScript.enrolment(.unneeded)))
        let member = try FactorScript.member()
        stage.script.with { $0.enrolmentOutcomes = [.enrolled(.mustChange(member), recoveryCodes: Self.codes)] }
        let done = try await stage.browser.submit(page.form(to: Self.path, with: "name"), ["code": "123456"])
        let onward = try #require(done.form(to: "/.gatehouse/login"))
        #expect(onward.fields["attempt"] != nil && onward.fields["return_to"] == "/a")
        #expect(done.html.contains("<code>\(Self.codes[0])</code>") && !done.html.contains("class=\"button\""))
    }

    @Test(
        "what cannot be added says why",
        arguments: [
            (FactorFault.tooMany, "You have as many of these as you can have."),
            (.expired, "The page had been open for too long. Add the app anew."), (.notACode, "Enter the six digits"),
        ])
    func faults(fault: FactorFault, words: String) async throws {
        var stage = try FactorStage(try await LoginWorld())
        let ready = try FactorScript.enrolment(.unneeded)
        let page = await stage.password(.enrol(ready))
        stage.script.with { $0.enrolmentOutcomes = [.step(ready, fault)] }
        let again = try await stage.browser.submit(page.form(to: Self.path, with: "name"), ["code": "1"])
        #expect(again.status == 422 && again.fault?.hasPrefix(words) == true)
    }

    // MARK: The passkey, and later

    @Test("a passkey is made by the script, for the attempt's own challenge")
    func passkey() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let ready = try FactorScript.enrolment(.unneeded, passkey: FactorScript.creation)
        let page = await stage.password(.enrol(ready))
        let form = try #require(page.form(to: Self.path, with: "passkey"))
        #expect(form.attribute("data-passkey") == "create" && form.has("hidden"))
        #expect(form.attribute("data-options")?.contains("\"displayName\":\"Erika <Muster>\"") == true)
        #expect(page.response.head.headerFields[.contentSecurityPolicy]?.contains("script-src 'sha256-") == true)
        let challenge = try #require(form.attribute("data-options")?.between("\"challenge\":\"", "\""))
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.script.with {
            $0.enrolmentOutcomes = [
                .step(ready, .taken), .step(ready, nil),
                .enrolled(.signedIn(signedIn), recoveryCodes: Self.codes),
            ]
        }
        let taken = try await stage.browser.submit(form, ["passkey": FactorScript.registration])
        #expect(taken.status == 422 && taken.fault?.hasPrefix("This passkey is in use already.") == true)
        let unreadable = try await stage.browser.submit(form, ["passkey": ""])
        #expect(unreadable.status == 422 && stage.script.with { $0.enrolments.count } == 1)
        let again = try #require(unreadable.form(to: Self.path, with: "passkey"))
        #expect(again.attribute("data-options")?.contains(challenge) == true)
        let done = try await stage.browser.submit(again, ["passkey": FactorScript.registration])
        #expect(done.heading == "Your recovery codes")
        guard
            case .passkey(let made, let answered, let transports, let name) = stage.script.with({ $0.enrolments.last })
        else {
            Issue.record("no passkey arrived")
            return
        }
        #expect(made == PortalPasskey.registration(FactorScript.registration)?.registration)
        #expect(transports == ["internal", "hybrid"] && name == "")
        #expect(Base64.encode(answered, alphabet: .url) == challenge)
    }

    @Test("not now leads on, while it may")
    func later() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let until = WallTime(milliseconds: LoginWorld.start + 86_400_000)
        let page = await stage.password(.enrol(try FactorScript.enrolment(.unneeded, laterUntil: until)))
        let form = page.form(to: Self.path, with: "later")
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.script.with { $0.loginOutcomes = [.refused, .signedIn(signedIn)] }
        #expect(
            try await stage.browser.submit(form, ["later": "1"]).location
                == "/.gatehouse/login?return_to=/a&stale=1")
        #expect(stage.browser.cookies["__Host-gatehouse"] == nil)
        #expect(try await stage.browser.submit(form, ["later": "1"]).location == "/a")
        #expect(stage.browser.cookies["__Host-gatehouse"] == "acme.one")
    }

    @Test("a member who has a factor by now is asked for it instead")
    func hasOneByNow() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.enrol(try FactorScript.enrolment(.unneeded)))
        stage.script.with { [step = try FactorScript.step()] in
            $0.enrolmentOutcomes = [.ended(.secondFactor(step))]
        }
        let asked = try await stage.browser.submit(page.form(to: Self.path, with: "name"), ["code": "123456"])
        #expect(asked.status == 200 && asked.form(to: "/.gatehouse/login/totp") != nil)
    }

    @Test("a form without a key, or of another browser, adds nothing")
    func foreign() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let mailed = try FactorScript.enrolment(.mailed)
        let page = await stage.password(.enrol(mailed))
        stage.script.with { $0.enrolmentOutcomes = [.step(mailed, nil)] }
        // No key was shown yet.
        let early = try await stage.browser.submit(
            page.form(to: Self.path, with: "code"), ["step": "totp", "code": "123456"])
        #expect(early.status == 200 && early.form(to: Self.path, with: "name") == nil)
        #expect(stage.script.with { $0.enrolments.isEmpty && $0.calls == ["enrolment"] })
        var other = stage
        other.browser.cookies = [:]
        let own = await other.browser.get("/.gatehouse/login")
        let attempt = page.form(to: Self.path, with: "code")?.fields["attempt"]
        let stolen = await other.browser.post(
            Self.path, own.fields.merging(["attempt": attempt ?? "", "step": "totp", "code": "1"]) { $1 })
        #expect(stolen.location == "/.gatehouse/login?stale=1")
    }
}
