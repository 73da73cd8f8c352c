import TestAuthenticator
import WebAuthn

/// A ceremony with safe defaults, so that a test shows only what it is about.
enum Ceremony {
    static let challenge = [UInt8](1...32)

    static func party(
        isVerifying: Bool = true, attestation: AttestationRule = .any, allowed: [AAGUID] = [], denied: [AAGUID] = [],
        embedding: Embedding = .refused
    ) -> RelyingParty {
        RelyingParty(
            rpID: "example.org", origins: ["https://example.org", "https://alt.example.org:8443"],
            requiresUserVerification: isVerifying, attestation: attestation, allowed: allowed, denied: denied,
            embedding: embedding)
    }

    /// Registers with this client data and this attestation object, or those of the authenticator.
    static func register(
        _ authenticator: TestAuthenticator = TestAuthenticator(), clientData: [UInt8]? = nil, object: [UInt8]? = nil,
        for party: RelyingParty = party()
    ) throws(WebAuthnRefusal) -> VerifiedRegistration {
        var response = authenticator.registration(challenge: challenge)
        if let clientData { response.clientDataJSON = clientData }
        if let object { response.attestationObject = object }
        return try Registration.verify(response, challenge: challenge, for: party)
    }

    /// What is stored of the authenticator's credential.
    static func credential(_ authenticator: TestAuthenticator, signCount: UInt32 = 0) -> RegisteredCredential {
        RegisteredCredential(
            credentialID: authenticator.credentialID, publicKey: authenticator.coseKey.encoded, signCount: signCount,
            isBackupEligible: authenticator.flags & TestAuthenticator.Flag.backupEligible != 0)
    }

    /// Asserts with the credential as it was registered, or another.
    static func assert(
        _ authenticator: TestAuthenticator = TestAuthenticator(), credential: RegisteredCredential? = nil,
        clientData: [UInt8]? = nil, data: [UInt8]? = nil, for party: RelyingParty = party()
    ) throws(WebAuthnRefusal) -> VerifiedAssertion {
        try Assertion.verify(
            authenticator.assertion(challenge: challenge, clientData: clientData, data: data), challenge: challenge,
            credential: credential ?? Self.credential(authenticator), for: party)
    }
}
