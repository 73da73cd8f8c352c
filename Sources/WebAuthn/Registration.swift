import HostCrypto

/// What is known of the authenticator behind a new credential (WebAuthn L3 §6.5.3).
public enum Attestation: String, CaseIterable, Sendable, Hashable {
    /// None was given.
    case none
    /// The credential's own key signed: says nothing of the model.
    case selfAttested = "self"
    /// A certificate signed; its chain is not followed to a root.
    case attested
    /// In a format that is not verified here: to be held as none.
    case unattested
}

/// A new credential, proven to come from this ceremony.  That no other account has it is for the caller to check
/// (WebAuthn L3 §7.1 step 25).
public struct VerifiedRegistration: Sendable, Hashable {
    /// 1…`CeremonyBounds.longestCredentialID` bytes.
    public let credentialID: [UInt8]
    /// The COSE_Key as the authenticator wrote it, for `RegisteredCredential`.
    public let publicKey: [UInt8]
    public let algorithm: COSEAlgorithm
    public let signCount: UInt32
    public let aaguid: AAGUID
    /// Whether the authenticator verified its user.
    public let isUserVerified: Bool
    /// Whether the credential may be copied to other devices; never changes (WebAuthn L3 §6.1.3).
    public let isBackupEligible: Bool
    /// Whether it is backed up now.
    public let isBackedUp: Bool
    public let attestation: Attestation
}

/// The registration ceremony (WebAuthn L3 §7.1).
public enum Registration {
    /// Verifies step by step, in the standard's order; the first step that fails names the refusal.
    ///
    /// Steps 1 to 4 are the browser's.  Step 26 (is the credential known already) and 29 (store it) are the caller's.
    /// - Parameters:
    ///   - challenge: what `pkOptions.challenge` was for this ceremony alone, at least
    ///     `CeremonyBounds.shortestChallenge` bytes.
    public static func verify(_ response: RegistrationResponse, challenge: [UInt8], for party: RelyingParty)
        throws(WebAuthnRefusal) -> VerifiedRegistration
    {
        precondition(challenge.count >= CeremonyBounds.shortestChallenge, "a challenge that can be guessed")
        // Steps 5 and 6: UTF-8, JSON.
        let client = try ClientData(reading: response.clientDataJSON)
        // Step 7: the type.
        try client.requireType(.create)
        // Step 8: the challenge.
        try client.requireChallenge(challenge)
        // Step 9: the origin.
        _ = try client.requireOrigin(of: party)
        // Steps 10 and 11: frames of other sites.
        try client.requireEmbedding(of: party)
        try client.requireNoTokenBinding()
        // Step 12: the hash of the client data.
        let hash = SHA256Digest.bytes(response.clientDataJSON)
        // Step 13: CBOR; format, authenticator data, statement.
        let object = try AttestationObject(reading: response.attestationObject)
        let (data, credential) = (object.authenticatorData, object.credential)
        // Step 14: the RP ID.
        try data.requireRPID(party.rpID)
        // Steps 15 to 17: UP (no ceremony of ours is conditional), UV, BS only with BE.
        try data.requireUser(isVerified: party.requiresUserVerification)
        try data.requirePossibleBackup()
        // Steps 18 and 19: no rule of ours asks for a backup, or forbids it.
        // Step 20: the algorithm, one of those offered, and a key of it.
        let key = try COSEKey(credential.key)
        guard party.algorithms.contains(key.algorithm) else { throw .algorithmUnsupported }
        // Steps 21 and 22: the statement, by its format.
        let attestation = try object.attestation(of: key, clientDataHash: hash)
        // Steps 23 and 24: is that enough.  There are no trust anchors: chains are not followed.
        try party.requireTrusted(attestation, of: credential.aaguid)
        // Step 25: the length of the credential's ID.
        guard (1...CeremonyBounds.longestCredentialID).contains(credential.credentialID.count) else {
            throw .credentialIDLength
        }
        // Steps 27 and 28: the record; extensions are passed over.
        return VerifiedRegistration(
            credentialID: credential.credentialID, publicKey: credential.publicKey, algorithm: key.algorithm,
            signCount: data.signCount, aaguid: credential.aaguid, isUserVerified: data.flags.contains(.userVerified),
            isBackupEligible: data.flags.contains(.backupEligible), isBackedUp: data.flags.contains(.backedUp),
            attestation: attestation)
    }
}
