import Core
public import Store
public import WebAuthn

/// For whom a tenant's passkeys are made, and where they may be used (WebAuthn L3 §4 "relying party").
public struct PasskeyRealm: Sendable, Hashable {
    /// The algorithms that a new passkey may have, as COSE numbers, the preferred one first.
    public static let algorithms: [Int] = COSEAlgorithm.allCases.map(\.rawValue)

    /// The relying party id of passkeys that are made from now on: a domain, without port.
    public var rpID: String
    /// The tenant's display name.
    public var name: String
    /// `https://host[:port]` of every page that may ask for them.
    public var origins: [String]
    /// What a new passkey's authenticator has to say of itself.
    public var attestation: AttestationRule
    /// Models that may be used; empty: any.
    public var allowed: [AAGUID]
    /// Models that may not be used.
    public var denied: [AAGUID]
    /// Whether a passkey alone signs in, by the tenant's rule and plan.
    public var signsIn: Bool

    public init(
        rpID: String, name: String, origins: [String], attestation: AttestationRule = .any, allowed: [AAGUID] = [],
        denied: [AAGUID] = [], signsIn: Bool = true
    ) {
        self.rpID = rpID
        self.name = name
        self.origins = origins
        self.attestation = attestation
        self.allowed = allowed
        self.denied = denied
        self.signsIn = signsIn
    }

    /// A tenant's own, by its rule and plan; nil where the rule names a model that is none.
    /// - Parameter rpID: as it was chosen among rule, hosts and public URL.
    public init?(of tenant: Tenant, rpID: String, origins: [String], plans: PlanBook) {
        let (allowed, denied) = (tenant.passkeys.allow.map { AAGUID($0) }, tenant.passkeys.deny.map { AAGUID($0) })
        guard !allowed.contains(nil), !denied.contains(nil) else { return nil }
        self.init(
            rpID: rpID, name: tenant.name, origins: origins,
            attestation: tenant.passkeys.attestation == .attested ? .attested : .any,
            allowed: allowed.compactMap(\.self), denied: denied.compactMap(\.self),
            signsIn: plans.plan(tenant.plan).methods.contains(.passkey)
                && tenant.signIn.methods?.contains(.passkey) ?? true)
    }

    /// Whether the browser is to ask the authenticator what it is (`attestation: "direct"`, else `"none"`).
    public var asksForAttestation: Bool { attestation == .attested || !allowed.isEmpty || !denied.isEmpty }

    /// What a ceremony is verified against.
    /// - Parameter rpID: of the credential, where there is one.
    func party(rpID: String? = nil, requiresUserVerification: Bool) -> RelyingParty {
        RelyingParty(
            rpID: rpID ?? self.rpID, origins: origins, requiresUserVerification: requiresUserVerification,
            algorithms: COSEAlgorithm.allCases, attestation: attestation, allowed: allowed, denied: denied)
    }
}

/// What `navigator.credentials.get()` is given besides the challenge (WebAuthn L3 §5.5).
public struct PasskeyRequest: Sendable, Hashable {
    /// A passkey that is asked for.
    public struct Credential: Sendable, Hashable {
        public let id: [UInt8]
        /// How its authenticator is reached, as the browser said once.
        public let transports: [String]

        public init(id: [UInt8], transports: [String]) {
            self.id = id
            self.transports = transports
        }
    }

    public let rpID: String
    /// Empty: any passkey that the authenticator has for this relying party.
    public let credentials: [Credential]
    /// `userVerification`: `required`, else `preferred`.
    public let requiresUserVerification: Bool

    public init(rpID: String, credentials: [Credential], requiresUserVerification: Bool) {
        self.rpID = rpID
        self.credentials = credentials
        self.requiresUserVerification = requiresUserVerification
    }
}

/// What `navigator.credentials.create()` is given besides the challenge (WebAuthn L3 §5.4).
public struct PasskeyCreation: Sendable, Hashable {
    public let realm: PasskeyRealm
    /// `user.id`: random, and the same for all passkeys of the member (WebAuthn L3 §14.6.1).
    public let userHandle: [UInt8]
    /// `user.name`: the e-mail address.
    public let userName: String
    /// `user.displayName`.
    public let displayName: String
    /// `excludeCredentials`: those that the member has.
    public let excluded: [PasskeyRequest.Credential]

    public init(
        realm: PasskeyRealm, userHandle: [UInt8], userName: String, displayName: String,
        excluded: [PasskeyRequest.Credential]
    ) {
        self.realm = realm
        self.userHandle = userHandle
        self.userName = userName
        self.displayName = displayName
        self.excluded = excluded
    }
}
