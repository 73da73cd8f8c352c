import Core
import HostCrypto
import Store
import Testing

@testable import Login

@Suite("Session tokens")
struct SessionTokensTests {
    @Test("a token names its tenant and is found by its hash; two are never the same")
    func make() throws {
        let tenant = try tenantID("acme-2")
        let token = SessionTokens.make(for: tenant)
        #expect(token.utf8.count == 7 + 43 && token != SessionTokens.make(for: tenant))
        #expect(SessionTokens.tenant(of: token) == tenant)
        #expect(SessionTokens.digest(token)?.octets == SHA256Digest.bytes(Array(token.utf8)))
        let device = SessionTokens.makeDevice()
        #expect(SessionTokens.deviceDigest(device)?.octets == SHA256Digest.bytes(Array(device.utf8)))
    }

    @Test("what is no token is found by nothing")
    func malformed() {
        let secret = String(repeating: "A", count: 43)
        #expect(SessionTokens.tenant(of: "acme." + secret) != nil)
        for text in [
            "", ".", secret, "." + secret, "acme." + secret + "A", "acme." + secret.dropLast(), "Acme." + secret,
            "acme." + secret.dropLast() + "=", "acme." + secret.dropLast() + "B", "a.b." + secret,
            String(repeating: "a", count: 64) + "." + secret,
        ] {
            #expect(SessionTokens.tenant(of: text) == nil)
            #expect(SessionTokens.digest(text) == nil)
        }
        for text in ["", "acme." + secret, secret + "A", String(secret.dropLast()) + "*"] {
            #expect(SessionTokens.deviceDigest(text) == nil)
        }
    }
}
