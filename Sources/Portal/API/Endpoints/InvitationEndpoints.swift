import Access
import Core
import HTTPTypes
import Login
import Store

/// `tenants/{tenant}/users/{user}/invitation`: another link for somebody who has not taken the first one up; and users
/// who are made with an invitation in the place of a password.
extension OperatorAPI {
    var invitationEndpoints: [APIEndpoint] {
        [APIEndpoint(.post, "/tenants/{tenant}/users/{user}/invitation", inviteAgain)]
    }

    @Sendable private func inviteAgain(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let (tenant, id) = try await (store(of: call.tenant), call.user)
        var fields = try call.fields("print_link", "language")
        let way = try way(&fields)
        guard let user = try await tenant.users.find(id) else { throw unknown(id, of: tenant.tenant) }
        return APIAnswer(try await invited(user, in: tenant, way))
    }

    /// Makes a user who waits for an invitation, and the invitation.
    func invite(
        _ email: (typed: String, normalized: NormalizedEmail), _ name: String, _ roles: [RoleName],
        to tenant: TenantStore, _ fields: inout APIFields
    ) async throws -> APIAnswer {
        let way = try way(&fields)
        let hasPassword = try fields.secret("password") != nil
        guard !hasPassword else {
            throw APIRefusal(
                .valueRefused, "invite and password exclude each other: whoever is invited chooses the password",
                field: "invite")
        }
        guard let owner = try await store.tenants.find(tenant.tenant) else { throw try await unknown(tenant.tenant) }
        try admitPassword(email.normalized, of: owner)
        let user = User(state: .invited, roles: roles, email: email.typed, name: name)
        let made = try await tenant.users.create(
            user, audit: entry("user.created", user.id, roles: roles), at: seams.now())
        return APIAnswer(try await invited(made, in: tenant, way), status: .created)
    }

    /// How the link reaches its user.
    private struct Way {
        let showsLink: Bool
        /// Of the mail; nil for the configured one.
        let language: String?
    }

    /// - Throws: `APIRefusal` where there is none.
    private func way(_ fields: inout APIFields) throws(APIRefusal) -> Way {
        let showsLink = try fields.flag("print_link")
        let language = try fields.text("language")
        if let language, PageLanguage(rawValue: language) == nil {
            throw APIRefusal(
                .valueRefused,
                "language \(QuotedInput.show(language)) is none of ours; allowed: "
                    + QuotedInput.list(PageLanguage.allCases.map(\.rawValue)), field: "language")
        }
        guard showsLink || seams.mail() != nil else {
            throw APIRefusal(
                .valueRefused,
                "no mail is configured, so the invitation would reach nobody; ask for its link (--print-link), or "
                    + "write mail.smtp_url", field: "print_link")
        }
        return Way(showsLink: showsLink, language: language)
    }

    /// - Throws: `APIRefusal` where members of the tenant sign in without a password (security rule 19).
    private func admitPassword(_ email: NormalizedEmail, of tenant: Tenant) throws(APIRefusal) {
        guard seams.plans().allows(.password, for: email, in: tenant) else {
            throw APIRefusal(
                .valueRefused,
                "tenant \(tenant.id) does not let its members sign in by password, so an invitation to choose one is "
                    + "of no use; see sign_in.methods, sign_in.break_glass and its plan", field: "invite")
        }
    }

    private func invited(_ user: User, in tenant: TenantStore, _ way: Way) async throws -> UserResource {
        guard user.state == .invited else {
            throw APIRefusal(
                .userNotInvited,
                "only a user who has not taken the invitation up is invited again; set a password instead",
                field: "user")
        }
        guard let owner = try await store.tenants.find(tenant.tenant) else { throw try await unknown(tenant.tenant) }
        if let email = NormalizedEmail(user.email) { try admitPassword(email, of: owner) }
        let post = LinkPost(origin: seams.origin, mail: seams.mail, now: seams.now)
        let issued = try await naming(user.id, of: tenant.tenant) {
            try await post.issue(
                .invitation, to: user, of: owner, in: tenant, language: way.language,
                audit: entry("user.invited", user.id))
        }
        var resource = UserResource(user)
        resource.invitation = InvitationResource(issued, showsLink: way.showsLink)
        return resource
    }
}
