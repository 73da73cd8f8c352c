import Core
import HostCrypto
import Testing

@testable import Login
@testable import Store

@Suite("Roles and names by the word of a provider")
struct SSORoleTests {
    private func roles(_ names: String...) throws -> [RoleName] {
        try names.map { name in try #require(RoleName(name)) }
    }

    @Test(
        "a line fits its value exactly, by stars, or everybody",
        arguments: [
            ("Gate Admins", ["Gate Admins"], true), ("Gate Admins", ["gate admins"], false),
            ("Gate Admins", ["Gate Admins2"], false), ("Gate Admins", [], false),
            ("gate-*", ["gate-admins"], true), ("gate-*", ["gate-"], true), ("gate-*", ["a-gate-"], false),
            ("*-admins", ["gate-admins"], true), ("*-admins", ["gate-admins-2"], false),
            ("a*b*c", ["a-b-b-c"], true), ("a*b*c", ["a-c-b"], false), ("CN=*,OU=Gate,*", ["CN=x,OU=Gate,DC=y"], true),
            ("**", ["x"], true), ("**", [], false), ("*", [], true), ("*", ["x"], true), ("", ["x"], false),
            ("ü*", ["über"], true),
        ])
    func fits(_ pattern: String, _ values: [String], _ isFit: Bool) {
        #expect(RoleMapping(pattern: pattern, roles: []).fits(values) == isFit)
    }

    @Test("a pattern of many stars is judged quickly enough to be counted in steps")
    func stars() {
        let pattern = String(repeating: "*a", count: 60) + "b"
        #expect(!RoleMapping(pattern: pattern, roles: []).fits([String(repeating: "a", count: 1000)]))
    }

    @Test("every line that fits gives its roles, each once, in the file's order")
    func union() throws {
        let mapping = [
            RoleMapping(pattern: "admins", roles: try roles("admin", "user")),
            RoleMapping(pattern: "aud*", roles: try roles("auditor")),
            RoleMapping(pattern: "*", roles: try roles("user")),
        ]
        #expect(mapping.roles(for: ["auditors", "admins"]) == (try roles("admin", "user", "auditor")))
        #expect(mapping.roles(for: [String]()) == (try roles("user")))
        #expect([RoleMapping]().roles(for: ["x"]).isEmpty)
    }

    @Test("the mapping's result takes the place of the member's roles at each sign-in, and the loops hear of it")
    func replaces() async throws {
        let world = try await SSOWorld {
            $0.attributes.roles = "groups"
            $0.roleMapping = [RoleMapping(pattern: "admins", roles: (try? self.roles("admin")) ?? [])]
        }
        let session = try #require(
            try await world.answer { $0.attributes.append(("groups", ["admins", "all"])) }.session)
        #expect(try await world.tenant.users.find(session.user)?.roles == (try roles("admin")))
        #expect(world.notices.value.isEmpty)
        // The same again is no change.
        _ = try await world.answer { $0.attributes.append(("groups", ["admins"])) }
        #expect(world.notices.value.isEmpty)
        // Gone at the provider, gone here; the session that there is goes on with what is left.
        #expect(try await world.answer().session != nil)
        #expect(try await world.tenant.users.find(session.user)?.roles == [])
        #expect(world.notices.value == [.changed(user: session.user, of: world.id)])
        #expect(try await world.stored(session).user == session.user)
    }

    @Test("an account that the tenant's rule excepts keeps its roles, whatever the provider says")
    func excepted() async throws {
        let world = try await SSOWorld {
            $0.attributes.roles = "groups"
            $0.roleMapping = [RoleMapping(pattern: "admins", roles: (try? self.roles("admin")) ?? [])]
        }
        let session = try #require(try await world.answer { $0.attributes.append(("groups", ["admins"])) }.session)
        try await world.changeTenant { $0.signIn.breakGlass = [LoginWorld.email] }
        #expect(try await world.answer().session != nil)
        #expect(try await world.tenant.users.find(session.user)?.roles == (try roles("admin")))
        #expect(world.notices.value.isEmpty)
        try await world.changeTenant { $0.signIn.breakGlass = [] }
        #expect(try await world.answer().session != nil)
        #expect(try await world.tenant.users.find(session.user)?.roles == [])
    }

    @Test("the loops hear of new roles where what comes after them fails")
    func fault() async throws {
        let world = try await SSOWorld {
            $0.attributes.roles = "groups"
            $0.roleMapping = [RoleMapping(pattern: "admins", roles: (try? self.roles("admin")) ?? [])]
        }
        let session = try #require(try await world.answer { $0.attributes.append(("groups", ["admins"])) }.session)
        // Nothing can be noted of an address any more.
        _ = try await world.tenant.connections.database.transaction { transaction in
            try transaction.execute("DROP TABLE member_factor")
        }
        let outcome = try await world.answer { $0.attributes = [("mail", ["neu@acme.example"])] }
        guard case .unavailable = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(try await world.tenant.users.find(session.user)?.roles == [])
        #expect(world.notices.value == [.changed(user: session.user, of: world.id)])
    }

    @Test("without a mapping the provider has no say in roles")
    func none() async throws {
        let world = try await SSOWorld { $0.attributes.roles = "groups" }
        let session = try #require(try await world.answer().session)
        let given = try roles("auditor")
        try await world.tenant.users.update(
            session.user, audit: entry("user.roles-set", subject: session.user), at: world.now
        ) { $0.roles = given }
        _ = try await world.answer { $0.attributes.append(("groups", ["admins"])) }
        #expect(try await world.tenant.users.find(session.user)?.roles == given)
    }

    @Test(
        "the name is the provider's, without what would disturb a page",
        arguments: [
            ("displayName", "Erika Muster", "Erika Muster"), ("displayName", "  Erika\u{202E} M.\u{7} ", "Erika M."),
            ("cn", "Erika", "Erika"), ("displayName", "\u{7}", LoginWorld.email), ("other", "x", LoginWorld.email),
        ])
    func names(_ attribute: String, _ value: String, _ name: String) async throws {
        let world = try await SSOWorld()
        // A control that XML does not know cannot be sent.
        let sent = value.replacing("\u{7}", with: "\u{200B}")
        let session = try #require(
            try await world.answer { $0.attributes = [("mail", [LoginWorld.email]), (attribute, [sent])] }.session)
        #expect(try await world.tenant.users.find(session.user)?.name == name)
    }

    @Test("a name in two parts is put together; a configured attribute counts alone")
    func parts() async throws {
        let world = try await SSOWorld()
        let parts = [("mail", [LoginWorld.email]), ("givenName", ["Erika"]), ("sn", ["Muster"])]
        let session = try #require(try await world.answer { $0.attributes = parts }.session)
        #expect(try await world.tenant.users.find(session.user)?.name == "Erika Muster")
        world.settings.change { $0[0].attributes.name = "sn" }
        _ = try await world.answer { $0.attributes = parts }
        #expect(try await world.tenant.users.find(session.user)?.name == "Muster")
    }
}
