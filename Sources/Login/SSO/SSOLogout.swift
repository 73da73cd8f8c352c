public import Core

/// A logout message of a provider, as it came.
public struct SSOLogoutMessage: Sendable {
    /// How it came.
    public enum Arrival: Sendable, Hashable {
        /// The query as it came, without its question mark.
        case query([UInt8])
        /// The form's field, as it came.
        case field([UInt8])
    }

    public let tenant: TenantID
    public let connection: ConnectionName
    public let arrival: Arrival
    /// `SAMLRequest`, not `SAMLResponse`.
    public let isRequest: Bool
    /// `RelayState`, decoded; nil where there was none.
    public let relayState: String?
    /// Of the HTTP request, by which traces are found.
    public let requestID: String

    public init(
        tenant: TenantID, connection: ConnectionName, arrival: Arrival, isRequest: Bool, relayState: String?,
        requestID: String
    ) {
        self.tenant = tenant
        self.connection = connection
        self.arrival = arrival
        self.isRequest = isRequest
        self.relayState = relayState
        self.requestID = requestID
    }
}

/// What became of a logout message.
public enum SSOLogoutOutcome: Sendable, Hashable {
    /// The provider asked, these sessions ended (the loops are the caller's to tell), and the answer is on its way.
    case answer(SSOMessage, ended: [SessionHandle])
    /// The same where the provider has no address for answers.
    case ended([SessionHandle])
    /// The provider answered what began here.
    /// - Parameters:
    ///   - nextIndex: which of `after_logout` was asked for.
    ///   - isComplete: false where the provider could not end everything.
    case signedOut(nextIndex: Int?, isComplete: Bool)
    /// - Parameter reason: a code of `SSOReason` or `SAMLReason`, for the log; the browser learns none.
    case refused(reason: String)
    /// There is no such connection here, or it uses no single logout.
    case unknown
    /// - Parameter reason: a code of `SSOReason`, for the log.
    case unavailable(reason: String)
}
