public import Login
import Store

/// Every way in which people set their own passwords.
public struct PasswordFlows: Sendable {
    /// Asks for a mail.
    public let reset: PasswordReset
    /// Takes the mail's link up.
    public let resetLinks: PasswordLinks
    public let invitations: PasswordLinks
    public let change: PasswordChange

    /// - Parameter login: proves passwords and begins sessions.
    public init(login: PasswordLogin, services: PasswordServices) {
        reset = PasswordReset(services: services)
        resetLinks = PasswordLinks(.passwordReset, services: services)
        invitations = PasswordLinks(.invitation, services: services)
        change = PasswordChange(login: login, services: services)
    }

    /// Returns when every mail that was asked for has been written; before the store is closed.
    public func settle() async { await reset.settle() }

    /// Whether mails can be sent.
    var hasMail: Bool { reset.hasMail }
}
