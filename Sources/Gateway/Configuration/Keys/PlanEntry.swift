import Core
import Login

/// One entry of `plans` as written.
struct PlanEntry: Sendable {
    let name: Located<String>
    let settings: Settings

    /// What stands under the name.
    struct Settings: Sendable {
        let methods: [SignInMethod]
        let features: [PlanFeature]
    }

    /// Entries of a list; more than there are words, so that one that is none is told by its name.
    static let mostWords = 16

    static let signInKey = DefaultedKey(
        "sign_in", ValueType<[SignInMethod]>.set(of: .signInMethod, count: 0...mostWords),
        default: "[password, passkey]", "Ways to sign in that the plan includes; without the key all that there are.")
    static let featuresKey = DefaultedKey(
        "features", ValueType<[PlanFeature]>.set(of: .choice("a feature"), count: 0...mostWords),
        default: "[own_roles, allowed_networks]",
        "What else it includes: a tenant's own roles, networks that its members come from.")

    static let type = ValueType<Settings>.mapping([signInKey, featuresKey]) { section, _ in
        Settings(methods: section[signInKey], features: section[featuresKey])
    }

    /// The plan, as logins and the API ask it.
    var plan: PlanSettings {
        PlanSettings(name: name.value, methods: settings.methods, features: settings.features)
    }
}

extension ValueType where Value == SignInMethod {
    /// A way to sign in.
    static var signInMethod: ValueType {
        let words = SignInMethod.allCases.map(\.rawValue)
        let shape = ScalarShape(
            noun: "a way to sign in", allowed: words.joined(separator: ", "),
            json: .object([("enum", .array(words.map { .string($0) }))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard let method = SignInMethod(rawValue: text) else {
                throw ScalarProblem(
                    "\(ShownText.quoted(text)) is not a way to sign in",
                    remedy: Spelling.suggestion(for: text, among: words))
            }
            return method
        }
    }
}
