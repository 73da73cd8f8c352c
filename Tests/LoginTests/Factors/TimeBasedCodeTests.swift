import Core
import HostCrypto
import Testing

@testable import Login

@Suite("Time-based codes")
struct TimeBasedCodeTests {
    static let seed = "12345678901234567890"

    /// The seed of RFC 6238's reference, as long as its hash.
    private func seed(_ count: Int) -> SecretBytes {
        SecretBytes(copying: (0..<count).map { Array(Self.seed.utf8)[$0 % 20] })
    }

    private func at(_ seconds: Int64, _ milliseconds: Int64 = 0) -> WallTime {
        WallTime(milliseconds: seconds * 1000 + milliseconds)
    }

    @Test(
        "the vectors of RFC 4226 appendix D hold",
        arguments: zip(
            0..<10,
            [
                "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
            ]))
    func counted(counter: Int, code: String) {
        #expect(TimeBasedCode.code(seed(20), step: Int64(counter)) == code)
    }

    static let vectors: [(Int64, String, String, String)] = [
        (59, "94287082", "46119246", "90693936"), (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"), (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"), (20_000_000_000, "65353130", "77737706", "47863826"),
    ]

    @Test("the vectors of RFC 6238 appendix B hold, with each of its hashes", arguments: vectors)
    func timed(seconds: Int64, sha1: String, sha256: String, sha512: String) {
        let step = TimeBasedCode.step(at: at(seconds))
        #expect(step == seconds / 30)
        let counter = UInt64(step)
        #expect(TimeBasedCode.code(seed(20), counter: counter, digits: 8, .sha1) == sha1)
        #expect(TimeBasedCode.code(seed(32), counter: counter, digits: 8, .sha256) == sha256)
        #expect(TimeBasedCode.code(seed(64), counter: counter, digits: 8, .sha512) == sha512)
        #expect(TimeBasedCode.code(seed(20), step: step) == sha1.suffix(6))
    }

    @Test("a step has thirty seconds, before 1970 too")
    func steps() {
        #expect(TimeBasedCode.step(at: at(29, 999)) == 0)
        #expect(TimeBasedCode.step(at: at(30)) == 1)
        #expect(TimeBasedCode.step(at: at(0, -1)) == -1)
        #expect(TimeBasedCode.step(at: at(-30)) == -1)
        #expect(TimeBasedCode.step(at: at(-30, -1)) == -2)
    }

    @Test("a code is good in its own step, the one before and the one after, and in no other")
    func window() {
        let code = TimeBasedCode.code(seed(20), step: 100)
        for step in 97...103 {
            let now = at(Int64(step) * 30 + 7)
            #expect(TimeBasedCode.match(code, seed(20), at: now) == ((99...101).contains(step) ? 100 : nil))
        }
        #expect(TimeBasedCode.match("000000", seed(20), at: at(3000)) == nil)
        let other = SecretBytes(copying: Array("another secret, 20 b".utf8))
        #expect(TimeBasedCode.match(code, other, at: at(3000)) == nil)
    }

    @Test(
        "a code is read with blanks, and with the digits of every script",
        arguments: [
            "287082", " 287 082 ", "287\u{A0}082", "２８７０８２", "287\u{3000}082", "٢٨٧٠٨٢", "२८७०८२", "\u{200E}287082",
            "2\t8\n7 0 8 2", "𝟐𝟖𝟕𝟎𝟖𝟐",
        ])
    func scripts(typed: String) {
        #expect(TimeBasedCode.normalised(typed) == "287082")
        #expect(TimeBasedCode.match(typed, seed(20), at: at(30)) == 1)
    }

    @Test(
        "what is not six digits is no code",
        arguments: [
            "", " ", "28708", "2870821", "28708a", "287-082", "287.082", "²⁸⁷⁰⁸²", "①②③④⑤⑥", "+28708", "Ⅰ28708",
            "½28708",
            "287082\u{0}", String(repeating: " ", count: 300) + "287082", "一二三四五六",
        ])
    func noCode(typed: String) {
        #expect(TimeBasedCode.normalised(typed) == nil)
        #expect(TimeBasedCode.match(typed, seed(20), at: at(30)) == nil)
    }

    @Test("new secrets have 160 bits and are others each time")
    func secrets() {
        let secrets = Set((0..<20).map { _ in TimeBasedCode.newSecret() })
        #expect(secrets.count == 20 && secrets.allSatisfy { $0.count == 20 })
    }

    @Test("the address of a secret says who gave it, to whom, and what every app assumes")
    func address() {
        let secret = seed(20)
        #expect(
            OTPAuthURI.text(secret: secret, issuer: "Müller & Söhne: IT", account: "erika+a@acme.example")
                == "otpauth://totp/M%C3%BCller%20%26%20S%C3%B6hne%20%20IT:erika%2Ba%40acme.example"
                + "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=M%C3%BCller%20%26%20S%C3%B6hne%20%20IT"
                + "&algorithm=SHA1&digits=6&period=30")
    }
}
