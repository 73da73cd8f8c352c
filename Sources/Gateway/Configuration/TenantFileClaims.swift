import Access
public import Core
public import Login
public import Portal
public import Store

/// What a tenant's file says about its tenant: the keys that stand in it, their values and places.
///
/// A file owns the keys that it names: they are set at every load, and no other way may change them.  A key that no
/// longer stands there is freed and keeps its value; so are all keys of a file that is gone.
public struct TenantFileClaims: Sendable, Hashable {
    /// Whose file it is.
    public var id: TenantID { settings.id }
    /// The file, as faults show it.
    public let file: String
    /// Every key that stands in the file but `id`, with its place.
    public let places: [String: SourcePosition]

    /// `session`; the file's alone, and not the store's.
    public let session: TenantSessionSettings?
    /// `branding`; the file's alone, and not the store's.
    public let branding: BrandSettings?
    /// `saml`; the file's alone, and not the store's.
    public internal(set) var connections: [ConnectionSettings]

    private let settings: TenantSettings
    private let emailDomains: [String]
    private let plan: String
    private let region: String
    private let signIn: SignInRule
    private let passkeys: PasskeyRule

    /// Keys that are not in `places` have their defaults in the other arguments, which are never used.
    init(
        settings: TenantSettings, emailDomains: [String], plan: String, region: String, signIn: SignInRule,
        passkeys: PasskeyRule, file: String, places: [String: SourcePosition], session: TenantSessionSettings? = nil,
        branding: BrandSettings? = nil, connections: [ConnectionSettings] = []
    ) {
        self.session = session
        self.branding = branding
        self.connections = connections
        self.settings = settings
        self.emailDomains = emailDomains
        self.plan = plan
        self.region = region
        self.signIn = signIn
        self.passkeys = passkeys
        self.file = file
        self.places = places
    }

    /// The store's tenant's keys, as a file spells them; the only ones that `apply` knows.
    enum Key: String, CaseIterable {
        case name, hosts, plan, region, roles, mfa, webauthn, suspended
        case emailDomains = "email_domains"
        case allowedNetworks = "allowed_networks"
        case signIn = "sign_in"
    }

    /// Sets exactly what the file names, and `keysOwnedByFile`.  An ended tenant stays ended.
    public func apply(to tenant: inout Tenant) {
        for key in Key.allCases where places[key.rawValue] != nil {
            switch key {
            case .name: tenant.name = settings.name
            case .hosts: tenant.hosts = settings.hosts
            case .emailDomains: tenant.emailDomains = emailDomains
            case .plan: tenant.plan = plan
            case .region: tenant.region = region
            case .roles: tenant.ownRoles = settings.ownRoles
            case .mfa:
                tenant.secondFactor = secondFactor
                tenant.secondFactorGrace = settings.secondFactorGrace
            case .webauthn: tenant.passkeys = passkeys
            case .allowedNetworks: tenant.allowedNetworks = settings.allowedNetworks
            case .signIn: tenant.signIn = signIn
            case .suspended:
                if tenant.state != .ended { tenant.state = settings.isSuspended ? .suspended : .active }
            }
        }
        tenant.keysOwnedByFile = places.keys.filter { Key(rawValue: $0) != nil }.sorted()
    }

    /// The tenant of a file whose tenant the store does not have yet.
    public var newTenant: Tenant {
        var tenant = Tenant(id: id, name: settings.name)
        apply(to: &tenant)
        return tenant
    }

    /// Frees every key of a tenant that no file names any longer; values stay.
    public static func free(_ tenant: inout Tenant) { tenant.keysOwnedByFile = [] }

    private var secondFactor: Tenant.SecondFactor {
        switch settings.secondFactor {
        case .none: .none
        case .optional: .optional
        case .required: .required
        case .requiredForRoles(let roles): .requiredForRoles(roles)
        }
    }
}
