import HostCrypto
import TestAuthenticator
import Testing
import WebAuthn

@Suite("Authentication")
struct AssertionTests {
    typealias Flag = TestAuthenticator.Flag

    @Test("a use of each algorithm's credential is proven", arguments: [TestKey.Kind.p256, .p384, .ed25519, .rsa])
    func accepted(_ kind: TestKey.Kind) throws {
        var authenticator = TestAuthenticator(kind)
        authenticator.origin = "https://alt.example.org:8443"
        authenticator.signCount = 8
        authenticator.flags |= Flag.backupEligible | Flag.backedUp
        let verified = try Ceremony.assert(
            authenticator, credential: Ceremony.credential(authenticator, signCount: 7))
        #expect(verified.origin == "https://alt.example.org:8443")
        #expect(verified.signCount == 8)
        #expect(verified.isUserVerified && verified.isBackedUp)
    }

    @Test("what was registered is what is asserted with")
    func afterRegistration() throws {
        let authenticator = TestAuthenticator(.ed25519)
        let registered = try Ceremony.register(authenticator)
        let credential = RegisteredCredential(
            credentialID: registered.credentialID, publicKey: registered.publicKey, signCount: registered.signCount,
            isBackupEligible: registered.isBackupEligible)
        let verified = try Ceremony.assert(authenticator, credential: credential)
        #expect(verified.isUserVerified)
    }

