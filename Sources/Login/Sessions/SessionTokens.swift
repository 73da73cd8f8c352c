public import Core
import HostCrypto
public import Store

/// The tokens that browsers hold: a session's is `<tenant id>.<43 characters>`, a device's `<43 characters>.<proof>`;
/// the characters are base64url of 256 random bits.  They are kept as SHA-256 over the whole text.
///
/// A device's proof is a code over the characters that only this installation can make, 43 characters of base64url too:
/// one that is made up is told without a look-up.  It says that the token was made here, not that anybody knows it.
public enum SessionTokens {
    /// Characters of the random part.
    static let secretLength = 43
    /// Characters of a device's token.
    static let deviceLength = secretLength + 1 + secretLength
    private static let devicePurpose = "device 1"

    /// A new session token.
    public static func make(for tenant: TenantID) -> String { "\(tenant).\(SecureRandom.token())" }

    /// A new device token.
    public static func makeDevice(forms: FormSeal) -> String {
        let secret = SecureRandom.token()
        return "\(secret).\(Base64.encode(forms.code(purpose: devicePurpose, for: secret), alphabet: .url))"
    }

    /// The tenant that a session token names; nil where the text is no token.  It proves nothing.
    public static func tenant(of token: String) -> TenantID? {
        guard token.utf8.count <= 63 + 1 + secretLength, let dot = token.firstIndex(of: "."),
            isSecret(token[token.index(after: dot)...])
        else { return nil }
        return TenantID(String(token[..<dot]))
    }

    /// What a session token is found by; nil where the text is no token.
    public static func digest(_ token: String) -> TokenDigest? { tenant(of: token) == nil ? nil : hashed(token) }

    /// What a device is found by; nil where the text is no device's token of this installation, in a time that does not
    /// tell where its proof differs.
    public static func deviceDigest(_ token: String, forms: FormSeal) -> TokenDigest? {
        guard token.utf8.count == deviceLength, let dot = token.firstIndex(of: "."), isSecret(token[..<dot]),
            let proof = Base64.decode(token[token.index(after: dot)...].utf8, alphabet: .url),
            ConstantTime.isEqual(proof, forms.code(purpose: devicePurpose, for: String(token[..<dot])))
        else { return nil }
        return hashed(token)
    }

    private static func hashed(_ token: String) -> TokenDigest? { TokenDigest(SHA256Digest.bytes(Array(token.utf8))) }

    private static func isSecret(_ text: Substring) -> Bool {
        guard text.utf8.count == secretLength else { return false }
        return Base64.decode(text.utf8, alphabet: .url)?.count == 32
    }
}
