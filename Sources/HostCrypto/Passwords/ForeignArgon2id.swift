import CSodium
import Core

/// An Argon2id hash of other parameters than ours: any number of lanes, other lengths, another cost.
struct ForeignArgon2id: Hashable, Sendable {
    /// KiB.
    static let memoryBounds = 8...262_144
    static let passesBounds = 1...64
    static let laneBounds = 1...32
    /// Bytes of the salt (RFC 9106 §3.1: at least 8).
    static let saltBounds = 8...64

    /// The PHC form alone.
    private let text: String
    let memory: Int
    let passes: Int

    /// `$argon2id$v=19$m=102400,t=2,p=8$salt$hash`.
    init(_ text: Substring) throws(ForeignHash.Flaw) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count > 2, parts[1] == "argon2id" else {
            throw ForeignHash.Flaw("it is Argon2 of another kind than Argon2id, which is not taken")
        }
        let costs = parts.count == 6 ? parts[3].split(separator: ",", omittingEmptySubsequences: false) : []
        guard costs.count == 3, parts[2] == "v=19", let memory = HashReading.number(costs[0], after: "m="),
            let passes = HashReading.number(costs[1], after: "t="),
            let lanes = HashReading.number(costs[2], after: "p="),
            // The form writes base64 without padding, and libsodium reads no other.
            parts[4].last != "=", parts[5].last != "=", let salt = HashReading.base64(parts[4]),
            let key = HashReading.base64(parts[5])
        else {
            throw ForeignHash.Flaw("it is no Argon2id hash; allowed: $argon2id$v=19$m=65536,t=3,p=4$SALT$HASH")
        }
        guard Self.memoryBounds.contains(memory) else {
            throw .beyond("Argon2id's memory in KiB", memory, Self.memoryBounds)
        }
        guard Self.passesBounds.contains(passes) else { throw .beyond("Argon2id's passes", passes, Self.passesBounds) }
        guard Self.laneBounds.contains(lanes), memory >= 8 * lanes else {
            throw .beyond("Argon2id's lanes", lanes, 1...min(Self.laneBounds.upperBound, memory / 8))
        }
        guard Self.saltBounds.contains(salt.count) else {
            throw .beyond("the salt's bytes", salt.count, Self.saltBounds)
        }
        guard PBKDF2Hash.keyBounds.contains(key.count) else {
            throw .beyond("the hash's bytes", key.count, PBKDF2Hash.keyBounds)
        }
        (self.text, self.memory, self.passes) = (String(text), memory, passes)
    }

    var work: HashWork { .argon2id(memory: memory, passes: passes) }

    /// Whether it is the password's; nil where it cannot be computed.
    func isHash(of password: borrowing SecretBytes) -> Bool? {
        guard gh_sodium_prepare() == 1 else { return nil }
        return password.withBytes { password in
            unsafe password.withUnsafeBytes { password in
                unsafe gh_argon2id_verify(text, octets(password), password.count) == 1
            }
        }
    }
}
