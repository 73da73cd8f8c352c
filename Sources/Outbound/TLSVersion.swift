/// A version of TLS, old ones included: a probe may have to offer what nobody should accept.
public enum TLSVersion: Int, Sendable, Hashable, Comparable, CaseIterable, CustomStringConvertible {
    case tls10, tls11, tls12, tls13

    public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }

    /// `TLS 1.3`.
    public var description: String { "TLS 1.\(rawValue)" }

    /// As OpenSSL names it; nil for anything older or unknown.
    init?(openSSLName: String) {
        switch openSSLName {
        case "TLSv1": self = .tls10
        case "TLSv1.1": self = .tls11
        case "TLSv1.2": self = .tls12
        case "TLSv1.3": self = .tls13
        default: return nil
        }
    }
}
