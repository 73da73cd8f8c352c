import Access
import Core
import Foundation
import Proxy
import Testing

@testable import Gateway

@Suite(.ownThread, .timeLimit(.minutes(5)))
struct HealthTests {
    @Test("every probe names its checks, and all of them pass in a healthy gateway")
    func green() throws {
        let upstream = try RawUpstream()
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream))
        let ready = ["certificates", "connections", "draining", "forwarding-headers", "loops", "mail", "started"]
        for (path, names) in [
            ("/livez", ["loops"]), ("/startupz", ["started"]), ("/readyz", ready),
            ("/healthz", (ready + ["configuration", "log", "single-sign-on", "store", "upstreams"]).sorted()),
        ] {
            let probe = try gateway.probe(path)
            #expect(probe.status == 200)
            #expect(probe.failing == [])
            #expect(probe.checks.keys.sorted() == names)
        }
    }

    @Test("the operations listener answers nothing but its five paths, and them by GET and HEAD alone")
    func paths() throws {
        let upstream = try RawUpstream()
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream))
        let client = try gateway.operations()
        for path in ["/", "/healthz/", "/live", "/metrics/x", "/.gatehouse/login", "/assets/a.css", "/LIVEZ"] {
            #expect(try client.ask(path).status == 404, "\(path)")
        }
        for path in OperationsHandler.paths {
            for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
                let answer = try client.ask(path, method: method)
                #expect(answer.status == 405, "\(method) \(path)")
                #expect(answer["allow"] == "GET, HEAD")
            }
            let head = try client.ask(path, method: "HEAD")
            #expect(head.status == 200)
            #expect(Int(head["content-length"] ?? "") ?? 0 > 0)
            #expect(try client.ask(path + "?verbose").status == 200)
        }
        #expect(try client.ask("/metrics")["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(try client.ask("/healthz")["content-type"] == "application/json")
    }

    @Test("nothing of the operations listener is on a public one")
    func separation() throws {
        let upstream = try RawUpstream()
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream))
        let client = try gateway.client()
        for path in OperationsHandler.paths { #expect(try client.ask(path).outcome == "401 login-required") }
    }

    @Test("before the start is over, startupz and readyz say so")
    func started() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        try folder.write()
        let server = try GatewayServer.prepare(
            file: folder.file, environment: [:], loadSession: { _, _ in .missing }, loops: 2)
        defer { server.stop(within: Milliseconds(0)) }
        server.beginServing()
        func probe(_ path: String) throws -> Probe {
            try Probe(HTTPConnection(TCPStream(port: server.operationsPort)).ask(path))
        }
        for path in ["/startupz", "/readyz", "/healthz"] {
            #expect(try probe(path).status == 503)
            #expect(try probe(path).failing == ["started"])
        }
        #expect(try probe("/livez").status == 200)
        server.noteStarted()
        for path in ["/startupz", "/readyz", "/healthz"] { #expect(try probe(path).status == 200) }
    }

    @Test("a loop that hangs fails livez until it goes on")
    func loops() throws {
        let upstream = try RawUpstream()
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream), loops: 2)
        let isHanging = Shared(false)
        let mayGoOn = Shared(false)
        gateway.server.onEachLoop { loop in
            guard loop == 1 else { return }
            isHanging.change { $0 = true }
            _ = mayGoOn.waits(seconds: 30) { $0 }
        }
        #expect(isHanging.waits { $0 })
        // The other loop takes every new connection.
        let probe = try gateway.probe("/livez")
        #expect(probe.status == 503)
        #expect(probe.failing == ["loops"])
        #expect(probe.checks["loops"]?.detail.hasPrefix("1 of 2") == true)
        #expect(try gateway.probe("/readyz").failing == ["loops"])
        mayGoOn.change { $0 = true }
        #expect(try becomesTrue { try gateway.probe("/livez").status == 200 })
    }

    @Test("an expired certificate fails readyz until another one is put in place")
    func certificates() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        let gateway = try RunningGateway(folder)
        try folder.write(TestCertificate(serial: 401, validity: -3_600))
        #expect(try becomesTrue { try gateway.probe("/readyz").status == 503 })
        #expect(try gateway.probe("/readyz").failing == ["certificates"])
        #expect(try gateway.probe("/livez").status == 200)
        try folder.write(TestCertificate(serial: 402))
        #expect(try becomesTrue { try gateway.probe("/readyz").status == 200 })
    }

    @Test("probes are answered while every connection of limits.connections is taken, and readyz says so")
    func connections() throws {
        let upstream = try RawUpstream()
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream, limits: "connections: 4"))
        var clients = try (0..<4).map { _ in try gateway.client() }
        for client in clients { #expect(try client.ask("/assets/a.css").status == 200) }
        let probe = try gateway.probe("/readyz")
        #expect(probe.failing == ["connections"])
        #expect(probe.checks["connections"]?.detail.hasPrefix("4 of 4") == true)
        #expect(try gateway.probe("/livez").status == 200)
        clients.removeLast().close()
        #expect(try becomesTrue { try gateway.probe("/readyz").status == 200 })
    }

    @Test("an upstream that cannot be reached fails healthz until it can")
    func upstreams() throws {
        // The port is taken and given back, so that nothing listens there.
        let reserved = try RawUpstream()
        reserved.stopListening()
        let folder = try GatewayFolder(upstream: reserved)
        let gateway = try RunningGateway(folder)
        let client = try gateway.client()
        #expect(try client.ask("/assets/a.css").outcome == "502 upstream-unreachable")
        let probe = try gateway.probe("/healthz")
        #expect(probe.failing == ["upstreams"])
        #expect(probe.checks["upstreams"]?.detail.contains("127.0.0.1:\(reserved.port)") == true)
        #expect(try gateway.probe("/readyz").status == 200, "the other applications go on")
        let mended = try RawUpstream()
        folder.upstreams = [GatewayFolder.upstream(port: mended.port)]
        try folder.write()
        #expect(gateway.server.reload())
        #expect(try client.ask("/assets/a.css").outcome == "200")
        #expect(try gateway.probe("/healthz").failing == [])
    }

    @Test("a log that cannot be written fails healthz until it can")
    func log() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        try FileManager.default.createSymbolicLink(atPath: folder.logFile, withDestinationPath: "/dev/full")
        let gateway = try RunningGateway(folder)
        let client = try gateway.client()
        #expect(try client.ask("/assets/a.css").status == 200, "a full disk stops nobody")
        #expect(try becomesTrue { try gateway.probe("/healthz").failing == ["log"] })
        #expect(try gateway.metric("gatehouse_log_write_failures_total") > 0)
        try FileManager.default.removeItem(atPath: folder.logFile)
        gateway.server.reopenLogs()
        #expect(
            try becomesTrue {
                _ = try client.ask("/assets/a.css")
                return try gateway.probe("/healthz").failing == []
            })
    }

    @Test("a draining gateway still answers probes, readyz with 503 and livez with 200")
    func draining() throws {
        let isAsked = Shared(false)
        let mayAnswer = Shared(false)
        let upstream = try RawUpstream(
            RawUpstream.answering { _ in
                isAsked.change { $0 = true }
                return mayAnswer.waits(seconds: 30) { $0 } ? "ok" : "never"
            })
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream))
        let client = try gateway.client()
        try client.send(HTTPConnection.request("/assets/a.css"))
        #expect(isAsked.waits { $0 })
        let server = gateway.server
        let isStopped = Shared(false)
        Thread.detachNewThread {
            server.stop(within: .seconds(30))
            isStopped.change { $0 = true }
        }
        #expect(try becomesTrue { try gateway.probe("/readyz").status == 503 })
        #expect(try gateway.probe("/readyz").failing == ["draining"])
        #expect(try gateway.probe("/livez").status == 200)
        mayAnswer.change { $0 = true }
        #expect(try client.readAnswer().status == 200)
        #expect(isStopped.waits { $0 })
    }

    @Test("forwarding fields from a peer that is no trusted proxy are told in readyz, without failing it")
    func forwarding() throws {
        let upstream = try RawUpstream()
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream))
        _ = try gateway.client().ask("/assets/a.css", fields: ["X-Forwarded-For: 203.0.113.9"])
        let probe = try gateway.probe("/readyz")
        #expect(probe.status == 200)
        #expect(probe.checks["forwarding-headers"]?.detail.hasPrefix("1 requests") == true)
        #expect(try gateway.metric("gatehouse_untrusted_forwarding_headers_total") == 1)
    }
}
