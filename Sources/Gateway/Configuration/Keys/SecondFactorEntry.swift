import Access
import Core

/// A tenant's `mfa` as written: one word, or whom it asks and how long they have.
struct SecondFactorEntry: Sendable {
    let rule: SecondFactorRule
    /// The roles that it names, to be found in the catalogue or among the tenant's own.
    var roles: [Located<RoleName>] = []
    /// For how long members who have none yet get by without one.
    var grace = Milliseconds(0)

    /// The forms of one word.
    enum Word: String, Sendable, CaseIterable { case none, optional, required }

    static let requiredKey = OptionalKey("required", ValueType<Bool>.boolean.located, "true for every member.")
    static let rolesKey = OptionalKey(
        "roles", ValueType<[Located<RoleName>]>.locatedSet(of: .roleName, count: 1...100),
        "Members with one of these roles.")
    static let graceKey = DefaultedKey(
        "grace", ValueType<Milliseconds>.duration(Milliseconds(0)...(.hours(90 * 24))), default: "0s",
        "For how long members who have none yet get by without one, from the first sign-in that asks them for it.")

    static let type = ValueType<SecondFactorEntry>.either(
        word: ValueType<Word>.choice("a second-factor rule").map { word in
            switch word {
            case .none: SecondFactorEntry(rule: .none)
            case .optional: SecondFactorEntry(rule: .optional)
            case .required: SecondFactorEntry(rule: .required)
            }
        },
        mapping: .mapping([requiredKey, rolesKey, graceKey]) { section, reader in
            let (required, roles, grace) = (section[requiredKey], section[rolesKey], section[graceKey])
            guard section.has(requiredKey) != section.has(rolesKey) else {
                let problem = section.has(rolesKey) ? "both required and roles stand here" : "nobody is named here"
                reader.report(
                    section.place, problem, allowed: "allowed: required: true, or roles",
                    remedy: section.has(rolesKey) ? "delete one" : "name one, or write optional or none")
                return nil
            }
            if let roles {
                return SecondFactorEntry(rule: .requiredForRoles(roles.map(\.value)), roles: roles, grace: grace)
            }
            guard let required else { return nil }
            guard required.value else {
                reader.report(
                    required, "false would ask nobody", allowed: "allowed: true", remedy: "write mfa: optional or none")
                return nil
            }
            return SecondFactorEntry(rule: .required, grace: grace)
        })
}
