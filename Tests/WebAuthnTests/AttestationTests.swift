import HostCrypto
import TestAuthenticator
import Testing
import WebAuthn

@Suite("Attestation")
struct AttestationTests {
    private func verify(_ response: RegistrationResponse, for party: RelyingParty = Ceremony.party()) throws
        -> Attestation
    {
        try Registration.verify(response, challenge: Ceremony.challenge, for: party).attestation
    }

    private func register(_ format: String, _ statement: TestCBOR, for party: RelyingParty = Ceremony.party()) throws
        -> Attestation
    {
        let object = TestAuthenticator.attestationObject(
            TestAuthenticator().authenticatorData(isNew: true), format: format, statement: statement)
        return try Ceremony.register(object: object, for: party).attestation
    }

    /// Registers with `packed` attestation by a certificate with this content.
    private func attest(
        _ kind: TestKey.Kind = .p256, algorithm: Int = -7, for party: RelyingParty = Ceremony.party(),
        _ change: (inout TestKey.Certificate) -> Void = { _ in }
    ) throws -> Attestation {
        var content = TestKey.Certificate()
        change(&content)
        let maker = kind == .rsa ? TestKey.rsa2048 : TestKey(kind)
        let response = TestAuthenticator(.ed25519).packedRegistration(
            challenge: Ceremony.challenge, algorithm: algorithm, signer: maker, chain: [maker.certificate(content)])
        return try verify(response, for: party)
    }

    @Test("`none` has an empty statement, and nothing else")
    func none() throws {
        #expect(try register("none", .map([])) == .none)
        for statement in [TestCBOR.array([]), .map([(.text("sig"), .bytes([1]))])] {
            #expect(throws: WebAuthnRefusal.attestationInvalid) { try register("none", statement) }
        }
    }

