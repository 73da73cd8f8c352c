import Core
import Foundation
import Gateway
import Testing

@Suite(.ownThread, .timeLimit(.minutes(5)))
struct ReloadTests {
    @Test("changed routes take effect for the next request of an open connection")
    func routes() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        let gateway = try RunningGateway(folder)
        let client = try gateway.client()
        #expect(try client.ask("/assets/a.css").outcome == "200")
        folder.routes[0] = folder.routes[0].replacing("public", with: "authenticated")
        try folder.write()
        #expect(gateway.server.reload())
        #expect(try client.ask("/assets/a.css").outcome == "401 login-required")
        #expect(try client.ask("/assets/a.css", token: Member.user.token).outcome == "200")
    }

    @Test("a request under way finishes on the configuration that it began with")
    func underWay() throws {
        let isAsked = Shared(false)
        let mayAnswer = Shared(false)
        let old = try RawUpstream(
            RawUpstream.answering { _ in
                isAsked.change { $0 = true }
                return mayAnswer.waits { $0 } ? "old" : "never"
            })
        let fresh = try RawUpstream(RawUpstream.answering { _ in "fresh" })
        let folder = try GatewayFolder(upstream: old)
        let gateway = try RunningGateway(folder)
        let client = try gateway.client()
        try client.send(HTTPConnection.request("/assets/a.css"))
        #expect(isAsked.waits { $0 })
        folder.upstreams = [GatewayFolder.upstream(port: fresh.port)]
        try folder.write()
        #expect(gateway.server.reload())
        #expect(try gateway.client().ask("/assets/a.css").text == "fresh")
        mayAnswer.change { $0 = true }
        #expect(try client.readAnswer().text == "old")
        #expect(try client.ask("/assets/a.css").text == "fresh")
    }

    @Test("a bad file is refused and reported until a good one comes, and the old configuration goes on")
    func badFile() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        let gateway = try RunningGateway(folder)
        let client = try gateway.client()
        #expect(try gateway.probe("/healthz").failing == [])
        folder.extra = "no_such_key: 1"
        try folder.write()
        #expect(!gateway.server.reload())
        #expect(try client.ask("/assets/a.css").outcome == "200")
        let probe = try gateway.probe("/healthz")
        #expect(probe.status == 503)
        #expect(probe.failing == ["configuration"])
        #expect(probe.checks["configuration"]?.detail.contains("no_such_key") == true)
        #expect(try gateway.probe("/readyz").status == 200, "a refused file is no reason to send traffic elsewhere")
        #expect(try gateway.metric("gatehouse_reloads_refused_total") == 1)
        #expect(try gateway.metric("gatehouse_configuration_generation") == 1)
        folder.extra = ""
        try folder.write()
        #expect(gateway.server.reload())
        #expect(try gateway.probe("/healthz").failing == [])
        #expect(try gateway.metric("gatehouse_configuration_generation") == 2)
        #expect(try client.ask("/assets/a.css").outcome == "200")
    }

    @Test("a new certificate serves new connections, and open ones go on")
    func certificate() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        try folder.write(TestCertificate(serial: 101))
        let gateway = try RunningGateway(folder)
        let client = try gateway.client()
        #expect(try client.ask("/assets/a.css").outcome == "200")
        #expect(try TLSStream(port: gateway.port).serial == 101)
        try folder.write(TestCertificate(serial: 102))
        #expect(try becomesTrue { try TLSStream(port: gateway.port).serial == 102 })
        #expect(try client.ask("/assets/a.css").outcome == "200")
    }

    @Test("a chain without its key keeps the old pair until the key comes")
    func mismatch() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        try folder.write(TestCertificate(serial: 201))
        let gateway = try RunningGateway(folder)
        let fresh = try TestCertificate(serial: 202)
        try folder.write("tls/chain.pem", fresh.chain)
        #expect(
            try becomesTrue {
                try gateway.probe("/readyz").checks["certificates"]?.detail.contains("cannot be used") == true
            })
        #expect(try TLSStream(port: gateway.port).serial == 201)
        try folder.write("tls/key.pem", fresh.key)
        #expect(try becomesTrue { try TLSStream(port: gateway.port).serial == 202 })
        #expect(
            try becomesTrue {
                try gateway.probe("/readyz").checks["certificates"]?.detail.contains("cannot be used") == false
            })
    }

    @Test("a certificate's change and a reload at the same moment leave the reload's configuration in force")
    func certificateAndReload() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        let gateway = try RunningGateway(folder)
        let client = try gateway.client()
        // The watch looks once a second: reloads of changed files all through that second meet it.
        for round in 0..<24 {
            let isPublic = round.isMultiple(of: 2)
            folder.routes[0] = folder.routes[0]
                .replacing(isPublic ? "authenticated" : "public", with: isPublic ? "public" : "authenticated")
            try folder.write()
            try folder.write(TestCertificate(serial: 300 + round))
            #expect(gateway.server.reload())
            for _ in 0..<20 {
                #expect(try client.ask("/assets/a.css").status == (isPublic ? 200 : 401), "round \(round)")
            }
        }
    }
}
