import Core
import HTTPTypes
import HostCrypto
import Login
import Store

/// `tenants/{tenant}/password-check`: what would become of a password; nothing is changed and nothing is kept of it.
extension OperatorAPI {
    var passwordEndpoints: [APIEndpoint] {
        [APIEndpoint(.post, "/tenants/{tenant}/password-check", checkPassword)]
    }

    @Sendable private func checkPassword(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let tenant = try await store(of: call.tenant)
        var fields = try call.fields("password", "email", "name")
        var owner = PasswordOwner(name: "", email: "", tenant: try await store.tenants.find(tenant.tenant))
        if let name = try fields.text("name") { owner.name = try FieldRule.displayName(name, field: "name") }
        var former: [PasswordHash] = []
        if let text = try fields.text("email") {
            let email = try FieldRule.email(text, field: "email")
            owner.email = email.typed
            if let user = try await tenant.users.find(email: email.normalized) {
                if owner.name.isEmpty { owner.name = user.name }
                former = user.passwordHashes
            }
        }
        guard let typed = try fields.secret("password") else { throw APIFields.missing("password") }
        return APIAnswer(PasswordVerdictResource(try await passwords.judge(typed, of: owner, former: former)))
    }
}
