public import Core

/// The `WWW-Authenticate` value of a 401 problem (RFC 9110 §11.6.1).
public enum Challenge {
    /// Appends `Bearer` or, for `.mfaRequired`, the step-up challenge of RFC 9470 §3 with the oldest age in
    /// seconds that a second factor may have.
    public static func append(for refusal: Refusal, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "Bearer".utf8)
        guard refusal.reason == .mfaRequired else { return }
        bytes.append(contentsOf: " error=\"insufficient_user_authentication\"".utf8)
        if let age = refusal.maximumAge {
            bytes.append(contentsOf: ", max_age=\"".utf8)
            bytes.append(contentsOf: String(age.count / 1000).utf8)
            bytes.append(UInt8(ascii: "\""))
        }
    }

    /// Appends the `Allow` value of a 405 (RFC 9110 §10.2.1).
    public static func appendAllow(_ methods: MethodSet, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: methods.methods.map(\.token).joined(separator: ", ").utf8)
    }
}
