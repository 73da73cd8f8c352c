import Core
import Testing

@testable import Gateway

@Suite("What a tenant's file asks for is held against its plan")
struct PlanTests {
    private static let plans =
        "plans: { free: { sign_in: [], features: [] }, team: { features: [own_roles] }, full: {} }"

    private func folder(_ tenant: String, plans: String? = plans) -> ConfigurationFolder {
        var folder = ConfigurationFolder(adding: plans)
        folder.write("tenants/a.yaml", "id: a\nname: A\n" + tenant)
        return folder
    }

    @Test("without plans a plan is any name, and everything is included")
    func none() {
        #expect(
            folder("plan: gold\nroles: [auditor]\nsign_in: { methods: [password] }\n", plans: nil).faults() == [])
    }

    @Test("a plan that is not configured is refused with those that are")
    func unknown() {
        #expect(
            folder("plan: fulll\n").faults() == [
                "tenants/a.yaml:3:7 plan: \"fulll\" is not a configured plan; plans: free, full, team; did you mean \"full\"?"
            ])
        #expect(folder("plan: \"\"\nroles: [auditor]\n").faults() == [])
    }

    @Test("what the plan does not include is refused where the file asks for it")
    func excluded() {
        #expect(
            folder(
                "plan: free\nroles: [auditor]\nallowed_networks: [192.0.2.0/24]\nsign_in: { methods: [password] }\n"
            ).faults() == [
                "tenants/a.yaml:4:9 roles[0]: the plan free does not include own_roles; included: none; delete it, or give the tenant another plan",
                "tenants/a.yaml:5:20 allowed_networks[0]: the plan free does not include allowed_networks; included: none; delete it, or give the tenant another plan",
                "tenants/a.yaml:6:22 sign_in.methods[0]: the plan free does not include password; included: none; delete it, or give the tenant another plan",
            ])
        #expect(
            folder("plan: team\nroles: [auditor]\nallowed_networks: [192.0.2.0/24]\n").faults() == [
                "tenants/a.yaml:5:20 allowed_networks[0]: the plan team does not include allowed_networks; included: own_roles; delete it, or give the tenant another plan"
            ])
        #expect(
            folder("plan: full\nroles: [auditor]\nallowed_networks: [192.0.2.0/24]\n").faults() == [])
        #expect(folder("plan: full\nsign_in: { methods: [passkey, password] }\n").faults() == [])
        #expect(
            folder("plan: words\nsign_in: { methods: [passkey] }\n", plans: "plans: { words: { sign_in: [password] } }")
                .faults() == [
                    "tenants/a.yaml:4:22 sign_in.methods[0]: the plan words does not include passkey; included: password; delete it, or give the tenant another plan"
                ])
    }

    @Test("a tenant in which nobody could sign in is refused, and one with a break-glass account is not")
    func nobody() {
        #expect(
            folder("sign_in: { methods: [] }\n").faults() == [
                "tenants/a.yaml:3:10 sign_in: no method and no break_glass account: nobody would sign in; methods: password, passkey, saml; name a method, or a break_glass account"
            ])
        #expect(folder("sign_in: { methods: [], break_glass: [it@a.example] }\n").faults() == [])
    }

    @Test("words of sign_in are those that there are, and addresses are addresses")
    func faults() {
        #expect(
            folder("sign_in: { sso_domains: always, methods: [saml], break_glass: [it] }\n").faults() == [
                "tenants/a.yaml:3:25 sign_in.sso_domains: \"always\" is not a rule for domains of connections; allowed: optional, enforced",
                "tenants/a.yaml:3:64 sign_in.break_glass[0]: \"it\" is not an e-mail address; allowed: name@domain, at most 254 bytes",
            ])
    }

    @Test("a plan without a way to sign in is told")
    func warned() throws {
        let warnings = folder("").load("g.yaml").warnings.map(\.description)
        #expect(
            warnings.filter { $0.contains("plans") } == [
                "g.yaml:4:10 plans.free: warning: nobody of a tenant with this plan signs in but accounts of its break_glass"
            ])
    }
}
