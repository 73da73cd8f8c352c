import TestAuthenticator
import Testing

@testable import WebAuthn

@Suite("Authenticator data")
struct AuthenticatorDataTests {
    typealias Flag = TestAuthenticator.Flag

    private static let output = TestCBOR.map([
        (.text("credProtect"), .integer(2)), (.text("hmac-secret"), .flag(true)),
    ])

    @Test("all parts are read")
    func parts() throws {
        var authenticator = TestAuthenticator()
        authenticator.signCount = 0xFEDC_BA98
        authenticator.extensions = Self.output
        let data = try AuthenticatorData(reading: authenticator.authenticatorData(isNew: true))
        #expect(data.signCount == 0xFEDC_BA98)
        #expect(data.flags == [.userPresent, .userVerified, .attestedCredential, .extensions])
        #expect(data.attested?.credentialID == authenticator.credentialID)
        #expect(data.attested?.aaguid.octets == authenticator.aaguid)
        #expect(data.attested?.publicKey == authenticator.coseKey.encoded)
        let bare = try AuthenticatorData(reading: TestAuthenticator().authenticatorData(isNew: false))
        #expect(bare.attested == nil)
    }

    @Test("extensions that nobody asked for are passed over")
    func extensions() throws {
        var authenticator = TestAuthenticator()
        authenticator.extensions = Self.output
        _ = try Ceremony.register(authenticator)
        _ = try Ceremony.assert(authenticator)
        authenticator.extensions = .map([])
        _ = try Ceremony.assert(authenticator)
    }

    @Test("extensions that are no map by name are refused")
    func malformedExtensions() {
        var authenticator = TestAuthenticator()
        for output in [TestCBOR.array([]), .integer(1), .bytes([1]), .map([(.integer(1), .integer(1))])] {
            authenticator.extensions = output
            #expect(throws: WebAuthnRefusal.authenticatorDataMalformed) { try Ceremony.assert(authenticator) }
        }
        authenticator.extensions = .map([(.text("a"), .integer(1)), (.text("a"), .integer(1))])
        #expect(throws: WebAuthnRefusal.cborMalformed) { try Ceremony.assert(authenticator) }
        authenticator.extensions = .raw([0xBF, 0xFF])
        #expect(throws: WebAuthnRefusal.cborMalformed) { try Ceremony.assert(authenticator) }
    }

    @Test("flags announce what follows: nothing more, nothing less")
    func announced() {
        let authenticator = TestAuthenticator()
        var bare = authenticator.authenticatorData(isNew: false)
        #expect(throws: WebAuthnRefusal.authenticatorDataMalformed) { try AuthenticatorData(reading: bare + [0]) }
        #expect(throws: WebAuthnRefusal.authenticatorDataMalformed) {
            try AuthenticatorData(reading: bare + Self.output.encoded)
        }
        bare[32] |= Flag.extensions
        #expect(throws: WebAuthnRefusal.cborMalformed) { try AuthenticatorData(reading: bare) }
        bare[32] = Flag.userPresent | Flag.attested
        #expect(throws: WebAuthnRefusal.authenticatorDataMalformed) { try AuthenticatorData(reading: bare) }
        let new = authenticator.authenticatorData(isNew: true)
        #expect(throws: WebAuthnRefusal.authenticatorDataMalformed) { try AuthenticatorData(reading: new + [0xF6]) }
        var without = new
        without[32] &= ~Flag.attested
        #expect(throws: WebAuthnRefusal.authenticatorDataMalformed) { try AuthenticatorData(reading: without) }
    }

    @Test("what is cut off anywhere is refused")
    func cut() throws {
        var authenticator = TestAuthenticator()
        authenticator.extensions = Self.output
        let whole = authenticator.authenticatorData(isNew: true)
        _ = try AuthenticatorData(reading: whole)
        for count in 0..<whole.count {
            #expect(throws: WebAuthnRefusal.self) { try AuthenticatorData(reading: Array(whole[..<count])) }
        }
    }

    @Test("4,096 bytes are read, 4,097 are not")
    func longest() throws {
        var authenticator = TestAuthenticator()
        authenticator.credentialID = [UInt8](repeating: 1, count: 100)
        func data(_ count: Int) -> [UInt8] {
            authenticator.extensions = .map([(.text("x"), .bytes([UInt8](repeating: 0, count: count)))])
            return authenticator.authenticatorData(isNew: true)
        }
        let fit = 1000 + CeremonyBounds.longestAuthenticatorData - data(1000).count
        _ = try AuthenticatorData(reading: data(fit))
        #expect(throws: WebAuthnRefusal.authenticatorDataTooLong) { try AuthenticatorData(reading: data(fit + 1)) }
    }

    @Test("a length of the credential's ID beyond the data is refused")
    func credentialLength() {
        var data = TestAuthenticator().authenticatorData(isNew: true)
        data[37 + 16] = 0xFF
        #expect(throws: WebAuthnRefusal.authenticatorDataMalformed) { try AuthenticatorData(reading: data) }
    }
}
