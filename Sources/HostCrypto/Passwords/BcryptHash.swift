import CCrypt
import Core

/// A bcrypt hash: `$2b$12$`, 22 characters of salt, 31 of hash; also with `2a` and `2y`.
///
/// The three names stand for one function wherever it was implemented rightly, and are computed as `2b`: libxcrypt
/// changes `2a` for passwords that an old fault of others would have confused.  `2x`, the fault itself, is not read.
/// Of a password 72 bytes count, as they did where the hash was made.
struct BcryptHash: Hashable, Sendable {
    /// Rounds are 2 to the power of this.  4 is the least that the function knows.
    static let costs = 4...14

    let cost: Int
    /// `NN$` and the salt.
    private let setting: String
    private let hash: [UInt8]

    init(_ text: Substring) throws(ForeignHash.Flaw) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty, ["2a", "2b", "2y"].contains(parts[1]), parts[2].utf8.count == 2,
            let cost = HashReading.number(parts[2].first == "0" ? parts[2].dropFirst() : parts[2]),
            parts[3].utf8.count == 53, parts[3].utf8.allSatisfy(Self.isOctet)
        else {
            throw ForeignHash.Flaw("it is no bcrypt hash; allowed: $2a$, $2b$ or $2y$, two digits, $, 53 characters")
        }
        guard Self.costs.contains(cost) else {
            throw .beyond("bcrypt's cost", cost, Self.costs)
        }
        self.cost = cost
        setting = "\(parts[2])$\(parts[3].prefix(22))"
        hash = Array(parts[3].utf8.dropFirst(22))
    }

    var work: HashWork { .bcrypt(cost: cost) }

    /// Whether it is the password's; nil where it cannot be computed.
    func isHash(of password: borrowing SecretBytes) -> Bool? {
        var output = [CChar](repeating: 0, count: Int(GH_BCRYPT_CAPACITY))
        let result = password.withBytes { password -> Int32? in
            // No function that takes C strings has ever hashed a zero byte.
            guard !Span<UInt8>(_bytes: password).hasZero(within: 72) else { return nil }
            return unsafe password.withUnsafeBytes { password in
                // `output` has the capacity that the call fills, its ending zero included.
                unsafe gh_bcrypt("$2b$" + setting, octets(password), password.count, &output)
            }
        }
        guard let result else { return false }
        guard result == 1 else { return nil }
        let made = output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return ConstantTime.isEqual(Array(made.suffix(hash.count)), hash)
    }

    /// bcrypt's own alphabet of base64.
    private static func isOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x2E...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}

extension Span<UInt8> {
    fileprivate func hasZero(within count: Int) -> Bool {
        for index in 0..<Swift.min(self.count, count) where self[index] == 0 { return true }
        return false
    }
}
