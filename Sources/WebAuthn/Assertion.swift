import HostCrypto

/// A credential as it was registered, with its state of today.
public struct RegisteredCredential: Sendable, Hashable {
    public var credentialID: [UInt8]
    /// The COSE_Key that `VerifiedRegistration` gave.
    public var publicKey: [UInt8]
    /// The counter of its last use.
    public var signCount: UInt32
    public var isBackupEligible: Bool

    /// From its parts.
    public init(credentialID: [UInt8], publicKey: [UInt8], signCount: UInt32, isBackupEligible: Bool) {
        self.credentialID = credentialID
        self.publicKey = publicKey
        self.signCount = signCount
        self.isBackupEligible = isBackupEligible
    }
}

/// Proof that the credential was used for this challenge, at this relying party, now.
public struct VerifiedAssertion: Sendable, Hashable {
    /// To be stored: the next use must be beyond it, unless both are 0.
    public let signCount: UInt32
    /// Whether the authenticator verified its user: without it the proof is of possession alone.
    public let isUserVerified: Bool
    public let isBackedUp: Bool
    /// The origin, one of the party's, that ran the ceremony.
    public let origin: String
}

/// The authentication ceremony (WebAuthn L3 §7.2).
public enum Assertion {
    /// Verifies step by step, in the standard's order; the first step that fails names the refusal.
    ///
    /// Steps 1 to 4 are the browser's.  Of step 6 the caller finds the credential's record by the response's
    /// `credentialID` and compares the user handle; step 24 (store the new state) is the caller's.
    /// - Parameters:
    ///   - challenge: what `pkOptions.challenge` was for this ceremony alone, at least
    ///     `CeremonyBounds.shortestChallenge` bytes.
    public static func verify(
        _ response: AssertionResponse, challenge: [UInt8], credential: RegisteredCredential, for party: RelyingParty
    ) throws(WebAuthnRefusal) -> VerifiedAssertion {
        precondition(challenge.count >= CeremonyBounds.shortestChallenge, "a challenge that can be guessed")
        // Steps 5 and 6: the credential that the caller found for the response.
        guard response.credentialID == credential.credentialID else { throw .credentialMismatch }
        // Steps 7 to 9: UTF-8, JSON.
        let client = try ClientData(reading: response.clientDataJSON)
        // Step 10: the type.
        try client.requireType(.get)
        // Step 11: the challenge.
        try client.requireChallenge(challenge)
        // Step 12: the origin.
        let origin = try client.requireOrigin(of: party)
        // Steps 13 and 14: frames of other sites.
        try client.requireEmbedding(of: party)
        try client.requireNoTokenBinding()
        // Step 15: the RP ID.
        let data = try AuthenticatorData(reading: response.authenticatorData)
        guard data.attested == nil else { throw .authenticatorDataMalformed }
        try data.requireRPID(party.rpID)
        // Steps 16 to 18: UP, UV, BS only with BE.
        try data.requireUser(isVerified: party.requiresUserVerification)
        try data.requirePossibleBackup()
        // Step 19: BE is what it was.
        guard data.flags.contains(.backupEligible) == credential.isBackupEligible else {
            throw .backupEligibilityChanged
        }
        // Step 20: the hash of the client data.
        let hash = SHA256Digest.bytes(response.clientDataJSON)
        // Step 21: the signature.
        guard
            try COSEKey(stored: credential.publicKey)
                .isValid(response.signature, for: response.authenticatorData + hash)
        else { throw .signatureInvalid }
        // Step 22: the counter goes up, unless the authenticator has none.
        guard data.signCount > credential.signCount || (data.signCount == 0 && credential.signCount == 0) else {
            throw .counterNotIncreased
        }
        // Step 23: extensions are passed over.
        return VerifiedAssertion(
            signCount: data.signCount, isUserVerified: data.flags.contains(.userVerified),
            isBackedUp: data.flags.contains(.backedUp), origin: origin)
    }
}
