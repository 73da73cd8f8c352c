public import Core

/// What the metadata of an identity provider says (SAML Metadata §2.4.3): who it is, where it is asked, and the keys that
/// are pinned for it.
public struct IdentityProvider: Sendable {
    /// Keys of one provider: several during a roll-over.
    public static let mostKeys = 16
    /// Bytes of an entity ID (SAML Metadata §2.2.1).
    public static let longestEntityID = 1024
    /// Addresses of each kind.
    public static let mostEndpoints = 32

    public let entityID: String
    /// The keys with which it may sign; at least one.
    public let signingKeys: [VerificationKey]
    public let singleSignOn: [Endpoint]
    public let singleLogout: [Endpoint]
    /// The formats that it says it gives; empty where it does not say.
    public let nameIDFormats: [String]
    /// It takes only requests that are signed.
    public let wantsSignedRequests: Bool
    /// Nothing of this may be used from here on; nil where the metadata set no end.
    public let validUntil: WallTime?
    /// How long until it should be fetched again; nil where the metadata does not say.
    public let cacheDuration: Milliseconds?
    /// What was left out and why, in sentences without their full stop.
    public let warnings: [String]

    /// Where a message is sent.
    public struct Endpoint: Sendable, Hashable {
        public let binding: SAMLBinding
        public let location: String
        /// Where answers go, if elsewhere.
        public let responseLocation: String?
    }

    /// The place for a binding; the first where the metadata names several.
    public static func location(_ binding: SAMLBinding, in endpoints: [Endpoint]) -> String? {
        endpoints.first { $0.binding == binding }?.location
    }
}

/// Why metadata cannot be used, in words for whoever gave it.
public struct MetadataFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// A sentence without its full stop.
    public let description: String

    init(_ description: String) { self.description = description }
}
