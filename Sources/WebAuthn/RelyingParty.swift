/// Which registrations are taken, by what is known of the authenticator (WebAuthn L3 §6.5.3).
public enum AttestationRule: Sendable, Hashable {
    /// Any: without attestation, by the credential's own key, by a certificate.  A statement in a format that is not
    /// verified here counts as none (`Attestation.unattested`); a wrong one in a format that is, is refused.
    case any
    /// Only where a certificate signed as those of authenticators' makers do: `packed` with `x5c`.  The certificate comes
    /// with the statement and is followed to no root, so software that makes one itself passes too.
    case attested
}

/// Whether a ceremony may run in a frame of another site's page (WebAuthn L3 §7.1 steps 10 and 11, §7.2 steps 13, 14).
public enum Embedding: Sendable, Hashable {
    /// Never.
    case refused
    /// Below a page of one of these origins.  Clients that do not tell the page's origin are believed.
    case within(topOrigins: [String])
}

/// What the server of a ceremony expects (WebAuthn L3 §4 "relying party").
public struct RelyingParty: Sendable, Hashable {
    /// The RP ID that the credential is scoped to: a domain, lower-case, without port.
    public var rpID: String
    /// The origins that may run the ceremony, as browsers write them (`https://host`, a port only where it is not 443);
    /// compared octet by octet.
    public var origins: [String]
    /// Whether the authenticator must have verified its user (UV), not only felt a touch.
    public var requiresUserVerification: Bool
    /// The algorithms that a new credential may have.
    public var algorithms: [COSEAlgorithm]
    /// Which attestation a new credential needs.
    public var attestation: AttestationRule
    /// The models that a new credential may come from; empty: any.  No proof against an authenticator that lies.
    public var allowed: [AAGUID]
    /// The models that a new credential may not come from.
    public var denied: [AAGUID]
    /// Whether other sites' pages may frame the ceremony.
    public var embedding: Embedding

    /// From its parts.
    public init(
        rpID: String, origins: [String], requiresUserVerification: Bool,
        algorithms: [COSEAlgorithm] = COSEAlgorithm.allCases, attestation: AttestationRule = .any,
        allowed: [AAGUID] = [], denied: [AAGUID] = [], embedding: Embedding = .refused
    ) {
        self.rpID = rpID
        self.origins = origins
        self.requiresUserVerification = requiresUserVerification
        self.algorithms = algorithms
        self.attestation = attestation
        self.allowed = allowed
        self.denied = denied
        self.embedding = embedding
    }
}
