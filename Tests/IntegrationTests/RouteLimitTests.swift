import Core
import Foundation
import Testing

@testable import Gateway

/// How much a route lets through: bodies, times, requests under way, rates.
@Suite(.ownThread, .timeLimit(.minutes(3)))
struct RouteLimitTests {
    private static func gateway(
        _ keys: String, access: String = "optional", loops: Int = 1,
        _ conversation: @escaping RawUpstream.Conversation = RawUpstream.answering { _ in "ok" }
    ) throws -> (RunningGateway, GatewayFolder) {
        let upstream = try RawUpstream(conversation)
        let folder = try GatewayFolder(upstream: upstream, limits: "body: 8KiB")
        folder.routes.insert(
            #"{ name: shop, match: { host: "*.example.org", path: /shop/ }, access: \#(access), upstream: app, \#(keys) }"#,
            at: 0)
        return (try RunningGateway(folder, loops: loops), folder)
    }

    @Test("a route's body bound stands in place of the installation's, smaller or larger")
    func body() throws {
        let (gateway, _) = try Self.gateway("limits: { body: 16KiB }")
        func post(_ target: String, _ count: Int) throws -> String {
            try gateway.client().ask(target, method: "POST", body: String(repeating: "b", count: count)).outcome
        }
        #expect(try post("/shop/", 16_384) == "200")
        #expect(try post("/shop/", 16_385) == "413 body-too-large")
        #expect(try post("/assets/", 8_193) == "413 body-too-large")
        let (smaller, _) = try Self.gateway("limits: { body: 10 }")
        #expect(try smaller.client().ask("/shop/", method: "POST", body: "0123456789").outcome == "200")
        #expect(try smaller.client().ask("/shop/", method: "POST", body: "0123456789a").outcome == "413 body-too-large")
        let chunked = try smaller.client()
        try chunked.send(
            "POST /shop/ HTTP/1.1\r\nHost: acme.example.org\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n")
        #expect(try chunked.readAnswer().outcome == "413 body-too-large")
    }

    @Test("a route's first byte has a bound of its own")
    func firstByte() throws {
        let isOver = Shared(false)
        defer { isOver.change { $0 = true } }
        let (gateway, _) = try Self.gateway("limits: { first_byte: 200ms }") { peer in
            _ = try peer.readRequest()
            _ = isOver.waits(seconds: 60) { $0 }
        }
        #expect(try gateway.client().ask("/shop/").outcome == "504 upstream-timeout")
    }

    @Test("a route's body that pauses has a bound of its own")
    func idle() throws {
        let isOver = Shared(false)
        defer { isOver.change { $0 = true } }
        let (gateway, _) = try Self.gateway("limits: { idle: 200ms }") { peer in
            _ = try peer.readRequest()
            try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            _ = isOver.waits(seconds: 60) { $0 }
        }
        let client = try gateway.client()
        try client.send(HTTPConnection.request("/shop/"))
        #expect(throws: (any Error).self) { try client.readAnswer() }
        #expect(try becomesTrue(within: 30) { try gateway.refusals(.upstreamTimeout) == 1 })
    }

