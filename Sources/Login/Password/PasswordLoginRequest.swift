public import Core

/// What a visitor sent to prove who they are.
public struct PasswordLoginRequest: ~Copyable, Sendable {
    /// The tenant that the host or `?tenant=` names; nil on a shared host, where the address decides.
    public let tenant: TenantID?
    /// As it was typed.
    public let email: String
    /// As it was typed, UTF-8; any length, for what is too long is refused like any other wrong one.
    public let password: SecretBytes
    public let client: ClientAddress
    /// The value of `__Host-gatehouse-device`; anything but a known token counts as none.
    public let deviceToken: String?
    public let userAgent: String
    /// Of the page: `en` or `de`; empty where it is not known.
    public let language: String
    /// The visitor asks to stay signed in; it counts where `login.session.remember` offers it.
    public let isRemembered: Bool

    public init(
        tenant: TenantID?, email: String, password: consuming SecretBytes, client: ClientAddress,
        deviceToken: String?, userAgent: String, language: String = "", isRemembered: Bool = false
    ) {
        self.tenant = tenant
        self.email = email
        self.password = password
        self.client = client
        self.deviceToken = deviceToken
        self.userAgent = userAgent
        self.language = language
        self.isRemembered = isRemembered
    }
}
