import Core
import Foundation
import HostCrypto
import TestSupport
import Testing

/// One line of `Tests/Vectors/passwords/hashes.txt`.
struct PasswordVector: Sendable, CustomTestStringConvertible {
    let origin: String
    let password: String
    let hash: String

    var testDescription: String { "\(origin): \(hash.prefix(40))" }

    static func all() throws -> [PasswordVector] {
        let text = String(decoding: try TestFile.bytes("Vectors/passwords/hashes.txt"), as: UTF8.self)
        return try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let parts = line.split(separator: "\t").map(String.init)
            return PasswordVector(
                origin: parts[0], password: try JSONDecoder().decode(String.self, from: Data(parts[1].utf8)),
                hash: parts[2])
        }
    }
}

@Suite("Hashes from other systems")
struct ForeignHashTests {
    @Test("what the original implementations made fits its password and no other", arguments: try PasswordVector.all())
    func verifies(vector: PasswordVector) throws {
        let hash = try PasswordHash.importing(vector.hash)
        #expect(hash.text == vector.hash)
        #expect(PasswordHash(vector.hash) == hash)
        #expect(hash.work <= .most)
        #expect(try hash.isHash(of: secret(Array(vector.password.utf8))) == true)
        #expect(try hash.isHash(of: secret(Array("Q\(vector.password)".utf8))) == false)
        #expect(try hash.isHash(of: secret([])) == false)
    }

    @Test("one of ours is ours, and is made anew at another cost only; a foreign one always")
    func own() throws {
        let text = "$argon2id$v=19$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8ms"
        let own = try PasswordHash.importing(text)
        guard case .own(let encoded) = own else { throw PasswordVectorMissing() }
        #expect(!own.needsRehash(for: encoded.cost))
        #expect(own.needsRehash(for: .standard))
        let foreign = try PasswordHash.importing("$2b$04$abcdefghijklmnopqrstuuIO2Ds0pI5QzzZF8bYE7nvJk/jZkvz5q")
        #expect(foreign.needsRehash(for: .standard))
    }

    @Test("bcrypt reads 72 bytes and no zero byte")
    func bcrypt() throws {
        let long = try #require(
            try PasswordVector.all().first { $0.hash.hasPrefix("$2b$") && $0.password.count == 100 })
        let hash = try PasswordHash.importing(long.hash)
        #expect(try hash.isHash(of: secret(Array(long.password.utf8.prefix(72)))) == true)
        #expect(try hash.isHash(of: secret(Array(long.password.utf8.prefix(71)))) == false)
        let short = try #require(try PasswordVector.all().first { $0.hash.hasPrefix("$2b$") })
        let other = try PasswordHash.importing(short.hash)
        #expect(try other.isHash(of: secret(Array(short.password.utf8) + [0, 1])) == false)
    }

    @Test(
        "a hash beyond a bound is refused with the bound",
        arguments: [
            ("$2b$15$abcdefghijklmnopqrstuuIO2Ds0pI5QzzZF8bYE7nvJk/jZkvz5q", "bcrypt's cost: 15; allowed: 4 to 14"),
            ("$2b$03$abcdefghijklmnopqrstuuIO2Ds0pI5QzzZF8bYE7nvJk/jZkvz5q", "bcrypt's cost: 3; allowed: 4 to 14"),
            ("pbkdf2_sha256$2000001$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "iterations: 2000001"),
            ("pbkdf2_sha256$0$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "iterations: 0"),
            ("pbkdf2_sha256$1000$salt$AAAA", "the hash's bytes: 3; allowed: 16 to 64"),
            ("pbkdf2_sha256$1000$$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "the salt's bytes: 0"),
            (
                "$pbkdf2-sha512$2000000$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "its cost is 1720 ms"
            ),
            (
                "$argon2id$v=19$m=262145,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "memory in KiB: 262145"
            ),
            ("$argon2id$v=19$m=262144,t=64,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "its cost is"),
            ("$argon2id$v=19$m=1024,t=65,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "passes: 65"),
            (
                "$argon2id$v=19$m=64,t=1,p=9$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "lanes: 9; allowed: 1 to 8"
            ),
            ("$argon2id$v=19$m=1024,t=1,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "the salt's bytes: 4"),
            ("$scrypt$ln=18,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "memory in MiB: 256"),
            ("scrypt$1000$salt$8$1$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "no power of two"),
            (
                "AQAAAAEAHoSBAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==",
                "iterations: 2000001"
            ),
        ])
    func bounds(text: String, words: String) {
        #expect { try PasswordHash.importing(text) } throws: {
            ($0 as? ForeignHash.Flaw)?.words.contains(words) == true
        }
        // What was kept under wider bounds once is read no more either.
        #expect(PasswordHash(text) == nil)
    }

    @Test(
        "what is no hash says what is allowed",
        arguments: [
            ("", "its form is not known"), ("password", "its form is not known"),
            ("5f4dcc3b5aa765d61d8327deb882cf99", "its form is not known"),
            ("$1$salt$qJH7.N4xYta3aEG/dfqo/0", "its form is not known"), ("$6$salt$abc", "its form is not known"),
            ("md5$salt$abc", "its form is not known"), ("!unusable", "no usable password"), ("*", "no usable password"),
            ("$2x$04$abcdefghijklmnopqrstuuIO2Ds0pI5QzzZF8bYE7nvJk/jZkvz5q", "early years"),
            ("$2b$4$abcdefghijklmnopqrstuuIO2Ds0pI5QzzZF8bYE7nvJk/jZkvz5q", "no bcrypt hash"),
            ("$2b$04$abcdefghijklmnopqrstuuIO2Ds0pI5QzzZF8bYE7nvJk/jZkvz5", "no bcrypt hash"),
            ("$2b$04$abcdefghijklmnopqrstuuIO2Ds0pI5QzzZF8bYE7nvJk/jZkvz5=", "no bcrypt hash"),
            ("$argon2i$v=19$m=512,t=3,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "another kind"),
            (
                "$argon2id$v=16$m=512,t=3,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "no Argon2id hash"
            ),
            ("$argon2id$v=19$m=512,t=3$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "no Argon2id hash"),
            ("$pbkdf2-sha256$1e3$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "no PBKDF2 hash"),
            ("$pbkdf2-sha256$i=1000,l=31$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "the hash has 32 bytes"),
            ("AAABAgMEBQYHCAkKCwwNDg==", "has 49 bytes"),
            (
                "AQAAAAMAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==",
                "do not fit its length"
            ),
            (
                "AQAAAAEAACcQf////wABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==",
                "do not fit its length"
            ),
            (String(repeating: "a", count: 513), "allowed: at most 512"),
        ])
    func refused(text: String, words: String) {
        #expect { try PasswordHash.importing(text) } throws: {
            ($0 as? ForeignHash.Flaw)?.words.contains(words) == true
        }
        #expect(PasswordHash(text) == nil)
    }
}

private struct PasswordVectorMissing: Error {}
