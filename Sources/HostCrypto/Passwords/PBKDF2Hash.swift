import Core

/// A PBKDF2 hash, whatever the form that it came in.
struct PBKDF2Hash: Hashable, Sendable {
    static let iterationBounds = 1...2_000_000
    /// Bytes of the salt.
    static let saltBounds = 1...256
    /// Bytes of the key; fewer would fit too many passwords.
    static let keyBounds = 16...64

    let digest: PBKDF2.Digest
    let iterations: Int
    private let salt: [UInt8]
    private let key: [UInt8]

    init(digest: PBKDF2.Digest, iterations: Int, salt: [UInt8], key: [UInt8]) throws(ForeignHash.Flaw) {
        guard Self.iterationBounds.contains(iterations) else {
            throw .beyond("PBKDF2's iterations", iterations, Self.iterationBounds)
        }
        guard Self.saltBounds.contains(salt.count) else {
            throw .beyond("the salt's bytes", salt.count, Self.saltBounds)
        }
        guard Self.keyBounds.contains(key.count) else { throw .beyond("the hash's bytes", key.count, Self.keyBounds) }
        (self.digest, self.iterations, self.salt, self.key) = (digest, iterations, salt, key)
    }

    var work: HashWork {
        .pbkdf2(digest, iterations: iterations, blocks: (key.count + digest.byteCount - 1) / digest.byteCount)
    }

    /// Whether it is the password's; nil where it cannot be computed.
    func isHash(of password: borrowing SecretBytes) -> Bool? {
        PBKDF2.key(of: password, salt: salt, iterations: iterations, digest: digest, count: key.count)
            .map { ConstantTime.isEqual($0, key) }
    }
}

// MARK: Forms

extension PBKDF2Hash {
    /// `$pbkdf2-sha256$29000$salt$hash` of passlib, `$pbkdf2-sha256$i=310000,l=32$salt$hash` of the PHC string format.
    init(modular text: Substring) throws(ForeignHash.Flaw) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        let names: [Substring: PBKDF2.Digest] = [
            "pbkdf2": .sha1, "pbkdf2-sha1": .sha1, "pbkdf2-sha256": .sha256, "pbkdf2-sha512": .sha512,
        ]
        guard parts.count == 5, let digest = names[parts[1]],
            let iterations = HashReading.number(parts[2])
                ?? HashReading.number(parts[2].prefix { $0 != "," }, after: "i="),
            let salt = HashReading.adaptedBase64(parts[3]), let key = HashReading.adaptedBase64(parts[4])
        else {
            throw ForeignHash.Flaw(
                "it is no PBKDF2 hash; allowed: $pbkdf2-sha256$ITERATIONS$SALT$HASH, also with sha1 or sha512 and with "
                    + "i=ITERATIONS, salt and hash in base64")
        }
        if let comma = parts[2].firstIndex(of: ",") {
            guard HashReading.number(parts[2][parts[2].index(after: comma)...], after: "l=") == key.count else {
                throw ForeignHash.Flaw("the hash has \(key.count) bytes, which is not what stands behind `l=`")
            }
        }
        try self.init(digest: digest, iterations: iterations, salt: salt, key: key)
    }

    /// `{PBKDF2-SHA256}10000$salt$hash` of LDAP directories.
    init(directory text: Substring) throws(ForeignHash.Flaw) {
        let names: [Substring: PBKDF2.Digest] = [
            "{PBKDF2": .sha1, "{PBKDF2-SHA1": .sha1, "{PBKDF2-SHA256": .sha256, "{PBKDF2-SHA512": .sha512,
        ]
        let parts = text.split(separator: "}", maxSplits: 1, omittingEmptySubsequences: false)
        let values = parts.count == 2 ? parts[1].split(separator: "$", omittingEmptySubsequences: false) : []
        guard values.count == 3, let digest = names[parts[0]], let iterations = HashReading.number(values[0]),
            let salt = HashReading.adaptedBase64(values[1]), let key = HashReading.adaptedBase64(values[2])
        else { throw ForeignHash.Flaw("it is no PBKDF2 hash; allowed: {PBKDF2-SHA256}ITERATIONS$SALT$HASH") }
        try self.init(digest: digest, iterations: iterations, salt: salt, key: key)
    }

    /// `pbkdf2_sha256$600000$salt$hash` of Django: the salt is text, the hash base64.
    init(django text: Substring) throws(ForeignHash.Flaw) {
        let names: [Substring: PBKDF2.Digest] = ["pbkdf2_sha1": .sha1, "pbkdf2_sha256": .sha256]
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 4, let digest = names[parts[0]], let iterations = HashReading.number(parts[1]),
            let key = HashReading.base64(parts[3])
        else { throw ForeignHash.Flaw("it is no hash of Django's; allowed: pbkdf2_sha256$ITERATIONS$SALT$HASH") }
        try self.init(digest: digest, iterations: iterations, salt: Array(parts[2].utf8), key: key)
    }

    /// ASP.NET Identity's bytes, in base64: version 2 is a zero, 16 bytes of salt and 32 of a key of 1000 iterations of
    /// SHA-1; version 3 is a one, three big-endian numbers (function, iterations, bytes of the salt), salt and key.
    init(identity octets: [UInt8]) throws(ForeignHash.Flaw) {
        guard octets.first == 1 else {
            guard octets.first == 0, octets.count == 49 else {
                throw ForeignHash.Flaw("it is no hash of ASP.NET Identity's version 2, which has 49 bytes")
            }
            try self.init(digest: .sha1, iterations: 1000, salt: Array(octets[1..<17]), key: Array(octets[17...]))
            return
        }
        func number(at index: Int) -> Int { octets[index..<index + 4].reduce(0) { $0 << 8 | Int($1) } }
        let digests: [PBKDF2.Digest] = [.sha1, .sha256, .sha512]
        guard octets.count > 13, digests.indices.contains(number(at: 1)), number(at: 9) < octets.count - 13 else {
            throw ForeignHash.Flaw("it is no hash of ASP.NET Identity's version 3: its numbers do not fit its length")
        }
        let saltEnd = 13 + number(at: 9)
        try self.init(
            digest: digests[number(at: 1)], iterations: number(at: 5), salt: Array(octets[13..<saltEnd]),
            key: Array(octets[saltEnd...]))
    }
}