    @Test("max_in_flight turns strangers away first, keeps members going, and gives places back")
    func inFlight() throws {
        let isOver = Shared(false)
        let arrived = Shared(0)
        defer { isOver.change { $0 = true } }
        let (gateway, _) = try Self.gateway("max_in_flight: 8", loops: 2) { peer in
            while let request = try peer.readRequest() {
                if request.target.hasSuffix("held") {
                    arrived.change { $0 += 1 }
                    _ = isOver.waits(seconds: 60) { $0 }
                }
                try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
        let held = try (0..<7).map { _ in
            let client = try gateway.client()
            try client.send(HTTPConnection.request("/shop/held"))
            return client
        }
        // Whoever asks before they are there takes a place of theirs.
        #expect(arrived.waits { $0 == 7 })
        #expect(try becomesTrue(within: 30) { try gateway.client().ask("/shop/").outcome == "503 too-many-in-flight" })
        #expect(try becomesTrue(within: 30) { try gateway.client().ask("/shop/")["retry-after"] == "5" })
        let member = try gateway.client()
        for _ in 0..<3 {
            // A place comes back after its answer has gone.
            #expect(try becomesTrue(within: 30) { try member.ask("/shop/", token: Member.user.token).outcome == "200" })
        }
        // On the same connection: its loop has given the place of the last answer back before it reads on.
        try member.send(HTTPConnection.request("/shop/held", token: Member.user.token))
        #expect(arrived.waits { $0 == 8 })
        #expect(
            try becomesTrue(within: 30) {
                try gateway.client().ask("/shop/", token: Member.user.token).outcome == "503 too-many-in-flight"
            })
        #expect(try gateway.client().ask("/assets/").outcome == "200", "another route has places of its own")
        isOver.change { $0 = true }
        for client in held + [member] { #expect(try client.readAnswer().status == 200) }
        #expect(try becomesTrue(within: 30) { try gateway.client().ask("/shop/").outcome == "200" })
    }

    @Test("a client that leaves, and an application that cannot be reached, give their places back")
    func placesComeBack() throws {
        let isOver = Shared(false)
        defer { isOver.change { $0 = true } }
        let (gateway, folder) = try Self.gateway("max_in_flight: 1") { peer in
            while let request = try peer.readRequest() {
                if request.target.hasSuffix("held") { _ = isOver.waits(seconds: 60) { $0 } }
                try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
        let leaver = try gateway.client()
        try leaver.send(HTTPConnection.request("/shop/held"))
        #expect(try becomesTrue(within: 30) { try gateway.client().ask("/shop/").outcome == "503 too-many-in-flight" })
        leaver.stream.close()
        #expect(try becomesTrue(within: 30) { try gateway.client().ask("/shop/").outcome == "200" })
        let nobody = try RawUpstream()
        nobody.stopListening()
        folder.upstreams = [GatewayFolder.upstream(port: nobody.port)]
        try folder.write()
        #expect(gateway.server.reload())
        #expect(
            try becomesTrue(within: 30) { try gateway.client().ask("/shop/").outcome == "502 upstream-unreachable" })
        for _ in 0..<3 { #expect(try gateway.client().ask("/shop/").outcome == "502 upstream-unreachable") }
    }

    @Test("a rate is one over all loops, and says how it stands")
    func rate() throws {
        let (gateway, _) = try Self.gateway("rate_limit: { per_address: { requests: 5, per: 24h } }", loops: 2)
        var outcomes: [String] = []
        for _ in 0..<7 { outcomes.append(try gateway.client().ask("/shop/").outcome) }
        #expect(outcomes == Array(repeating: "200", count: 5) + Array(repeating: "429 rate-limited", count: 2))
        let refused = try gateway.client().ask("/shop/")
        let wait = try #require(refused["retry-after"].flatMap(Int.init))
        #expect((1...17_280).contains(wait))
        #expect(refused["ratelimit-policy"] == "\"address\";q=5;w=86400")
        #expect(refused["ratelimit"] == "\"address\";r=0;t=\(wait)")
        #expect(try gateway.client().ask("/assets/").outcome == "200", "another route has buckets of its own")
        #expect(try gateway.client(source: 9).ask("/shop/")["ratelimit"]?.hasPrefix("\"address\";r=4;") == true)
        #expect(try becomesTrue(within: 30) { try gateway.refusals(.rateLimited) == 3 })
    }

    @Test("a session and a tenant have their own buckets, and the tightest is told")
    func kinds() throws {
        let (gateway, _) = try Self.gateway(
            "rate_limit: { per_session: { requests: 2, per: 24h }, per_tenant: { requests: 4, per: 24h } }")
        let client = try gateway.client()
        func ask(_ token: String?, host: String = "acme.example.org") throws -> Answer {
            try client.ask("/shop/", host: host, token: token)
        }
        #expect(try ask(Member.user.token)["ratelimit"]?.hasPrefix("\"session\";r=1;") == true)
        #expect(try ask(Member.user.token).outcome == "200")
        #expect(try ask(Member.user.token)["ratelimit"]?.hasPrefix("\"session\";r=0;") == true)
        #expect(try ask(Member.admin.token).outcome == "200")
        #expect(try ask(nil)["ratelimit"]?.hasPrefix("\"tenant\";r=0;") == true)
        #expect(try ask(nil).outcome == "429 rate-limited")
        #expect(
            try ask(Member.admin.token).outcome == "429 rate-limited", "the tenant's bucket is empty for its members")
        #expect(try ask(Member.stranger.token, host: "globex.example.org").outcome == "200")
    }

    @Test("what is refused before it is permitted costs no token")
    func refusedBefore() throws {
        let (gateway, _) = try Self.gateway(
            "rate_limit: { per_address: { requests: 1, per: 24h } }", access: "authenticated")
        let client = try gateway.client()
        for _ in 0..<3 { #expect(try client.ask("/shop/").outcome == "401 login-required") }
        #expect(try client.ask("/shop/", token: Member.user.token).outcome == "200")
        #expect(try client.ask("/shop/", token: Member.user.token).outcome == "429 rate-limited")
    }

    @Test("a reload forgives nobody")
    func reload() throws {
        let (gateway, folder) = try Self.gateway("rate_limit: { per_address: { requests: 1, per: 24h } }")
        #expect(try gateway.client().ask("/shop/").outcome == "200")
        try folder.write()
        #expect(gateway.server.reload())
        #expect(try gateway.client().ask("/shop/").outcome == "429 rate-limited")
    }
}
