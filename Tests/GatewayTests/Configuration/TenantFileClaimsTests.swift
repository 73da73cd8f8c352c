import Core
import Login
import Portal
import Store
import Testing

@testable import Gateway

@Suite("A tenant's file owns the keys that it names, and no others")
struct TenantFileClaimsTests {
    private func claims(_ text: String) throws -> TenantFileClaims {
        var folder = ConfigurationFolder()
        folder.write("tenants/a.yaml", text)
        return try #require(try folder.settings().tenantFiles.first)
    }

    private func stored() throws -> Tenant {
        Tenant(
            id: try #require(TenantID("a")), name: "Old", plan: "basic", region: "eu", hosts: ["old.example.org"],
            emailDomains: ["old.example"], ownRoles: [try #require(RoleName("auditor"))], secondFactor: .required,
            allowedNetworks: [try #require(AddressRange("10.0.0.0/8"))])
    }

    @Test("what the file does not name keeps the value that the store has")
    func untouched() throws {
        var tenant = try stored()
        try claims("id: a\nname: New\n").apply(to: &tenant)
        var expected = try stored()
        expected.name = "New"
        expected.keysOwnedByFile = ["name"]
        #expect(tenant == expected)
    }

    @Test("every key that the file names is set and owned")
    func all() throws {
        let file = try claims(
            """
            id: a
            name: New
            hosts: [a.example.org]
            email_domains: [A.example]
            plan: ""
            region: us
            roles: []
            mfa: { roles: [admin], grace: 1d }
            webauthn: { rp_id: example.org }
            allowed_networks: []
            suspended: true
            """)
        var tenant = try stored()
        file.apply(to: &tenant)
        var expected = Tenant(
            id: tenant.id, name: "New", state: .suspended, plan: "", region: "us", hosts: ["a.example.org"],
            emailDomains: ["a.example"], secondFactor: .requiredForRoles([try #require(RoleName("admin"))]),
            keysOwnedByFile: [
                "allowed_networks", "email_domains", "hosts", "mfa", "name", "plan", "region", "roles",
                "suspended", "webauthn",
            ])
        expected.secondFactorGrace = .hours(24)
        expected.passkeys = PasskeyRule(rpID: "example.org")
        #expect(tenant == expected)
        #expect(file.newTenant == tenant)
        #expect(file.file == "tenants/a.yaml")
        #expect(file.places["mfa"] == SourcePosition(file: "tenants/a.yaml", line: 8, column: 1))
        #expect(file.places["id"] == nil)
    }

    @Test("every key of a tenant's file is one that can be applied, but its id and what is the file's alone")
    func complete() {
        let others: Set = ["id", "session", "branding", "saml"]
        let declared = TenantFile.type.shape.declaredPaths().map(\.path).filter {
            !$0.contains(".") && !others.contains($0)
        }
        #expect(Set(declared) == Set(TenantFileClaims.Key.allCases.map(\.rawValue)))
    }

    @Test("a key that is taken out of the file is freed and keeps its value; so are all when the file is gone")
    func freed() throws {
        var tenant = try stored()
        try claims("id: a\nname: New\nplan: gold\nsuspended: true\n").apply(to: &tenant)
        #expect(tenant.keysOwnedByFile == ["name", "plan", "suspended"])
        try claims("id: a\nname: New\n").apply(to: &tenant)
        #expect(tenant.keysOwnedByFile == ["name"])
        #expect(tenant.plan == "gold")
        #expect(tenant.state == .suspended)
        TenantFileClaims.free(&tenant)
        #expect(tenant.keysOwnedByFile == [])
        #expect(tenant.name == "New")
    }

    @Test("mfa without a grace takes one away that was there, and webauthn stands for all that it says")
    func replaced() throws {
        var tenant = try stored()
        tenant.secondFactorGrace = .hours(24)
        tenant.passkeys = PasskeyRule(rpID: "example.org", attestation: .attested)
        try claims("id: a\nname: New\n").apply(to: &tenant)
        #expect(tenant.secondFactorGrace == .hours(24))
        #expect(tenant.passkeys.rpID == "example.org")
        try claims("id: a\nname: New\nmfa: required\nwebauthn: {}\n").apply(to: &tenant)
        #expect(tenant.secondFactorGrace == Milliseconds(0))
        #expect(tenant.passkeys == PasskeyRule())
    }

    @Test("suspended: false makes a suspended tenant active, and never an ended one")
    func states() throws {
        for (before, written, after) in [
            (Tenant.State.suspended, "false", Tenant.State.active), (.active, "true", .suspended),
            (.ended, "false", .ended), (.ended, "true", .ended),
        ] {
            var tenant = try stored()
            tenant.state = before
            try claims("id: a\nname: New\nsuspended: \(written)\n").apply(to: &tenant)
            #expect(tenant.state == after)
        }
    }

    @Test("what is the file's alone is no key of the store's tenant")
    func filesAlone() throws {
        let file = try claims("id: a\nname: New\nsession: { idle: 5m }\nbranding: { name: Neu }\n")
        #expect(file.newTenant.keysOwnedByFile == ["name"])
        #expect(file.places["session"] != nil)
        #expect(file.session == TenantSessionSettings(idle: .minutes(5)))
        #expect(file.branding == BrandSettings(name: "Neu"))
    }
}
