public import Core

/// Why a message of an identity provider was not accepted, for the log.
public struct SSORefusalNote: Sendable, Hashable {
    /// Which of a connection's addresses was asked.
    public enum Endpoint: String, Sendable, Hashable {
        case metadata, login, acs, slo
    }

    public let endpoint: Endpoint
    public let tenant: TenantID
    public let connection: ConnectionName
    /// Stands on the visitor's page too, and in the trace.
    public let requestID: String
    /// A code of `SSOReason`, `SAMLReason` or this file.
    public let reason: String

    public init(
        endpoint: Endpoint, tenant: TenantID, connection: ConnectionName, requestID: String, reason: String
    ) {
        self.endpoint = endpoint
        self.tenant = tenant
        self.connection = connection
        self.requestID = requestID
        self.reason = reason
    }

    /// The body is no form, or breaks its grammar or a bound.
    static let formMalformed = "form-malformed"
    /// There is no message in it, or there are two.
    static let messageMissing = "message-missing"
    /// The login went on from the provider's answer, and was refused then.
    static let loginRefused = "login-refused"
}
