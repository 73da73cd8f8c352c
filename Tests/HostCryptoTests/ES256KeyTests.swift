import Core
import HostCrypto
import Testing

@Suite("ES256")
struct ES256KeyTests {
    static let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
    static let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    static let message = Array(
        ("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog"
            + "Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ").utf8)
    static let signature =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

    func decoded(_ text: String) throws -> [UInt8] { try #require(Base64.decode(text.utf8, alphabet: .url)) }

    @Test("the signature of RFC 7515 appendix A.3 verifies, and no changed one does")
    func known() throws {
        let key = try #require(ES256PublicKey(x: decoded(Self.x), y: decoded(Self.y)))
        let signature = try decoded(Self.signature)
        #expect(key.isSignature(signature, of: Self.message))
        #expect(!key.isSignature(signature, of: Self.message + [0]))
        #expect(!key.isSignature(Array(signature.prefix(63)), of: Self.message))
        for position in stride(from: 0, to: 64, by: 7) {
            var changed = signature
            changed[position] ^= 1
            #expect(!key.isSignature(changed, of: Self.message))
        }
        #expect(!key.isSignature([UInt8](repeating: 0, count: 64), of: Self.message))
    }

    @Test("the thumbprint and the JWK are those of the key")
    func jwk() throws {
        let key = try #require(ES256PublicKey(x: decoded(Self.x), y: decoded(Self.y)))
        #expect(key.thumbprint == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")
        #expect(
            key.jwk == #"{"kty":"EC","crv":"P-256","x":"\#(Self.x)","y":"\#(Self.y)","#
                + #""kid":"oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U","alg":"ES256","use":"sig"}"#)
    }

    @Test("a point that is not on the curve verifies nothing")
    func offCurve() throws {
        var y = try decoded(Self.y)
        y[0] ^= 1
        let key = try #require(ES256PublicKey(x: decoded(Self.x), y: y))
        #expect(try !key.isSignature(decoded(Self.signature), of: Self.message))
    }

    @Test("a new key signs, and still does after it was written and read")
    func roundTrip() throws {
        let key = ES256PrivateKey()
        let first = key.signature(of: Self.message)
        #expect(first.count == 64)
        #expect(key.publicKey.isSignature(first, of: Self.message))
        #expect(!ES256PrivateKey().publicKey.isSignature(first, of: Self.message))
        let written = key.pkcs8()
        let pair = ES256PrivateKey(pkcs8: written)
        let read = try #require(pair)
        #expect(read.publicKey == key.publicKey)
        #expect(key.publicKey.isSignature(read.signature(of: Self.message), of: Self.message))
        let nonsense: [UInt8] = [0x30, 0x03, 1, 2, 3]
        let none = ES256PrivateKey(pkcs8: secret(nonsense))
        #expect(none == nil)
    }
}
