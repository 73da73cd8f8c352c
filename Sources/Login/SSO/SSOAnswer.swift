public import Core

/// A response as it came to a connection's address.
public struct SSOAnswer: Sendable {
    public let tenant: TenantID
    public let connection: ConnectionName
    /// The field `SAMLResponse`, as it came.
    public let response: [UInt8]
    /// The field `RelayState`; nil where there was none.
    public let relayState: String?
    /// Where it came from; `isRemembered` and `language` of the attempt count before its own.
    public let visit: FactorVisit
    /// Of the HTTP request, by which traces are found.
    public let requestID: String

    public init(
        tenant: TenantID, connection: ConnectionName, response: [UInt8], relayState: String?, visit: FactorVisit,
        requestID: String
    ) {
        self.tenant = tenant
        self.connection = connection
        self.response = response
        self.relayState = relayState
        self.visit = visit
        self.requestID = requestID
    }
}

/// What a sign-in that goes on has brought along.
public struct SSOArrival: Sendable, Hashable {
    public let returnTo: SafeRedirect?
    /// The visitor asked to stay signed in.
    public let isRemembered: Bool
    /// The account's address.
    public let email: String
    /// Of the attempt that was answered; nil where the provider began.
    public let attemptID: [UInt8]?

    public init(returnTo: SafeRedirect?, isRemembered: Bool, email: String, attemptID: [UInt8]?) {
        self.returnTo = returnTo
        self.isRemembered = isRemembered
        self.email = email
        self.attemptID = attemptID
    }
}

/// What became of a response.
public enum SSOOutcome: Sendable, Hashable {
    /// It is one of an account here: the login goes on from its first factor, or has led to a session.
    case proceeds(PasswordLoginOutcome, SSOArrival)
    /// The member of a session proved anew who they are; its copies are the caller's to tell.
    case confirmed(RenewedSession, returnTo: SafeRedirect?)
    /// An account with this address exists and is not connected: its member signs in once in another way, then
    /// `completeLink` is called.
    case link(PendingLink, email: String, returnTo: SafeRedirect?)
    /// The provider began, and is asked anew.
    case restart(returnTo: SafeRedirect?)
    /// It answers nothing that this browser began: a fresh start is offered.
    case startAgain(reason: String)
    /// - Parameter reason: a code of `SSOReason` or `SAMLReason`, for the log; the browser learns none.
    case refused(reason: String)
    /// There is no such connection here.
    case unknown
    /// - Parameter reason: a code of `SSOReason`, for the log.
    case unavailable(reason: String)
}
