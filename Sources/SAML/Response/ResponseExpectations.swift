public import Core

/// What a response must be to be believed.  Every expectation is named by whoever asks; none has a default.
public struct ResponseExpectations: Sendable {
    /// Whose response it must be, and the keys that are pinned for it.
    public let provider: IdentityProvider
    /// Our own entity ID at this connection, which the audience must name.
    public let entityID: String
    /// Where the response was received, as Destination and Recipient must say it.
    public let consumerURL: String
    /// What it must answer.
    public let request: Request
    /// The moment of the verification.
    public let now: WallTime
    /// How far the two clocks may differ.
    public let skew: Milliseconds
    /// Keys that open encrypted assertions: the present one, and the one before during a roll-over.
    public let decryptionKeys: [PrivateKey]
    /// Whether an assertion in clear is refused.
    public let requiresEncryption: Bool
    /// The algorithms that are taken.
    public let algorithms: AlgorithmPolicy

    /// What a response answers.
    public enum Request: Sendable, Hashable {
        /// The request of this ID, with what it asked for.
        case answering(id: String, asked: Asked)
        /// Nothing: the provider began, or nobody knows.
        case unsolicited
    }

    /// What a request asked for, beyond signing somebody in.
    public struct Asked: Sendable, Hashable {
        /// Authentication anew (ForceAuthn): it must not be older than this.
        public let authenticationSince: WallTime?
        /// The authentication contexts of which the response must have one; empty where any will do.
        public let contexts: [String]

        public init(authenticationSince: WallTime?, contexts: [String]) {
            self.authenticationSince = authenticationSince
            self.contexts = contexts
        }
    }

    /// The usual skew.
    public static let usualSkew = Milliseconds.seconds(60)
    /// The longest one that can be asked for.
    public static let longestSkew = Milliseconds.seconds(300)

    public init(
        provider: IdentityProvider, entityID: String, consumerURL: String, request: Request, now: WallTime,
        skew: Milliseconds, decryptionKeys: [PrivateKey], requiresEncryption: Bool, algorithms: AlgorithmPolicy
    ) {
        self.provider = provider
        self.entityID = entityID
        self.consumerURL = consumerURL
        self.request = request
        self.now = now
        self.skew = min(skew, Self.longestSkew)
        self.decryptionKeys = decryptionKeys
        self.requiresEncryption = requiresEncryption
        self.algorithms = algorithms
    }
}
