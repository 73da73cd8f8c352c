import Access
import Core

/// A route's `access` as written.
struct AccessEntry: Sendable {
    let rule: AccessRule
    /// The roles that it names, to be found in the catalogue.
    let roles: [Located<RoleName>]

    /// The forms of one word.
    enum Word: String, Sendable, CaseIterable { case `public`, optional, authenticated }

    static let rolesKey = OptionalKey(
        "roles", ValueType<[Located<RoleName>]>.locatedSet(of: .roleName, count: 1...100),
        "One of these roles of the catalogue.")
    static let mfaKey = OptionalKey("mfa", AccessEntry.mfaType, "A second factor.")
    static let networksKey = OptionalKey(
        "networks", ValueType<[AddressRange]>.set(of: .addressRange, count: 1...1000),
        "An address in one of these networks.")
    static let withinKey = RequiredKey(
        "within", ValueType<Milliseconds>.duration(.minutes(1)...(.hours(30 * 24))),
        "How long ago the second factor may have been proved, such as 12h.")

    static let mfaType = ValueType<Milliseconds>.mapping([withinKey]) { section, _ in section[withinKey] }

    static let type = ValueType<AccessEntry>.either(
        word: ValueType<Word>.choice("an access rule").map { word in
            switch word {
            case .public: AccessEntry(rule: .public, roles: [])
            case .optional: AccessEntry(rule: .optional, roles: [])
            case .authenticated: AccessEntry(rule: .authenticated, roles: [])
            }
        },
        mapping: .mapping([rolesKey, mfaKey, networksKey]) { section, reader in
            guard section.has(rolesKey) || section.has(mfaKey) || section.has(networksKey) else {
                reader.report(
                    section.place, "no requirement stands here",
                    allowed: "allowed: roles, mfa, networks, at least one of them",
                    remedy: "write authenticated for any member")
                return nil
            }
            let (roles, within, networks) = (section[rolesKey], section[mfaKey], section[networksKey])
            let requirements = AccessRule.Requirements(
                roles: (roles ?? []).map(\.value), secondFactorWithin: within, networks: networks ?? [])
            return AccessEntry(rule: .restricted(requirements), roles: roles ?? [])
        })
}

extension ValueType where Value == RoleName {
    /// A role's name.
    static var roleName: ValueType {
        ValueType<String>.name(.identifier("a role name")).map { RoleName($0) }
    }
}
