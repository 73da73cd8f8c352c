import Core
import Login
import Store

/// A SAML connection of a tenant, as the API shows it.
public struct ConnectionResource: Codable, Hashable, Sendable {
    public let name: String
    public let displayName: String
    /// `in-use`, `disabled` (`enabled: false`), or `not-included` (the plan, `sign_in` or the tenant's state says so).
    public let state: String
    public let addresses: Addresses?
    /// The file's path or the address of the provider's metadata.
    public let metadata: String
    /// The provider's entity ID; nil where no metadata can be used, and where the connection is not in use.
    public let providerEntityID: String?
    /// When the metadata was fetched that is in use; nil for a file.
    public let fetchedAt: String?
    /// When the metadata ends; nil where it sets no end.
    public let validUntil: String?
    /// What went wrong with the metadata; nil where nothing did.
    public let fault: String?
    public let certificates: [Certificate]

    /// What the provider is told of us.
    public struct Addresses: Codable, Hashable, Sendable {
        public let entityID: String
        public let acs: String
        public let slo: String
        public let metadata: String
        /// Where a sign-in begins.
        public let login: String

        enum CodingKeys: String, CodingKey {
            case acs, slo, metadata, login
            case entityID = "entity_id"
        }

        init(_ addresses: ConnectionAddresses) {
            (entityID, acs, slo) = (addresses.entityID, addresses.acs, addresses.slo)
            (metadata, login) = (addresses.metadata, addresses.login)
        }
    }

    /// A certificate that the connection depends on.
    public struct Certificate: Codable, Hashable, Sendable {
        /// `provider` or `own`.
        public let use: String
        public let fingerprint: String
        public let notAfter: String

        enum CodingKeys: String, CodingKey {
            case use, fingerprint
            case notAfter = "not_after"
        }

        init(_ certificate: ConnectionCertificate) {
            (use, fingerprint) = (certificate.use.rawValue, certificate.fingerprint)
            notAfter = certificate.notAfter.text
        }
    }

    enum CodingKeys: String, CodingKey {
        case name, state, addresses, metadata, fault, certificates
        case displayName = "display_name"
        case providerEntityID = "provider_entity_id"
        case fetchedAt = "fetched_at"
        case validUntil = "valid_until"
    }

    /// - Parameters:
    ///   - status: of one that is in use; nil for others.
    init(
        _ settings: ConnectionSettings, isInUse: Bool, addresses: ConnectionAddresses?, status: ConnectionStatus?
    ) {
        name = settings.name.text
        displayName = settings.displayName
        state = isInUse ? "in-use" : settings.isEnabled ? "not-included" : "disabled"
        self.addresses = addresses.map(Addresses.init)
        metadata =
            switch settings.metadata {
            case .file(_, let path): path
            case .url(let address, _): address
            }
        providerEntityID = status?.entityID
        fetchedAt = status?.fetchedAt?.text
        validUntil = status?.validUntil?.text
        fault = status?.fault
        certificates = status?.certificates.map(Certificate.init) ?? []
    }
}

/// Our own metadata at a connection, as the API shows it.
public struct ConnectionMetadataResource: Codable, Hashable, Sendable {
    public let addresses: ConnectionResource.Addresses
    /// XML, signed.
    public let document: String
}

/// What a test of a connection found.
public struct TestFindingResource: Codable, Hashable, Sendable {
    /// What was looked at.
    public let name: String
    /// `pass`, `warn` or `fail`.
    public let outcome: String
    public let words: String

    init(_ finding: TestFinding) {
        (name, outcome, words) = (finding.name, finding.outcome.rawValue, finding.words)
    }
}

/// What became of one message of a provider, as the API shows it.
public struct TraceResource: Codable, Hashable, Sendable {
    public let requestID: String
    public let at: String
    public let connection: String
    /// `sign-in`, `logout`, `metadata` or `test`.
    public let kind: String
    /// Whether its signature was the provider's, and it came for the first time; others anybody can send, and often.
    public let isBound: Bool
    public let verdict: String
    /// A code; nil where it was accepted.
    public let reason: String?
    public let summary: [Detail]
    public let steps: [Step]

    /// A fact about the message.
    public struct Detail: Codable, Hashable, Sendable {
        public let name: String
        public let value: String
    }

    /// One thing that was looked at.
    public struct Step: Codable, Hashable, Sendable {
        /// `passed`, `failed` or `noted`.
        public let outcome: String
        public let words: String
    }

    enum CodingKeys: String, CodingKey {
        case at, connection, kind, verdict, reason, summary, steps
        case requestID = "request_id"
        case isBound = "bound"
    }

    init(_ trace: SSOTrace) {
        (requestID, at, connection) = (trace.requestID, trace.at.text, trace.connection)
        (kind, isBound, verdict, reason) = (trace.kind.rawValue, trace.isBound, trace.verdict, trace.reason)
        summary = trace.summary.map { Detail(name: $0.name, value: $0.value) }
        steps = trace.steps.map { Step(outcome: $0.outcome, words: $0.words) }
    }
}

/// A step of a roll-over of our own key that was done.
public struct KeyRollOverResource: Codable, Hashable, Sendable {
    public let connection: String
    /// `begin`, `finish` or `cancel`.
    public let step: String
}

/// Which subject of a connection an account is, as the API shows it: by which connection, never as whom.
public struct AccountLinkResource: Codable, Hashable, Sendable {
    public let connection: String
    public let createdAt: String
    public let usedAt: String

    enum CodingKeys: String, CodingKey {
        case connection
        case createdAt = "created_at"
        case usedAt = "used_at"
    }

    init(_ link: AccountLink) {
        (connection, createdAt, usedAt) = (link.connection.text, link.createdAt.text, link.usedAt.text)
    }
}
