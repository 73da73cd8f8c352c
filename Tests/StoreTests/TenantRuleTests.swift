import Core
import Testing

@testable import Store

@Suite("Rules of a tenant about factors")
struct TenantRuleTests {
    private func tenant(_ change: (inout Tenant) throws -> Void = { _ in }) throws -> Tenant {
        var tenant = Tenant(id: try #require(TenantID("acme")), name: "Acme", hosts: ["a.example"])
        try change(&tenant)
        return tenant
    }

    private func reread(_ written: Tenant) throws -> Tenant {
        var read = try tenant()
        try read.readPolicy(written.policy)
        try read.readSealedPart(written.sealedPart)
        return read
    }

    @Test(
        "a grace comes back with every rule, and so does none",
        arguments: [Tenant.SecondFactor.none, .optional, .required], [0, 1_209_600_000] as [UInt64])
    func grace(rule: Tenant.SecondFactor, milliseconds: UInt64) throws {
        let written = try tenant {
            $0.secondFactor = rule
            $0.secondFactorGrace = Milliseconds(milliseconds)
        }
        #expect(try reread(written) == written)
    }

    @Test("a grace for some roles comes back with them, a role called grace included")
    func graceForRoles() throws {
        let roles = try ["grace", "admin"].map { try #require(RoleName($0)) }
        for grace in [Milliseconds(0), Milliseconds.hours(336)] {
            let written = try tenant {
                $0.secondFactor = .requiredForRoles(roles)
                $0.secondFactorGrace = grace
            }
            #expect(try reread(written) == written)
        }
    }

    static let rules = [
        PasskeyRule(), PasskeyRule(rpID: "acme.example"), PasskeyRule(attestation: .attested),
        PasskeyRule(allow: ["adce0002-35bc-c60a-648b-0b25f1f05503"]),
        PasskeyRule(
            rpID: "acme.example", attestation: .attested, allow: ["a", "b"],
            deny: ["00000000-0000-0000-0000-000000000000"]),
    ]

    @Test(
        "a rule about passkeys comes back, whatever is said of methods", arguments: rules,
        [nil, [], [.password], [.password, .passkey]] as [[SignInMethod]?])
    func passkeys(rule: PasskeyRule, methods: [SignInMethod]?) throws {
        let written = try tenant {
            $0.passkeys = rule
            $0.signIn.methods = methods
        }
        let read = try reread(written)
        #expect(read == written)
        #expect(read.signIn.methods == methods && read.passkeys == rule)
    }

    @Test(
        "whether SSO is enforced comes back, whatever is said of methods and passkeys", arguments: SSODomains.allCases,
        [nil, [], [.saml], [.password, .passkey, .saml]] as [[SignInMethod]?])
    func ssoDomains(rule: SSODomains, methods: [SignInMethod]?) throws {
        for passkeys in [Self.rules[0], Self.rules[4]] {
            let written = try tenant {
                $0.signIn = SignInRule(methods: methods, breakGlass: ["it@acme.example"], ssoDomains: rule)
                $0.passkeys = passkeys
            }
            let read = try reread(written)
            #expect(read == written)
            #expect(read.signIn.ssoDomains == rule && read.signIn.methods == methods)
        }
    }

    @Test("a word about SSO that nobody has written is refused")
    func malformedDomains() throws {
        for words in [["*", "sso-domains=always"], ["sso-domains=enforced", "password"], ["sso-domains="]] {
            var read = try tenant()
            #expect(throws: FieldDecoder.Malformed.self) {
                try read.readPolicy(oldPolicy(rule: ["none"], methods: words))
            }
        }
    }

    @Test("enforced SSO is there after a restart, and whoever takes it out of the file is found")
    func storedDomains() async throws {
        let world = try StoreWorld()
        let store = try await world.open()
        let written = try await store.createTenant(
            try tenant { $0.signIn.ssoDomains = .enforced }, audit: entry("tenant.created"), at: time(1))
        try await store.close()
        let second = try await world.open()
        #expect(try await second.tenants.find(written.id)?.signIn.ssoDomains == .enforced)
        try await second.close()
        try await world.tamper("directory.db", "UPDATE tenant SET policy = ?", .blob(try tenant().policy))
        let third = try await world.open()
        await #expect(throws: StoreFault.recordNotAuthentic(table: "tenant", row: "acme")) {
            try await third.tenants.find(written.id)
        }
    }

