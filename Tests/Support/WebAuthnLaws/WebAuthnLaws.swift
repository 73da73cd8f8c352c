import WebAuthn

/// What must hold for every answer that a browser may send.
///
/// The first byte says what the rest is: an attestation object, authenticator data, client data of either ceremony.
/// The other parts are right, so that the one part is read to its end.
public enum WebAuthnLaws {
    /// A law that does not hold, in words.
    public struct Broken: Error, CustomStringConvertible {
        public let description: String
    }

    /// The challenge that right client data answer.
    static let challenge = [UInt8](0..<32)
    static let party = RelyingParty(
        rpID: "example.org", origins: ["https://example.org"], requiresUserVerification: false)

    private static func clientData(_ type: String) -> [UInt8] {
        let challenge = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
        return Array(#"{"type":"\#(type)","challenge":"\#(challenge)","origin":"https://example.org"}"#.utf8)
    }

    /// Throws what does not hold.
    public static func check(_ bytes: [UInt8]) throws {
        guard let kind = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        switch kind & 3 {
        case 0: try registration(rest)
        case 1: try assertion(rest)
        case 2: try clientOfRegistration(rest)
        default: try clientOfAssertion(rest)
        }
    }

    /// Whether the input is an attestation object, or client data of a registration, that is accepted.
    public static func isAccepted(_ bytes: [UInt8]) -> Bool {
        guard let kind = bytes.first else { return false }
        let rest = Array(bytes.dropFirst())
        switch kind & 3 {
        case 0: return (try? register(rest)) != nil
        case 2: return (try? register(credentialObject, clientData: rest)) != nil
        default: return false
        }
    }

    private static func register(_ object: [UInt8], clientData: [UInt8]? = nil) throws -> VerifiedRegistration {
        try Registration.verify(
            RegistrationResponse(
                clientDataJSON: clientData ?? Self.clientData("webauthn.create"), attestationObject: object),
            challenge: challenge, for: party)
    }

    /// What is accepted has one reading: a byte more or less is refused, the values keep their bounds, and the key is
    /// one for assertions.
    private static func registration(_ object: [UInt8]) throws {
        guard let verified = try? register(object) else { return }
        guard (1...CeremonyBounds.longestCredentialID).contains(verified.credentialID.count) else {
            throw Broken(description: "a credential's ID of \(verified.credentialID.count) bytes")
        }
        guard verified.isBackupEligible || !verified.isBackedUp else { throw Broken(description: "BS without BE") }
        guard (try? register(object + [0])) == nil, (try? register(Array(object.dropLast()))) == nil else {
            throw Broken(description: "an attestation object with two ends")
        }
        guard try register(object) == verified else { throw Broken(description: "two readings") }
        let response = AssertionResponse(
            credentialID: verified.credentialID, clientDataJSON: clientData("webauthn.get"),
            authenticatorData: data(isBackupEligible: verified.isBackupEligible), signature: [1, 2, 3],
            userHandle: nil)
        let credential = RegisteredCredential(
            credentialID: verified.credentialID, publicKey: verified.publicKey, signCount: verified.signCount,
            isBackupEligible: verified.isBackupEligible)
        do {
            _ = try Assertion.verify(response, challenge: challenge, credential: credential, for: party)
            throw Broken(description: "three bytes are a signature")
        } catch WebAuthnRefusal.signatureInvalid {
            // As it must be: the key was read, and this is no signature of it.
        }
    }

    /// Without the right signature nothing is accepted.
    private static func assertion(_ data: [UInt8]) throws {
        let response = AssertionResponse(
            credentialID: [1], clientDataJSON: clientData("webauthn.get"), authenticatorData: data, signature: data,
            userHandle: nil)
        try refuse(response, isBackupEligible: data.count > 32 && data[32] & 0x08 != 0)
    }

    /// Client data that are accepted end where they end.
    private static func clientOfRegistration(_ json: [UInt8]) throws {
        guard (try? register(credentialObject, clientData: json)) != nil else { return }
        guard (try? register(credentialObject, clientData: json + Array("x".utf8))) == nil else {
            throw Broken(description: "client data with two ends")
        }
    }

    private static func clientOfAssertion(_ json: [UInt8]) throws {
        let response = AssertionResponse(
            credentialID: [1], clientDataJSON: json, authenticatorData: data(isBackupEligible: false),
            signature: json, userHandle: nil)
        try refuse(response, isBackupEligible: false)
    }

    private static func refuse(_ response: AssertionResponse, isBackupEligible: Bool) throws {
        let credential = RegisteredCredential(
            credentialID: [1], publicKey: key, signCount: 0, isBackupEligible: isBackupEligible)
        guard
            (try? Assertion.verify(response, challenge: challenge, credential: credential, for: party)) == nil
        else { throw Broken(description: "accepted without a signature") }
    }

    /// An attestation object without attestation: the key below, the ID 1.
    private static let credentialObject: [UInt8] = {
        func text(_ text: String) -> [UInt8] { [0x60 | UInt8(text.utf8.count)] + Array(text.utf8) }
        let credential = [UInt8](repeating: 0, count: 16) + [0, 1, 1] + key
        let data = rpIDHash + [0x41, 0, 0, 0, 0] + credential
        return [0xa3] + text("fmt") + text("none") + text("attStmt") + [0xa0] + text("authData")
            + [0x58, UInt8(data.count)] + data
    }()

    /// The SHA-256 of `example.org`, UP, a counter of 1.
    private static func data(isBackupEligible: Bool) -> [UInt8] {
        rpIDHash + [isBackupEligible ? 0x09 : 0x01, 0, 0, 0, 1]
    }

    private static let rpIDHash: [UInt8] = [
        0xbf, 0xab, 0xc3, 0x74, 0x32, 0x95, 0x8b, 0x06, 0x33, 0x60, 0xd3, 0xad, 0x64, 0x61, 0xc9, 0xc4,
        0x73, 0x5a, 0xe7, 0xf8, 0xed, 0xd4, 0x65, 0x92, 0xa5, 0xe0, 0xf0, 0x14, 0x52, 0xb2, 0xe4, 0xb5,
    ]

    /// The Ed25519 key of RFC 8032 §7.1, test 1, as a COSE_Key.
    private static let key: [UInt8] =
        [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20] + [
            0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
            0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
        ]
}
