public import Core
public import Store

/// Makes links and posts them to those whose password they set.
public struct LinkPost: Sendable {
    /// Where links lead.
    public let origin: @Sendable () -> PortalOrigin
    /// `mail`; nil where no mail can be sent.
    public let mail: @Sendable () -> MailSettings?
    public let now: @Sendable () -> WallTime

    public init(
        origin: @escaping @Sendable () -> PortalOrigin, mail: @escaping @Sendable () -> MailSettings?,
        now: @escaping @Sendable () -> WallTime
    ) {
        self.origin = origin
        self.mail = mail
        self.now = now
    }

    /// A link that was made just now.
    public struct Issued: Sendable, Hashable {
        /// In full: whoever has it may set the password.
        public let link: String
        public let expiresAt: WallTime
        /// Whether it is on its way by mail.
        public let isMailed: Bool
    }

    /// Makes a link in the place of the user's former one, and posts it where mails can be sent.
    /// - Parameter language: of the mail; nil for the one that is configured.
    /// - Throws: `StoreConflict.notFound` where the user's state does not fit the purpose, `.erased`; `StoreFault`.
    public func issue(
        _ purpose: LinkPurpose, to user: User, of tenant: Tenant, in store: TenantStore, language: String?,
        audit entry: AuditEntry
    ) async throws -> Issued {
        guard let token = LinkToken.make(for: tenant.id) else { throw StoreConflict.notFound }
        let expiresAt = now().advanced(by: purpose.lifetime)
        let link = origin().link(token, for: purpose, of: tenant)
        let notice: MailNotice =
            switch purpose {
            case .invitation: .invitation(link: link, expiresAt: expiresAt)
            case .passwordReset: .passwordReset(link: link, expiresAt: expiresAt)
            }
        let letters = letters(notice, to: user, language: language)
        try await store.links.issue(
            token.digest, for: purpose, to: user.id, expiresAt: expiresAt, audit: entry, at: now(), letters: letters)
        return Issued(link: link, expiresAt: expiresAt, isMailed: !letters.isEmpty)
    }

    /// The letter that tells a user something; none where no mail can be sent.
    /// - Parameter language: of the mail; nil for the one that is configured.
    public func letters(_ notice: MailNotice, to user: User, language: String? = nil) -> [Letter] {
        guard let mail = mail() else { return [] }
        return [notice.letter(to: user.email, language: language ?? mail.language, now: now())]
    }
}