    @Test("formats that are not verified here count as unattested, known or not")
    func unverified() throws {
        let statement = TestCBOR.map([(.text("x"), .bytes([1]))])
        for format in [
            "tpm", "android-key", "android-safetynet", "fido-u2f", "apple", "x-unheard-of", "None", "PACKED",
        ] {
            #expect(try register(format, statement) == .unattested)
            #expect(throws: WebAuthnRefusal.attestationRefused) {
                try register(format, statement, for: Ceremony.party(attestation: .attested))
            }
        }
        let part = TestCBOR.map([
            (.text("fmt"), .text("packed")), (.text("attStmt"), .map([(.text("x5c"), .array([.bytes([1])]))])),
        ])
        #expect(try register("compound", .array([part, part])) == .unattested)
    }

    @Test("self attestation is the credential's own signature", arguments: [TestKey.Kind.p256, .p384, .ed25519, .rsa])
    func own(_ kind: TestKey.Kind) throws {
        let authenticator = TestAuthenticator(kind)
        let algorithm = [TestKey.Kind.p256: -7, .p384: -35, .ed25519: -8, .rsa: -257][kind] ?? 0
        let right = authenticator.packedRegistration(challenge: Ceremony.challenge, algorithm: algorithm)
        #expect(try verify(right) == .selfAttested)
        #expect(throws: WebAuthnRefusal.attestationRefused) {
            try verify(right, for: Ceremony.party(attestation: .attested))
        }
        let others = [-7, -35, -8, -257].filter { $0 != algorithm }
        for other in others {
            #expect(throws: WebAuthnRefusal.attestationInvalid) {
                try verify(authenticator.packedRegistration(challenge: Ceremony.challenge, algorithm: other))
            }
        }
        #expect(throws: WebAuthnRefusal.algorithmUnsupported) {
            try verify(authenticator.packedRegistration(challenge: Ceremony.challenge, algorithm: -36))
        }
        let foreign = TestKey(kind == .rsa ? .p256 : kind)
        #expect(throws: WebAuthnRefusal.attestationInvalid) {
            try verify(
                authenticator.packedRegistration(
                    challenge: Ceremony.challenge, algorithm: algorithm, signer: foreign))
        }
    }

    @Test("the statement covers the authenticator data and the client data")
    func covered() {
        let authenticator = TestAuthenticator()
        let right = authenticator.packedRegistration(challenge: Ceremony.challenge, algorithm: -7)
        var other = right
        other.clientDataJSON += [0x20]
        #expect(throws: WebAuthnRefusal.attestationInvalid) { try verify(other) }
        other = right
        // The counter's last byte: the authenticator data are the last member.
        let counter = other.attestationObject.count - authenticator.authenticatorData(isNew: true).count + 36
        other.attestationObject[counter] ^= 1
        #expect(throws: WebAuthnRefusal.attestationInvalid) { try verify(other) }
    }

    @Test("a maker's certificate attests, whatever its key")
    func attested() throws {
        for (kind, algorithm) in [(TestKey.Kind.p256, -7), (.p384, -35), (.ed25519, -8), (.rsa, -257)] {
            #expect(try attest(kind, algorithm: algorithm) == .attested)
            #expect(
                try attest(kind, algorithm: algorithm, for: Ceremony.party(attestation: .attested)) == .attested)
        }
        #expect(throws: WebAuthnRefusal.attestationInvalid) { try attest(.p256, algorithm: -35) }
        #expect(throws: WebAuthnRefusal.attestationInvalid) { try attest(.p256, algorithm: -257) }
        #expect(throws: WebAuthnRefusal.attestationInvalid) { try attest(.secp256k1, algorithm: -7) }
        #expect(throws: WebAuthnRefusal.algorithmUnsupported) { try attest(.p521, algorithm: -36) }
    }

    @Test("a certificate that a maker would not have is refused (§8.2.1)")
    func requirements() throws {
        let wrong: [(inout TestKey.Certificate) -> Void] = [
            { $0.version = 1 }, { $0.version = 2 },
            { $0.country = nil }, { $0.country = "ch" }, { $0.country = "C1" },
            { $0.organization = nil }, { $0.unit = nil }, { $0.unit = "Authenticator attestation" },
            { $0.unit = "Authenticator Attestation CA" }, { $0.secondUnit = "Authenticator Attestation" },
            { $0.commonName = nil }, { $0.isAuthority = true }, { $0.isAuthority = nil },
        ]
        for change in wrong {
            #expect(throws: WebAuthnRefusal.attestationInvalid) { try attest(.p256, change) }
        }
    }

    @Test("the model that a certificate names is the authenticator's")
    func model() throws {
        let right = [0x04, 0x10] + TestAuthenticator().aaguid
        #expect(try attest { $0.aaguidExtension = right } == .attested)
        var other = right
        other[17] ^= 1
        let wrong: [[UInt8]] = [
            other, Array(right.dropLast()), right + [0], Array(right.dropFirst(2)),
            [0x04, 0x0F] + right.dropFirst(2).dropLast(),
            [0x03] + right.dropFirst(), [],
        ]
        for value in wrong {
            #expect(throws: WebAuthnRefusal.attestationInvalid) { try attest { $0.aaguidExtension = value } }
        }
        #expect(throws: WebAuthnRefusal.attestationInvalid) {
            try attest {
                $0.aaguidExtension = right
                $0.isAAGUIDCritical = true
            }
        }
    }

    @Test("the signature is the first certificate's, and the chain is one of certificates' bytes")
    func chain() throws {
        let (maker, other) = (TestKey(.p256), TestKey(.p256))
        let authenticator = TestAuthenticator()
        func attest(_ chain: [[UInt8]]) throws -> Attestation {
            try verify(
                authenticator.packedRegistration(
                    challenge: Ceremony.challenge, algorithm: -7, signer: maker, chain: chain))
        }
        let (right, wrong) = (maker.certificate(), other.certificate())
        #expect(try attest([right, wrong]) == .attested)
        for chain in [
            [], [wrong, right], [[]], [right + [0]], [Array(right.dropLast())], [[0x30, 0x00]],
            [[UInt8]](repeating: right, count: 9),
        ] {
            #expect(throws: WebAuthnRefusal.attestationInvalid) { try attest(chain) }
        }
    }

    @Test("a statement of another shape is refused")
    func shape() {
        let (algorithm, signature) = (TestCBOR.integer(-7), TestCBOR.bytes([1]))
        let statements: [TestCBOR] = [
            .array([]), .map([]), .map([(.text("alg"), algorithm)]), .map([(.text("sig"), signature)]),
            .map([(.text("alg"), .text("ES256")), (.text("sig"), signature)]),
            .map([(.text("alg"), algorithm), (.text("sig"), .text("x"))]),
            .map([(.text("alg"), algorithm), (.text("sig"), signature), (.text("ver"), .text("1"))]),
            .map([(.text("alg"), algorithm), (.text("sig"), signature), (.text("x5c"), .bytes([1]))]),
            .map([(.text("alg"), algorithm), (.text("sig"), signature), (.text("x5c"), .array([.text("x")]))]),
            .map([
                (.text("alg"), algorithm), (.text("sig"), signature),
                (.text("x5c"), .array([.bytes(TestKey(.p256).certificate()), .integer(1)])),
            ]),
            .map([
                (.text("alg"), algorithm), (.text("sig"), signature), (.text("ecdaaKeyId"), .bytes([1])),
            ]),
            .map([(.text("alg"), algorithm), (.text("sig"), .bytes([UInt8](repeating: 0, count: 1025)))]),
            .map([(.text("alg"), algorithm), (.text("sig"), signature)]),
        ]
        for statement in statements {
            #expect(throws: WebAuthnRefusal.attestationInvalid) { try register("packed", statement) }
        }
    }

    @Test("a wrong statement is refused also where none is needed")
    func wrongIsRefused() {
        #expect(throws: WebAuthnRefusal.attestationInvalid) {
            try register("packed", .map([(.text("alg"), .integer(-7)), (.text("sig"), .bytes([0x30, 0x00]))]))
        }
    }
}
