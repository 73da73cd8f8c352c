import Core
import Testing

@testable import Store

@Suite("Traces of providers' messages")
struct SSOTraceTests {
    private func requests(
        _ tenant: TenantStore, connection: String? = nil, requestID: String? = nil, limit: Int = 200
    ) async throws -> [String] {
        try await tenant.ssoTraces.list(
            connection: connection.map { try ConnectionSample.name($0) }, requestID: requestID, limit: limit
        ).map(\.requestID)
    }

    @Test("a trace comes back as it was, over a restart")
    func kept() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        let bare = SSOTrace(
            id: RowID(at: time(9)), requestID: "", at: time(9), connection: "entra", kind: .logout, isBound: false,
            verdict: "accepted")
        try await tenant.ssoTraces.keep(ConnectionSample.trace(1), at: time(10))
        try await tenant.ssoTraces.keep(bare, at: time(10))
        try await store.close()
        let again = try await world.open()
        #expect(
            try await again.tenant(tenant.tenant).ssoTraces.list()
                == [bare, try await again.tenant(tenant.tenant).ssoTraces.list(connection: ConnectionSample.name())[0]])
        let okta = try await again.tenant(tenant.tenant).ssoTraces.list(requestID: "request-1")
        let written = ConnectionSample.trace(1)
        #expect(okta.count == 1)
        #expect(okta[0].summary == written.summary && okta[0].steps == written.steps)
        #expect(okta[0].verdict == written.verdict && okta[0].reason == written.reason && okta[0].isBound)
        #expect(okta[0].at == written.at && okta[0].kind == .signIn && okta[0].connection == "okta")
        #expect(await StoreVerification(again).run().isClean)
    }

    @Test("the newest come first, by connection and by request, as many as are asked for")
    func listed() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        for number in 1...4 {
            try await tenant.ssoTraces.keep(
                ConnectionSample.trace(number, connection: number == 2 ? "entra" : "okta"), at: time(10))
        }
        #expect(try await requests(tenant) == ["request-4", "request-3", "request-2", "request-1"])
        #expect(try await requests(tenant, connection: "okta") == ["request-4", "request-3", "request-1"])
        #expect(try await requests(tenant, requestID: "request-2") == ["request-2"])
        #expect(try await requests(tenant, connection: "okta", requestID: "request-2") == [])
        #expect(try await requests(tenant, limit: 2) == ["request-4", "request-3"])
        #expect(try await requests(tenant, limit: 0) == ["request-4"])
    }

    @Test("what anybody can send pushes nothing out that belongs to an attempt, and the oldest of its own class go")
    func pruned() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        func count(_ isBound: Int64) async throws -> [Int64] {
            try await tenant.database.transaction { transaction in
                try transaction.query(
                    "SELECT at FROM sso_trace WHERE is_bound = ? ORDER BY at", .integer(isBound)
                ).map { try $0.integer(0) - time(0).milliseconds }
            }
        }
        func keep(_ numbers: ClosedRange<Int>, isBound: Bool) async throws {
            let traces = tenant.ssoTraces
            try await tenant.database.transaction { transaction in
                for number in numbers {
                    try traces.write(ConnectionSample.trace(number, isBound: isBound), &transaction)
                }
            }
        }
        try await keep(1...5, isBound: true)
        try await keep(1...203, isBound: false)
        #expect(try await count(0) == Array(4...203))
        #expect(try await count(1) == Array(1...5))
        try await keep(6...1003, isBound: true)
        #expect(try await count(1) == Array(4...1003))
        #expect(try await count(0) == Array(4...203))
        #expect(try await requests(tenant, limit: 5000).count == SSOTraceRepository.longestPage)
    }

    @Test("a trace is kept for 14 days")
    func expired() async throws {
        let (_, tenant) = try await StoreWorld().openWithTenant()
        for isBound in [true, false] {
            try await tenant.ssoTraces.keep(ConnectionSample.trace(1, isBound: isBound), at: time(1))
            try await tenant.ssoTraces.keep(ConnectionSample.trace(2, isBound: isBound), at: time(2))
        }
        let days = Int64(14 * 24 * 3_600_000)
        #expect(try await tenant.ssoTraces.deleteExpired(at: time(days)) == 0)
        #expect(try await tenant.ssoTraces.deleteExpired(at: time(days + 1)) == 2)
        #expect(try await requests(tenant) == ["request-2", "request-2"])
        // Nor do they wait for that where traces come.
        try await tenant.ssoTraces.keep(ConnectionSample.trace(3), at: time(days + 2))
        #expect(try await requests(tenant) == ["request-3"])
    }

    @Test("a trace is cut to its bounds")
    func bounded() {
        let trace = SSOTrace(
            id: RowID(at: time(1)), requestID: "r", at: time(1), connection: "okta", kind: .test, isBound: true,
            verdict: "accepted", summary: (0..<100).map { .init("\($0)", "x") },
            steps: (0..<200).map { .init(outcome: "\($0)", words: String(repeating: "ä", count: 2000)) })
        #expect(trace.summary.count == SSOTrace.mostDetails && trace.steps.count == SSOTrace.mostSteps)
        #expect(trace.steps.allSatisfy { $0.words.utf8.count == 1024 })
    }
}
