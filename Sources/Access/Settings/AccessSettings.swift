public import Core

/// What the access decision is configured with: every host, route, role and tenant.  `Gateway` fills it
/// from the configuration files, already checked; `AccessSnapshot` compiles it.
public struct AccessSettings: Sendable, Hashable {
    /// `public_url`, taken apart: the host, lower-case, and the port (443 where none was written).
    public var publicHost: String
    public var publicPort: UInt16
    /// `shared_hosts`: hosts of no single tenant, besides `publicHost`; lower-case, without ports.
    public var sharedHosts: [String]
    /// `portal_host`: the pages of the portal have it for themselves; nil where every host has them.
    public var portalHost: String?
    /// `routes`, in the order of the file: the first match wins.
    public var routes: [RouteSettings]
    /// `roles`: the catalogue that routes may name.
    public var roles: [RoleSettings]
    /// One for each file of `tenants_directory`.
    public var tenants: [TenantSettings]
    /// `identity_headers.encoding`.
    public var identityEncoding: IdentityEncoding

    public init(
        publicHost: String = "localhost", publicPort: UInt16 = 443, sharedHosts: [String] = [],
        routes: [RouteSettings] = [], roles: [RoleSettings] = RoleSettings.standardCatalogue,
        tenants: [TenantSettings] = [], identityEncoding: IdentityEncoding = .percent
    ) {
        self.publicHost = publicHost
        self.publicPort = publicPort
        self.sharedHosts = sharedHosts
        self.routes = routes
        self.roles = roles
        self.tenants = tenants
        self.identityEncoding = identityEncoding
    }
}

/// How names and addresses stand in identity headers.
public enum IdentityEncoding: String, Sendable, CaseIterable, Hashable {
    /// Percent-encoded UTF-8; `%`, `,` and controls included, printable ASCII kept.
    case percent
    /// UTF-8 as it is; a value with a control character is percent-encoded all the same.
    case raw
}

/// One entry of `roles`.
public struct RoleSettings: Sendable, Hashable {
    /// Who may give the role to a member.
    public enum Assigner: String, Sendable, CaseIterable, Hashable { case tenant, `operator` }

    public var name: RoleName
    /// `default`: every member has it.
    public var isDefault: Bool
    public var assignableBy: Assigner

    public init(name: RoleName, isDefault: Bool = false, assignableBy: Assigner = .tenant) {
        self.name = name
        self.isDefault = isDefault
        self.assignableBy = assignableBy
    }

    /// `user` for everybody and `admin`, given by the tenant.
    public static let standardCatalogue: [RoleSettings] = ["user", "admin"].compactMap { name in
        RoleName(name).map { RoleSettings(name: $0, isDefault: name == "user") }
    }
}

/// One file of `tenants_directory`.
public struct TenantSettings: Sendable, Hashable {
    public var id: TenantID
    /// Display name.
    public var name: String
    /// `hosts`: these are this tenant's alone; lower-case, without ports.
    public var hosts: [String]
    /// `roles`: its own, besides the catalogue; they reach the header, never a route's rule.
    public var ownRoles: [RoleName]
    /// `mfa`.
    public var secondFactor: SecondFactorRule
    /// `mfa.grace`: for how long members who have no second factor yet get by without one, from the first sign-in that
    /// asks them for it; 0 for none.  Sessions carry what it comes to (`SessionEntry.secondFactorDueAt`).
    public var secondFactorGrace = Milliseconds(0)
    /// `allowed_networks`: empty allows every address.
    public var allowedNetworks: [AddressRange]
    /// A suspended tenant's requests are refused with `tenant-suspended`.
    public var isSuspended: Bool

    public init(
        id: TenantID, name: String, hosts: [String] = [], ownRoles: [RoleName] = [],
        secondFactor: SecondFactorRule = .optional, allowedNetworks: [AddressRange] = [], isSuspended: Bool = false
    ) {
        self.id = id
        self.name = name
        self.hosts = hosts
        self.ownRoles = ownRoles
        self.secondFactor = secondFactor
        self.allowedNetworks = allowedNetworks
        self.isSuspended = isSuspended
    }
}

/// A tenant's `mfa` key: who must have proved a second factor before anything is forwarded.
public enum SecondFactorRule: Sendable, Hashable {
    case none, optional, required
    /// `{ roles: […] }`: members with one of these roles.
    case requiredForRoles([RoleName])
}
