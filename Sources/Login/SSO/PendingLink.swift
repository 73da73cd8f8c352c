public import Core

/// What a provider said of somebody whose address an account has that is not connected with it yet.
///
/// It travels in the sealed login attempt until the member has proved the account in another way (security rule 23: no
/// take-over by equal address).
public struct PendingLink: Sendable, Hashable {
    /// What is not connected by then begins anew.
    public static let lifetime = Milliseconds.minutes(15)
    public let tenant: TenantID
    public let connection: ConnectionName
    /// The provider's.
    public let entityID: String
    /// The account at the provider.
    public let subject: String
    /// The NameID's format, as the provider wrote it.
    public let format: String
    /// As `NormalizedEmail` spells it: of the account that may be connected, and no other.
    public let email: String
    /// When the provider said so.
    public let at: WallTime

    public init(
        tenant: TenantID, connection: ConnectionName, entityID: String, subject: String, format: String, email: String,
        at: WallTime
    ) {
        self.tenant = tenant
        self.connection = connection
        self.entityID = entityID
        self.subject = subject
        self.format = format
        self.email = email
        self.at = at
    }
}

extension PendingLink {
    /// Whether it is young enough to be made.
    func isYoung(at now: WallTime) -> Bool { now.isWithin(Self.lifetime, after: at, skew: LoginAttemptSeal.skew) }

    /// As it is sealed within a login attempt.
    var sealedPart: [UInt8] {
        var writer = AttemptWriter()
        writer.append(tenant.text)
        writer.append(connection.text)
        writer.append(entityID)
        writer.append(subject)
        writer.append(format)
        writer.append(email)
        writer.append(at.milliseconds)
        return writer.bytes
    }

    /// Reads what was sealed; nil for anything else.
    init?(sealedPart bytes: [UInt8]) {
        var reader = AttemptReader(bytes)
        guard let tenant = reader.text().flatMap({ TenantID($0) }),
            let connection = reader.text().flatMap({ ConnectionName($0) }), let entityID = reader.text(),
            let subject = reader.text(), let format = reader.text(), let email = reader.text(),
            let at = reader.number(), reader.isAtEnd
        else { return nil }
        self.init(
            tenant: tenant, connection: connection, entityID: entityID, subject: subject, format: format, email: email,
            at: WallTime(milliseconds: at))
    }
}
