import Access
import Core
import Login
import Portal
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
            tenants: [Tenant(id: acme, name: "Acme", ownRoles: try own.map(role))],
            access: AccessSettings(roles: settings), places: [:])
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

    @Test("what a tenant's file says of looks and sessions is in the book until the file says it no more")
    func presentations() throws {
        let (book, acme) = (TenantBook(), try #require(TenantID("acme")))
        let logo = BrandSettings.Logo(format: .png, bytes: [1])
        let brand = PageBrand(BrandSettings(name: "Acme Portal", logo: logo)) { _ in [UInt8](repeating: 0xAB, count: 32)
        }
        let session = TenantSessionSettings(idle: .minutes(5))
        book.replace(
            tenants: [Tenant(id: acme, name: "Acme")], access: AccessSettings(roles: []), places: [:],
            presentations: [acme: TenantPresentation(session: session, brand: brand)])
        #expect(book.sessionSettings(of: acme) == session)
        #expect(book.brand(of: acme) == brand)
        #expect(book.logo(named: "logo.abababababababab.png") == brand.logo)
        #expect(book.logo(named: "logo.png") == nil)
        book.replace(tenants: [Tenant(id: acme, name: "Acme")], access: AccessSettings(roles: []), places: [:])
        #expect(book.sessionSettings(of: acme) == nil)
        #expect(book.brand(of: acme) == nil)
        #expect(book.logo(named: "logo.abababababababab.png") == nil)
    }
}
