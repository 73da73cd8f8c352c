/// A message on its way to a provider, by the browser.
public enum SSOMessage: Sendable, Hashable {
    /// An address with everything in it (SAML Bindings §3.4).
    case redirect(to: String)
    /// A form that the browser posts (SAML Bindings §3.5).
    case post(SSOForm)

    /// Where it goes, with its query.
    public var address: String {
        switch self {
        case .redirect(let address): address
        case .post(let form): form.address
        }
    }
}

/// A form that the browser posts to a provider.
public struct SSOForm: Sendable, Hashable {
    public let address: String
    /// `SAMLRequest` or `SAMLResponse`.
    public let field: String
    /// Its value, in base64.
    public let value: String
    /// The value of the field `RelayState`; nil for none.
    public let relayState: String?

    public init(address: String, field: String, value: String, relayState: String?) {
        self.address = address
        self.field = field
        self.value = value
        self.relayState = relayState
    }
}

/// How a sign-in at a provider begins.
public enum SSODeparture: Sendable, Hashable {
    /// The browser takes a request along, and the attempt in its cookie.
    case leaves(SSOMessage, SSOAttempt)
    /// There is no such connection here.
    case unknown
    /// The connection cannot be used now.
    /// - Parameter reason: a code of `SSOReason`, for the log.
    case unavailable(reason: String)
}
