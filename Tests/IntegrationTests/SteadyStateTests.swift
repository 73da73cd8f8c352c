import Core
import Foundation
import Proxy
import Testing

/// "A signed-in request: no database call, no task hop, nothing allocated that grows with traffic."
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct SteadyStateTests {
    private static let connections = 8
    private static let rounds = 4

    /// Divides into rounds, connections and turns; unoptimised code takes several times as long for each.
    private static var requests: Int {
        #if DEBUG
            20_480
        #else
            102_400
        #endif
    }

    /// Each connection asks its share, in turns of a few requests at once.
    private static func ask(_ total: Int, over clients: [HTTPConnection]) throws {
        let request = HTTPConnection.request("/app/page", token: Member.user.token)
        let batch = 10
        for _ in 0..<total / clients.count / batch {
            for client in clients { for _ in 0..<batch { try client.send(request) } }
            for client in clients {
                for _ in 0..<batch {
                    guard try client.readAnswer().status == 200 else { throw StreamFailure.malformed("no 200") }
                }
            }
        }
    }

    @Test("signed-in requests ask no store, call no page, send no message and leave no byte allocated")
    func nothingGrows() throws {
        let upstream = try RawUpstream()
        let gateway = try ChildGateway(GatewayFolder(upstream: upstream))
        let clients = try (0..<Self.connections).map { _ in try gateway.client() }
        try Self.ask(4_000, over: clients)
        let names = [
            "gatehouse_session_loads_total", "gatehouse_upstream_connects_total",
            "gatehouse_connections_accepted_total",
        ]
        // Asking for metrics is itself a call of the portal's kind, one message, and one connection each time.
        func read() throws -> [Int] { try names.map { try gateway.metric($0) } }
        let warm = try read()
        let calls = try gateway.metric("gatehouse_portal_calls_total")
        let messages = try gateway.metric("gatehouse_mailbox_messages_total")
        let hits = try gateway.metric("gatehouse_session_hits_total")
        // A buffer may find its final size late, once; what grows with traffic grows in every round.
        var growth: [Int] = []
        for _ in 0..<Self.rounds {
            let heap = try gateway.heapInUse()
            try Self.ask(Self.requests / Self.rounds, over: clients)
            growth.append(try gateway.heapInUse() - heap)
        }
        let least = growth.min() ?? 0
        #expect(least * Self.rounds < 65_536, "allocated in rounds of \(Self.requests / Self.rounds): \(growth)")
        #expect(try gateway.metric("gatehouse_session_hits_total") - hits == Self.requests)
        // Between the two readings of each stand three or four pages of metrics, no more.
        #expect(try gateway.metric("gatehouse_portal_calls_total") - calls <= 5)
        #expect(try gateway.metric("gatehouse_mailbox_messages_total") - messages <= 6)
        let cold = try read()
        #expect(cold[0] == warm[0])
        #expect(cold[1] == warm[1])
        #expect(cold[2] - warm[2] <= 9)
    }
}
