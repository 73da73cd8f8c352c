import Core
import HTTPTypes
import Login
import Store

/// `tenants/{tenant}/users/{user}/factor-reset`: for a user who has lost every second factor, or whose factors somebody
/// else has.
extension OperatorAPI {
    var factorEndpoints: [APIEndpoint] {
        [APIEndpoint(.post, "/tenants/{tenant}/users/{user}/factor-reset", resetFactors)]
    }

    @Sendable private func resetFactors(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        let (tenant, id) = try await (store(of: call.tenant), call.user)
        var fields = try call.fields("print_code")
        let printsCode = try fields.flag("print_code")
        guard let user = try await tenant.users.find(id), let owner = try await store.tenants.find(tenant.tenant) else {
            throw unknown(id, of: tenant.tenant)
        }
        let reset = try await naming(id, of: tenant.tenant) {
            guard let resetter = seams.resetFactors else {
                return try await FactorResetting(store: store, mail: seams.mail, now: seams.now).reset(
                    id, of: tenant.tenant, printsCode: printsCode, by: .operator)
            }
            return try await resetter(id, tenant.tenant, printsCode)
        }
        seams.notify(.ended(.user(id, of: tenant.tenant)))
        let isAdmitted =
            NormalizedEmail(user.email).map { seams.plans().allows(.password, for: $0, in: owner) } ?? false
        return APIAnswer(
            FactorResetResource(reset, of: user, signsInByPassword: isAdmitted && user.hasPassword))
    }
}
