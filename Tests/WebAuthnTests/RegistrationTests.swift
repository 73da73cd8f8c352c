import HostCrypto
import TestAuthenticator
import Testing
import WebAuthn

@Suite("Registration")
struct RegistrationTests {
    typealias Flag = TestAuthenticator.Flag

    /// Registers an authenticator that was changed.
    private func register(
        for party: RelyingParty = Ceremony.party(), _ change: (inout TestAuthenticator) -> Void
    ) throws -> VerifiedRegistration {
        var authenticator = TestAuthenticator()
        change(&authenticator)
        return try Ceremony.register(authenticator, for: party)
    }

    @Test("a credential of each algorithm is taken, with everything that was said of it")
    func accepted() throws {
        let kinds: [(TestKey.Kind, COSEAlgorithm)] = [
            (.p256, .es256), (.p384, .es384), (.ed25519, .eddsa), (.rsa, .rs256),
        ]
        for (kind, algorithm) in kinds {
            var authenticator = TestAuthenticator(kind)
            authenticator.signCount = 0x0102_0304
            authenticator.flags = Flag.userPresent | Flag.userVerified | Flag.backupEligible | Flag.backedUp
            let verified = try Ceremony.register(authenticator)
            #expect(verified.credentialID == authenticator.credentialID)
            #expect(verified.publicKey == authenticator.coseKey.encoded)
            #expect(verified.algorithm == algorithm)
            #expect(verified.signCount == 0x0102_0304)
            #expect(verified.aaguid.octets == authenticator.aaguid)
            #expect(verified.isUserVerified && verified.isBackupEligible && verified.isBackedUp)
            #expect(verified.attestation == .none)
        }
    }

    @Test("what the flags deny is denied")
    func flags() throws {
        let verified = try register(for: Ceremony.party(isVerifying: false)) { $0.flags = Flag.userPresent }
        #expect(!verified.isUserVerified && !verified.isBackupEligible && !verified.isBackedUp)
        // Reserved flags are passed over.
        _ = try register { $0.flags |= 0x22 }
    }