    @Test("another credential's record is refused, also where both have one key")
    func credential() {
        let authenticator = TestAuthenticator()
        var other = Ceremony.credential(authenticator)
        other.credentialID[31] ^= 1
        #expect(throws: WebAuthnRefusal.credentialMismatch) {
            try Ceremony.assert(authenticator, credential: other)
        }
    }

    @Test("another key's signature is refused, in whatever algorithm", arguments: [TestKey.Kind.p256, .ed25519, .rsa])
    func otherKey(_ kind: TestKey.Kind) {
        let authenticator = TestAuthenticator(kind)
        var record = Ceremony.credential(TestAuthenticator(.p256))
        record.credentialID = authenticator.credentialID
        #expect(throws: WebAuthnRefusal.signatureInvalid) {
            try Ceremony.assert(authenticator, credential: record)
        }
    }

    @Test("a signature that was cut, lengthened, emptied or changed is refused")
    func signature() {
        let authenticator = TestAuthenticator(.ed25519)
        let response = authenticator.assertion(challenge: Ceremony.challenge)
        var changed = response.signature
        changed[0] ^= 0x80
        let wrong: [[UInt8]] = [
            [], Array(response.signature.dropLast()), response.signature + [0], changed,
            [UInt8](repeating: 0, count: 1025),
        ]
        for signature in wrong {
            var other = response
            other.signature = signature
            #expect(throws: WebAuthnRefusal.signatureInvalid) {
                try Assertion.verify(
                    other, challenge: Ceremony.challenge, credential: Ceremony.credential(authenticator),
                    for: Ceremony.party())
            }
        }
    }

    @Test("client data and authenticator data are what was signed")
    func signed() {
        let authenticator = TestAuthenticator()
        var response = authenticator.assertion(challenge: Ceremony.challenge)
        func verify() throws {
            _ = try Assertion.verify(
                response, challenge: Ceremony.challenge, credential: Ceremony.credential(authenticator),
                for: Ceremony.party())
        }
        #expect(throws: Never.self) { try verify() }
        response.clientDataJSON += [0x20]
        #expect(throws: WebAuthnRefusal.signatureInvalid) { try verify() }
        response = authenticator.assertion(challenge: Ceremony.challenge)
        response.authenticatorData[36] = 9
        #expect(throws: WebAuthnRefusal.signatureInvalid) { try verify() }
    }

    @Test("an answer to another challenge is refused: what was used before, too")
    func challenge() {
        let authenticator = TestAuthenticator()
        let response = authenticator.assertion(challenge: Ceremony.challenge)
        for other in [[UInt8](2...33), [UInt8](1...31), [UInt8](1...33)] {
            #expect(throws: WebAuthnRefusal.challengeMismatch) {
                try Assertion.verify(
                    response, challenge: other, credential: Ceremony.credential(authenticator),
                    for: Ceremony.party())
            }
        }
    }

    @Test("the counter goes up or is 0 on both sides; a clone is refused")
    func counter() throws {
        var authenticator = TestAuthenticator()
        let accepted: [(UInt32, UInt32)] = [(0, 0), (0, 1), (1, 2), (0, .max), (.max - 1, .max)]
        for (former, now) in accepted {
            authenticator.signCount = now
            let verified = try Ceremony.assert(
                authenticator, credential: Ceremony.credential(authenticator, signCount: former))
            #expect(verified.signCount == now)
        }
        let refused: [(UInt32, UInt32)] = [(1, 1), (1, 0), (2, 1), (.max, .max), (.max, 0), (0x100, 0xFF)]
        for (former, now) in refused {
            authenticator.signCount = now
            #expect(throws: WebAuthnRefusal.counterNotIncreased) {
                try Ceremony.assert(
                    authenticator, credential: Ceremony.credential(authenticator, signCount: former))
            }
        }
    }

    @Test("without UP it is refused; without UV, where UV is required, else it says so")
    func user() throws {
        var authenticator = TestAuthenticator()
        authenticator.flags = Flag.userVerified
        #expect(throws: WebAuthnRefusal.userAbsent) { try Ceremony.assert(authenticator) }
        authenticator.flags = Flag.userPresent
        #expect(throws: WebAuthnRefusal.userUnverified) { try Ceremony.assert(authenticator) }
        let verified = try Ceremony.assert(authenticator, for: Ceremony.party(isVerifying: false))
        #expect(!verified.isUserVerified)
    }

    @Test("BS without BE is refused, and BE that is not what it was at the registration")
    func backup() throws {
        var authenticator = TestAuthenticator()
        let plain = Ceremony.credential(authenticator)
        authenticator.flags |= Flag.backedUp
        #expect(throws: WebAuthnRefusal.backupStateImpossible) {
            try Ceremony.assert(authenticator, credential: plain)
        }
        authenticator.flags |= Flag.backupEligible
        #expect(throws: WebAuthnRefusal.backupEligibilityChanged) {
            try Ceremony.assert(authenticator, credential: plain)
        }
        let eligible = Ceremony.credential(authenticator)
        #expect(try Ceremony.assert(authenticator, credential: eligible).isBackedUp)
        authenticator.flags &= ~Flag.backedUp
        #expect(try !Ceremony.assert(authenticator, credential: eligible).isBackedUp)
        authenticator.flags &= ~Flag.backupEligible
        #expect(throws: WebAuthnRefusal.backupEligibilityChanged) {
            try Ceremony.assert(authenticator, credential: eligible)
        }
    }

    @Test("another RP ID is refused")
    func rpID() {
        var authenticator = TestAuthenticator()
        authenticator.rpID = "example.com"
        #expect(throws: WebAuthnRefusal.rpIDMismatch) { try Ceremony.assert(authenticator) }
    }

    @Test("authenticator data with a new credential are those of a registration")
    func newCredential() {
        let authenticator = TestAuthenticator()
        #expect(throws: WebAuthnRefusal.authenticatorDataMalformed) {
            try Ceremony.assert(authenticator, data: authenticator.authenticatorData(isNew: true))
        }
    }

    @Test("the first step of the standard that fails names the refusal")
    func order() {
        var authenticator = TestAuthenticator()
        authenticator.rpID = "example.com"
        authenticator.flags = Flag.backedUp
        var record = Ceremony.credential(authenticator, signCount: 5)
        let id = record.credentialID
        record.credentialID = [1]
        record.publicKey = TestAuthenticator().coseKey.encoded
        var client = TestClientData(
            type: "webauthn.create", challenge: [], origin: "https://example.com", rest: #","crossOrigin":true"#)
        var seen: [WebAuthnRefusal] = []
        func step() {
            do {
                _ = try Ceremony.assert(authenticator, credential: record, clientData: client.json)
            } catch { seen.append(error) }
        }
        step()
        record.credentialID = id
        step()
        client.type = "webauthn.get"
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
        record.isBackupEligible = true
        step()
        record.publicKey = authenticator.coseKey.encoded
        step()
        #expect(
            seen == [
                .credentialMismatch, .typeMismatch, .challengeMismatch, .originRefused, .crossOriginRefused,
                .rpIDMismatch, .userAbsent, .userUnverified, .backupStateImpossible, .backupEligibilityChanged,
                .signatureInvalid, .counterNotIncreased,
            ])
    }
}
