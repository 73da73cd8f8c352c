/// Why a sign-in by a provider led to no session, beyond what `SAMLReason` says of the message itself.  The log and the
/// trace spell them so; the browser learns none of them.
public enum SSOReason: String, CaseIterable, Sendable, Hashable {
    // The answer and the browser.
    /// It answers a request, and none of this browser's.
    case attemptUnknown = "attempt-unknown"
    /// It answers no request, which this connection does not take.
    case idpInitiatedDisabled = "idp-initiated-disabled"
    /// The assertion, or the answer to this request, was used before.
    case assertionReplayed = "assertion-replayed"
    // Who it is.
    /// The name is another one each time, and no `subject` attribute is configured.
    case subjectTransient = "subject-transient"
    /// The attribute that is configured as `subject` is missing.
    case subjectAttributeMissing = "subject-attribute-missing"
    /// It has several values, or one of more than 1,024 bytes.
    case subjectAttributeMalformed = "subject-attribute-malformed"
    case emailMissing = "email-missing"
    case emailMalformed = "email-malformed"
    /// The address is of none of the connection's domains.
    case emailDomain = "email-domain"
    /// Somebody else took the address while the account was made.
    case emailTaken = "email-taken"
    // The account.
    /// There is none, and none is made (`provisioning: existing_only`).
    case accountMissing = "account-missing"
    /// It is connected with somebody else at this provider.
    case accountLinked = "account-linked"
    case accountDisabled = "account-disabled"
    /// Something changed while it signed in.
    case accountChanged = "account-changed"
    /// Somebody else than the session's member signed in at the provider.
    case accountDiffers = "account-differs"
    /// The session that was to be confirmed is over.
    case sessionEnded = "session-ended"
    /// What was proved is not the account that was to be connected, or it took too long.
    case linkRefused = "link-refused"
    // The connection.
    case metadataMissing = "metadata-missing"
    case metadataExpired = "metadata-expired"
    /// The provider's metadata names no address for what is asked of it.
    case endpointMissing = "endpoint-missing"
    /// Our own keys could not be read or made.
    case keysUnavailable = "keys-unavailable"
    case storeUnavailable = "store-unavailable"
    // Logout.
    /// The provider's request was carried out before.
    case logoutReplayed = "logout-replayed"
    /// It answers no logout that began here.
    case logoutUnknown = "logout-unknown"
}
