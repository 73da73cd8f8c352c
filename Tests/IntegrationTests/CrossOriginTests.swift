import Foundation
import Testing

@testable import Gateway

/// Scripts of other origins (Fetch §3.2), as browsers ask for them.
@Suite(.ownThread, .timeLimit(.minutes(3)))
struct CrossOriginTests {
    private static let listed = "https://www.example.org"

    private static func gateway(_ keys: String = "credentials: true, ") throws -> (RunningGateway, RawUpstream) {
        let upstream = try RawUpstream { peer in
            while let request = try peer.readRequest() {
                try peer.send(
                    "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\naccess-control-allow-credentials: true\r\n"
                        + "Vary: Accept\r\nContent-Length: \(request.method.utf8.count)\r\n\r\n\(request.method)")
            }
        }
        let folder = try GatewayFolder(upstream: upstream)
        folder.routes.insert(
            #"{ name: api, match: { host: "*.example.org", path: /api/ }, access: authenticated, upstream: app, "#
                + #"cross_origin: { \#(keys)origins: ["https://first.example", "\#(listed)"], methods: [GET, PUT], "#
                + #"headers: [Content-Type, X-Csrf], exposed_headers: [X-Total], max_age: 1h } }"#, at: 0)
        return (try RunningGateway(folder, loops: 1), upstream)
    }

    private func cors(_ answer: Answer) -> [String] {
        answer.fields.filter { $0.name.hasPrefix("access-control-") }.map { "\($0.name): \($0.value)" }
    }

    private static let preflight = ["Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-csrf"]

    @Test("a preflight of a listed origin is answered by Gatehouse alone")
    func preflight() throws {
        let (gateway, upstream) = try Self.gateway()
        let client = try gateway.client()
        let answer = try client.ask("/api/x", method: "OPTIONS", fields: ["Origin: \(Self.listed)"] + Self.preflight)
        #expect(answer.status == 204 && answer.body.isEmpty && answer["content-length"] == nil)
        #expect(
            cors(answer) == [
                "access-control-allow-origin: \(Self.listed)", "access-control-allow-credentials: true",
                "access-control-allow-methods: GET, PUT", "access-control-allow-headers: Content-Type, X-Csrf",
                "access-control-max-age: 3600",
            ])
        #expect(answer["vary"] == "Origin")
        #expect(upstream.connections.value == 0)
        #expect(try client.ask("/assets/").status == 200, "the connection goes on")
    }

    @Test(
        "an origin that is not listed is told nothing, and no name is given back",
        arguments: [
            "https://evil.example", "null", "https://www.example.org.evil.example",
            "https://evil.example, https://www.example.org",
            "https://www.example.org/", "http://www.example.org",
        ])
    func unlisted(_ origin: String) throws {
        let (gateway, upstream) = try Self.gateway()
        let client = try gateway.client()
        let asked = try client.ask("/api/x", method: "OPTIONS", fields: ["Origin: \(origin)"] + Self.preflight)
        #expect(asked.outcome == "403 cross-origin" && cors(asked) == [] && asked["vary"] == "Origin")
        let put = try client.ask(
            "/api/x", method: "PUT", token: Member.user.token, fields: ["Origin: \(origin)"], body: "b")
        #expect(put.outcome == "403 cross-origin" && cors(put) == [])
        #expect(upstream.connections.value == 0)
        let read = try client.ask("/api/x", token: Member.user.token, fields: ["Origin: \(origin)"])
        #expect(read.outcome == "200" && cors(read) == [], "the application's wildcard does not pass")
        #expect(read["vary"] == "Accept, Origin")
    }

    @Test("two origins are none")
    func twoOrigins() throws {
        let (gateway, _) = try Self.gateway()
        let answer = try gateway.client().ask(
            "/api/x", method: "OPTIONS", fields: ["Origin: \(Self.listed)", "Origin: \(Self.listed)"] + Self.preflight)
        #expect(answer.outcome == "403 cross-origin" && cors(answer) == [])
    }

    @Test("a listed origin reads and changes what is the member's, and may read why it was refused")
    func listed() throws {
        let (gateway, _) = try Self.gateway()
        let client = try gateway.client()
        let sent = ["Origin: \(Self.listed)", "Sec-Fetch-Site: cross-site"]
        let said = [
            "access-control-allow-origin: \(Self.listed)", "access-control-allow-credentials: true",
            "access-control-expose-headers: X-Total",
        ]
        for method in ["GET", "PUT"] {
            let answer = try client.ask("/api/x", method: method, token: Member.user.token, fields: sent)
            #expect(answer.outcome == "200" && answer.text == method && cors(answer) == said)
        }
        #expect(
            try client.ask("/api/x", method: "DELETE", token: Member.user.token, fields: sent).outcome
                == "403 cross-origin", "a method that is not listed")
        let stranger = try client.ask("/api/x", fields: sent)
        #expect(stranger.outcome == "401 login-required" && cors(stranger) == said)
        #expect(
            try client.ask("/app/x", method: "PUT", token: Member.user.token, fields: sent).outcome
                == "403 cross-origin", "another route")
    }

    @Test("without credentials nobody's cookies are lent, and that is not said either")
    func withoutCredentials() throws {
        let (gateway, _) = try Self.gateway("")
        let client = try gateway.client()
        let asked = try client.ask("/api/x", method: "OPTIONS", fields: ["Origin: \(Self.listed)"] + Self.preflight)
        #expect(asked.status == 204 && !cors(asked).contains("access-control-allow-credentials: true"))
        #expect(
            try client.ask(
                "/api/x", method: "PUT", token: Member.user.token, fields: ["Origin: \(Self.listed)"], body: "b"
            ).outcome == "403 cross-origin")
    }

    @Test("its own origin, and a route without cross_origin, are as they were")
    func untouched() throws {
        let (gateway, _) = try Self.gateway()
        let client = try gateway.client()
        let own = try client.ask(
            "/api/x", method: "PUT", token: Member.user.token, fields: ["Origin: https://acme.example.org"])
        #expect(own.outcome == "200" && cors(own) == [] && own["vary"] == "Accept, Origin")
        let other = try client.ask("/assets/x", fields: ["Origin: \(Self.listed)"])
        #expect(cors(other).first == "access-control-allow-origin: *" && other["vary"] == "Accept")
        #expect(
            try client.ask("/assets/x", method: "OPTIONS", fields: ["Origin: \(Self.listed)"] + Self.preflight).text
                == "OPTIONS", "the application answers it")
    }

    @Test("a listed origin may read that the application is down, or that its body was too large")
    func failures() throws {
        let (gateway, upstream) = try Self.gateway()
        let client = try gateway.client()
        let sent = ["Origin: \(Self.listed)"]
        upstream.stopListening()
        let down = try client.ask("/api/x", token: Member.user.token, fields: sent)
        #expect(down.outcome == "502 upstream-unreachable")
        #expect(cors(down).first == "access-control-allow-origin: \(Self.listed)" && down["vary"] == "Origin")
        let large = try client.ask(
            "/api/x", method: "PUT", token: Member.user.token,
            fields: sent + ["Content-Length: 1000000000000", "Expect: 100-continue"])
        #expect(large.outcome == "413 body-too-large")
        #expect(cors(large).first == "access-control-allow-origin: \(Self.listed)")
    }
}
