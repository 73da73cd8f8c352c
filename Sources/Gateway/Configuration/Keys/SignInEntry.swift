import Core
import Store

/// A tenant's `sign_in` as written.
struct SignInEntry: Sendable {
    /// Nil where all are meant that the plan includes.
    let methods: [Located<SignInMethod>]?
    let breakGlass: [String]
    let ssoDomains: SSODomains
    /// Where it begins.
    let place: Located<Void>

    static let methodsKey = OptionalKey(
        "methods",
        ValueType<[Located<SignInMethod>]>.locatedSet(of: .signInMethod, count: 0...PlanEntry.mostWords),
        "Ways to sign in that its members have; without the key all that its plan includes.")
    static let breakGlassKey = DefaultedKey(
        "break_glass",
        ValueType<[String]>.set(of: .emailAddress, count: 0...SignInRule.longestBreakGlass), default: "[]",
        "Addresses of accounts that may sign in by password whatever methods says.")

    static let ssoDomainsKey = DefaultedKey(
        "sso_domains", ValueType<SSODomains>.choice("a rule for domains of connections"), default: "optional",
        "enforced: addresses in a domain of a connection sign in by it alone, those of break_glass apart.")

    static let type = ValueType<SignInEntry>.mapping([methodsKey, breakGlassKey, ssoDomainsKey]) { section, _ in
        SignInEntry(
            methods: section[methodsKey], breakGlass: section[breakGlassKey], ssoDomains: section[ssoDomainsKey],
            place: section.place)
    }

    /// The rule, as logins ask it.
    var rule: SignInRule {
        SignInRule(methods: methods?.map(\.value), breakGlass: breakGlass, ssoDomains: ssoDomains)
    }
}

extension ValueType where Value == String {
    /// An e-mail address, as look-ups spell it.
    static var emailAddress: ValueType {
        let shape = ScalarShape(
            noun: "an e-mail address", allowed: "name@domain, at most \(NormalizedEmail.longest) bytes",
            json: .object([("type", .string("string")), ("pattern", .string("^[^@]+@[^@]+$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard let email = NormalizedEmail(text) else {
                throw ScalarProblem("\(ShownText.quoted(text)) is not an e-mail address")
            }
            return email.text
        }
    }
}