    @Test("an algorithm that was not offered is refused, also one that is known")
    func algorithms() throws {
        for kind in [TestKey.Kind.p521, .secp256k1, .ed448] {
            #expect(throws: WebAuthnRefusal.algorithmUnsupported) {
                try Ceremony.register(TestAuthenticator(kind))
            }
        }
        var party = Ceremony.party()
        party.algorithms = [.eddsa, .rs256]
        #expect(throws: WebAuthnRefusal.algorithmUnsupported) { try Ceremony.register(for: party) }
        _ = try Ceremony.register(TestAuthenticator(.ed25519), for: party)
    }

    @Test("another RP ID is refused, also a parent or a child domain of the right one")
    func rpID() {
        for other in ["example.com", "login.example.org", "org", "Example.org", ""] {
            #expect(throws: WebAuthnRefusal.rpIDMismatch) { try register { $0.rpID = other } }
        }
    }

    @Test("without UP it is refused; without UV, where UV is required")
    func user() throws {
        #expect(throws: WebAuthnRefusal.userAbsent) { try register { $0.flags = Flag.userVerified } }
        #expect(throws: WebAuthnRefusal.userUnverified) { try register { $0.flags = Flag.userPresent } }
        _ = try register(for: Ceremony.party(isVerifying: false)) { $0.flags = Flag.userPresent }
    }

    @Test("BS without BE is refused")
    func backup() throws {
        #expect(throws: WebAuthnRefusal.backupStateImpossible) { try register { $0.flags |= Flag.backedUp } }
        _ = try register { $0.flags |= Flag.backupEligible }
    }

    @Test("a credential ID of 1,023 bytes is taken, of 1,024 and of none refused")
    func credentialID() throws {
        for count in [1, 16, 1023] {
            let verified = try register { $0.credentialID = [UInt8](repeating: 7, count: count) }
            #expect(verified.credentialID.count == count)
        }
        for count in [0, 1024, 2000] {
            #expect(throws: WebAuthnRefusal.credentialIDLength) {
                try register { $0.credentialID = [UInt8](repeating: 7, count: count) }
            }
        }
    }

    @Test("a model that is denied, or not among those allowed, is refused")
    func models() throws {
        let own = try #require(AAGUID(octets: TestAuthenticator().aaguid))
        let other = try #require(AAGUID("f8a011f3-8c0a-4d15-8006-17111f9edc7d"))
        _ = try Ceremony.register(for: Ceremony.party(allowed: [other, own]))
        _ = try Ceremony.register(for: Ceremony.party(denied: [other]))
        for party in [
            Ceremony.party(allowed: [other]), Ceremony.party(denied: [own]),
            Ceremony.party(allowed: [own], denied: [own]), Ceremony.party(allowed: [.unknown]),
        ] {
            #expect(throws: WebAuthnRefusal.aaguidRefused) { try Ceremony.register(for: party) }
        }
    }

    @Test("a huge attestation object is refused unread, and so are huge client data")
    func huge() throws {
        let object = TestAuthenticator.attestationObject(
            TestAuthenticator().authenticatorData(isNew: true), format: "tpm",
            statement: .map([(.text("x"), .bytes([UInt8](repeating: 0, count: 16384)))]))
        #expect(throws: WebAuthnRefusal.attestationObjectTooLong) { try Ceremony.register(object: object) }
        #expect(throws: WebAuthnRefusal.authenticatorDataTooLong) {
            var authenticator = TestAuthenticator()
            authenticator.credentialID = [UInt8](repeating: 7, count: 4000)
            return try Ceremony.register(authenticator)
        }
        let rest = #","extra":"\#(String(repeating: "x", count: 4096))""#
        let client = TestClientData(type: "webauthn.create", challenge: Ceremony.challenge, rest: rest).json
        #expect(throws: WebAuthnRefusal.clientDataTooLong) { try Ceremony.register(clientData: client) }
    }

    @Test("an attestation object of exactly the longest size is read")
    func longest() throws {
        let data = TestAuthenticator().authenticatorData(isNew: true)
        func object(_ count: Int) -> [UInt8] {
            TestAuthenticator.attestationObject(
                data, format: "tpm", statement: .map([(.text("x"), .bytes([UInt8](repeating: 0, count: count)))]))
        }
        let fit = CeremonyBounds.longestAttestationObject - object(1000).count + 1000
        #expect(object(fit).count == CeremonyBounds.longestAttestationObject)
        #expect(try Ceremony.register(object: object(fit)).attestation == .unattested)
        #expect(throws: WebAuthnRefusal.attestationObjectTooLong) { try Ceremony.register(object: object(fit + 1)) }
    }

    @Test("an object that is cut off anywhere is refused, and so is one with a byte more")
    func cut() throws {
        let whole = TestAuthenticator().registration(challenge: Ceremony.challenge).attestationObject
        _ = try Ceremony.register(object: whole)
        for count in 0..<whole.count {
            #expect(throws: WebAuthnRefusal.cborMalformed) { try Ceremony.register(object: Array(whole[..<count])) }
        }
        #expect(throws: WebAuthnRefusal.cborMalformed) { try Ceremony.register(object: whole + [0]) }
    }

    @Test("members that an attestation object does not have, lacks or has in another type are refused")
    func members() {
        let data = TestCBOR.bytes(TestAuthenticator().authenticatorData(isNew: true))
        let (format, statement): (TestCBOR, TestCBOR) = (.text("none"), .map([]))
        let objects: [TestCBOR] = [
            .map([]), .array([format, statement, data]), .integer(1), .bytes([]),
            .map([(.text("fmt"), format), (.text("authData"), data)]),
            .map([(.text("fmt"), format), (.text("attStmt"), statement)]),
            .map([(.text("attStmt"), statement), (.text("authData"), data)]),
            .map([
                (.text("fmt"), format), (.text("epAtt"), .flag(true)), (.text("attStmt"), statement),
                (.text("authData"), data),
            ]),
            .map([(.text("fmt"), .bytes(Array("none".utf8))), (.text("attStmt"), statement), (.text("authData"), data)]
            ),
            .map([(.text("fmt"), format), (.text("attStmt"), .bytes([])), (.text("authData"), data)]),
            .map([(.text("fmt"), format), (.text("attStmt"), statement), (.text("authData"), .text("x"))]),
            .map([(.text("fmt"), .text("")), (.text("attStmt"), statement), (.text("authData"), data)]),
            .map([(.text("fmt"), .text("no ne")), (.text("attStmt"), statement), (.text("authData"), data)]),
            .map([
                (.text("fmt"), .text(String(repeating: "x", count: 33))), (.text("attStmt"), statement),
                (.text("authData"), data),
            ]),
        ]
        for object in objects {
            #expect(throws: WebAuthnRefusal.attestationObjectMalformed) {
                try Ceremony.register(object: object.encoded)
            }
        }
    }

    @Test("authenticator data without a credential register nothing")
    func withoutCredential() {
        let object = TestAuthenticator.attestationObject(TestAuthenticator().authenticatorData(isNew: false))
        #expect(throws: WebAuthnRefusal.authenticatorDataMalformed) { try Ceremony.register(object: object) }
    }

    @Test("the first step of the standard that fails names the refusal")
    func order() {
        // Everything is wrong; each line mends what the one before complained of.
        var authenticator = TestAuthenticator(.p521)
        authenticator.rpID = "example.com"
        authenticator.flags = Flag.backedUp
        authenticator.credentialID = []
        var party = Ceremony.party(attestation: .attested)
        var client = TestClientData(
            type: "webauthn.get", challenge: [], origin: "https://example.com", rest: #","crossOrigin":true"#)
        var seen: [WebAuthnRefusal] = []
        func step() {
            let object = TestAuthenticator.attestationObject(authenticator.authenticatorData(isNew: true))
            do {
                _ = try Ceremony.register(clientData: client.json, object: object, for: party)
            } catch { seen.append(error) }
        }
        step()
        client.type = "webauthn.create"
        step()
        client.challenge = Ceremony.challenge
        step()
        client.origin = "https://example.org"
        step()
        client.rest = ""
        step()
        authenticator.rpID = "example.org"
        step()
        authenticator.flags |= Flag.userPresent
        step()
        authenticator.flags |= Flag.userVerified
        step()
        authenticator.flags |= Flag.backupEligible
        step()
        authenticator.key = TestKey(.p256)
        step()
        party.attestation = .any
        step()
        #expect(
            seen == [
                .typeMismatch, .challengeMismatch, .originRefused, .crossOriginRefused, .rpIDMismatch, .userAbsent,
                .userUnverified, .backupStateImpossible, .algorithmUnsupported, .attestationRefused,
                .credentialIDLength,
            ])
    }
}
