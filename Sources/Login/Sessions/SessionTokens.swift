public import Core
import HostCrypto
public import Store

/// The tokens that browsers hold: a session's is `<tenant id>.<43 characters>`, a device's the characters alone, each
/// base64url of 256 random bits.  They are kept as SHA-256 over the whole text.
public enum SessionTokens {
    /// Characters of the random part.
    static let secretLength = 43

    /// A new session token.
    public static func make(for tenant: TenantID) -> String { "\(tenant).\(SecureRandom.token())" }

    /// A new device token.
    public static func makeDevice() -> String { SecureRandom.token() }

    /// The tenant that a session token names; nil where the text is no token.  It proves nothing.
    public static func tenant(of token: String) -> TenantID? {
        guard token.utf8.count <= 63 + 1 + secretLength, let dot = token.firstIndex(of: "."),
            isSecret(token[token.index(after: dot)...])
        else { return nil }
        return TenantID(String(token[..<dot]))
    }

    /// What a session token is found by; nil where the text is no token.
    public static func digest(_ token: String) -> TokenDigest? { tenant(of: token) == nil ? nil : hashed(token) }

    /// What a device is found by; nil where the text is no device's token.
    public static func deviceDigest(_ token: String) -> TokenDigest? { isSecret(token[...]) ? hashed(token) : nil }

    private static func hashed(_ token: String) -> TokenDigest? { TokenDigest(SHA256Digest.bytes(Array(token.utf8))) }

    private static func isSecret(_ text: Substring) -> Bool {
        guard text.utf8.count == secretLength else { return false }
        return Base64.decode(text.utf8, alphabet: .url)?.count == 32
    }
}
