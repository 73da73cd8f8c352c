import Core
import Login
import Store

/// A session, as the API shows it.
public struct SessionResource: Codable, Hashable, Sendable {
    /// The public handle, a UUID; it proves nothing.
    public let session: String
    /// The user's id.
    public let user: String
    public let email: String
    public let factors: [ProvedFactor]
    public let createdAt: String
    /// Up to a minute old.
    public let usedAt: String
    public let expiresAt: String
    /// The network that the browser was in, and what it said of itself; the address is the member's alone.
    public let client: String

    /// A factor and when it was proved.
    public struct ProvedFactor: Codable, Hashable, Sendable {
        public let factor: String
        public let at: String
    }

    enum CodingKeys: String, CodingKey {
        case session, user, email, factors, client
        case createdAt = "created_at"
        case usedAt = "used_at"
        case expiresAt = "expires_at"
    }

    init(_ stored: StoredSession, email: String) {
        session = stored.id.description
        user = stored.user.description
        self.email = email
        factors = stored.factors.map { ProvedFactor(factor: $0.factor.rawValue, at: $0.at.text) }
        createdAt = stored.createdAt.text
        usedAt = stored.usedAt.text
        expiresAt = stored.expiresAt.text
        let client = SessionClient(stored.client)
        self.client = [client.maskedAddress, client.userAgent].filter { !$0.isEmpty }.joined(separator: " ")
    }
}

/// How many were ended or forgotten.
public struct CountResource: Codable, Hashable, Sendable {
    public let count: Int
}
