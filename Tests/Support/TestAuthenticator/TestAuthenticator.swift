import Core
import HostCrypto
import WebAuthn

/// What a browser would write, with safe defaults; a test changes what it is about.
public struct TestClientData: Sendable {
    public var type: String
    public var challenge: [UInt8]
    public var origin: String
    /// What follows these three members, the comma included.
    public var rest: String

    public init(
        type: String, challenge: [UInt8], origin: String = "https://example.org",
        rest: String = #","crossOrigin":false"#
    ) {
        self.type = type
        self.challenge = challenge
        self.origin = origin
        self.rest = rest
    }

    /// The JSON.
    public var json: [UInt8] {
        let challenge = Base64.encode(challenge, alphabet: .url)
        return Array(#"{"type":"\#(type)","challenge":"\#(challenge)","origin":"\#(origin)"\#(rest)}"#.utf8)
    }
}

/// An authenticator with one credential of a real key.  Every part of its answers can be taken apart and changed.
public struct TestAuthenticator: Sendable {
    /// The flags (WebAuthn L3 §6.1), as numbers.
    public enum Flag {
        public static let userPresent: UInt8 = 0x01
        public static let userVerified: UInt8 = 0x04
        public static let backupEligible: UInt8 = 0x08
        public static let backedUp: UInt8 = 0x10
        public static let attested: UInt8 = 0x40
        public static let extensions: UInt8 = 0x80
    }

    public var key: TestKey
    public var rpID = "example.org"
    public var origin = "https://example.org"
    public var credentialID = [UInt8](repeating: 0xC1, count: 32)
    public var aaguid = [UInt8](1...16)
    /// UP and UV; AT is added where it belongs.
    public var flags = Flag.userPresent | Flag.userVerified
    public var signCount: UInt32 = 0
    /// The extensions' outputs; with any, ED is added.
    public var extensions: TestCBOR?
    public var userHandle: [UInt8]?

    public init(_ kind: TestKey.Kind = .p256) { key = kind == .rsa ? .rsa2048 : TestKey(kind) }

    /// The public key, as COSE writes it.
    public var coseKey: TestCBOR {
        func entries(_ type: Int, _ algorithm: Int, _ rest: [(Int, TestCBOR)]) -> TestCBOR {
            let all: [(Int, TestCBOR)] = [(1, .integer(type)), (3, .integer(algorithm))] + rest
            return .map(all.map { (.integer($0.0), $0.1) })
        }
        func point(_ algorithm: Int, _ curve: Int) -> TestCBOR {
            entries(2, algorithm, [(-1, .integer(curve)), (-2, .bytes(key.first)), (-3, .bytes(key.second))])
        }
        switch key.kind {
        case .p256: return point(-7, 1)
        case .p384: return point(-35, 2)
        case .p521: return point(-36, 3)
        case .secp256k1: return point(-47, 8)
        case .ed25519: return entries(1, -8, [(-1, .integer(6)), (-2, .bytes(key.first))])
        case .ed448: return entries(1, -53, [(-1, .integer(7)), (-2, .bytes(key.first))])
        case .rsa: return entries(3, -257, [(-1, .bytes(key.first)), (-2, .bytes(key.second))])
        }
    }

    /// The authenticator data of an assertion, or of a registration: then with the credential, whose key can be
    /// replaced.
    public func authenticatorData(isNew: Bool, coseKey: TestCBOR? = nil) -> [UInt8] {
        var flags = flags
        var rest: [UInt8] = []
        if isNew {
            flags |= Flag.attested
            rest += aaguid + [UInt8(credentialID.count >> 8), UInt8(credentialID.count & 0xFF)] + credentialID
            rest += (coseKey ?? self.coseKey).encoded
        }
        if let extensions {
            flags |= Flag.extensions
            rest += extensions.encoded
        }
        let count = (0..<4).map { UInt8(signCount >> (24 - 8 * UInt32($0)) & 0xFF) }
        return SHA256Digest.bytes(Array(rpID.utf8)) + [flags] + count + rest
    }

    /// The attestation object around these authenticator data.
    public static func attestationObject(
        _ authenticatorData: [UInt8], format: String = "none", statement: TestCBOR = .map([])
    ) -> [UInt8] {
        TestCBOR.map([
            (.text("fmt"), .text(format)), (.text("attStmt"), statement),
            (.text("authData"), .bytes(authenticatorData)),
        ]).encoded
    }

    /// A registration without attestation.
    public func registration(challenge: [UInt8]) -> RegistrationResponse {
        RegistrationResponse(
            clientDataJSON: TestClientData(type: "webauthn.create", challenge: challenge, origin: origin).json,
            attestationObject: Self.attestationObject(authenticatorData(isNew: true)))
    }

    /// A registration with `packed` attestation: by the credential's key, or by another with its certificates.
    public func packedRegistration(
        challenge: [UInt8], algorithm: Int, signer: TestKey? = nil, chain: [[UInt8]]? = nil
    ) -> RegistrationResponse {
        let client = TestClientData(type: "webauthn.create", challenge: challenge, origin: origin).json
        let data = authenticatorData(isNew: true)
        let signature = (signer ?? key).signature(of: data + SHA256Digest.bytes(client))
        var statement: [(key: TestCBOR, value: TestCBOR)] = [
            (.text("alg"), .integer(algorithm)), (.text("sig"), .bytes(signature)),
        ]
        if let chain { statement.append((.text("x5c"), .array(chain.map { .bytes($0) }))) }
        return RegistrationResponse(
            clientDataJSON: client,
            attestationObject: Self.attestationObject(data, format: "packed", statement: .map(statement)))
    }

    /// An assertion; `clientData` and `data` can be replaced and are signed as they are.
    public func assertion(challenge: [UInt8], clientData: [UInt8]? = nil, data: [UInt8]? = nil) -> AssertionResponse {
        let client =
            clientData ?? TestClientData(type: "webauthn.get", challenge: challenge, origin: origin).json
        let data = data ?? authenticatorData(isNew: false)
        return AssertionResponse(
            credentialID: credentialID, clientDataJSON: client, authenticatorData: data,
            signature: key.signature(of: data + SHA256Digest.bytes(client)), userHandle: userHandle)
    }
}
