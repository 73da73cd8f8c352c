import HostCrypto
import Testing

@Suite("Digests and randomness")
struct DigestTests {
    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test(
        "SHA-256 gives the examples of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
                "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
            ),
        ])
    func sha256(_ text: String, _ expected: String) {
        #expect(hexadecimal(SHA256Digest.bytes(Array(text.utf8))) == expected)
    }

    @Test("SHA-256 of a million times `a`")
    func sha256Long() {
        #expect(
            hexadecimal(SHA256Digest.bytes([UInt8](repeating: 0x61, count: 1_000_000)))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("the digest as words is the digest as bytes")
    func words() {
        let bytes = Array("abc".utf8)
        let words = SHA256Digest.words(bytes.span.bytes)
        #expect(words.first == 0xBA78_16BF_8F01_CFEA && words.second == 0x4141_40DE_5DAE_2223)
        #expect(words.third == 0xB003_61A3_9617_7A9C && words.fourth == 0xB410_FF61_F200_15AD)
    }

    @Test("SHA-1 gives the WebSocket example of RFC 6455 §1.3")
    func sha1() {
        let bytes = Array("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)
        #expect(hexadecimal(SHA1Checksum.bytes(bytes)) == "b37a4f2cc0624f1690f64606cf385945b2bec4ea")
        #expect(hexadecimal(SHA1Checksum.bytes([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    }

    @Test("random bytes come in the count asked for and do not repeat")
    func random() {
        #expect(SecureRandom.bytes(0).isEmpty)
        #expect(Set((0..<1000).map { _ in SecureRandom.number() }).count == 1000)
        let bytes = SecureRandom.bytes(4096)
        #expect(bytes.count == 4096 && Set(bytes).count > 200)
    }
}
