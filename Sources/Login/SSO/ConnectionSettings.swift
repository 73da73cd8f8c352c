public import Core
public import SAML

/// One SAML connection of a tenant, as the tenant's file says it (`saml`).
public struct ConnectionSettings: Sendable, Hashable {
    /// `name`: stands in the connection's addresses.
    public var name: ConnectionName
    /// `display_name`: on the button of the login page.
    public var displayName: String
    /// `enabled`: a connection that is not answers to nobody, and its sessions end.
    public var isEnabled: Bool
    /// `metadata_file` or `metadata_url`.
    public var metadata: MetadataSource
    /// `entity_id`: what we call ourselves there; nil for the address of our metadata.
    public var entityID: String?
    /// `email_domains`: whose members it signs in, as `NormalizedEmail` has domains; empty for all of the tenant's.
    public var emailDomains: [String]
    /// `hosts`: at these its provider is asked at once, without a login page.
    public var hosts: [String]
    public var attributes: AttributeNames
    /// `role_mapping`, in the file's order; empty where the provider has no say in roles.
    public var roleMapping: [RoleMapping]
    public var provisioning: Provisioning
    /// `idp_initiated`.
    public var idpInitiated: IdPInitiated
    /// `name_id_format`: what is asked for.
    public var nameIDFormat: NameIDFormat
    /// `request_binding`: how requests travel.
    public var requestBinding: SAMLBinding
    /// `authentication_contexts`: of which the provider must give one; empty where any will do.
    public var contexts: [String]
    /// `force_authentication`: the provider asks anew at every sign-in.
    public var forcesAuthentication: Bool
    /// `encrypted_assertions: required`.
    public var requiresEncryption: Bool
    /// `counts_as_mfa`: the provider asks for a second factor, and no other one is asked for here.
    public var countsAsMFA: Bool
    /// `signature_algorithms`; never `insecureLegacy`.
    public var algorithms: AlgorithmPolicy
    /// `clock_skew`, at most `ResponseExpectations.longestSkew`.
    public var skew: Milliseconds
    /// `single_logout`.
    public var usesSingleLogout: Bool

    public init(
        name: ConnectionName, displayName: String, isEnabled: Bool = true, metadata: MetadataSource,
        entityID: String? = nil, emailDomains: [String] = [], hosts: [String] = [],
        attributes: AttributeNames = AttributeNames(), roleMapping: [RoleMapping] = [],
        provisioning: Provisioning = .existingOnly, idpInitiated: IdPInitiated = .disabled,
        nameIDFormat: NameIDFormat = .persistent, requestBinding: SAMLBinding = .redirect, contexts: [String] = [],
        forcesAuthentication: Bool = false, requiresEncryption: Bool = false, countsAsMFA: Bool = false,
        algorithms: AlgorithmPolicy = .current, skew: Milliseconds = ResponseExpectations.usualSkew,
        usesSingleLogout: Bool = true
    ) {
        self.name = name
        self.displayName = displayName
        self.isEnabled = isEnabled
        self.metadata = metadata
        self.entityID = entityID
        self.emailDomains = emailDomains
        self.hosts = hosts
        self.attributes = attributes
        self.roleMapping = roleMapping
        self.provisioning = provisioning
        self.idpInitiated = idpInitiated
        self.nameIDFormat = nameIDFormat
        self.requestBinding = requestBinding
        self.contexts = contexts
        self.forcesAuthentication = forcesAuthentication
        self.requiresEncryption = requiresEncryption
        self.countsAsMFA = countsAsMFA
        self.algorithms = algorithms
        self.skew = skew
        self.usesSingleLogout = usesSingleLogout
    }
}

/// Where the metadata of a connection's provider comes from.
public enum MetadataSource: Sendable, Hashable {
    /// `metadata_file`, read.
    /// - Parameter path: as the file stands in the configuration, for words.
    case file(document: [UInt8], path: String)
    /// `metadata_url`: an https address that is asked again and again.
    /// - Parameter caFile: `metadata_ca_file`, absolute: whose word its certificate is taken on; nil for this machine's
    ///   authorities.
    case url(String, caFile: String?)
}

/// `attributes`: what the provider calls them.
public struct AttributeNames: Sendable, Hashable {
    /// Nil: well-known names are tried, and then the NameID where it is an address.
    public var email: String?
    /// Nil: well-known names are tried.
    public var name: String?
    /// Nil: the provider says nothing of roles.
    public var roles: String?
    /// Whose value is the account at the provider; nil for the NameID.
    public var subject: String?

    public init(email: String? = nil, name: String? = nil, roles: String? = nil, subject: String? = nil) {
        self.email = email
        self.name = name
        self.roles = roles
        self.subject = subject
    }
}

/// One line of `role_mapping`: whoever has a value that fits has these roles.
public struct RoleMapping: Sendable, Hashable {
    /// Exactly the value, or with `*` for any characters, none included; `*` alone fits also where there is no value.
    public var pattern: String
    public var roles: [RoleName]

    public init(pattern: String, roles: [RoleName]) {
        self.pattern = pattern
        self.roles = roles
    }
}

/// `provisioning`: what becomes of somebody without an account.  The raw value is the configuration's word.
public enum Provisioning: String, CaseIterable, Sendable, Hashable {
    /// An account is made.
    case justInTime = "just_in_time"
    /// Nothing: accounts are made elsewhere.
    case existingOnly = "existing_only"
}

/// `idp_initiated`: what a response is worth that answers no request of this browser.  The raw value is the
/// configuration's word.
public enum IdPInitiated: String, CaseIterable, Sendable, Hashable {
    /// Nothing.
    case disabled
    /// Its assertion is thrown away, and the provider is asked anew.
    case restart
    /// A session: whoever has one can sign another browser in by it.
    case accept
}
