import Outbound
import Testing

@testable import Gateway

@Suite("A doctor judges the login page and what no cache may keep")
struct PageCheckTests {
    @Test("a login page as it should be passes")
    func good() throws {
        let findings = LoginPageCheck.findings(try SeenGateway.observations())
        #expect(findings.map(\.name) == ["login-page", "login-cookies", "content-security-policy"])
        #expect(findings.allSatisfy { $0.verdict == .pass })
    }

    @Test("another status, another kind of answer or none fails, and nothing is said of cookies and policy")
    func noPage() throws {
        var seen = try SeenGateway.observations()
        for outcome: DoctorObservations.Outcome in [
            .success(SeenGateway.own(302)), .success(SeenGateway.own(200)), .failure(.broken("no HTTP")),
        ] {
            seen.login = outcome
            #expect(LoginPageCheck.findings(seen).map(\.verdict) == [.fail, .info, .info])
        }
    }

    @Test("a login on another host is judged there, with what was set on the way")
    func elsewhere() throws {
        var seen = try SeenGateway.observations()
        seen.login = .success(SeenGateway.departure())
        let there = try DoctorRequest(url: "https://id.example.org:8443", caFile: nil, resolve: [], configuration: nil)
        seen.signIn = .init(target: there.target, outcome: .success(SeenGateway.loginPage()))
        let good = LoginPageCheck.findings(seen)
        #expect(good.allSatisfy { $0.verdict == .pass })
        #expect(good.seen("login-page") == "https://id.example.org:8443/.gatehouse/login answers 200 with a page")
        seen.login = .success(SeenGateway.departure(cookie: "__Host-a=1; Secure; Path=/"))
        #expect(LoginPageCheck.findings(seen).verdict("login-cookies") == .fail)
        seen.signIn = .init(target: there.target, outcome: .failure(.certificateRefused("another name")))
        let bad = LoginPageCheck.findings(seen)
        #expect(bad.map(\.verdict) == [.fail, .info, .info])
        #expect(bad.first?.mend.contains("portal_host") == true)
    }

    @Test(
        "a cookie that lacks an attribute fails, and so does one with a Domain",
        arguments: [
            "__Host-a=1; HttpOnly; SameSite=Lax; Path=/", "__Host-a=1; Secure; SameSite=Lax; Path=/",
            "__Host-a=1; Secure; HttpOnly; Path=/", "__Host-a=1; Secure; HttpOnly; SameSite=None; Path=/",
            "__Host-a=1; Secure; HttpOnly; SameSite=Lax", "__Host-a=1; Secure; HttpOnly; SameSite=Lax; Path=/app",
            "a=1; Secure; HttpOnly; SameSite=Lax; Path=/",
            "__Host-a=1; Secure; HttpOnly; SameSite=Lax; Path=/; Domain=example.org", "",
        ])
    func badCookie(cookie: String) throws {
        var seen = try SeenGateway.observations()
        seen.login = .success(SeenGateway.loginPage(cookies: [SeenGateway.cookie, cookie]))
        #expect(LoginPageCheck.findings(seen).verdict("login-cookies") == .fail)
    }

    @Test("a login page without a cookie fails; order and case of attributes do not matter")
    func cookies() throws {
        var seen = try SeenGateway.observations()
        seen.login = .success(SeenGateway.loginPage(cookies: []))
        #expect(LoginPageCheck.findings(seen).verdict("login-cookies") == .fail)
        seen.login = .success(
            SeenGateway.loginPage(cookies: ["__Host-a=b; path=/;samesite=lax ;HTTPONLY; secure; Max-Age=60"]))
        #expect(LoginPageCheck.findings(seen).verdict("login-cookies") == .pass)
    }

    @Test(
        "a policy that lets scripts, frames or forms go astray fails",
        arguments: [
            [], ["frame-ancestors 'none'; form-action 'self'"],
            ["default-src 'self' 'unsafe-inline'; frame-ancestors 'none'; form-action 'self'"],
            ["default-src *; frame-ancestors 'none'; form-action 'self'"],
            ["default-src 'none'; script-src https:; frame-ancestors 'none'; form-action 'self'"],
            ["default-src 'none'; form-action 'self'"],
            ["default-src 'none'; frame-ancestors 'self'; form-action 'self'"],
            ["default-src 'none'; frame-ancestors 'none'"],
            ["default-src 'none'; frame-ancestors 'none'; form-action 'self' https:"],
        ])
    func badPolicy(policies: [String]) throws {
        var seen = try SeenGateway.observations()
        seen.login = .success(SeenGateway.loginPage(policies: policies))
        #expect(LoginPageCheck.findings(seen).verdict("content-security-policy") == .fail)
    }

    @Test("policies add up")
    func policies() throws {
        var seen = try SeenGateway.observations()
        let parts = ["default-src 'none'", "frame-ancestors 'none', form-action 'self'"]
        seen.login = .success(SeenGateway.loginPage(policies: parts))
        #expect(LoginPageCheck.findings(seen).verdict("content-security-policy") == .pass)
    }

    @Test("answers of ours that no cache keeps pass; one that a cache may keep fails by its name")
    func caches() throws {
        var seen = try SeenGateway.observations()
        #expect(OwnAnswersCheck.findings(seen).verdict("no-store") == .pass)
        seen.missing = .success(
            ProbeAnswer(status: 404, fields: [ProbeField("Cache-Control", "private, max-age=3600")]))
        #expect(OwnAnswersCheck.findings(seen).verdict("no-store") == .fail)
        #expect(OwnAnswersCheck.findings(seen).seen("no-store").hasSuffix(": a page that is missing"))
        seen.missing = .success(ProbeAnswer(status: 404, fields: [ProbeField("cache-control", "private, No-Store")]))
        #expect(OwnAnswersCheck.findings(seen).verdict("no-store") == .pass)
    }
}
