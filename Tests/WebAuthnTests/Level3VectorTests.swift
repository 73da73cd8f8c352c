import HostCrypto
import Testing

@testable import WebAuthn

/// What must come of a pair, by `Tests/Vectors/webauthn/README.md`.
enum Verdict: Sendable, Equatable {
    case accepted(Attestation)
    case refused(WebAuthnRefusal)
}

@Suite("The test vectors of WebAuthn Level 3")
struct Level3VectorTests {
    static let verdicts: [(name: String, verdict: Verdict)] = [
        ("none-es256", .accepted(.none)),
        ("packed-self-es256", .accepted(.selfAttested)),
        ("none-es256-crossOrigin", .accepted(.none)),
        ("none-es256-topOrigin", .accepted(.none)),
        ("none-es256-long-credential-id", .accepted(.none)),
        ("packed-es256", .accepted(.attested)),
        ("packed-es384", .accepted(.attested)),
        ("packed-es512", .refused(.algorithmUnsupported)),
        ("packed-rs256", .accepted(.attested)),
        ("packed-eddsa", .accepted(.attested)),
        ("packed-ed448", .refused(.algorithmUnsupported)),
        ("tpm-es256", .accepted(.unattested)),
        ("android-key-es256", .accepted(.unattested)),
        ("apple-es256", .accepted(.unattested)),
        ("fido-u2f-es256", .accepted(.unattested)),
    ]
    static let framed: Set = ["none-es256-crossOrigin", "none-es256-topOrigin"]

    static func party(
        attestation: AttestationRule = .any, embedding: Embedding = .within(topOrigins: ["https://example.com"])
    ) -> RelyingParty {
        RelyingParty(
            rpID: "example.org", origins: ["https://example.org"], requiresUserVerification: false,
            attestation: attestation, embedding: embedding)
    }

    private func register(_ vector: Level3Vector, for party: RelyingParty) -> Verdict {
        do {
            let verified = try Registration.verify(
                vector.registration, challenge: vector["create.challenge"], for: party)
            return .accepted(verified.attestation)
        } catch { return .refused(error) }
    }

    @Test("there are fifteen pairs, and a verdict for each")
    func complete() throws {
        #expect(try Level3Vector.all().map(\.name) == Self.verdicts.map(\.name))
        #expect(Self.verdicts.count == 15)
    }

    @Test("each pair gets its verdict", arguments: try Level3Vector.all())
    func pair(_ vector: Level3Vector) throws {
        let verdict = try #require(Self.verdicts.first { $0.name == vector.name }).verdict
        #expect(register(vector, for: Self.party()) == verdict)
        // The credential as the authenticator made it, also where it is refused.
        let object = try AttestationObject(reading: vector["create.attestationObject"])
        let credential = RegisteredCredential(
            credentialID: object.credential.credentialID, publicKey: object.credential.publicKey,
            signCount: object.authenticatorData.signCount,
            isBackupEligible: object.authenticatorData.flags.contains(.backupEligible))
        let response = vector.assertion(credentialID: credential.credentialID)
        let challenge = vector["get.challenge"]
        guard case .accepted = verdict else {
            #expect(throws: WebAuthnRefusal.algorithmUnsupported) {
                try Assertion.verify(response, challenge: challenge, credential: credential, for: Self.party())
            }
            return
        }
        let registered = try Registration.verify(
            vector.registration, challenge: vector["create.challenge"], for: Self.party())
        #expect(registered.credentialID == credential.credentialID)
        #expect(registered.publicKey == credential.publicKey)
        let verified = try Assertion.verify(
            response, challenge: challenge, credential: credential, for: Self.party())
        #expect(verified.origin == "https://example.org")
        #expect(verified.signCount == 0)
    }

    @Test("no signature of a pair fits anything but its own pair", arguments: try Level3Vector.all())
    func changed(_ vector: Level3Vector) throws {
        guard case .accepted = Self.verdicts.first(where: { $0.name == vector.name })?.verdict else { return }
        let registered = try Registration.verify(
            vector.registration, challenge: vector["create.challenge"], for: Self.party())
        let credential = RegisteredCredential(
            credentialID: registered.credentialID, publicKey: registered.publicKey, signCount: registered.signCount,
            isBackupEligible: registered.isBackupEligible)
        var response = vector.assertion(credentialID: registered.credentialID)
        response.signature[response.signature.count - 1] ^= 1
        #expect(throws: WebAuthnRefusal.signatureInvalid) {
            try Assertion.verify(
                response, challenge: vector["get.challenge"], credential: credential, for: Self.party())
        }
        response = vector.assertion(credentialID: registered.credentialID)
        response.authenticatorData[36] = 1
        #expect(throws: WebAuthnRefusal.signatureInvalid) {
            try Assertion.verify(
                response, challenge: vector["get.challenge"], credential: credential, for: Self.party())
        }
    }

    @Test(
        "in frames of other sites they are refused, unless such frames are allowed", arguments: try Level3Vector.all())
    func frames(_ vector: Level3Vector) throws {
        let own = register(vector, for: Self.party(embedding: .refused))
        let elsewhere = register(vector, for: Self.party(embedding: .within(topOrigins: ["https://example.net"])))
        if Self.framed.contains(vector.name) {
            #expect(own == .refused(.crossOriginRefused))
            // The one that names no page is taken by its word.
            #expect(
                elsewhere
                    == (vector.name == "none-es256-topOrigin" ? .refused(.crossOriginRefused) : .accepted(.none)))
        } else {
            #expect(own == elsewhere)
        }
    }

    @Test("the rule `attested` takes those that a certificate stands behind", arguments: try Level3Vector.all())
    func attested(_ vector: Level3Vector) throws {
        let verdict = try #require(Self.verdicts.first { $0.name == vector.name }).verdict
        let expected: Verdict =
            switch verdict {
            case .accepted(.attested), .refused: verdict
            case .accepted: .refused(.attestationRefused)
            }
        #expect(register(vector, for: Self.party(attestation: .attested)) == expected)
    }
}
