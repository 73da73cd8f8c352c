import Access
import Core
import HTTPTypes
import Store
import Testing

@testable import Portal

@Suite("Tenants are made, listed, shown and changed")
struct TenantEndpointTests {
    @Test("a tenant is made durably, audited and announced")
    func made() async throws {
        let world = try await APIWorld()
        let answer = await world.ask(
            .post, "/tenants",
            #"{"id":"acme","name":"Acme GmbH","hosts":["ACME.example.org"],"email_domains":["Acme.Example"],"plan":"pro","region":"eu-central","roles":["auditor"]}"#
        )
        #expect(answer.head.status == .created)
        let made = try answer.read(TenantResource.self)
        #expect(made.hosts == ["acme.example.org"])
        #expect(made.emailDomains == ["acme.example"])
        #expect((made.id, made.name, made.state, made.plan) == ("acme", "Acme GmbH", "active", "pro"))
        #expect(try await world.ask(.get, "/tenants/acme").read(TenantResource.self) == made)
        #expect(world.told().tenantChanges == 1)
        let entry = try #require(try await world.store.audit.entries().last)
        #expect(entry.action == "tenant.created")
        #expect(entry.actor == .operator)
        #expect(entry.publicDetails.contains(.init("tenant", "acme")))
    }

    @Test(
        "what a tenant may not be is refused, and nothing is made",
        arguments: [
            (#"{"name":"A"}"#, 422, "field-missing"), (#"{"id":"a"}"#, 422, "field-missing"),
            (#"{"id":"Acme","name":"A"}"#, 422, "value-refused"), (#"{"id":"","name":"A"}"#, 422, "value-refused"),
            (#"{"id":"a","name":" "}"#, 422, "value-refused"), (#"{"id":"a","name":"A\u0007"}"#, 422, "value-refused"),
            (#"{"id":"a","name":"A\u202eB"}"#, 422, "value-refused"),
            (#"{"id":"a","name":["A"]}"#, 422, "value-refused"),
            (#"{"id":"a","name":"A","hosts":["a:443"]}"#, 422, "value-refused"),
            (#"{"id":"a","name":"A","hosts":["app.example.org"]}"#, 409, "host-taken"),
            (#"{"id":"a","name":"A","hosts":["taken.example.org"]}"#, 409, "host-taken"),
            (#"{"id":"a","name":"A","email_domains":["a b"]}"#, 422, "value-refused"),
            (#"{"id":"a","name":"A","plan":"<b>"}"#, 422, "value-refused"),
            (#"{"id":"a","name":"A","roles":["admin"]}"#, 422, "value-refused"),
            (#"{"id":"a","name":"A","roles":["Auditor"]}"#, 422, "value-refused"),
            (#"{"id":"known","name":"A"}"#, 409, "tenant-exists"),
            (#"{"id":"acme","name":"A"}"#, 409, "owned-by-file"),
            (#"{"id":"a","name":"A""#, 400, "input-malformed"), (#"[]"#, 400, "input-malformed"),
        ])
    func refused(json: String, status: Int, code: String) async throws {
        let world = try await APIWorld(ownership: ["name": "config/tenants/acme.yaml:2"])
        try await world.makeTenant("known", hosts: ["taken.example.org"])
        let problem = try await world.ask(.post, "/tenants", json).problem()
        #expect((problem.status, problem.code) == (status, code))
        #expect(try await world.store.tenants.list().map(\.id.text) == ["known"])
        #expect(world.told().tenantChanges == 0)
    }

    @Test("the owner of a host is found, however the host is spelled")
    func owner() async throws {
        let world = try await APIWorld()
        try await world.makeTenant("known", hosts: ["first.example.org", "second.example.org"])
        let owner = try await world.ask(.get, "/tenants?host=SECOND.example.org").read(Page<TenantSummary>.self)
        #expect(owner.items.map(\.id) == ["known"])
        #expect(owner.next == nil)
        #expect(
            try await world.ask(.get, "/tenants?host=third.example.org").read(Page<TenantSummary>.self).items.isEmpty)
        #expect(try await world.ask(.get, "/tenants?host=a:1").problem().code == "value-refused")
    }

    @Test(
        "the words for who must prove a second factor are read back as they were written",
        arguments: [
            Tenant.SecondFactor.none, .optional, .required, .requiredForRoles([RoleName("admin")!]),
            .requiredForRoles([RoleName("admin")!, RoleName("billing")!]),
        ])
    func secondFactorWords(rule: Tenant.SecondFactor) {
        #expect(Tenant.SecondFactor(word: rule.word) == rule)
        #expect(Tenant.SecondFactor(word: rule.word + "?") == nil)
    }

    @Test("a name of two hundred bytes is accepted, one more is refused")
    func nameBound() async throws {
        let world = try await APIWorld()
        func json(_ id: String, _ count: Int) -> String {
            #"{"id":"\#(id)","name":"\#(String(repeating: "n", count: count))"}"#
        }
        #expect(await world.ask(.post, "/tenants", json("a", 200)).head.status == .created)
        #expect(try await world.ask(.post, "/tenants", json("b", 201)).problem().field == "name")
    }

    @Test("an unknown member is refused with the one that was meant")
    func unknownMember() async throws {
        let world = try await APIWorld()
        let problem = try await world.ask(.post, "/tenants", #"{"id":"a","nmae":"A"}"#).problem()
        #expect((problem.code, problem.field, problem.suggestion) == ("field-unknown", "nmae", "name"))
    }

    @Test("a body of another type than JSON is refused")
    func mediaType() async throws {
        let world = try await APIWorld()
        let json = #"{"id":"a","name":"A"}"#
        let problem = try await world.ask(.post, "/tenants", json, type: "text/plain").problem()
        #expect(problem.code == "media-type-refused")
        let accepted = await world.ask(.post, "/tenants", json, type: "application/json; charset=utf-8")
        #expect(accepted.head.status == .created)
    }

    @Test("an unknown tenant is refused with the nearest id")
    func unknownTenant() async throws {
        let world = try await APIWorld()
        try await world.makeTenant()
        let problem = try await world.ask(.get, "/tenants/acm").problem()
        #expect((problem.status, problem.code, problem.suggestion) == (404, "tenant-unknown", "acme"))
        #expect(try await world.ask(.get, "/tenants/ACME").problem().code == "input-malformed")
    }

    @Test("a list comes page by page, in order, without gaps")
    func pages() async throws {
        let world = try await APIWorld()
        for id in ["a", "b", "c"] { try await world.makeTenant(id, hosts: ["\(id)1.example", "\(id)2.example"]) }
        let first = try await world.ask(.get, "/tenants?limit=2").read(Page<TenantSummary>.self)
        #expect(first.items.map(\.id) == ["a", "b"])
        #expect((first.items.first?.host, first.items.first?.hostCount) == ("a1.example", 2))
        #expect(first.next == "b")
        let second = try await world.ask(.get, "/tenants?limit=2&after=b").read(Page<TenantSummary>.self)
        #expect(second.items.map(\.id) == ["c"])
        #expect(second.next == nil)
    }

    @Test(
        "a query that means nothing is refused",
        arguments: [
            ("limit=0", "value-refused"), ("limit=101", "value-refused"), ("limit=x", "value-refused"),
            ("after=A", "value-refused"), ("limt=1", "field-unknown"), ("limit=1&limit=2", "input-malformed"),
            ("limit=%zz", "input-malformed"), ("limit=%", "input-malformed"), ("after=%FF", "input-malformed"),
        ])
    func badQuery(query: String, code: String) async throws {
        let world = try await APIWorld()
        #expect(try await world.ask(.get, "/tenants?" + query).problem().code == code)
        #expect(await world.ask(.get, "/tenants?limit=100&after=%61").head.status == .ok)
    }

    @Test("a key that the tenant's file owns is refused with its place, the others are changed")
    func ownedKeys() async throws {
        let world = try await APIWorld(ownership: ["name": "config/tenants/acme.yaml:2"])
        try await world.makeTenant(ownedKeys: ["plan"])
        let named = try await world.ask(.patch, "/tenants/acme", #"{"name":"Other","region":"eu"}"#).problem()
        #expect((named.status, named.code, named.field) == (409, "owned-by-file", "name"))
        #expect(try #require(named.detail).contains("config/tenants/acme.yaml:2"))
        #expect(try await world.ask(.patch, "/tenants/acme", #"{"plan":"pro"}"#).problem().code == "owned-by-file")
        #expect(world.told().tenantChanges == 0)
        let changed = try await world.ask(.patch, "/tenants/acme", #"{"region":"eu","hosts":["a.example"]}"#)
            .read(TenantResource.self)
        #expect((changed.name, changed.region, changed.hosts) == ("Acme GmbH", "eu", ["a.example"]))
        #expect(changed.ownedByFile == ["name": "config/tenants/acme.yaml:2", "plan": "the tenant's file"])
        #expect(world.told().tenantChanges == 1)
        let entry = try #require(try await world.store.audit.entries().last)
        #expect(entry.action == "tenant.changed")
        #expect(entry.publicDetails.contains(.init("keys", "hosts region")))
    }

    @Test("a change of an unknown tenant is refused, and one without keys changes nothing")
    func changeOfNothing() async throws {
        let world = try await APIWorld()
        try await world.makeTenant()
        #expect(try await world.ask(.patch, "/tenants/nobody", #"{"plan":"pro"}"#).problem().code == "tenant-unknown")
        #expect(await world.ask(.patch, "/tenants/acme", "{}").head.status == .ok)
        #expect(world.told().tenantChanges == 0)
    }
}
