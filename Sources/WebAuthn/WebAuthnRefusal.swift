/// Why a ceremony failed, for the log; the member is told one sentence for all of them.
public enum WebAuthnRefusal: String, Error, CaseIterable, Sendable, Hashable {
    // Form.
    case clientDataTooLong = "client-data-too-long"
    /// Not UTF-8, not JSON, a name twice, or without a type, a challenge or an origin.
    case clientDataMalformed = "client-data-malformed"
    case attestationObjectTooLong = "attestation-object-too-long"
    /// Cut off, too long, too deep, not in CTAP2's canonical form, or with a key twice.
    case cborMalformed = "cbor-malformed"
    /// CBOR, but not the members that an attestation object has.
    case attestationObjectMalformed = "attestation-object-malformed"
    case authenticatorDataTooLong = "authenticator-data-too-long"
    case authenticatorDataMalformed = "authenticator-data-malformed"

    // Whose ceremony.
    /// A registration's answer for an assertion, or the other way round.
    case typeMismatch = "type-mismatch"
    case challengeMismatch = "challenge-mismatch"
    case originRefused = "origin-refused"
    /// In a frame of another site, or of another than those that are allowed.
    case crossOriginRefused = "cross-origin-refused"
    /// The client says that the connection has a token binding; ours never has.
    case tokenBindingRefused = "token-binding-refused"
    case rpIDMismatch = "rp-id-mismatch"
    case credentialMismatch = "credential-mismatch"

    // What the authenticator says of its user and its keys.
    case userAbsent = "user-absent"
    case userUnverified = "user-unverified"
    /// Backed up, though not eligible for it.
    case backupStateImpossible = "backup-state-impossible"
    case backupEligibilityChanged = "backup-eligibility-changed"
    case algorithmUnsupported = "algorithm-unsupported"
    /// Of a supported algorithm, but not a key of it.
    case publicKeyInvalid = "public-key-invalid"
    case credentialIDLength = "credential-id-length"
    case signatureInvalid = "signature-invalid"
    /// The signature counter stands where it stood or below: a copy of the authenticator may be in use.
    case counterNotIncreased = "counter-not-increased"

    // Which authenticator.
    /// The statement does not prove what its format asks for.
    case attestationInvalid = "attestation-invalid"
    /// No attestation, or none that the rule takes.
    case attestationRefused = "attestation-refused"
    case aaguidRefused = "aaguid-refused"
}
