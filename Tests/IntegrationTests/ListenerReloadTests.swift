import Core
import Foundation
import Testing

@testable import Gateway

/// Listeners that a reload adds, moves, changes and takes away.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct ListenerReloadTests {
    private static func entry(_ address: String, further: String = "") -> String {
        "{ address: \"\(address)\", tls: { certificates: [ { chain_file: tls/chain.pem, key_file: tls/key.pem } ] }\(further) }"
    }

    private static func status(_ port: UInt16, source: UInt8? = nil) throws -> Int {
        try HTTPConnection(port: port, name: "acme.example.org", source: source).ask("/assets/a.css").status
    }

    @Test("a listener that a reload adds serves, and the one that it takes away refuses; what is open goes on")
    func addedAndRemoved() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        let gateway = try RunningGateway(folder)
        let first = gateway.port
        folder.furtherListeners = [Self.entry("127.0.0.2:0")]
        try folder.write()
        #expect(gateway.server.reload())
        #expect(gateway.server.listenerPorts.count == 2)
        #expect(gateway.port == first, "a listener that stays keeps its socket")
        let added = gateway.server.listenerPorts[1]
        // Until every loop has heard of it, connections wait in its queue.
        let open = try HTTPConnection(TLSStream(TCPStream(port: added, address: 2)))
        #expect(try open.ask("/assets/a.css").status == 200)
        #expect(try Self.status(first) == 200)
        folder.furtherListeners = []
        try folder.write()
        #expect(gateway.server.reload())
        #expect(becomesTrue { (try? TCPStream(port: added, address: 2)) == nil })
        #expect(try open.ask("/assets/a.css").status == 200, "its connections are not cut")
        #expect(try Self.status(first) == 200)
        #expect(gateway.server.listenerPorts == [first])
    }

    @Test("a listener and the operations listener are moved by a reload")
    func moved() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        let gateway = try RunningGateway(folder)
        let (before, operations) = (gateway.port, gateway.server.operationsPort)
        let client = try gateway.client()
        #expect(try client.ask("/assets/a.css").status == 200)
        folder.listener = "127.0.0.2:0"
        folder.operations = "127.0.0.3:0"
        try folder.write()
        #expect(gateway.server.reload())
        let moved = try HTTPConnection(TLSStream(TCPStream(port: gateway.port, address: 2)))
        #expect(try moved.ask("/assets/a.css").status == 200)
        #expect(try client.ask("/assets/a.css").status == 200)
        #expect(becomesTrue { (try? TCPStream(port: before)) == nil && (try? TCPStream(port: operations)) == nil })
        let probes = HTTPConnection(try TCPStream(port: gateway.server.operationsPort, address: 3))
        let page = try probes.ask("/metrics", host: "127.0.0.1").text
        #expect(page.contains("gatehouse_listener_info{address=\"127.0.0.2:\(gateway.port)\",purpose=\"https\"} 1"))
    }

    @Test("an address that is taken refuses the whole reload, and everything is as it was")
    func taken() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        let gateway = try RunningGateway(folder)
        let port = gateway.port
        folder.furtherListeners = [Self.entry("127.0.0.1:0"), Self.entry("127.0.0.1:\(upstream.port)")]
        folder.routes[0] = folder.routes[0].replacing("public", with: "authenticated")
        try folder.write()
        #expect(!gateway.server.reload())
        let detail = try gateway.probe("/healthz").checks["configuration"]?.detail ?? ""
        #expect(detail.contains("cannot listen on 127.0.0.1:\(upstream.port): Address already in use"))
        #expect(detail.contains("another process listens there"))
        #expect(gateway.server.listenerPorts == [port])
        #expect(try Self.status(port) == 200, "the routes before go on")
        folder.furtherListeners = [Self.entry("[::]:\(port)")]
        try folder.write()
        #expect(!gateway.server.reload())
        #expect(
            try gateway.probe("/healthz").checks["configuration"]?.detail
                .contains("127.0.0.1:0, which this process listens on until the reload is done, is in the way") == true)
    }

    @Test("a connection keeps the listener's settings that it was accepted under")
    func keptSettings() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        folder.trustedProxies = "[ \"127.0.0.5/32\" ]"
        let gateway = try RunningGateway(folder, loops: 1)
        let before = try gateway.client()
        #expect(try before.ask("/assets/a.css").status == 200)
        folder.listenerKeys = "    proxy_protocol: true"
        try folder.write()
        #expect(gateway.server.reload())
        #expect(becomesTrue { (try? TLSStream(port: gateway.port)) == nil }, "now only balancers may come")
        #expect(try before.ask("/assets/a.css").status == 200)
    }

    @Test("who waits in the queue of a listener that a reload takes away is served")
    func waiting() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        folder.furtherListeners = [Self.entry("127.0.0.2:0")]
        let gateway = try RunningGateway(folder, loops: 1)
        let leaving = gateway.server.listenerPorts[1]
        // The one loop stands still while clients connect and the reload is done.
        let (stands, goesOn) = (Shared(false), Shared(false))
        gateway.server.onEachLoop { _ in
            stands.change { $0 = true }
            _ = goesOn.waits { $0 }
        }
        #expect(stands.waits { $0 })
        let waiting = try (0..<100).map { _ in try TCPStream(port: leaving, address: 2) }
        folder.furtherListeners = []
        try folder.write()
        #expect(gateway.server.reload())
        goesOn.change { $0 = true }
        for stream in waiting {
            #expect(try HTTPConnection(TLSStream(stream)).ask("/assets/a.css").status == 200)
        }
        #expect(becomesTrue { (try? TCPStream(port: leaving, address: 2)) == nil })
    }
}
