public import Core
import Portal

/// `gatehouse user …`.
extension OperatorClient {
    /// What `user create` is told, but for the password.
    public struct NewUser: Sendable {
        let tenant: String
        let email: String
        let name: String
        let roles: [String]

        public init(tenant: String, email: String, name: String, roles: [String]) {
            self.tenant = tenant
            self.email = email
            self.name = name
            self.roles = roles
        }
    }

    /// Makes a user; the UUID stands alone on standard output.
    public func createUser(
        _ user: NewUser, password: borrowing SecretBytes, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        let path = try Self.path(ofTenant: user.tenant) + "/users"
        var body = RequestBody()
        body.add("email", user.email)
        body.add("name", user.name)
        body.add("roles", user.roles)
        body.add("password", password)
        var bytes = body.end()
        defer { Wiping.wipe(&bytes) }
        let made = try ask(OperatorRequest(method: .post, path: path, body: bytes), for: UserResource.self)
        return asJSON ? CommandOutput(CommandOutput.json(made)) : CommandOutput("\(made.id)\n")
    }

    /// How an invitation reaches its user.
    public struct Invitation: Sendable {
        let printsLink: Bool
        let language: String?

        /// - Parameter language: of the mail, `en` or `de`; nil for the configured one.
        public init(printsLink: Bool, language: String?) {
            self.printsLink = printsLink
            self.language = language
        }

        fileprivate func add(to body: inout RequestBody) {
            body.add("print_link", printsLink)
            if let language { body.add("language", language) }
        }
    }

    /// Makes a user who chooses the password by a link; the UUID stands alone on the first line of standard output, the
    /// link on the second where it was asked for.
    public func createUser(
        _ user: NewUser, invitation: Invitation, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        let path = try Self.path(ofTenant: user.tenant) + "/users"
        var body = RequestBody()
        body.add("email", user.email)
        body.add("name", user.name)
        body.add("roles", user.roles)
        body.add("invite", true)
        invitation.add(to: &body)
        return Self.invited(
            try ask(OperatorRequest(method: .post, path: path, body: body.end()), for: UserResource.self),
            asJSON: asJSON)
    }

    /// Sends somebody who has not taken the invitation up another link in the place of the former one.
    public func inviteUser(
        _ name: String, in tenant: String, invitation: Invitation, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        let user = try user(name, of: tenant)
        var body = RequestBody()
        invitation.add(to: &body)
        let path = try Self.path(of: user, in: tenant) + "/invitation"
        return Self.invited(
            try ask(OperatorRequest(method: .post, path: path, body: body.end()), for: UserResource.self),
            asJSON: asJSON)
    }

    private static func invited(_ user: UserResource, asJSON: Bool) -> CommandOutput {
        guard !asJSON else { return CommandOutput(CommandOutput.json(user)) }
        return CommandOutput("\(user.id)\n" + (user.invitation?.link.map { "\($0)\n" } ?? ""))
    }

    /// Every user of a tenant.
    public func listUsers(of tenant: String, asJSON: Bool) throws(OperatorFault) -> CommandOutput {
        let path = try Self.path(ofTenant: tenant) + "/users"
        let rows = try all(OperatorRequest(method: .get, path: path), of: UserResource.self)
        return CommandOutput.list(
            rows, asJSON: asJSON, noun: "users in tenant \(tenant); `gatehouse user create` makes one",
            headings: ["ID", "EMAIL", "NAME", "ROLES", "STATE"]
        ) { [$0.id, $0.email, $0.name, $0.roles.joined(separator: ","), $0.state] }
    }

    /// One user.
    public func showUser(_ name: String, of tenant: String, asJSON: Bool) throws(OperatorFault) -> CommandOutput {
        Self.shown(try user(name, of: tenant), asJSON: asJSON)
    }

    /// Gives a user exactly these roles.
    public func setRoles(
        _ roles: [String], of name: String, in tenant: String, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        let user = try user(name, of: tenant)
        var body = RequestBody()
        body.add("roles", roles)
        let path = try Self.path(of: user, in: tenant) + "/roles"
        return Self.shown(
            try ask(OperatorRequest(method: .put, path: path, body: body.end()), for: UserResource.self),
            asJSON: asJSON)
    }

