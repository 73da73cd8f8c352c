public import Core

/// By which connection a session came, and what the provider calls it: what a single logout needs (SAML Core §3.7).
public struct SessionOrigin: Sendable, Hashable {
    public let connection: ConnectionName
    /// The provider's.
    public let entityID: String
    /// The NameID of the assertion; sealed at rest.
    public let subject: String
    public let format: String
    /// `NameQualifier` and `SPNameQualifier` of the NameID, as the provider sent them.
    public let nameQualifier: String?
    public let ownQualifier: String?
    /// The provider's name of its session; nil where it told none.
    public let sessionIndex: String?

    public init(
        connection: ConnectionName, entityID: String, subject: String, format: String, nameQualifier: String? = nil,
        ownQualifier: String? = nil, sessionIndex: String? = nil
    ) {
        self.connection = connection
        self.entityID = entityID
        self.subject = subject
        self.format = format
        self.nameQualifier = nameQualifier
        self.ownQualifier = ownQualifier
        self.sessionIndex = sessionIndex
    }
}

extension SessionOrigin {
    /// What is sealed: everything that says who it is.
    var sealedPart: [UInt8] {
        var encoder = FieldEncoder()
        encoder.append(entityID)
        encoder.append(subject)
        encoder.append(format)
        for text in [nameQualifier, ownQualifier, sessionIndex] { encoder.append(optional: text) }
        return encoder.bytes
    }

    init(connection: ConnectionName, sealedPart bytes: [UInt8]) throws(FieldDecoder.Malformed) {
        var decoder = FieldDecoder(bytes)
        self.init(
            connection: connection, entityID: try decoder.text(), subject: try decoder.text(),
            format: try decoder.text(), nameQualifier: try decoder.optionalText(),
            ownQualifier: try decoder.optionalText(), sessionIndex: try decoder.optionalText())
    }
}
