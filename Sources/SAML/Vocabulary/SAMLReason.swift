/// Why a message of an identity provider was refused: one stable kebab-case code each, which the log, the trace and
/// `gatehouse saml check` spell the same.  The browser learns none of them.
public enum SAMLReason: String, CaseIterable, Sendable, Hashable {
    // The bytes.
    case messageTooLarge = "message-too-large"
    case base64Malformed = "base64-malformed"
    case deflateMalformed = "deflate-malformed"
    // What two parsers of XML could read differently, or take long over.
    case xmlEncoding = "xml-encoding"
    case xmlDoctype = "xml-doctype"
    case xmlCDATA = "xml-cdata"
    case xmlInstruction = "xml-instruction"
    case xmlTooManyAttributes = "xml-too-many-attributes"
    case xmlTooManyNamespaces = "xml-too-many-namespaces"
    case xmlTooManyElements = "xml-too-many-elements"
    case xmlTooDeep = "xml-too-deep"
    case xmlMalformed = "xml-malformed"
    case xmlNamespaceMalformed = "xml-namespace-malformed"
    case xmlNamespaceRelative = "xml-namespace-relative"
    case xmlComment = "xml-comment"
    // The shape.
    case rootUnexpected = "root-unexpected"
    case versionUnsupported = "version-unsupported"
    case elementMalformed = "element-malformed"
    case idMalformed = "id-malformed"
    case idDuplicate = "id-duplicate"
    case assertionMissing = "assertion-missing"
    case assertionRepeated = "assertion-repeated"
    case assertionMisplaced = "assertion-misplaced"
    // The signature.
    case signatureMissing = "signature-missing"
    case signatureRepeated = "signature-repeated"
    case signatureMisplaced = "signature-misplaced"
    case signatureMalformed = "signature-malformed"
    case signatureObject = "signature-object"
    case referenceCount = "reference-count"
    case referenceEmpty = "reference-empty"
    case referenceMismatch = "reference-mismatch"
    case transformRefused = "transform-refused"
    case canonicalizationRefused = "canonicalization-refused"
    case signatureMethodRefused = "signature-method-refused"
    case digestMethodRefused = "digest-method-refused"
    case digestMismatch = "digest-mismatch"
    case signatureInvalid = "signature-invalid"
    // Encryption.
    case encryptionRequired = "encryption-required"
    case encryptionMalformed = "encryption-malformed"
    case encryptionMethodRefused = "encryption-method-refused"
    case decryptionKeyMissing = "decryption-key-missing"
    case decryptionFailed = "decryption-failed"
    // The provider, and what it says.
    case metadataExpired = "metadata-expired"
    case issuerMismatch = "issuer-mismatch"
    case destinationMissing = "destination-missing"
    case destinationMismatch = "destination-mismatch"
    case subjectMissing = "subject-missing"
    case confirmationMissing = "confirmation-missing"
    case recipientMismatch = "recipient-mismatch"
    case inResponseToMissing = "in-response-to-missing"
    case inResponseToMismatch = "in-response-to-mismatch"
    case inResponseToUnexpected = "in-response-to-unexpected"
    case audienceMissing = "audience-missing"
    case audienceMismatch = "audience-mismatch"
    case conditionUnknown = "condition-unknown"
    case timeMalformed = "time-malformed"
    case tooEarly = "too-early"
    case expired = "expired"
    case statusNotSuccess = "status-not-success"
    case statementMissing = "statement-missing"
    case authenticationTooOld = "authentication-too-old"
    case authenticationContext = "authentication-context"
    case providerSessionExpired = "provider-session-expired"
    case nameIDMissing = "name-id-missing"
    case nameIDMalformed = "name-id-malformed"
}

/// A refusal: its code, and the same in words with the values that differ, for the trace.
public struct SAMLRefusal: Error, Sendable, Hashable {
    public let reason: SAMLReason
    /// A sentence without its full stop.
    public let words: String
    /// The same without who it is about, for what is kept.
    public let redacted: String

    init(_ reason: SAMLReason, _ words: String, redacted: String? = nil) {
        self.reason = reason
        self.words = words
        self.redacted = redacted ?? words
    }
}
