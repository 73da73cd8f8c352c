/// Why settings cannot be compiled.  `Gateway` finds these earlier, with file, line and column; here they
/// are the last line of defence, so that no snapshot exists that means something else than was written.
public enum AccessSettingsFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// A host of `public_url`, `shared_hosts` or a tenant that is no host name or address.
    case hostMalformed(String)
    /// A host that two tenants claim, or a tenant and the shared hosts.
    case hostRepeated(String)
    /// Two tenants with one id.
    case tenantRepeated(String)
    /// A `match.host` that is neither a host, nor `*.` and a host, nor `*`.
    case patternMalformed(route: String, host: String)
    /// A `match.path` that no canonical path could match.
    case pathMalformed(route: String, path: String)
    /// A `prefix_rewrite` that is no plain folder, reaches one of our own paths, or stands beside a path of one page.
    case rewriteMalformed(route: String, replacement: String)
    /// A route that names a role outside the catalogue.
    case roleUnknown(route: String, role: String)
    /// A tenant's own role that bears the name of a catalogue role.
    case roleShadowed(tenant: String, role: String)
    /// Routes name more than 64 different roles.
    case tooManyRoles(Int)
    /// More than 65,535 routes.
    case tooManyRoutes(Int)

    public var description: String {
        switch self {
        case .hostMalformed(let host): "\"\(host)\" is no host name or address"
        case .hostRepeated(let host): "host \"\(host)\" is claimed twice"
        case .tenantRepeated(let tenant): "tenant \"\(tenant)\" is there twice"
        case .patternMalformed(let route, let host):
            "route \"\(route)\": \"\(host)\" is no host pattern; allowed: a host, *.example.org, *"
        case .pathMalformed(let route, let path):
            "route \"\(route)\": \"\(path)\" is no path pattern; it starts with / and has no empty, . or .. segment, "
                + "semicolon, backslash or control"
        case .rewriteMalformed(let route, let replacement):
            "route \"\(route)\": \"\(replacement)\" cannot stand in place of its path"
        case .roleUnknown(let route, let role): "route \"\(route)\": role \"\(role)\" is not in the catalogue"
        case .roleShadowed(let tenant, let role):
            "tenant \"\(tenant)\": own role \"\(role)\" bears the name of a catalogue role"
        case .tooManyRoles(let count): "routes name \(count) roles; at most 64"
        case .tooManyRoutes(let count): "\(count) routes; at most 65535"
        }
    }
}
