import Core
import HostCrypto
import Testing

@Suite("HMAC with SHA-512")
struct HMACSHA512Tests {
    static let codes: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
                + "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
        ),
    ]

    @Test("the vectors of RFC 4231 hold", arguments: 0..<codes.count)
    func hmac(index: Int) {
        let (key, message, code) = Self.codes[index]
        #expect(HMACSHA512.code(for: message, key: secret(key)) == bytes(code))
    }

    @Test("no key and no message have a code too, and every other bit gives another one")
    func edges() {
        let none = HMACSHA512.code(for: [], key: secret([]))
        #expect(
            none
                == bytes(
                    "b936cee86c9f87aa5d3c6f2e84cb5a4239a5fe50480a6ec66b70ab5b1f4ac673"
                        + "0c6c515421b327ec1d69402e53dfb49ad7381eb067b338fd7b0cb22247225d47"))
        #expect(none.count == HMACSHA512.byteCount)
        #expect(HMACSHA512.code(for: [1], key: secret([])) != HMACSHA512.code(for: [0], key: secret([])))
        #expect(HMACSHA512.code(for: [], key: secret([1])) != none)
    }
}
