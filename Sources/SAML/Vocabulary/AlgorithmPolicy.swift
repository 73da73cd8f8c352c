/// An algorithm that messages may be signed with.  The raw value is the configuration's word.
public enum SignatureAlgorithm: String, CaseIterable, Sendable, Hashable {
    case rsaSHA256 = "rsa-sha256"
    case rsaSHA384 = "rsa-sha384"
    case rsaSHA512 = "rsa-sha512"
    case ecdsaSHA256 = "ecdsa-sha256"
    case ecdsaSHA384 = "ecdsa-sha384"
    case ecdsaSHA512 = "ecdsa-sha512"

    /// The name that stands in messages (RFC 6931 §2.3).
    var identifier: String { "http://www.w3.org/2001/04/xmldsig-more#\(rawValue)" }

    /// Nil for every other algorithm.
    init?(identifier: String) {
        guard let found = Self.allCases.first(where: { $0.identifier == identifier }) else { return nil }
        self = found
    }
}

/// Which algorithms are taken.
public enum AlgorithmPolicy: Sendable, Hashable {
    /// RSA and ECDSA with SHA-256 or better, RSA-OAEP, AES-GCM; AES-CBC within a signed response.
    case current
    /// As `current`, but signatures by these algorithms alone.
    case only(Set<SignatureAlgorithm>)
    /// As `current`, and SHA-1, AES-CBC anywhere and RSA 1.5: to find out what a provider sent, never to sign in by.
    case insecureLegacy

    private static let oldSignatureMethods: Set = [
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
    ]
    private static let digestMethods: Set = [
        "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    ]
    private static let oldDigestMethod = "http://www.w3.org/2000/09/xmldsig#sha1"

    func takesSignatureMethod(_ name: String) -> Bool {
        let algorithm = SignatureAlgorithm(identifier: name)
        return switch self {
        case .current: algorithm != nil
        case .only(let allowed): algorithm.map { allowed.contains($0) } ?? false
        case .insecureLegacy: algorithm != nil || Self.oldSignatureMethods.contains(name)
        }
    }

    func takesDigestMethod(_ name: String) -> Bool {
        Self.digestMethods.contains(name) || self == .insecureLegacy && name == Self.oldDigestMethod
    }

    /// What is taken, for the words of a refusal.
    var signatureWords: String {
        switch self {
        case .current, .insecureLegacy: return "RSA and ECDSA with SHA-256 or better are"
        case .only(let allowed):
            let names = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            return "this connection takes \(names.isEmpty ? "none" : names)"
        }
    }
}
