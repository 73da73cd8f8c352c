import HostCrypto

/// What both ceremonies ask of the authenticator data.
extension AuthenticatorData {
    /// §7.1 step 14, §7.2 step 15.
    func requireRPID(_ rpID: String) throws(WebAuthnRefusal) {
        guard rpIDHash == SHA256Digest.bytes(Array(rpID.utf8)) else { throw .rpIDMismatch }
    }

    /// §7.1 steps 15 and 16, §7.2 steps 16 and 17.
    func requireUser(isVerified: Bool) throws(WebAuthnRefusal) {
        guard flags.contains(.userPresent) else { throw .userAbsent }
        guard !isVerified || flags.contains(.userVerified) else { throw .userUnverified }
    }

    /// §7.1 step 17, §7.2 step 18.
    func requirePossibleBackup() throws(WebAuthnRefusal) {
        guard flags.contains(.backupEligible) || !flags.contains(.backedUp) else { throw .backupStateImpossible }
    }
}

extension RelyingParty {
    /// §7.1 step 24: the party's rule for attestation, and its lists of models.
    func requireTrusted(_ attestation: Attestation, of aaguid: AAGUID) throws(WebAuthnRefusal) {
        guard self.attestation == .any || attestation == .attested else { throw .attestationRefused }
        guard allowed.isEmpty || allowed.contains(aaguid), !denied.contains(aaguid) else { throw .aaguidRefused }
    }
}
