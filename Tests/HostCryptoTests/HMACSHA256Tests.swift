import Core
import HostCrypto
import Testing

@Suite("HMAC and HKDF with SHA-256")
struct HMACSHA256Tests {
    static let codes: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test("the vectors of RFC 4231 hold", arguments: 0..<codes.count)
    func hmac(index: Int) {
        let (key, message, code) = Self.codes[index]
        #expect(HMACSHA256.code(for: message, key: secret(key)) == bytes(code))
        #expect(HMACSHA256.isCode(bytes(code), for: message, key: secret(key)) == true)
        var wrong = bytes(code)
        wrong[31] ^= 1
        #expect(HMACSHA256.isCode(wrong, for: message, key: secret(key)) == false)
        #expect(HMACSHA256.isCode(Array(bytes(code).prefix(31)), for: message, key: secret(key)) == false)
    }

    static let derived: [(secret: [UInt8], salt: [UInt8], info: [UInt8], output: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 22), Array(0x00...0x0C), Array(0xF0...0xF9),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        ),
        (
            Array(0x00...0x4F), Array(0x60...0xAF), Array(0xB0...0xFF),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
                + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        ),
        (
            [UInt8](repeating: 0x0B, count: 22), [], [],
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        ),
    ]

    @Test("the vectors of RFC 5869 hold", arguments: 0..<derived.count)
    func hkdf(index: Int) {
        let vector = Self.derived[index]
        let expected = bytes(vector.output)
        let key = HKDFSHA256.derive(
            from: secret(vector.secret), salt: vector.salt, info: vector.info, count: expected.count)
        #expect(SecretBytes.isEqual(key, secret(expected)) == true)
    }

    @Test("two values are equal only where all bytes are")
    func constantTime() {
        #expect(ConstantTime.isEqual([], []))
        #expect(ConstantTime.isEqual([1, 2], [1, 2]))
        #expect(!ConstantTime.isEqual([1, 2], [1, 3]))
        #expect(!ConstantTime.isEqual([1, 2], [1, 2, 0]))
    }
}
