import Access
import Core
import HTTPTypes
import Login
import Testing

@testable import Portal

@Suite("A passkey as the second factor")
struct SecondFactorPasskeyTests {
    private static let totp = "/.gatehouse/login/totp"
    private static let recovery = "/.gatehouse/login/recovery-code"
    private static let passkey = "/.gatehouse/login/passkey"

    @Test("a passkey stands beside the app, asked for by a script whose hash the policy names")
    func passkeyBeside() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(
            .secondFactor(try FactorScript.step([.passkey, .totp, .recoveryCode], passkey: FactorScript.request)))
        let form = try #require(page.form(to: Self.passkey))
        #expect(form.attribute("data-passkey") == "get" && form.has("hidden") && !form.has("data-conditional"))
        #expect(form.attribute("data-options")?.contains("\"rpId\":\"acme.example.org\"") == true)
        #expect(form.attribute("data-cancelled")?.isEmpty == false)
        #expect(form.html.contains("role=\"alert\" hidden"))
        #expect(!page.html.contains("data-without-passkeys>"))
        let policy = try #require(page.response.head.headerFields[.contentSecurityPolicy])
        #expect(policy.contains("script-src 'sha256-q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s='"))
        #expect(!policy.contains("unsafe"))
        #expect(page.html.between("<script>", "</script>") == Asset.passkeys.text)
        // Its answer is held against the challenge that was in the page.
        let challenge = try #require(form.attribute("data-options")?.between("\"challenge\":\"", "\""))
        let signedIn = try stage.world.signedIn(token: "acme.one")
        stage.script.with { $0.factorOutcomes = [.ended(.signedIn(signedIn))] }
        #expect(try await stage.browser.submit(form, ["passkey": FactorScript.assertion]).location == "/a")
        guard case .passkey(let assertion, let answered) = stage.script.with({ $0.proofs.first }) else {
            Issue.record("no passkey arrived")
            return
        }
        #expect(assertion == PortalPasskey.assertion(FactorScript.assertion))
        #expect(Base64.encode(answered, alphabet: .url) == challenge && answered.count == 32)
    }

    @Test("where there is only a passkey the page says what a browser without scripts can do")
    func passkeyAlone() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let page = await stage.password(
            .secondFactor(try FactorScript.step([.passkey, .recoveryCode], passkey: FactorScript.request)))
        #expect(page.form(to: Self.totp) == nil)
        #expect(page.html.contains("<p data-without-passkeys>This browser knows no passkeys"))
        #expect(page.form(to: Self.recovery) != nil)
    }

    @Test("the page and its fault come again where the passkey's field cannot be read, without a guess")
    func unreadablePasskey() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let step = try FactorScript.step([.passkey, .recoveryCode], passkey: FactorScript.request)
        let page = await stage.password(.secondFactor(step))
        stage.world.say(.secondFactor(step))
        let again = try await stage.browser.submit(page.form(to: Self.passkey), ["passkey": "{"])
        #expect(again.status == 422 && again.fault?.isEmpty == false)
        #expect(stage.script.with { $0.proofs.isEmpty })
        #expect(stage.world.with { $0.begun } == [step.member])
    }
}
