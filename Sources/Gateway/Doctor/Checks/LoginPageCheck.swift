import Outbound

/// The login page is there, its cookies stay in their browser, and its policy lets no foreign script or frame in.
enum LoginPageCheck {
    static func findings(_ seen: DoctorObservations) -> [DoctorFinding] {
        guard let signIn = seen.signIn else { return findings(seen.login, at: "/.gatehouse/login") }
        // What the first answer set is judged with the page that it leads to.
        let cookies = (try? seen.login.get())?.values("set-cookie") ?? []
        return findings(signIn.outcome, at: signIn.target.url("/.gatehouse/login"), further: cookies)
    }

    /// - Parameters:
    ///   - place: how the page is named.
    ///   - further: cookies that were set on the way.
    private static func findings(
        _ outcome: DoctorObservations.Outcome, at place: String, further: [String] = []
    ) -> [DoctorFinding] {
        let others = ["login-cookies", "content-security-policy"]
        let mend = further.isEmpty ? mend : mendElsewhere
        guard case .success(let answer) = outcome else {
            let words = if case .failure(let failure) = outcome { "\(failure)" } else { "" }
            let seen = further.isEmpty ? "no answer: \(words)" : "no answer from \(place): \(words)"
            return [DoctorFinding("login-page", .fail, seen, mend: mend)] + others.map(unseen)
        }
        let type = answer.values("content-type").first ?? "none"
        guard answer.status == 200, type.lowercased().hasPrefix("text/html") else {
            let way = answer.values("location").first.map { ", to \(ShownText.escaped($0))" } ?? ""
            return [
                DoctorFinding(
                    "login-page", .fail,
                    "\(place) answers \(answer.status)\(way), content type \(ShownText.escaped(type))",
                    mend: mend)
            ] + others.map(unseen)
        }
        return [
            DoctorFinding("login-page", .pass, "\(place) answers 200 with a page"),
            cookies(further + answer.values("set-cookie")), policy(answer.values("content-security-policy")),
        ]
    }

    private static let mend =
        "see that the URL is Gatehouse's own, and that whatever stands before it leaves /.gatehouse/ to it"

    private static let mendElsewhere =
        "members sign in on portal_host, or on the first host of their tenant: let its name lead to Gatehouse, and its certificate name it"

    private static func unseen(_ name: String) -> DoctorFinding {
        DoctorFinding(name, .info, "not checkable: there is no login page")
    }

    // MARK: Cookies (RFC 6265bis §4.1)

    private static func cookies(_ fields: [String]) -> DoctorFinding {
        let name = "login-cookies"
        guard !fields.isEmpty else {
            return DoctorFinding(
                name, .fail, "the login page sets no cookie",
                mend: "let whatever stands before Gatehouse hand on Set-Cookie")
        }
        let faults = fields.flatMap(faults)
        guard faults.isEmpty else {
            return DoctorFinding(
                name, .fail, faults.joined(separator: "; "),
                mend: "let whatever stands before Gatehouse hand on Set-Cookie as it is")
        }
        let names = ShownText.list(fields.map(cookieName))
        return DoctorFinding(name, .pass, "\(names): Secure, HttpOnly, SameSite=Lax, Path=/, no Domain")
    }

    private static func cookieName(_ field: String) -> String { String(field.prefix { $0 != "=" && $0 != ";" }) }

    private static func faults(_ field: String) -> [String] {
        let attributes = field.split(separator: ";").dropFirst().map { part in
            part.filter { $0 != " " && $0 != "\t" }.lowercased()
        }
        let name = cookieName(field)
        let shown = ShownText.escaped(name)
        var faults: [String] = []
        if !name.hasPrefix("__Host-") { faults.append("\(shown) does not begin with __Host-") }
        for (wanted, words) in [
            ("secure", "Secure"), ("httponly", "HttpOnly"), ("samesite=lax", "SameSite=Lax"), ("path=/", "Path=/"),
        ] where !attributes.contains(wanted) {
            faults.append("\(shown) is not \(words)")
        }
        if attributes.contains(where: { $0.hasPrefix("domain=") }) { faults.append("\(shown) has a Domain") }
        return faults
    }

    // MARK: Content-Security-Policy (CSP Level 3)

    private static func policy(_ fields: [String]) -> DoctorFinding {
        let name = "content-security-policy"
        let mend =
            "let whatever stands before Gatehouse hand on its Content-Security-Policy and add none that is looser"
        guard !fields.isEmpty else { return DoctorFinding(name, .fail, "the login page has none", mend: mend) }
        // Each policy restricts further, so what one of them says is said.
        let policies = fields.flatMap { $0.split(separator: ",") }.map { directives(String($0)) }
        var faults: [String] = []
        if !policies.contains(where: { limitsScripts($0) }) { faults.append("scripts of anywhere may run") }
        if !policies.contains(where: { $0["frame-ancestors"] == ["'none'"] }) {
            faults.append("other pages may frame it (frame-ancestors is not 'none')")
        }
        if !policies.contains(where: { $0["form-action"]?.contains("'self'") == true && !isOpen($0["form-action"]) }) {
            faults.append("its forms may be sent elsewhere (form-action)")
        }
        guard faults.isEmpty else { return DoctorFinding(name, .fail, faults.joined(separator: "; "), mend: mend) }
        return DoctorFinding(name, .pass, "no foreign or inline script, no frame, forms to itself alone")
    }

    private static func limitsScripts(_ policy: [String: [String]]) -> Bool {
        guard let sources = policy["script-src"] ?? policy["default-src"] else { return false }
        return !isOpen(sources) && !sources.contains("'unsafe-inline'") && !sources.contains("'unsafe-eval'")
    }

    /// Lets everybody in.
    private static func isOpen(_ sources: [String]?) -> Bool {
        sources?.contains { ["*", "http:", "https:", "data:"].contains($0) } ?? true
    }

    /// Directive → its sources, lower-case; of two of one name the first counts (CSP3 §2.2.1).
    private static func directives(_ policy: String) -> [String: [String]] {
        var found: [String: [String]] = [:]
        for part in policy.split(separator: ";") {
            let words = part.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
            guard let name = words.first, found[name] == nil else { continue }
            found[name] = Array(words.dropFirst())
        }
        return found
    }
}
