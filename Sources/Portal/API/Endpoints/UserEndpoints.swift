import Core
import HTTPTypes
import HostCrypto
import Login
import Store

/// `tenants/{tenant}/users`: list, make, show, roles, password, disable, enable.
///
/// A user is named by id in paths, which are logged, and by e-mail address in queries, which are not.
extension OperatorAPI {
    var userEndpoints: [APIEndpoint] {
        let user = "/tenants/{tenant}/users/{user}"
        return [
            APIEndpoint(.get, "/tenants/{tenant}/users", listUsers),
            APIEndpoint(.post, "/tenants/{tenant}/users", createUser), APIEndpoint(.get, user, showUser),
            APIEndpoint(.put, user + "/roles", setRoles), APIEndpoint(.put, user + "/password", setPassword),
            APIEndpoint(.post, user + "/disable", disableUser), APIEndpoint(.post, user + "/enable", enableUser),
        ]
    }

    @Sendable private func listUsers(_ call: APICall) async throws -> APIAnswer {
        let query = try call.query("after", "limit", "email")
        let tenant = try await store(of: call.tenant)
        if let text = query["email"] {
            let email = try FieldRule.email(text, field: "email")
            let user = try await user(email.normalized, in: tenant)
            return APIAnswer(Page(items: [try await shown(user, in: tenant)], next: nil))
        }
        let (after, limit) = (try query.after { UserID($0) }, try query.limit())
        let rows = try await tenant.users.list(after: after, limit: limit + 1)
        return APIAnswer(Page.cut(rows, limit: limit, id: { $0.id.description }, item: { UserResource($0) }))
    }

    @Sendable private func showUser(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let (tenant, id) = try await (store(of: call.tenant), call.user)
        guard let user = try await tenant.users.find(id) else { throw unknown(id, of: tenant.tenant) }
        return APIAnswer(try await shown(user, in: tenant))
    }

    /// One user, with what they have besides the password, and by which connections they sign in.
    private func shown(_ user: User, in tenant: TenantStore) async throws -> UserResource {
        var resource = UserResource(user)
        resource.factors = FactorCounts(
            try await naming(user.id, of: tenant.tenant) { try await tenant.factors.all(of: user.id) })
        resource.connections = try await tenant.connections.links(of: user.id).map(AccountLinkResource.init)
        return resource
    }

    @Sendable private func createUser(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let tenant = try await store(of: call.tenant)
        var fields = try call.fields("email", "name", "roles", "password", "invite", "print_link", "language")
        let email = try FieldRule.email(fields.required("email"), field: "email")
        let name = try FieldRule.displayName(fields.required("name"), field: "name")
        let roles = try await roles(fields.texts("roles", most: FieldBound.roles) ?? [], of: tenant.tenant)
        // What is cheap to refuse is refused before a password is hashed.
        if try await tenant.users.find(email: email.normalized) != nil { throw APIRefusal(StoreConflict.emailTaken) }
        if try fields.flag("invite") { return try await invite(email, name, roles, to: tenant, &fields) }
        var hash: Argon2id.EncodedHash?
        if let typed = try fields.secret("password") {
            let owner = PasswordOwner(
                name: name, email: email.typed, tenant: try await store.tenants.find(tenant.tenant))
            hash = try await passwords.hash(typed, of: owner)
        }
        let user = User(roles: roles, email: email.typed, name: name)
        let made = try await tenant.users.create(
            user, password: hash, audit: entry("user.created", user.id, roles: roles), at: seams.now())
        return APIAnswer(UserResource(made), status: .created)
    }

    @Sendable private func setRoles(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let (tenant, id) = try await (store(of: call.tenant), call.user)
        var fields = try call.fields("roles")
        guard let names = try fields.texts("roles", most: FieldBound.roles) else { throw APIFields.missing("roles") }
        let roles = try await roles(names, of: tenant.tenant)
        let changed = try await naming(id, of: tenant.tenant) {
            try await tenant.users.update(id, audit: entry("user.roles-set", id, roles: roles), at: seams.now()) {
                $0.roles = roles
            }
        }
        seams.notify(.changed(user: id, of: tenant.tenant))
        return APIAnswer(UserResource(changed))
    }

    @Sendable private func setPassword(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let (tenant, id) = try await (store(of: call.tenant), call.user)
        var fields = try call.fields("password", "must_change")
        let mustChange = try fields.flag("must_change")
        guard let typed = try fields.secret("password") else { throw APIFields.missing("password") }
        guard let former = try await tenant.users.find(id) else { throw unknown(id, of: tenant.tenant) }
        let owner = PasswordOwner(
            name: former.name, email: former.email, tenant: try await store.tenants.find(tenant.tenant))
        let hash = try await passwords.hash(typed, of: owner, former: former.passwordHashes)
        let history = passwords.policy().settings.history
        // Whoever had none before is told nothing new.
        let notice = former.hasPassword ? seams.mail() : nil
        var letters: [Letter] = []
        if let notice {
            let language = try await tenant.outbox.language(of: id) ?? notice.language
            letters = [
                MailNotice.passwordChanged(at: seams.now(), device: "", address: "")
                    .letter(to: former.email, language: language, now: seams.now())
            ]
        }
        try await naming(id, of: tenant.tenant) {
            try await tenant.users.setPassword(
                hash, of: id, history: history, mustChange: mustChange, audit: entry("user.password-set", id),
                at: seams.now(), letters: letters)
        }
        seams.notify(.ended(.user(id, of: tenant.tenant)))
        guard let user = try await tenant.users.find(id) else { throw unknown(id, of: tenant.tenant) }
        return APIAnswer(UserResource(user))
    }

    @Sendable private func disableUser(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let (tenant, id) = try await (store(of: call.tenant), call.user)
        let changed = try await naming(id, of: tenant.tenant) {
            try await tenant.users.update(
                id, endingSessions: true, audit: entry("user.disabled", id), at: seams.now()
            ) { $0.state = .disabled }
        }
        seams.notify(.ended(.user(id, of: tenant.tenant)))
        return APIAnswer(UserResource(changed))
    }

    @Sendable private func enableUser(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let (tenant, id) = try await (store(of: call.tenant), call.user)
        let changed = try await naming(id, of: tenant.tenant) {
            try await tenant.users.update(id, audit: entry("user.enabled", id), at: seams.now()) { user in
                guard user.state != .invited else {
                    throw APIRefusal(
                        .userInvited, "the user becomes active by taking up the invitation", field: "user")
                }
                user.state = .active
            }
        }
        return APIAnswer(UserResource(changed))
    }

    func roles(_ names: [String], of tenant: TenantID) async throws -> [RoleName] {
        try await roleChoice(of: tenant).roles(names, field: "roles")
    }

    /// The roles that members of a tenant can have.
    func roleChoice(of tenant: TenantID) async throws -> RoleChoice {
        let own = try await store.tenants.find(tenant).map(seams.plans().limited)?.ownRoles ?? []
        return RoleChoice(catalogue: seams.catalogue(), own: own)
    }

    /// Says which user it was where there is none.
    @discardableResult
    func naming<Result>(
        _ user: UserID, of tenant: TenantID, _ body: () async throws -> Result
    ) async throws -> Result {
        do { return try await body() } catch StoreConflict.notFound { throw unknown(user, of: tenant) }
    }

    func entry(_ action: String, _ user: UserID, roles: [RoleName]? = nil) -> AuditEntry {
        let details = roles.map { [AuditEntry.Detail("roles", $0.map(\.text).joined(separator: ","))] } ?? []
        return AuditEntry(action: action, actor: .operator, subject: user, publicDetails: details)
    }
}
