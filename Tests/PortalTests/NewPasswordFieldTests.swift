import Access
import Core
import Foundation
import Login
import Testing

@testable import Portal

@Suite("The field for a new password says what is asked for, without script")
struct NewPasswordFieldTests {
    private func policy() -> PasswordPolicy {
        PasswordPolicy(
            settings: PasswordSettings(blocklist: PasswordList(["heronry"])), common: PasswordSetting.commonPasswords,
            breaches: BreachCheck())
    }

    private func html(_ typed: String?, _ language: PageLanguage = .english) async throws -> String {
        let policy = policy()
        var field = NewPasswordField(rules: policy.rules, language: language)
        if let typed {
            field.verdict = try await policy.judge(
                SecretBytes(copying: Array(typed.utf8)), of: PasswordOwner(name: "Erika Stone"), former: [],
                clock: { MonotonicInstant(milliseconds: 1) }, compare: { _, _ in false })
        }
        let templates = try pages().templates
        return templates.render(templates.newPassword, field.values)
    }

    @Test("before a submit every rule stands beside the field, and no meter")
    func before() async throws {
        let html = try await html(nil)
        #expect(html.contains(#"autocomplete="new-password""#))
        #expect(html.contains(#"aria-describedby="password-rules""#))
        #expect(html.contains(#"<li class="unchecked">at least 12 characters</li>"#))
        #expect(html.contains("none of the 10,000 most common passwords"))
        #expect(html.contains("none of your last 6 passwords"))
        #expect(html.components(separatedBy: "<li").count - 1 == policy().rules.count)
        #expect(!html.contains("<meter") && !html.contains("aria-invalid"))
    }

    @Test("after a submit the meter is filled, each rule is kept or broken in words, and the password is not there")
    func after() async throws {
        let weak = try await html("P@ssw0rd<&2026")
        #expect(weak.contains(#"min="0" max="4" low="2" high="3" optimum="4" value="0">very weak</meter>"#))
        #expect(weak.contains(#"<li class="kept">a digit <em>(done)</em></li>"#))
        #expect(weak.contains(#"<li class="broken">The password is one of the 10,000"#))
        #expect(weak.contains(#"aria-invalid="true""#))
        #expect(!weak.contains("P@ssw0rd"))
        let good = try await html("Seven-Herons_4-Lunch")
        #expect(good.contains(#"value="4">strong</meter>"#) && !good.contains("broken"))
    }

    @Test("German says the same")
    func german() async throws {
        let html = try await html("kurz", .german)
        for words in [
            "Neues Passwort", "Das Passwort ist zu kurz; erlaubt: mindestens 12 Zeichen.", "(noch nicht)",
            "Das Passwort enthält keine Ziffer.", "sehr schwach", "keines Ihrer letzten 6 Passwörter",
        ] { #expect(html.contains(words), "\(words)") }
    }

    @Test("every rule has its own words in both languages")
    func words() {
        let rules: [PasswordRule] =
            [
                .text, .minimumLength(12), .maximumLength(4096), .repeats, .common, .blocklist, .personalData,
                .history(1), .history(5), .breach,
            ] + PasswordSettings.CharacterClass.allCases.map { .character($0) }
        for language in [PageLanguage.english, .german] {
            let texts = rules.map { PasswordRuleText.text(of: $0, in: language) }
            #expect(Set(texts).count == rules.count)
            #expect(texts.allSatisfy { !$0.demand.hasSuffix(".") && $0.refusal.hasSuffix(".") })
        }
        for rule in rules {
            #expect(PasswordRuleText.text(of: rule, in: .english) != PasswordRuleText.text(of: rule, in: .german))
        }
    }
}
