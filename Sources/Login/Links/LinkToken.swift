public import Core
import Store

/// The token of a link: the tenant's id, a dot and 43 characters of base64url, which are 256 random bits.
///
/// Whoever has it may set a password, so it stands in the mail and nowhere else; the store has its SHA-256.
public struct LinkToken: Sendable {
    /// The tenant that it names; it proves nothing.
    public let tenant: TenantID
    /// As it stands in the link.
    public let text: String
    /// What the store finds it by.
    let digest: TokenDigest

    /// A new random token.
    static func make(for tenant: TenantID) -> LinkToken? { LinkToken(SessionTokens.make(for: tenant)) }

    /// Reads what stood in a link; nil where it is no token.
    public init?(_ text: String) {
        guard let tenant = SessionTokens.tenant(of: text), let digest = SessionTokens.digest(text) else { return nil }
        self.tenant = tenant
        self.text = text
        self.digest = digest
    }
}
