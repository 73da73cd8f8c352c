public import Core

/// An assertion that was signed by the provider it names, for us, for this moment and this request.  Everything in it
/// was read from the octets that were signed.  Whether it was used before is for the replay store, whose it is a key of.
public struct VerifiedAssertion: Sendable, Hashable {
    /// The assertion's own ID; with the issuer the key of the replay store.
    public let id: String
    public let issuer: String
    public let subject: NameID
    public let attributes: [Attribute]
    /// When the user proved who they are to the provider.
    public let authenticatedAt: WallTime
    /// The provider's name of its session, for logout; nil where it has none.
    public let sessionIndex: String?
    /// The session must end here; nil where the provider does not say.
    public let sessionEndsAt: WallTime?
    /// The authentication context's class; nil where the provider does not say.
    public let context: String?
    /// Until when it could be used again: the replay store keeps it as long.
    public let usableUntil: WallTime
    /// It came encrypted.
    public let wasEncrypted: Bool

    /// How a provider names a user (SAML Core §2.2.2).
    public struct NameID: Sendable, Hashable {
        public let value: String
        /// The format's URI; `unspecified` where none is given.
        public let format: String
        public let nameQualifier: String?
        public let ownQualifier: String?

        /// A name that was verified before, for a logout.
        public init(value: String, format: String, nameQualifier: String?, ownQualifier: String?) {
            self.value = value
            self.format = format
            self.nameQualifier = nameQualifier
            self.ownQualifier = ownQualifier
        }

        /// One of the usual formats; nil for others.
        public var knownFormat: NameIDFormat? { NameIDFormat(rawValue: format) }
    }

    /// An attribute (SAML Core §2.7.3.1).
    public struct Attribute: Sendable, Hashable {
        public let name: String
        public let friendlyName: String?
        /// In the order of the assertion.
        public let values: [String]
    }

    /// All values of the attribute of this name or, where there is none, friendly name.
    public func values(of name: String) -> [String] {
        let named = attributes.filter { $0.name == name }
        return (named.isEmpty ? attributes.filter { $0.friendlyName == name } : named).flatMap(\.values)
    }
}

/// How a verification ended, and what was checked in which order.
public struct ResponseOutcome: Sendable {
    public let result: Result<VerifiedAssertion, SAMLRefusal>
    public let steps: [SAMLStep]
}
