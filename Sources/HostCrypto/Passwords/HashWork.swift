/// What it costs to compute a password's hash, so that two of different functions can be compared.
///
/// A member's hash from another system may cost a hundredth of ours or four times as much.  How long an answer takes
/// must not tell which account has such a hash (security rule 14), so that the work is known before it is done.
public struct HashWork: Hashable, Sendable, Comparable {
    /// Microseconds on one core of a common server; only proportions count.
    public let microseconds: Int

    /// - Parameter microseconds: cut to what 32 bits hold, far beyond anything that is computed.
    public init(microseconds: Int) { self.microseconds = min(max(0, microseconds), Int(Int32.max)) }

    /// Nothing dearer is computed for anybody: about four times a bcrypt hash of cost 12.
    public static let most = HashWork(microseconds: 1_500_000)

    public static func < (one: HashWork, other: HashWork) -> Bool { one.microseconds < other.microseconds }

    // One core, measured side by side: libxcrypt, OpenSSL 3, libargon2 and OpenSSL's scrypt.

    /// Bcrypt of `cost`, each step of which doubles it.
    static func bcrypt(cost: Int) -> HashWork { HashWork(microseconds: 75 << min(max(0, cost), 24)) }

    /// PBKDF2 over `blocks` blocks of the digest's length.
    static func pbkdf2(_ digest: PBKDF2.Digest, iterations: Int, blocks: Int) -> HashWork {
        let nanoseconds =
            switch digest {
            case .sha1: 560
            case .sha256: 460
            case .sha512: 860
            }
        return HashWork(microseconds: iterations * blocks * nanoseconds / 1000)
    }

    /// Argon2id over so many KiB.
    static func argon2id(memory: Int, passes: Int) -> HashWork {
        HashWork(microseconds: memory * passes * 3 / 2)
    }

    /// Scrypt with these parameters (RFC 7914 §2).
    static func scrypt(cost: Int, blockSize: Int, lanes: Int) -> HashWork {
        HashWork(microseconds: cost * blockSize * lanes * 60 / 100)
    }
}

extension Argon2id.Cost {
    /// What a hash of this cost costs.
    public var work: HashWork { .argon2id(memory: memory, passes: passes) }
}