    /// As versions before wrote it.
    private func oldPolicy(rule: [String], methods: [String]?) -> [UInt8] {
        var encoder = FieldEncoder()
        for list in [["a.example"], ["auditor"], rule, ["10.0.0.0/8"], ["hosts"]] + (methods.map { [$0] } ?? []) {
            var inner = FieldEncoder()
            for text in list { inner.append(text) }
            encoder.append(inner.bytes)
        }
        return encoder.bytes
    }

    @Test("a record from before there were such rules is read, and written again as it was")
    func old() throws {
        let auditor = try #require(RoleName("auditor"))
        let rules: [([String], Tenant.SecondFactor)] = [
            (["none"], .none), (["optional"], .optional), (["required"], .required),
            (["roles", "auditor"], .requiredForRoles([auditor])),
        ]
        for (words, rule) in rules {
            for methods in [nil, ["password"]] as [[String]?] {
                let bytes = oldPolicy(rule: words, methods: methods)
                var read = try tenant()
                read.secondFactorGrace = .hours(1)
                read.passkeys = Self.rules[4]
                read.signIn.ssoDomains = .enforced
                try read.readPolicy(bytes)
                #expect(read.secondFactor == rule && read.secondFactorGrace == Milliseconds(0))
                #expect(read.passkeys == PasskeyRule() && read.signIn.ssoDomains == .optional)
                #expect(read.signIn.methods == methods.map { _ in [.password] })
                #expect(read.policy == bytes)
            }
        }
    }

    @Test(
        "a policy that nobody has written is refused",
        arguments: [["required", "grace="], ["required", "grace=-1"], ["roles", "grace=1", "Not A Role"], ["else"]])
    func malformed(words: [String]) throws {
        var read = try tenant()
        #expect(throws: FieldDecoder.Malformed.self) { try read.readPolicy(oldPolicy(rule: words, methods: nil)) }
    }

    @Test("a rule is there after a restart, and whoever takes it out of the file is found")
    func stored() async throws {
        let world = try StoreWorld()
        let store = try await world.open()
        let written = try await store.createTenant(
            try tenant {
                $0.secondFactor = .required
                $0.secondFactorGrace = .hours(336)
                $0.passkeys = Self.rules[4]
            }, audit: entry("tenant.created"), at: time(1))
        try await store.close()
        let second = try await world.open()
        #expect(try await second.tenants.find(written.id) == written)
        try await second.close()
        let plain = try tenant { $0.secondFactor = .required }
        try await world.tamper("directory.db", "UPDATE tenant SET policy = ?", .blob(plain.policy))
        let third = try await world.open()
        await #expect(throws: StoreFault.recordNotAuthentic(table: "tenant", row: "acme")) {
            try await third.tenants.find(written.id)
        }
    }

    @Test("users from before there were factors are read, and written again as they were")
    func oldUsers() throws {
        for externalID in [nil, "", "ext-4711"] as [String?] {
            var encoder = FieldEncoder()
            encoder.append("erika@acme.example")
            encoder.append("Erika")
            if let externalID { encoder.append(externalID) }
            var user = User(email: "", name: "")
            try user.readSealedPart(encoder.bytes)
            #expect(!user.hasSecondFactor && user.externalID == externalID && user.name == "Erika")
            #expect(user.sealedPart == encoder.bytes)
            user.hasSecondFactor = true
            var again = User(email: "", name: "")
            try again.readSealedPart(user.sealedPart)
            #expect(again.hasSecondFactor && again.externalID == (externalID == "" ? nil : externalID))
        }
    }
}
