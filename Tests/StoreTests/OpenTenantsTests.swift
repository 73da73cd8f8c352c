import Core
import Synchronization
import Testing

@testable import Store

@Suite("Tenants' databases that are open")
struct OpenTenantsTests {
    /// Holds an opening until the test lets it go on.
    private final class Gate: Sendable {
        let opened = Mutex<SQLiteDatabase?>(nil)
        private let (began, tellBegan) = AsyncStream<Void>.makeStream()
        private let (goes, tellGoes) = AsyncStream<Void>.makeStream()

        func pass() async {
            tellBegan.finish()
            for await _ in goes {}
        }

        func waitUntilBegun() async { for await _ in began {} }
        func open() { tellGoes.finish() }
    }

    @Test("what was being opened when all was closed is closed, too, and nothing is opened afterwards")
    func openedLate() async throws {
        let world = try StoreWorld()
        let gate = Gate()
        let tenants = OpenTenants(bound: 2) { tenant in
            await gate.pass()
            let database = try SQLiteDatabase(path: world.folder + "/\(tenant).db", name: "x", isNew: true)
            gate.opened.withLock { $0 = database }
            return database
        }
        let id = try #require(TenantID("acme"))
        let asked = Task { try await tenants.database(id) }
        await gate.waitUntilBegun()
        let closed = Task { try await tenants.close() }
        gate.open()
        try await closed.value
        // Whoever came first has a database that is closed, or none.
        if let database = try? await asked.value {
            await #expect(throws: StoreFault.closed) { try await database.transaction { _ in } }
        }
        let late = try #require(gate.opened.withLock { $0 })
        await #expect(throws: StoreFault.closed) { try await late.transaction { _ in } }
        await #expect(throws: StoreFault.closed) { try await tenants.database(id) }
        #expect(await tenants.count == 0)
    }
}
