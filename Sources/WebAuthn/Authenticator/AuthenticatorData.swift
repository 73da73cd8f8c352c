/// What an authenticator says of itself and of its user (WebAuthn L3 §6.1), read to the last byte.
struct AuthenticatorData: Sendable {
    /// The flags (§6.1); those that are reserved are ignored.
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8

        /// UP: somebody was there.
        static let userPresent = Flags(rawValue: 0x01)
        /// UV: it was the user.
        static let userVerified = Flags(rawValue: 0x04)
        /// BE: the credential may be copied to other devices.
        static let backupEligible = Flags(rawValue: 0x08)
        /// BS: it is.
        static let backedUp = Flags(rawValue: 0x10)
        /// AT: a new credential follows.
        static let attestedCredential = Flags(rawValue: 0x40)
        /// ED: extensions follow.
        static let extensions = Flags(rawValue: 0x80)
    }

    /// A new credential (§6.5.1).
    struct AttestedCredential: Sendable {
        let aaguid: AAGUID
        let credentialID: [UInt8]
        /// The COSE_Key, as it stands and as it was read.
        let publicKey: [UInt8]
        let key: CBORItem
    }

    /// The hash, the flags and the counter.
    static let shortest = 37

    let rpIDHash: [UInt8]
    let flags: Flags
    let signCount: UInt32
    /// Where AT is set.
    let attested: AttestedCredential?

    /// Reads all of it; what the flags do not announce may not be there.
    init(reading bytes: [UInt8]) throws(WebAuthnRefusal) {
        guard bytes.count <= CeremonyBounds.longestAuthenticatorData else { throw .authenticatorDataTooLong }
        guard bytes.count >= Self.shortest else { throw .authenticatorDataMalformed }
        rpIDHash = Array(bytes[..<32])
        flags = Flags(rawValue: bytes[32])
        signCount = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
        var position = Self.shortest
        attested =
            flags.contains(.attestedCredential) ? try Self.attestedCredential(bytes, &position) : nil
        if flags.contains(.extensions) { try Self.skipExtensions(bytes, &position) }
        guard position == bytes.count else { throw .authenticatorDataMalformed }
    }

    private static func attestedCredential(_ bytes: [UInt8], _ position: inout Int)
        throws(WebAuthnRefusal) -> AttestedCredential
    {
        guard bytes.count - position >= AAGUID.byteCount + 2,
            let aaguid = AAGUID(octets: Array(bytes[position..<position + AAGUID.byteCount]))
        else { throw .authenticatorDataMalformed }
        position += AAGUID.byteCount
        let count = Int(bytes[position]) << 8 | Int(bytes[position + 1])
        position += 2
        guard bytes.count - position >= count else { throw .authenticatorDataMalformed }
        let credentialID = Array(bytes[position..<position + count])
        position += count
        var reader = CBORReader(bytes, at: position, deepest: CBORReader.deepestMessage)
        let key = try reader.item()
        let publicKey = Array(bytes[position..<reader.position])
        position = reader.position
        return AttestedCredential(aaguid: aaguid, credentialID: credentialID, publicKey: publicKey, key: key)
    }

    /// The extensions' outputs (§9.3): a map by name.  None was asked for, so none is looked at.
    private static func skipExtensions(_ bytes: [UInt8], _ position: inout Int) throws(WebAuthnRefusal) {
        var reader = CBORReader(bytes, at: position, deepest: CBORReader.deepestMessage)
        guard case .map(let outputs) = try reader.item() else { throw .authenticatorDataMalformed }
        for entry in outputs.entries {
            guard case .text = entry.key else { throw .authenticatorDataMalformed }
        }
        position = reader.position
    }
}
