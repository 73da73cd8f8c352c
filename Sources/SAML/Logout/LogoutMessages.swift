public import Core

/// A request to end sessions that goes to the provider (SAML Core §3.7.1).
public struct LogoutRequest: Sendable {
    public let id: String
    public let issuedAt: WallTime
    public let entityID: String
    public let destination: String
    public let subject: VerifiedAssertion.NameID
    /// The provider's name of its session; nil ends all of the user's.
    public let sessionIndex: String?

    public init(
        id: String, issuedAt: WallTime, entityID: String, destination: String, subject: VerifiedAssertion.NameID,
        sessionIndex: String?
    ) {
        self.id = id
        self.issuedAt = issuedAt
        self.entityID = entityID
        self.destination = destination
        self.subject = subject
        self.sessionIndex = sessionIndex
    }

    /// The document, not signed.
    public var document: String {
        let head =
            XMLText.attribute("xmlns:samlp", Names.protocolSpace)
            + XMLText.attribute("Destination", destination) + XMLText.attribute("ID", id)
            + XMLText.attribute("IssueInstant", SAMLTime.write(issuedAt))
            + XMLText.attribute("Reason", Names.userLogout) + XMLText.attribute("Version", "2.0")
        let name =
            XMLText.attribute("xmlns:saml", Names.assertionSpace)
            + XMLText.attribute("Format", subject.format)
            + XMLText.attribute("NameQualifier", ifAny: subject.nameQualifier)
            + XMLText.attribute("SPNameQualifier", ifAny: subject.ownQualifier)
        let index = sessionIndex.map { "<samlp:SessionIndex>\(XMLText.escaped($0))</samlp:SessionIndex>" } ?? ""
        return "<samlp:LogoutRequest\(head)>\(ProtocolText.issuer(entityID))"
            + "<saml:NameID\(name)>\(XMLText.escaped(subject.value))</saml:NameID>\(index)</samlp:LogoutRequest>"
    }

    /// The address to which a browser is sent, signed.
    public func redirect(relayState: String?, key: PrivateKey) -> String {
        RedirectBinding.address(
            destination, parameter: .request, document: document, relayState: relayState, key: key)
    }

    /// The value of the form's field `SAMLRequest`, signed.
    public func field(key: PrivateKey, certificate: [UInt8]?) -> String {
        Base64.encode(Array(key.signed(document, certificate: certificate).utf8), alphabet: .standard)
    }
}

/// The answer to a provider's request (SAML Core §3.7.2).
public struct LogoutAnswer: Sendable {
    /// What became of it.
    public enum Status: String, Sendable, Hashable {
        /// Sessions ended, or there were none.
        case success = "urn:oasis:names:tc:SAML:2.0:status:Success"
        /// It was not understood.
        case requester = "urn:oasis:names:tc:SAML:2.0:status:Requester"
        /// It could not be done.
        case responder = "urn:oasis:names:tc:SAML:2.0:status:Responder"
    }

    public let id: String
    public let issuedAt: WallTime
    public let entityID: String
    public let destination: String
    /// The ID of the request.
    public let inResponseTo: String
    public let status: Status

    public init(
        id: String, issuedAt: WallTime, entityID: String, destination: String, inResponseTo: String, status: Status
    ) {
        self.id = id
        self.issuedAt = issuedAt
        self.entityID = entityID
        self.destination = destination
        self.inResponseTo = inResponseTo
        self.status = status
    }

    /// The document, not signed.
    public var document: String {
        let head =
            XMLText.attribute("xmlns:samlp", Names.protocolSpace)
            + XMLText.attribute("Destination", destination) + XMLText.attribute("ID", id)
            + XMLText.attribute("InResponseTo", inResponseTo)
            + XMLText.attribute("IssueInstant", SAMLTime.write(issuedAt)) + XMLText.attribute("Version", "2.0")
        return "<samlp:LogoutResponse\(head)>\(ProtocolText.issuer(entityID))<samlp:Status>"
            + "<samlp:StatusCode\(XMLText.attribute("Value", status.rawValue))></samlp:StatusCode></samlp:Status>"
            + "</samlp:LogoutResponse>"
    }

    /// The address to which a browser is sent, signed.
    public func redirect(relayState: String?, key: PrivateKey) -> String {
        RedirectBinding.address(
            destination, parameter: .response, document: document, relayState: relayState, key: key)
    }

    /// The value of the form's field `SAMLResponse`, signed.
    public func field(key: PrivateKey, certificate: [UInt8]?) -> String {
        Base64.encode(Array(key.signed(document, certificate: certificate).utf8), alphabet: .standard)
    }
}
