public import Core

/// A passkey of a member, opened: a credential record of WebAuthn Level 3 §4.
public struct StoredPasskey: Hashable, Sendable {
    public let id: RowID
    public let user: UserID
    /// What the member calls it.
    public let name: String
    public let credentialID: [UInt8]
    /// A COSE_Key, as the authenticator gave it.
    public let publicKey: [UInt8]
    /// The relying party that it was made for, which never changes.
    public let rpID: String
    /// As the authenticator said last; 0 where it does not count.
    public let signCount: UInt32
    /// The authenticator's model, 16 bytes; all zero where it does not tell.
    public let aaguid: [UInt8]
    /// How the authenticator is reached, as the browser said: hints, no facts.
    public let transports: [String]
    public let isBackupEligible: Bool
    public let isBackedUp: Bool
    public let createdAt: WallTime
    /// When it last proved its member; nil where it never did.
    public let usedAt: WallTime?
}

/// A passkey to be written, after its registration was verified.
public struct NewPasskey: Hashable, Sendable {
    /// What the member calls it, as the rule for names lets it pass.
    public var name: String
    /// At most 1023 bytes (WebAuthn Level 3 §7.1), which the verification has judged.
    public var credentialID: [UInt8]
    /// A COSE_Key.
    public var publicKey: [UInt8]
    public var rpID: String
    public var signCount: UInt32
    /// 16 bytes.
    public var aaguid: [UInt8]
    public var transports: [String]
    public var isBackupEligible: Bool
    public var isBackedUp: Bool

    public init(
        name: String, credentialID: [UInt8], publicKey: [UInt8], rpID: String, signCount: UInt32, aaguid: [UInt8],
        transports: [String], isBackupEligible: Bool, isBackedUp: Bool
    ) {
        self.name = name
        self.credentialID = credentialID
        self.publicKey = publicKey
        self.rpID = rpID
        self.signCount = signCount
        self.aaguid = aaguid
        self.transports = transports
        self.isBackupEligible = isBackupEligible
        self.isBackedUp = isBackedUp
    }
}