    /// Gives a user another password; every session of the user ends.
    /// - Parameter mustChange: the user chooses another one at the next login.
    public func setPassword(
        _ password: borrowing SecretBytes, of name: String, in tenant: String, mustChange: Bool = false, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        let user = try user(name, of: tenant)
        var body = RequestBody()
        if mustChange { body.add("must_change", true) }
        body.add("password", password)
        var bytes = body.end()
        defer { Wiping.wipe(&bytes) }
        let path = try Self.path(of: user, in: tenant) + "/password"
        return Self.shown(
            try ask(OperatorRequest(method: .put, path: path, body: bytes), for: UserResource.self), asJSON: asJSON)
    }

    /// Keeps a user out, ending every session, or lets the user in again.
    public func setUser(
        _ name: String, in tenant: String, enabled: Bool, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        let user = try user(name, of: tenant)
        let path = try Self.path(of: user, in: tenant) + (enabled ? "/enable" : "/disable")
        return Self.shown(
            try ask(OperatorRequest(method: .post, path: path), for: UserResource.self), asJSON: asJSON)
    }

    /// Takes away everything that a user could prove besides the password; every session ends and every device is
    /// forgotten.
    /// - Parameter printsCode: the code for the next enrolment stands alone on the second line of standard output.
    public func resetFactors(
        of name: String, in tenant: String, printsCode: Bool, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        let user = try user(name, of: tenant)
        var body = RequestBody()
        body.add("print_code", printsCode)
        let path = try Self.path(of: user, in: tenant) + "/factor-reset"
        let reset = try ask(
            OperatorRequest(method: .post, path: path, body: body.end()), for: FactorResetResource.self)
        let note =
            reset.signsInByPassword
            ? ""
            : "\(ShownText.clean(user.email)) cannot sign in by password: the tenant's sign_in or plan leaves it out, or "
                + "there is none; name the address in sign_in.break_glass, and set a password\n"
        guard !asJSON else { return CommandOutput(CommandOutput.json(reset), note: note) }
        let code = reset.enrolmentCode.map { "\(ShownText.clean($0))\n" } ?? ""
        return CommandOutput("\(ShownText.count(reset.removed, "second factor")) removed\n" + code, note: note)
    }

    /// The user that a command names by e-mail address or by id.
    func user(_ name: String, of tenant: String) throws(OperatorFault) -> UserResource {
        let path = try Self.path(ofTenant: tenant) + "/users"
        if let id = UserID(name) {
            return try ask(OperatorRequest(method: .get, path: "\(path)/\(id)"), for: UserResource.self)
        }
        // The address stands in the query: paths are logged.
        let found = try ask(
            OperatorRequest(method: .get, path: path, query: [("email", name)]), for: Page<UserResource>.self)
        guard let user = found.items.first else {
            throw OperatorFault(.badData, "tenant \(tenant) has no user \(ShownText.quoted(name))")
        }
        return user
    }

    static func path(of user: UserResource, in tenant: String) throws(OperatorFault) -> String {
        try path(ofTenant: tenant) + "/users/\(OperatorRequest.encoded(user.id))"
    }

    private static func shown(_ user: UserResource, asJSON: Bool) -> CommandOutput {
        CommandOutput.resource(
            user, asJSON: asJSON,
            parts: [
                ("id", user.id), ("email", user.email), ("name", user.name),
                ("roles", user.roles.joined(separator: ", ")), ("state", user.state),
                ("password", passwordState(of: user)), ("factors", factors(of: user)),
                ("connections", (user.connections ?? []).map(\.connection).joined(separator: ", ")),
                ("external_id", user.externalID ?? ""),
                ("created", ShownText.time(user.createdAt)), ("changed", ShownText.time(user.changedAt)),
            ])
    }

    /// What one user has besides the password; empty where that is not known.
    private static func factors(of user: UserResource) -> String {
        guard let factors = user.factors else { return user.hasSecondFactor ? "set up" : "none" }
        let parts = [
            (factors.totp, "authenticator app"), (factors.passkey, "passkey"),
            (factors.recoveryCode, "recovery code"),
        ].filter { $0.0 > 0 }.map { ShownText.count($0.0, $0.1) }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }

    private static func passwordState(of user: UserResource) -> String {
        guard user.hasPassword else { return "none" }
        return user.mustChangePassword ? "set, to be changed at the next login" : "set"
    }
}
