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
    }

    @Test("a device's token proves itself where it was made, and nowhere else; it is found by the hash of all of it")
    func device() async throws {
        let (here, elsewhere) = (try await LoginWorld().store.forms, try await LoginWorld().store.forms)
        let token = SessionTokens.makeDevice(forms: here)
        #expect(token.utf8.count == 87 && token != SessionTokens.makeDevice(forms: here))
        #expect(
            SessionTokens.deviceDigest(token, forms: here)?.octets == SHA256Digest.bytes(Array(token.utf8)))
        #expect(SessionTokens.deviceDigest(token, forms: elsewhere) == nil)
        let (secret, proof) = (token.prefix(43), token.suffix(43))
        let other = SessionTokens.makeDevice(forms: here)
        let forms = FormToken(forms: here).token(for: .browser(String(secret)))
        for text in [
            "", ".", "\(secret)", "\(secret).", ".\(proof)", "\(secret).\(secret)", "\(proof).\(secret)",
            "\(other.prefix(43)).\(proof)", "\(secret).\(other.suffix(43))", "\(secret).\(forms)", "\(token)A",
            "\(secret)A\(proof)", "\(secret).\(proof.dropLast())*", "\(String(repeating: "A", count: 86)).",
            "acme.\(secret)",
        ] { #expect(SessionTokens.deviceDigest(text, forms: here) == nil, "\(text)") }
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
    }
}
