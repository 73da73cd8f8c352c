import Core
import HostCrypto
import Testing

@Suite("HMAC with SHA-1")
struct HMACSHA1Tests {
    static let codes: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b617318655057264e28bc0b6fb378c8ef146be00"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "125d7342b9ac11cd91a39af48aa17b4f63f175d3"
        ),
        (
            [UInt8](repeating: 0xAA, count: 80),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112"
        ),
    ]

    @Test("the vectors of RFC 2202 hold", arguments: 0..<codes.count)
    func hmac(index: Int) {
        let (key, message, code) = Self.codes[index]
        #expect(HMACSHA1.code(for: message, key: secret(key)) == bytes(code))
    }

    @Test("no key and no message have a code too, and every other bit gives another one")
    func edges() {
        let none = HMACSHA1.code(for: [], key: secret([]))
        #expect(none == bytes("fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"))
        #expect(none.count == HMACSHA1.byteCount)
        #expect(HMACSHA1.code(for: [1], key: secret([])) != HMACSHA1.code(for: [0], key: secret([])))
        #expect(HMACSHA1.code(for: [], key: secret([1])) != none)
    }
}
