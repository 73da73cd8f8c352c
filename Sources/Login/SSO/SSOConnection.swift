public import Core
public import SAML

/// A connection that can be used now: its settings, its provider, and our own keys.
public struct SSOConnection: Sendable {
    public let tenant: TenantID
    public let settings: ConnectionSettings
    public let addresses: ConnectionAddresses
    /// As its metadata says, which has not ended.
    public let provider: IdentityProvider
    /// Signs what we send.
    public let signingKey: PrivateKey
    /// Its certificate in DER.
    public let signingCertificate: [UInt8]
    /// The current key, the next one during a roll-over, and the latest former ones for
    /// `SSOConnections.formerKeyDays`.
    public let decryptionKeys: [PrivateKey]
    /// Certificates in DER that our metadata names: the current one, and the next during a roll-over.
    public let publishedCertificates: [[UInt8]]

    public init(
        tenant: TenantID, settings: ConnectionSettings, addresses: ConnectionAddresses, provider: IdentityProvider,
        signingKey: PrivateKey, signingCertificate: [UInt8], decryptionKeys: [PrivateKey],
        publishedCertificates: [[UInt8]]
    ) {
        self.tenant = tenant
        self.settings = settings
        self.addresses = addresses
        self.provider = provider
        self.signingKey = signingKey
        self.signingCertificate = signingCertificate
        self.decryptionKeys = decryptionKeys
        self.publishedCertificates = publishedCertificates
    }
}

/// Where a connection of ours is, in full, as its provider is told.
public struct ConnectionAddresses: Sendable, Hashable {
    /// What we call ourselves at this connection.
    public let entityID: String
    public let metadata: String
    public let login: String
    /// The assertion consumer service.
    public let acs: String
    /// Single logout, both bindings.
    public let slo: String

    /// - Parameter origin: `https://host[:port]` of the tenant's sign-in host.
    public init(origin: String, tenant: TenantID, connection: ConnectionName, entityID: String?) {
        let base = "\(origin)/.gatehouse/saml/\(tenant)/\(connection)"
        metadata = base + "/metadata"
        login = base + "/login"
        acs = base + "/acs"
        slo = base + "/slo"
        self.entityID = entityID ?? metadata
    }
}

/// Why a connection that is configured cannot be used now.
public enum ConnectionFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no metadata yet, or it cannot be read; in words.
    case metadataMissing(String)
    /// The metadata that is there has ended, and no other could be fetched.
    case metadataExpired(WallTime)
    /// Our own keys cannot be made or read; in words.
    case keysUnusable(String)

    /// A sentence without its full stop.
    public var description: String {
        switch self {
        case .metadataMissing(let words): "there is no metadata of the provider: \(words)"
        case .metadataExpired(let end): "the provider's metadata has ended at \(SAMLTime.write(end))"
        case .keysUnusable(let words): "the connection's own keys cannot be used: \(words)"
        }
    }
}
