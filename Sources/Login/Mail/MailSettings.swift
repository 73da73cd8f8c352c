public import Store

/// `mail`, as far as those need it who write letters; nil in `LoginSettings` where no mail can be sent.
public struct MailSettings: Sendable, Hashable {
    /// `mail.language`: for recipients whose own is not known; `en` or `de`.
    public var language: String
    /// `public_url`'s host, for tenants without a host of their own.
    public var publicHost: String
    /// `public_url`'s port; 443 is not written.
    public var port: Int

    public init(language: String = "en", publicHost: String, port: Int = 443) {
        self.language = language
        self.publicHost = publicHost
        self.port = port
    }

    /// A link in full, built from the tenant's first host and nothing that a request says (security rule 17).
    /// - Parameter path: from its `/` on, with its query.
    public func link(_ path: String, of tenant: Tenant) -> String {
        let host = tenant.hosts.first ?? publicHost
        return "https://\(host)\(port == 443 ? "" : ":\(port)")\(path)"
    }
}
