/// What the browser gave after `navigator.credentials.create()` (WebAuthn L3 §5.2.1).  Nothing in it is proven.
public struct RegistrationResponse: Sendable, Hashable {
    /// The client data as the browser wrote it, at most `CeremonyBounds.longestClientData` bytes.
    public var clientDataJSON: [UInt8]
    /// CBOR, at most `CeremonyBounds.longestAttestationObject` bytes.
    public var attestationObject: [UInt8]

    /// From its parts.
    public init(clientDataJSON: [UInt8], attestationObject: [UInt8]) {
        self.clientDataJSON = clientDataJSON
        self.attestationObject = attestationObject
    }
}

/// What the browser gave after `navigator.credentials.get()` (WebAuthn L3 §5.2.2).  Nothing in it is proven.
public struct AssertionResponse: Sendable, Hashable {
    /// `rawId`, 1…`CeremonyBounds.longestCredentialID` bytes.
    public var credentialID: [UInt8]
    /// The client data as the browser wrote it, at most `CeremonyBounds.longestClientData` bytes.
    public var clientDataJSON: [UInt8]
    /// At most `CeremonyBounds.longestAuthenticatorData` bytes.
    public var authenticatorData: [UInt8]
    /// At most `CeremonyBounds.longestSignature` bytes.
    public var signature: [UInt8]
    /// Whose credential it is, as the authenticator says; to be compared by whoever knows the account.
    public var userHandle: [UInt8]?

    /// From its parts.
    public init(
        credentialID: [UInt8], clientDataJSON: [UInt8], authenticatorData: [UInt8], signature: [UInt8],
        userHandle: [UInt8]?
    ) {
        self.credentialID = credentialID
        self.clientDataJSON = clientDataJSON
        self.authenticatorData = authenticatorData
        self.signature = signature
        self.userHandle = userHandle
    }
}

/// How much of a response is looked at, in bytes; what is longer is refused unread.
public enum CeremonyBounds {
    public static let longestClientData = 4096
    public static let longestAttestationObject = 16384
    public static let longestAuthenticatorData = 4096
    /// WebAuthn L3 §7.1 step 25.
    public static let longestCredentialID = 1023
    /// That of an RSA key of 8192 bits.
    public static let longestSignature = 1024
    /// The shortest challenge that a caller may have given out (WebAuthn L3 §13.4.3).
    public static let shortestChallenge = 16
}
