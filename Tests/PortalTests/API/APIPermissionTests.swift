import Access
import Core
import HTTPTypes
import Testing

@testable import Portal

@Suite("The operator's API exists for the operator alone")
struct APIPermissionTests {
    private static let member = PortalCaller.member(
        SessionEntry(
            handle: SessionHandle("s")!, tenant: TenantID("acme")!, user: UserID(high: 1, low: 2), email: "a@b.example",
            name: "A", roles: [RoleName("admin")!], assurance: Assurance(), lastUse: MonotonicInstant(milliseconds: 0),
            absoluteDeadline: MonotonicInstant(milliseconds: 1000)))

    @Test("everybody else meets the same missing page at every endpoint and with every method")
    func missingForOthers() async throws {
        let world = try await APIWorld()
        try await world.makeTenant()
        let paths = world.api.endpoints.map {
            $0.pattern.replacing("{tenant}", with: "acme").replacing(
                "{user}", with: UserID(high: 1, low: 2).description
            )
            .replacing("{connection}", with: "okta").replacing("{session}", with: UserID(high: 3, low: 4).description)
        }
        #expect(paths.count >= 18)
        for caller in [PortalCaller.visitor, Self.member] {
            let missing = await world.ask(.get, "/nothing-here", as: caller)
            #expect(missing.head.status == .notFound)
            for path in Set(paths) {
                for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options] {
                    let answer = await world.ask(method, path, "{}", as: caller)
                    #expect(answer.head == missing.head, "\(method) \(path)")
                    #expect(answer.body == missing.body, "\(method) \(path)")
                }
            }
        }
    }

    @Test("the operator is answered, and told which methods there are")
    func operatorIsAnswered() async throws {
        let world = try await APIWorld()
        #expect(await world.ask(.get, "/tenants").head.status == .ok)
        let refused = await world.ask(.delete, "/tenants")
        #expect(refused.head.status == .methodNotAllowed)
        #expect(refused.head.headerFields[.allow] == "GET, HEAD, POST")
        #expect(await world.ask(.get, "/nothing-here").head.status == .notFound)
    }

    @Test("no answer of the API is kept by a cache")
    func noStore() async throws {
        let world = try await APIWorld()
        for path in ["/tenants", "/tenants/nobody", "/tenants?x=y"] {
            #expect(await world.ask(.get, path).head.headerFields[.cacheControl] == "no-store")
        }
    }
}
