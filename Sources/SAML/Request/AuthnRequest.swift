public import Core

/// A request to sign somebody in (SAML Core §3.4.1).
public struct AuthnRequest: Sendable {
    /// An xs:ID, new for each request; the response names it in `InResponseTo`.
    public let id: String
    public let issuedAt: WallTime
    /// Our entity ID.
    public let entityID: String
    /// Where the response shall be posted to.
    public let consumerURL: String
    /// The provider's address, which stands in the request.
    public let destination: String
    /// The format that is wanted; `unspecified` leaves it to the provider.
    public let nameIDFormat: NameIDFormat
    /// The user shall prove anew who they are, whatever session the provider has.
    public let forcesAuthentication: Bool
    /// Authentication contexts of which one is wanted; empty leaves it to the provider.
    public let contexts: [String]

    public init(
        id: String, issuedAt: WallTime, entityID: String, consumerURL: String, destination: String,
        nameIDFormat: NameIDFormat, forcesAuthentication: Bool, contexts: [String]
    ) {
        self.id = id
        self.issuedAt = issuedAt
        self.entityID = entityID
        self.consumerURL = consumerURL
        self.destination = destination
        self.nameIDFormat = nameIDFormat
        self.forcesAuthentication = forcesAuthentication
        self.contexts = contexts
    }

    /// The document, not signed.
    public var document: String {
        let head =
            XMLText.attribute("xmlns:samlp", Names.protocolSpace)
            + XMLText.attribute("AssertionConsumerServiceURL", consumerURL)
            + XMLText.attribute("Destination", destination)
            + XMLText.attribute("ForceAuthn", ifAny: forcesAuthentication ? "true" : nil)
            + XMLText.attribute("ID", id) + XMLText.attribute("IssueInstant", SAMLTime.write(issuedAt))
            + XMLText.attribute("ProtocolBinding", SAMLBinding.post.rawValue) + XMLText.attribute("Version", "2.0")
        return "<samlp:AuthnRequest\(head)>\(ProtocolText.issuer(entityID))\(policy)\(context)</samlp:AuthnRequest>"
    }

    /// The address to which a browser is sent: the Redirect binding, signed with RSA and SHA-256.
    public func redirect(relayState: String?, key: PrivateKey) -> String {
        RedirectBinding.address(
            destination, parameter: .request, document: document, relayState: relayState, key: key)
    }

    /// The value of the form's field `SAMLRequest`: the POST binding, with a signature within.
    public func field(key: PrivateKey, certificate: [UInt8]?) -> String {
        Base64.encode(Array(key.signed(document, certificate: certificate).utf8), alphabet: .standard)
    }

    private var policy: String {
        let format: String? = nameIDFormat == .unspecified ? nil : nameIDFormat.rawValue
        let choice = XMLText.attribute("AllowCreate", "true") + XMLText.attribute("Format", ifAny: format)
        return "<samlp:NameIDPolicy\(choice)></samlp:NameIDPolicy>"
    }

    private var context: String {
        guard !contexts.isEmpty else { return "" }
        let list = contexts.map { context in
            "<saml:AuthnContextClassRef\(XMLText.attribute("xmlns:saml", Names.assertionSpace))>"
                + "\(XMLText.escaped(context))</saml:AuthnContextClassRef>"
        }.joined()
        return "<samlp:RequestedAuthnContext\(XMLText.attribute("Comparison", "exact"))>\(list)"
            + "</samlp:RequestedAuthnContext>"
    }
}

/// Parts that our messages have in common.
enum ProtocolText {
    static func issuer(_ entityID: String) -> String {
        "<saml:Issuer\(XMLText.attribute("xmlns:saml", Names.assertionSpace))>\(XMLText.escaped(entityID))</saml:Issuer>"
    }
}
