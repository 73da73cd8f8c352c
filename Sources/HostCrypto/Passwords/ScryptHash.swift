import Core

/// A scrypt hash of passlib's or Django's.
struct ScryptHash: Hashable, Sendable {
    /// Bytes of memory that one may take.
    static let longestMemory = 128 * 1024 * 1024
    static let blockSizes = 1...32
    static let laneBounds = 1...16

    let cost: Int
    let blockSize: Int
    let lanes: Int
    private let salt: [UInt8]
    private let key: [UInt8]

    private init(cost: Int, blockSize: Int, lanes: Int, salt: [UInt8], key: [UInt8]) throws(ForeignHash.Flaw) {
        guard cost >= 2, cost & (cost - 1) == 0 else {
            throw ForeignHash.Flaw("scrypt's cost \(cost) is no power of two")
        }
        guard Self.blockSizes.contains(blockSize) else {
            throw .beyond("scrypt's block size", blockSize, Self.blockSizes)
        }
        guard Self.laneBounds.contains(lanes) else { throw .beyond("scrypt's parallelism", lanes, Self.laneBounds) }
        guard 128 * cost * blockSize <= Self.longestMemory else {
            throw .beyond("scrypt's memory in MiB", (128 * cost * blockSize) >> 20, 1...(Self.longestMemory >> 20))
        }
        guard PBKDF2Hash.saltBounds.contains(salt.count) else {
            throw .beyond("the salt's bytes", salt.count, PBKDF2Hash.saltBounds)
        }
        guard PBKDF2Hash.keyBounds.contains(key.count) else {
            throw .beyond("the hash's bytes", key.count, PBKDF2Hash.keyBounds)
        }
        (self.cost, self.blockSize, self.lanes, self.salt, self.key) = (cost, blockSize, lanes, salt, key)
    }

    /// `$scrypt$ln=16,r=8,p=1$salt$hash` of passlib and the PHC string format.
    init(modular text: Substring) throws(ForeignHash.Flaw) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        let costs = parts.count == 5 ? parts[2].split(separator: ",", omittingEmptySubsequences: false) : []
        guard costs.count == 3, let logarithm = HashReading.number(costs[0], after: "ln="), logarithm <= 24,
            let blockSize = HashReading.number(costs[1], after: "r="),
            let lanes = HashReading.number(costs[2], after: "p="), let salt = HashReading.base64(parts[3]),
            let key = HashReading.base64(parts[4])
        else { throw ForeignHash.Flaw("it is no scrypt hash; allowed: $scrypt$ln=16,r=8,p=1$SALT$HASH") }
        try self.init(cost: 1 << logarithm, blockSize: blockSize, lanes: lanes, salt: salt, key: key)
    }

    /// `scrypt$16384$salt$8$5$hash` of Django: the salt is text, the hash base64.
    init(django text: Substring) throws(ForeignHash.Flaw) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, let cost = HashReading.number(parts[1]), cost <= 1 << 24,
            let blockSize = HashReading.number(parts[3]), let lanes = HashReading.number(parts[4]),
            let key = HashReading.base64(parts[5])
        else { throw ForeignHash.Flaw("it is no scrypt hash of Django's; allowed: scrypt$16384$SALT$8$5$HASH") }
        try self.init(cost: cost, blockSize: blockSize, lanes: lanes, salt: Array(parts[2].utf8), key: key)
    }

    var work: HashWork { .scrypt(cost: cost, blockSize: blockSize, lanes: lanes) }

    /// Whether it is the password's; nil where it cannot be computed.
    func isHash(of password: borrowing SecretBytes) -> Bool? {
        Scrypt.key(of: password, salt: salt, cost: cost, blockSize: blockSize, lanes: lanes, count: key.count)
            .map { ConstantTime.isEqual($0, key) }
    }
}
