import Core
import Foundation
import Proxy
import Testing

@testable import Gateway

@Suite(.ownThread, .timeLimit(.minutes(5)))
struct DrainTests {
    /// A gateway with one request under way, which is answered when `mayAnswer` says so.
    private struct Scene {
        let gateway: RunningGateway
        let client: HTTPConnection
        let mayAnswer = Shared(false)
        let isStopped = Shared(false)

        init(limit: Milliseconds) throws {
            let isAsked = Shared(false)
            let mayAnswer = mayAnswer
            let upstream = try RawUpstream(
                RawUpstream.answering { _ in
                    isAsked.change { $0 = true }
                    return mayAnswer.waits(seconds: 30) { $0 } ? "done" : "never"
                })
            gateway = try RunningGateway(GatewayFolder(upstream: upstream))
            idle = try gateway.client()
            _ = try idle.ask("/app")
            client = try gateway.client()
            try client.send(HTTPConnection.request("/assets/slow"))
            guard isAsked.waits(until: { $0 }) else { throw StreamFailure.timedOut }
            self.upstream = upstream
            let (server, isStopped) = (gateway.server, isStopped)
            Thread.detachNewThread {
                server.stop(within: limit)
                isStopped.change { $0 = true }
            }
        }

        let idle: HTTPConnection
        private let upstream: RawUpstream
    }

    @Test("requests under way finish, idle connections close, and then the server has stopped")
    func finishing() throws {
        let scene = try Scene(limit: .seconds(30))
        #expect(try scene.idle.ends())
        #expect(!scene.isStopped.value)
        scene.mayAnswer.change { $0 = true }
        let answer = try scene.client.readAnswer()
        #expect(answer.text == "done")
        #expect(answer["connection"] == "close")
        #expect(try scene.client.ends())
        #expect(scene.isStopped.waits { $0 })
    }

    @Test("a request that comes when the drain has just begun is answered, and ends its connection")
    func lastRequest() throws {
        let upstream = try RawUpstream()
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream), loops: 1)
        let client = try gateway.client()
        #expect(try client.ask("/assets/a").status == 200)
        // The one loop stands still until the drain waits behind it, and the request too.
        let (stands, goesOn) = (Shared(false), Shared(false))
        gateway.server.onEachLoop { _ in
            stands.change { $0 = true }
            _ = goesOn.waits { $0 }
        }
        #expect(stands.waits { $0 })
        gateway.server.plane.drain(within: .seconds(20))
        try client.send(HTTPConnection.request("/assets/last"))
        goesOn.change { $0 = true }
        let answer = try client.readAnswer()
        #expect(answer.status == 200 && answer["connection"] == "close")
        #expect(try client.ends())
    }

    @Test("new connections are refused while requests under way finish")
    func refusing() throws {
        let scene = try Scene(limit: .seconds(30))
        #expect(try scene.idle.ends())
        #expect(becomesTrue { (try? scene.gateway.client()) == nil })
        scene.mayAnswer.change { $0 = true }
        #expect(try scene.client.readAnswer().text == "done")
        #expect(scene.isStopped.waits { $0 })
    }

    @Test("what takes longer than the drain's limit is cut, and the server stops all the same")
    func limit() throws {
        let scene = try Scene(limit: Milliseconds(300))
        #expect(scene.isStopped.waits { $0 })
        #expect(throws: StreamFailure.self) { try scene.client.readAnswer() }
        scene.mayAnswer.change { $0 = true }
    }

    @Test("a request whose head is half there when the drain begins is still answered")
    func halfHead() throws {
        let upstream = try RawUpstream()
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream))
        let idle = try gateway.client()
        #expect(try idle.ask("/assets/a").status == 200)
        let client = try gateway.client()
        #expect(try client.ask("/assets/a").status == 200)
        let received = gateway.counter(.bytesReceived)
        try client.send("GET /assets/half HTTP/1.1\r\nHost: acme")
        #expect(becomesTrue { gateway.counter(.bytesReceived) > received })
        let server = gateway.server
        let isStopped = Shared(false)
        Thread.detachNewThread {
            server.stop(within: .seconds(20))
            isStopped.change { $0 = true }
        }
        #expect(try idle.ends())
        try client.send(".example.org\r\n\r\n")
        let answer = try client.readAnswer()
        #expect(answer.status == 200)
        #expect(answer["connection"] == "close")
        #expect(isStopped.waits { $0 })
    }
}
