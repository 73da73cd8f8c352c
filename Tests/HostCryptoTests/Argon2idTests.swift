import Core
import HostCrypto
import Testing

@Suite("Argon2id")
struct Argon2idTests {
    static let known: [(password: [UInt8], hash: String)] = [
        (
            Array("password".utf8),
            "$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHQxNmJ5dGVzIQ$Z4IGlh79oreC9C6ufsItXuLZfMvkzX14zg45Jl+UD84"
        ),
        (
            [],
            "$argon2id$v=19$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8ms"
        ),
        (
            Array("Grüße, 10 €".utf8),
            "$argon2id$v=19$m=19456,t=2,p=1$AP8A/wD/AP8A/wD/AP8A/w$YhpOjqofyt5zyxnZI7uSIupv+QGJ5ubs9v6wIDczxsM"
        ),
        (
            [UInt8](repeating: UInt8(ascii: "x"), count: 1024),
            "$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$HwFOpd69IG+if//5G99P1+hIX2WjniKO+yZdn+/qBxc"
        ),
    ]

    @Test("another implementation's hashes verify, and no other password does", arguments: 0..<known.count)
    func verifies(index: Int) throws {
        let (password, text) = Self.known[index]
        let hash = try #require(Argon2id.EncodedHash(text))
        #expect(try Argon2id.isPassword(secret(password), of: hash) == true)
        #expect(try Argon2id.isPassword(secret(password + [0]), of: hash) == false)
    }

    @Test("a hash carries its cost, has its own salt, and asks to be made anew when the cost changes")
    func cost() throws {
        let cheap = try #require(Argon2id.Cost(memory: 8192, passes: 1))
        let password = Array("correct horse".utf8)
        let first = try Argon2id.hash(secret(password), cost: cheap)
        let second = try Argon2id.hash(secret(password), cost: cheap)
        #expect(first != second)
        #expect(first.text.hasPrefix("$argon2id$v=19$m=8192,t=1,p=1$"))
        #expect(try Argon2id.isPassword(secret(password), of: first) == true)
        #expect(!first.needsRehash(for: cheap))
        #expect(first.needsRehash(for: .standard))
        #expect(Argon2id.Cost.standard == Argon2id.Cost(memory: 65536, passes: 3))
    }

    @Test(
        "no other function, version, lane count, cost or length is read",
        arguments: [
            "", "$argon2i$v=19$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8ms",
            "$argon2id$v=16$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8ms",
            "$argon2id$v=19$m=8192,t=1,p=4$MDEyMzQ1Njc4OWFiY2RlZg$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8ms",
            "$argon2id$v=19$m=8191,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8ms",
            "$argon2id$v=19$m=4194304,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8ms",
            "$argon2id$v=19$m=8192,t=17,p=1$MDEyMzQ1Njc4OWFiY2RlZg$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8ms",
            "$argon2id$v=19$m=08192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8ms",
            "$argon2id$v=19$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2Q$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8ms",
            "$argon2id$v=19$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8m",
            "$argon2id$v=19$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8ms$",
        ])
    func refused(text: String) { #expect(Argon2id.EncodedHash(text) == nil) }
}
