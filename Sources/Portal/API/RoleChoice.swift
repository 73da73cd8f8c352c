import Core

/// The roles that members of a tenant can have: the operator's catalogue and the tenant's own.
struct RoleChoice {
    let catalogue: [RoleName]
    let own: [RoleName]

    /// The roles of these names, each once, in the order given; an unknown one is refused with the nearest name.
    func roles(_ names: [String], field: String) throws(APIRefusal) -> [RoleName] {
        let known = catalogue + own
        var roles: [RoleName] = []
        for name in names {
            guard let role = RoleName(name), known.contains(role) else {
                throw APIRefusal(
                    .roleUnknown,
                    "\(QuotedInput.show(name)) is neither a role of the catalogue nor one of this tenant's; roles: "
                        + QuotedInput.list(known.map(\.text)),
                    field: field, suggestion: NearestName.find(name, among: known.map(\.text)))
            }
            if !roles.contains(role) { roles.append(role) }
        }
        return roles
    }

    /// A tenant's own roles of these names; one of the catalogue is refused, for a tenant cannot shadow it.
    static func ownRoles(_ names: [String], catalogue: [RoleName], field: String) throws(APIRefusal) -> [RoleName] {
        var roles: [RoleName] = []
        for name in names {
            guard let role = RoleName(name) else {
                throw APIRefusal(
                    .valueRefused,
                    "\(QuotedInput.show(name)) is no role's name; allowed: 1 to 63 of a-z, 0-9, '_' and '-'",
                    field: field)
            }
            guard !catalogue.contains(role) else {
                throw APIRefusal(
                    .valueRefused, "\(role) is in the operator's catalogue; a tenant's own roles have other names",
                    field: field)
            }
            if !roles.contains(role) { roles.append(role) }
        }
        return roles
    }
}
