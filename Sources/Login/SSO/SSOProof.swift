public import Core
public import Store

/// What a provider said of a member who is signing in, for the session that comes of it.  It travels in the sealed
/// attempt, beside the member's other proofs.
public struct SSOProof: Sendable, Hashable {
    /// Bytes that all texts have together, at most; beyond, what a logout can do without is not carried.
    public static let longest = 2560

    public let connection: ConnectionName
    /// The provider's.
    public let entityID: String
    /// The NameID, as the provider wrote it: what it calls the member in logout requests.
    public let subject: String
    /// The NameID's format.
    public let format: String
    public let nameQualifier: String?
    public let ownQualifier: String?
    /// The provider's name of its session.
    public let sessionIndex: String?
    /// When the provider was shown who it is.
    public let provedAt: WallTime
    /// The session ends here at the latest; nil where the provider does not say.
    public let endsAt: WallTime?

    public init(
        connection: ConnectionName, entityID: String, subject: String, format: String, nameQualifier: String? = nil,
        ownQualifier: String? = nil, sessionIndex: String? = nil, provedAt: WallTime, endsAt: WallTime? = nil
    ) {
        self.connection = connection
        self.entityID = entityID
        self.subject = subject
        self.format = format
        self.nameQualifier = nameQualifier
        self.ownQualifier = ownQualifier
        self.sessionIndex = sessionIndex
        self.provedAt = provedAt
        self.endsAt = endsAt
    }

    /// Where the session comes from.
    public var origin: SessionOrigin {
        SessionOrigin(
            connection: connection, entityID: entityID, subject: subject, format: format,
            nameQualifier: nameQualifier, ownQualifier: ownQualifier, sessionIndex: sessionIndex)
    }
}

extension SSOProof {
    /// As it is sealed within a login attempt.
    var sealedPart: [UInt8] {
        let least = connection.text.utf8.count + entityID.utf8.count + subject.utf8.count + format.utf8.count
        let others = [nameQualifier, ownQualifier, sessionIndex].map { $0?.utf8.count ?? 0 }.reduce(0, +)
        let isWhole = least + others <= Self.longest
        var writer = AttemptWriter()
        writer.append(connection.text)
        writer.append(entityID)
        writer.append(subject)
        writer.append(format)
        for text in [nameQualifier, ownQualifier, sessionIndex] { writer.append(isWhole ? text : nil) }
        writer.append(provedAt.milliseconds)
        writer.append(endsAt?.milliseconds ?? 0)
        return writer.bytes
    }

    /// Reads what was sealed; nil for anything else.
    init?(sealedPart bytes: [UInt8]) {
        var reader = AttemptReader(bytes)
        guard let connection = reader.text().flatMap({ ConnectionName($0) }), let entityID = reader.text(),
            let subject = reader.text(), let format = reader.text(), let nameQualifier = reader.text(),
            let ownQualifier = reader.text(), let sessionIndex = reader.text(), let provedAt = reader.number(),
            let endsAt = reader.number(), reader.isAtEnd
        else { return nil }
        func given(_ text: String) -> String? { text.isEmpty ? nil : text }
        self.init(
            connection: connection, entityID: entityID, subject: subject, format: format,
            nameQualifier: given(nameQualifier), ownQualifier: given(ownQualifier),
            sessionIndex: given(sessionIndex), provedAt: WallTime(milliseconds: provedAt),
            endsAt: endsAt == 0 ? nil : WallTime(milliseconds: endsAt))
    }
}
