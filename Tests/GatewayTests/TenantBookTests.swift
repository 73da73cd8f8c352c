import Access
import Core
import Store
import Testing

@testable import Gateway

@Suite("Roles of a member")
struct TenantBookTests {
    private func role(_ name: String) throws -> RoleName { try #require(RoleName(name)) }

    private func roles(given: [String], catalogue: [String], own: [String]) throws -> [String] {
        let book = TenantBook()
        let acme = try #require(TenantID("acme"))
        let settings = try (["user"] + catalogue).map { RoleSettings(name: try role($0), isDefault: $0 == "user") }
        book.replace(
            tenants: [Tenant(id: acme, name: "Acme", ownRoles: try own.map(role))], catalogue: settings, places: [:])
        let user = User(roles: try given.map(role), email: "mia@acme.example", name: "Mia")
        return book.roles(of: user, in: acme).map(\.text)
    }

    @Test("default roles come first and once; given ones follow where catalogue or tenant has them")
    func known() throws {
        #expect(
            try roles(given: ["auditor", "user", "admin"], catalogue: ["admin"], own: ["auditor"])
                == ["user", "auditor", "admin"])
        #expect(try roles(given: ["admin", "gone"], catalogue: ["admin"], own: []) == ["user", "admin"])
    }

    @Test("a tenant's own role whose name came into the catalogue later is neither")
    func shadowing() throws {
        #expect(try roles(given: ["billing"], catalogue: [], own: ["billing"]) == ["user", "billing"])
        #expect(try roles(given: ["billing"], catalogue: ["billing"], own: ["billing"]) == ["user"])
    }

    @Test("a fault of one member's record is told from one of the whole store")
    func faults() {
        #expect(StoreFault.recordNotAuthentic(table: "session", row: "1").isAboutOnePerson)
        #expect(!StoreFault.recordNotAuthentic(table: "tenant", row: "1").isAboutOnePerson)
        #expect(!StoreFault.diskFull(file: "keys.db").isAboutOnePerson)
    }
}
