import Access
import Core
import Foundation
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("The page that asks for a second factor")
struct SecondFactorPageTests {
    private static let totp = "/.gatehouse/login/totp"
    private static let recovery = "/.gatehouse/login/recovery-code"
    private static let passkey = "/.gatehouse/login/passkey"

    @Test("it follows the password, has no session, and offers what the member has")
    func offered() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.secondFactor(try FactorScript.step()))
        #expect(page.status == 200 && page.heading == "Confirm that it is you")
        #expect(stage.browser.cookies["__Host-gatehouse"] == nil)
        let form = try #require(page.form(to: Self.totp))
        #expect(form.html.contains("autocomplete=\"one-time-code\" inputmode=\"numeric\""))
        #expect(form.html.contains("required autofocus"))
        #expect(!form.html.contains("pattern="))
        #expect(form.fields["return_to"] == "/a")
        #expect(page.form(to: Self.recovery)?.fields["code"] == "")
        #expect(page.html.contains("<details class=\"below\">"))
        #expect(page.form(to: Self.passkey) == nil && !page.html.contains("<script"))
        #expect(page.html.contains("href=\"/.gatehouse/login?return_to=/a\">Cancel and start again</a>"))
    }

    @Test("a right code leads on, with the session's cookies; what was typed and asked goes along")
    func right() async throws {
        var stage = try FactorStage(try await LoginWorld(settings: .remembering))
        let page = await stage.password(.secondFactor(try FactorScript.step()), fields: ["remember": "1"])
        let form = try #require(page.form(to: Self.totp))
        #expect(form.fields["remember"] == "1")
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.script.with { $0.factorOutcomes = [.ended(.signedIn(signedIn))] }
        let end = try await stage.browser.submit(form, ["code": "123 456"])
        #expect(end.status == 303 && end.location == "/a")
        #expect(stage.browser.cookies["__Host-gatehouse"] == "acme.one")
        #expect(stage.browser.cookies["__Host-gatehouse-device"] == "device-token")
        #expect(stage.script.with { $0.proofs } == [.totp("123 456")])
        #expect(stage.script.with { $0.provers } == [try FactorScript.member()])
        #expect(stage.script.with { $0.visits.first?.isRemembered } == true)
        // The same form again, once there is no session: its attempt is used.
        stage.browser.cookies["__Host-gatehouse"] = nil
        let again = try await stage.browser.submit(form, ["code": "123456"])
        #expect(again.location == "/.gatehouse/login?return_to=/a&stale=1")
        #expect(stage.script.with { $0.proofs.count } == 1)
    }

    @Test(
        "what was wrong stands above the field that it is about, with 422",
        arguments: [
            (FactorFault.wrong, "The code is wrong."), (.notACode, "Enter the six digits"),
            (.used, "This code has been used already."),
        ])
    func wrong(fault: FactorFault, words: String) async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.secondFactor(try FactorScript.step()))
        stage.script.with { [step = try FactorScript.step()] in $0.factorOutcomes = [.again(step, fault)] }
        let again = try await stage.browser.submit(page.form(to: Self.totp), ["code": "000000"])
        #expect(again.status == 422)
        #expect(again.fault?.hasPrefix(words) == true)
        let form = try #require(again.form(to: Self.totp))
        #expect(form.html.contains("aria-describedby=\"code-hint fault\" aria-invalid=\"true\""))
        #expect(form.fields["code"] == "")
        #expect(again.setCookies.isEmpty)
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.script.with { $0.factorOutcomes = [.ended(.signedIn(signedIn))] }
        #expect(try await stage.browser.submit(form, ["code": "123456"]).location == "/a")
    }

    @Test("a wrong recovery code opens its own part of the page")
    func wrongRecoveryCode() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.secondFactor(try FactorScript.step()))
        stage.script.with { [step = try FactorScript.step()] in $0.factorOutcomes = [.again(step, .wrong)] }
        let again = try await stage.browser.submit(page.form(to: Self.recovery), ["code": "x"])
        #expect(again.status == 422 && again.fault?.hasPrefix("This recovery code is wrong") == true)
        #expect(again.html.contains("<details class=\"below\" open>"))
        #expect(again.form(to: Self.recovery)?.html.contains("aria-invalid=\"true\"") == true)
        #expect(again.form(to: Self.totp)?.html.contains("aria-invalid") == false)
        #expect(again.html.components(separatedBy: "autofocus").count == 2)
        #expect(stage.script.with { $0.proofs } == [.recoveryCode("x")])
    }

    @Test("what is longer than any code is given on as nothing")
    func longCode() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.secondFactor(try FactorScript.step()))
        _ = try await stage.browser.submit(page.form(to: Self.totp), ["code": String(repeating: "1", count: 257)])
        _ = try await stage.browser.submit(page.form(to: Self.totp), ["code": String(repeating: "1", count: 256)])
        _ = try await stage.browser.submit(page.form(to: Self.totp), ["code": nil])
        #expect(
            stage.script.with { $0.proofs } == [.totp(""), .totp(String(repeating: "1", count: 256)), .totp("")])
    }

    @Test("who guesses too often is told when, and why")
    func throttled() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.secondFactor(try FactorScript.step()))
        stage.script.with { $0.factorOutcomes = [.ended(.throttled(retryAfter: .minutes(3)))] }
        let refused = try await stage.browser.submit(page.form(to: Self.totp), ["code": "000000"])
        #expect(refused.status == 429 && refused.response.head.headerFields[.retryAfter] == "180")
        #expect(refused.html.contains("Too many wrong codes were entered for your account"))
    }

    @Test("what has changed since the password begins anew; a lost store says so")
    func overtaken() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.secondFactor(try FactorScript.step()))
        stage.script.with { $0.factorOutcomes = [.ended(.refused), .ended(.unavailable)] }
        let form = page.form(to: Self.totp)
        #expect(
            try await stage.browser.submit(form, ["code": "1"]).location
                == "/.gatehouse/login?return_to=/a&stale=1")
        #expect(try await stage.browser.submit(form, ["code": "1"]).status == 503)
    }

    @Test("where few recovery codes are left a page says how many, signed in, and leads on")
    func fewLeft() async throws {
        for left in [3, 4] {
            var stage = try FactorStage(try await LoginWorld())
            let page = await stage.password(.secondFactor(try FactorScript.step()))
            var signedIn = try stage.world.signedIn(token: "acme.one")
            signedIn.recoveryCodesLeft = left
            stage.script.with { [signedIn] in $0.factorOutcomes = [.ended(.signedIn(signedIn))] }
            let end = try await stage.browser.submit(page.form(to: Self.recovery), ["code": "x"])
            #expect(stage.browser.cookies["__Host-gatehouse"] == "acme.one")
            guard left == 3 else {
                #expect(end.location == "/a")
                continue
            }
            #expect(end.status == 200 && end.html.contains("You have 3 left."))
            #expect(end.html.contains("href=\"/.gatehouse/account/factors\">Make new recovery codes</a>"))
            #expect(end.html.contains("href=\"/a\">Continue</a>"))
        }
    }

    @Test(
        "an attempt of one page opens no other: neither the change of the password nor an enrolment nor a passkey alone"
    )
    func places() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(
            .secondFactor(try FactorScript.step([.passkey, .totp], passkey: FactorScript.request)))
        let fields = try #require(page.form(to: Self.totp)).fields
        for path in ["/.gatehouse/login", "/.gatehouse/login/enrol"] {
            let answer = await stage.browser.post(
                path, fields.merging(["password": "New-Herons_4-Breakfast", "step": "totp", "code": "1"]) { $1 })
            #expect(answer.location == "/.gatehouse/login?return_to=/a&stale=1", "\(path)")
        }
        // And the first page's attempt opens no second step.
        let first = await stage.browser.get("/.gatehouse/login?return_to=/a")
        for path in [Self.totp, Self.recovery, "/.gatehouse/login/enrol"] {
            let answer = await stage.browser.post(path, first.fields.merging(["code": "1", "later": "1"]) { $1 })
            #expect(answer.location == "/.gatehouse/login?return_to=/a&stale=1", "\(path)")
        }
        #expect(stage.script.with { $0.proofs.isEmpty && $0.calls.isEmpty && $0.alone.isEmpty })
    }

    @Test("the addresses of the steps have no page of their own")
    func noPages() async throws {
        var stage = try FactorStage(try await LoginWorld())
        for path in [Self.totp, Self.recovery, Self.passkey, "/.gatehouse/login/enrol"] {
            #expect(await stage.browser.get("\(path)?return_to=/a").location == "/.gatehouse/login?return_to=/a")
        }
        try stage.world.signedIn(token: "acme.one")
        stage.browser.cookies["__Host-gatehouse"] = "acme.one"
        #expect(await stage.browser.get("\(Self.totp)?return_to=/a").location == "/a")
    }

    @Test("a form without its token, from elsewhere, or in a frame proves nothing")
    func foreign() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.secondFactor(try FactorScript.step()))
        let form = page.form(to: Self.totp)
        let own = stage.browser.cookies
        #expect(try await stage.browser.submit(form, ["csrf": "x", "code": "1"]).status == 403)
        #expect(
            try await stage.browser.submit(form, ["code": "1"], with: [.secFetchSite: "cross-site"]).status == 403)
        stage.browser.fields[.secFetchDest] = "iframe"
        #expect(try await stage.browser.submit(form, ["code": "1"]).status == 403)
        stage.browser.fields[.secFetchDest] = "document"
        stage.browser.cookies["__Host-gatehouse-login"] = nil
        #expect(try await stage.browser.submit(form, ["code": "1"]).status == 403)
        #expect(stage.script.with { $0.proofs.isEmpty })
        stage.browser.cookies = own
        _ = try await stage.browser.submit(form, ["code": "1"])
        #expect(stage.script.with { $0.proofs.count } == 1)
    }

    @Test("a tab that comes late finds the other's sign-in")
    func lateTab() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(.secondFactor(try FactorScript.step()))
        try stage.world.signedIn(token: "acme.other")
        stage.browser.cookies["__Host-gatehouse"] = "acme.other"
        #expect(try await stage.browser.submit(page.form(to: Self.totp), ["code": "1"]).location == "/a")
        #expect(stage.script.with { $0.proofs.isEmpty })
    }

    @Test("a password that must be changed comes after the factor, and what was proved serves once")
    func forcedChange() async throws {
        let world = try await LoginWorld(isScripted: false)
        var stage = try FactorStage(world)
        // The password's own outcome is scripted, the change is not.
        let step = try FactorScript.step()
        var services = PortalServices(
            steps: LoginSteps(
                signIn: { _ in .secondFactor(step) }, begin: { _, _, _, _, _ in .refused },
                signOut: { _, _, _ in }, confirm: { _, _, _, _ in .refused }),
            forms: world.store.forms, settings: { LoginSettings() }, tenantName: { LoginWorld.names[$0.text] },
            notify: { _ in }, signingKeys: { [] }, now: { WallTime(milliseconds: LoginWorld.start) })
        services.factorLogin = stage.script.steps
        services.passwords = world.flows
        stage.browser = PortalBrowser(
            world, router: .standard(pages: try pages(), securityText: nil, services: services))
        let first = await stage.browser.get("/.gatehouse/login?return_to=/a")
        let page = await stage.browser.submit(first, ["email": FactorScript.email, "password": "p"])
        var proved = step.member
        proved.second = ProvedFactor(.totp, at: WallTime(milliseconds: LoginWorld.start))
        stage.script.with { [proved] in $0.factorOutcomes = [.ended(.mustChange(proved)), .ended(.refused)] }
        let form = page.form(to: Self.totp)
        let change = try await stage.browser.submit(form, ["code": "123456"])
        #expect(change.status == 200 && change.html.contains("autocomplete=\"new-password\""))
        #expect(change.action == "/.gatehouse/login" && change.fields["return_to"] == "/a")
        #expect(
            try await stage.browser.submit(form, ["code": "123456"]).location
                == "/.gatehouse/login?return_to=/a&stale=1")
    }

    @Test("it speaks German")
    func german() async throws {
        var stage = try FactorStage(try await LoginWorld())
        stage.browser.fields[.acceptLanguage] = "de"
        let page = await stage.password(
            .secondFactor(try FactorScript.step([.passkey, .totp, .recoveryCode], passkey: FactorScript.request)))
        #expect(page.heading == "Bestätigen Sie, dass Sie es sind")
        #expect(page.html.contains("<html lang=\"de\">") && page.html.contains("Passkey verwenden"))
        for text in ["Use ", "Confirm", "code "] { #expect(!page.html.contains(">\(text)")) }
    }

    @Test("the two languages say different things, and neither leaves one out")
    func texts() {
        func words(_ text: Any) -> [String] {
            Mirror(reflecting: text).children.flatMap { child -> [String] in
                if let word = child.value as? String { return [word] }
                if let words = child.value as? [String] { return words }
                if let refusal = child.value as? RefusalText {
                    return [refusal.title, refusal.happened, refusal.advice]
                }
                return []
            }
        }
        let pairs: [(Any, Any)] = [
            (FactorText.english, FactorText.german),
            (EnrolmentText.text(in: .english), EnrolmentText.text(in: .german)),
        ]
        for (english, german) in pairs {
            let (english, german) = (words(english), words(german))
            #expect(english.count == german.count && english.count > 20)
            for (one, other) in zip(english, german) where !["Code", "Name", "Passkey"].contains(one) {
                #expect(one != other && !one.isEmpty && !other.isEmpty)
            }
        }
        #expect(Set([0, 1, 2].map(FactorText.english.codesLeft)).count == 3)
        #expect(Set([0, 1, 2].map(FactorText.german.codesLeft)).count == 3)
    }
}
