public import Core

/// How a connection is, for metrics, `doctor` and `saml test`.
public struct ConnectionStatus: Sendable, Hashable {
    public let tenant: TenantID
    public let name: ConnectionName
    /// The file's path or the address of the provider's metadata.
    public let source: String
    /// Whether it is an address that is asked again and again.
    public let isFetched: Bool
    /// The provider's; nil where no metadata can be used, as where it has ended.
    public let entityID: String?
    /// When the document came that is in use, or was last said to be unchanged; nil for a file, and where there is none.
    public let fetchedAt: WallTime?
    /// When the metadata ends; nil where it sets no end.
    public let validUntil: WallTime?
    /// Fetches that have failed since the last that did not.
    public let failures: Int
    /// What went wrong, in words; nil where nothing did.
    public let fault: String?
    public let certificates: [ConnectionCertificate]
}

/// A certificate that a connection depends on.
public struct ConnectionCertificate: Sendable, Hashable {
    /// Whose it is.
    public enum Use: String, CaseIterable, Sendable, Hashable {
        /// The provider's, of a key that it signs with.
        case provider
        /// Our own.
        case own
    }

    public let use: Use
    /// As `VerificationKey.fingerprint`.
    public let fingerprint: String
    public let notAfter: WallTime
}

/// One thing that was looked at in a test of a connection.
public struct TestFinding: Sendable, Hashable {
    public enum Outcome: String, Sendable, Hashable {
        case pass
        /// It works, and something is worth looking at.
        case warn
        case fail
    }

    /// What was looked at, as one word or two: `metadata`, `single sign-on`.
    public let name: String
    public let outcome: Outcome
    /// A sentence without its full stop.
    public let words: String

    public init(_ name: String, _ outcome: Outcome, _ words: String) {
        self.name = name
        self.outcome = outcome
        self.words = words
    }
}
