/// The id of a tenant: 1 to 63 of `a-z`, `0-9` and `-`.  It is a file name, a path segment and a header
/// value, and needs no escaping in any of them.
public struct TenantID: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// Nil where the grammar is broken.
    public init?(_ text: String) {
        guard (1...63).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        else { return nil }
        self.text = text
    }

    public var description: String { text }
}

/// The name of a role: 1 to 63 of `a-z`, `0-9`, `_` and `-`.
public struct RoleName: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// Nil where the grammar is broken.
    public init?(_ text: String) {
        guard (1...63).contains(text.utf8.count),
            text.utf8.allSatisfy({
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
            })
        else { return nil }
        self.text = text
    }

    public var description: String { text }
}

/// The name of a connection, one SSO set-up of a tenant: 1 to 63 of `a-z`, `0-9` and `-`.  It is a path segment and
/// part of an entity ID, and needs no escaping there.
public struct ConnectionName: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// Nil where the grammar is broken.
    public init?(_ text: String) {
        guard let name = TenantID(text) else { return nil }
        self.text = name.text
    }

    public var description: String { text }
}

/// What a login can prove.  The raw value is the word in `X-Auth-Factors` and in the assertion.
public enum Factor: String, CaseIterable, Hashable, Sendable {
    case password
    case totp
    case passkey
    case recoveryCode = "recovery-code"
    case sso
    /// A second factor that the identity provider vouches for (RFC 8176 §2: more than one factor).
    case mfa
}
