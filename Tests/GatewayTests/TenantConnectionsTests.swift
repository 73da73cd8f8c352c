import Access
import Core
import Login
import Store
import Synchronization
import Testing

@testable import Gateway

@Suite("Which connections are in use")
struct TenantConnectionsTests {
    private func acme() throws -> TenantID { try #require(TenantID("acme")) }

    private func settings(
        _ name: String, isEnabled: Bool = true, domains: [String] = []
    ) throws -> ConnectionSettings {
        ConnectionSettings(
            name: try #require(ConnectionName(name)), displayName: name, isEnabled: isEnabled,
            metadata: .url("https://id.example/m", caFile: nil), emailDomains: domains)
    }

    /// One tenant, of which a test changes what it is about.
    private func connections(
        _ own: [ConnectionSettings], methods: [SignInMethod]? = nil, plan: String = "", state: Tenant.State = .active,
        ssoDomains: SSODomains = .optional
    ) throws -> (TenantConnections, Tenant) {
        let rule = SignInRule(methods: methods, ssoDomains: ssoDomains)
        var tenant = Tenant(
            id: try acme(), name: "Acme", state: state, plan: plan, emailDomains: ["a.example", "b.example"])
        tenant.signIn = rule
        return (TenantConnections([tenant], [tenant.id: own]), tenant)
    }

    private let small = PlanBook([PlanSettings(name: "small", methods: [.password])])

    @Test("a tenant may use its connections where plan and rule include them and it is active")
    func mayUse() throws {
        let own = [try settings("okta")]
        #expect(try connections(own).0.mayUse(acme(), plans: small))
        #expect(try connections(own, methods: [.saml]).0.mayUse(acme(), plans: small))
        #expect(try !connections(own, methods: [.password]).0.mayUse(acme(), plans: small))
        #expect(try !connections(own, plan: "small").0.mayUse(acme(), plans: small))
        #expect(try !connections(own, state: .suspended).0.mayUse(acme(), plans: small))
        #expect(try !connections([]).0.mayUse(acme(), plans: small))
        #expect(try !connections(own).0.mayUse(#require(TenantID("other")), plans: small))
    }

    @Test("sessions go on by enabled connections that are included, also while the tenant is suspended")
    func standing() throws {
        let own = [try settings("okta"), try settings("entra", isEnabled: false)]
        let okta = try #require(ConnectionName("okta"))
        #expect(try connections(own).0.standing(of: acme(), plans: small) == [okta])
        #expect(try connections(own, state: .suspended).0.standing(of: acme(), plans: small) == [okta])
        #expect(try connections(own, methods: [.passkey]).0.standing(of: acme(), plans: small) == [])
        #expect(try connections(own, plan: "small").0.standing(of: acme(), plans: small) == [])
    }

    @Test("domains are the connection's as far as they are the tenant's, or all of the tenant's")
    func domains() throws {
        #expect(
            try connections([settings("o", domains: ["b.example", "c.example"])]).0
                .emailDomains(of: acme(), plans: small) == ["b.example"])
        #expect(
            try connections([settings("o")]).0.emailDomains(of: acme(), plans: small) == ["a.example", "b.example"])
        #expect(try connections([settings("o", isEnabled: false)]).0.emailDomains(of: acme(), plans: small) == [])
        #expect(try connections([settings("o")], methods: [.password]).0.emailDomains(of: acme(), plans: small) == [])
    }

    @Test("plans that know of connections leave no password to an enforced domain, and follow each change")
    func enforced() throws {
        let (before, tenant) = try connections([settings("o", domains: ["b.example"])], ssoDomains: .enforced)
        let current = CurrentConnections(before)
        let plans = small.knowing { current.value }
        let (one, other) = (
            try #require(NormalizedEmail("mia@a.example")), try #require(NormalizedEmail("mia@b.example"))
        )
        #expect(plans.allows(.password, for: one, in: tenant))
        #expect(!plans.allows(.password, for: other, in: tenant))
        #expect(plans.allows(.saml, for: other, in: tenant))
        current.value = try connections([settings("o", isEnabled: false)]).0
        #expect(plans.allows(.password, for: other, in: tenant))
        #expect(plans == small, "two books with the same plans are equal")
    }
}

/// Connections that a test exchanges.
private final class CurrentConnections: Sendable {
    private let held: Mutex<TenantConnections>
    init(_ value: TenantConnections) { held = Mutex(value) }

    var value: TenantConnections {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}
