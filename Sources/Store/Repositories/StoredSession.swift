public import Core

/// The SHA-256 of a token: the only form in which a session's or a device's token is kept.
public struct TokenDigest: Hashable, Sendable {
    /// 32 bytes.
    public let octets: [UInt8]

    /// Nil for any other count than 32.
    public init?(_ octets: [UInt8]) {
        guard octets.count == 32 else { return nil }
        self.octets = octets
    }
}

/// A factor and when it was proved.
public struct ProvedFactor: Hashable, Sendable {
    public let factor: Factor
    public let at: WallTime

    public init(_ factor: Factor, at: WallTime) {
        self.factor = factor
        self.at = at
    }
}

/// One signed-in browser, as the store holds it.
public struct StoredSession: Hashable, Sendable {
    /// The public handle's UUID.
    public let id: RowID
    public let user: UserID
    public let createdAt: WallTime
    /// Written behind, so up to a minute old.
    public let usedAt: WallTime
    /// When it ends at the latest.
    public let expiresAt: WallTime
    public let factors: [ProvedFactor]
    /// The user's epoch at its beginning.
    public let epoch: Int64
    /// What the browser said of itself and where it was, for the list of sessions; at most 512 bytes.
    public let client: String
    /// Whether the member asked to stay signed in on this browser.
    public let isRemembered: Bool

    init(
        id: RowID, user: UserID, createdAt: WallTime, usedAt: WallTime, expiresAt: WallTime, factors: [ProvedFactor],
        epoch: Int64, client: String, isRemembered: Bool = false
    ) {
        self.id = id
        self.user = user
        self.createdAt = createdAt
        self.usedAt = usedAt
        self.expiresAt = expiresAt
        self.factors = factors
        self.epoch = epoch
        self.client = client
        self.isRemembered = isRemembered
    }

    /// When the factor was proved last; nil where it never was.
    public func provedAt(_ factor: Factor) -> WallTime? { factors.last { $0.factor == factor }?.at }
}

extension StoredSession {
    /// The session as the holder of a token has it that was made when this had been proved, and ends then.
    func asKnown(with factors: [ProvedFactor], until end: WallTime) -> StoredSession {
        StoredSession(
            id: id, user: user, createdAt: createdAt, usedAt: usedAt, expiresAt: min(expiresAt, end), factors: factors,
            epoch: epoch, client: client, isRemembered: isRemembered)
    }

    /// The factors as the row keeps them: `password:1700000000000,totp:…`.
    static func text(_ factors: [ProvedFactor]) -> String {
        factors.map { "\($0.factor.rawValue):\($0.at.milliseconds)" }.joined(separator: ",")
    }

    static func factors(_ text: String) -> [ProvedFactor]? {
        var factors: [ProvedFactor] = []
        for part in text.split(separator: ",") {
            let pair = part.split(separator: ":", omittingEmptySubsequences: false)
            guard pair.count == 2, let factor = Factor(rawValue: String(pair[0])), let time = Int64(pair[1]) else {
                return nil
            }
            factors.append(ProvedFactor(factor, at: WallTime(milliseconds: time)))
        }
        return factors
    }
}
