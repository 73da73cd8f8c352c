import Core
import Testing

@testable import Store

@Suite("Keys of connections")
struct ConnectionKeyTests {
    private func states(_ tenant: TenantStore, _ name: String = "okta") async throws -> [KeyState: [String]] {
        let keys = try await tenant.connections.keys(of: ConnectionSample.name(name))
        return Dictionary(grouping: keys, by: \.state).mapValues { $0.map(\.text) }
    }

    private func finish(_ tenant: TenantStore, at now: Int64) async throws -> Bool {
        try await tenant.connections.finishRollOver(
            of: ConnectionSample.name(), audit: entry("connection.key-rolled"), at: time(now))
    }

    @Test("a key comes back with its certificate, over a restart")
    func kept() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let id = try await tenant.addKey(at: time(11))
        try await store.close()
        let keys = try await world.open().tenant(tenant.tenant).connections.keys(of: ConnectionSample.name())
        let key = try #require(keys.first)
        #expect(keys.count == 1 && key.id == id && key.state == .current && key.text == ConnectionSample.pem)
        #expect(key.createdAt == time(11) && key.since == time(11) && key.certificate == Array("certificate".utf8))
    }

    @Test("a connection has one current key and one next, and each connection its own")
    func unique() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        for state in [KeyState.current, .next] {
            try await tenant.addKey(state)
            await #expect(throws: StoreConflict.connectionKeyTaken) { try await tenant.addKey(state, pem: "other") }
        }
        try await tenant.addKey(to: "entra", pem: "entra")
        #expect(try await states(tenant) == [.current: [ConnectionSample.pem], .next: [ConnectionSample.pem]])
        #expect(try await states(tenant, "entra") == [.current: ["entra"]])
        #expect(try await tenant.actions() == Array(repeating: "connection.key-made", count: 3))
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("of many who make the first key at once, one does")
    func concurrent() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        let made = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask { (try? await tenant.addKey(pem: "key \(number)")) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(made == 1)
        #expect(try await tenant.connections.keys(of: ConnectionSample.name()).count == 1)
    }

    @Test("a finished roll-over makes the next key the current one, and the current one a former one")
    func rolledOver() async throws {
        let (store, tenant) = try await StoreWorld().openWithTenant()
        try await tenant.addKey(pem: "one", at: time(10))
        #expect(try await !finish(tenant, at: 15))
        try await tenant.addKey(.next, pem: "two", at: time(20))
        #expect(try await finish(tenant, at: 30))
        #expect(try await states(tenant) == [.current: ["two"], .former: ["one"]])
        #expect(try await tenant.connections.keys(of: ConnectionSample.name()).map(\.since) == [time(30), time(30)])
        #expect(try await !finish(tenant, at: 40))
        try await tenant.addKey(.next, pem: "three", at: time(50))
        #expect(try await finish(tenant, at: 60))
        #expect(try await states(tenant) == [.current: ["three"], .former: ["two", "one"]])
        #expect(try await tenant.actions().filter { $0 == "connection.key-rolled" }.count == 2)
        #expect(await StoreVerification(store).run().isClean)
    }

    @Test("a cancelled roll-over leaves the current key, and room for another next one")
    func cancelled() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        func cancel() async throws -> Bool {
            try await tenant.connections.cancelRollOver(
                of: ConnectionSample.name(), audit: entry("connection.key-cancelled"), at: time(30))
        }
        try await tenant.addKey(pem: "one")
        #expect(try await !cancel())
        try await tenant.addKey(.next, pem: "two")
        #expect(try await cancel())
        #expect(try await states(tenant) == [.current: ["one"]])
        try await tenant.addKey(.next, pem: "three")
        #expect(try await states(tenant) == [.current: ["one"], .next: ["three"]])
        #expect(try await tenant.actions().filter { $0 == "connection.key-cancelled" }.count == 1)
    }

    @Test("a former key goes so long after it became one, not after it was made; others stay")
    func formerDeleted() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        try await tenant.addKey(pem: "one", at: time(10))
        try await tenant.addKey(.next, pem: "two", at: time(20))
        #expect(try await finish(tenant, at: 100))
        let name = try ConnectionSample.name()
        #expect(try await tenant.connections.deleteFormerKeys(of: name, before: time(100)) == 0)
        #expect(try await tenant.connections.deleteFormerKeys(of: ConnectionSample.name("x"), before: time(101)) == 0)
        #expect(try await tenant.connections.deleteFormerKeys(of: name, before: time(101)) == 1)
        #expect(try await states(tenant) == [.current: ["two"]])
    }

    @Test("former keys do not pile up: the oldest go")
    func bounded() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        try await tenant.addKey(pem: "0", at: time(0))
        for number in 1...Int64(ConnectionRepository.mostFormerKeys + 2) {
            try await tenant.addKey(.next, pem: "\(number)", at: time(number))
            #expect(try await finish(tenant, at: 100 + number))
        }
        #expect(
            try await states(tenant)
                == [.current: ["10"], .former: (2...9).reversed().map { "\($0)" }])
    }
}

extension StoredConnectionKey {
    var text: String {
        secret.withSecret { secret in
            secret.withBytes { bytes in bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
        }
    }
}
