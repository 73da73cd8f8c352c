import Access
import Core
import Foundation
import HostCrypto
import Proxy
import Store
import Testing

@testable import Gateway

/// WebSockets over HTTP/1.1 (RFC 6455; security rules 6, 9 and 12).
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct WebSocketTests {
    /// The key and the answer of RFC 6455 §1.3.
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    private static let route =
        #"{ name: live, match: { host: "*.example.org", path: /live/ }, access: authenticated, upstream: app, upgrades: [websocket] }"#

    private static let handshake = [
        "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: \(key)",
        "Sec-WebSocket-Version: 13",
    ]

    /// A gateway before an application that says `answer` to a handshake and goes on with `conversation`.
    private static func gateway(
        keys: String = "", answer: String = switching(),
        _ conversation: @escaping @Sendable (UpstreamPeer) throws -> Void = echo
    ) throws -> (gateway: RunningGateway, upstream: RawUpstream, received: Shared<[ReceivedRequest]>) {
        let received = Shared<[ReceivedRequest]>([])
        let upstream = try RawUpstream { peer in
            while let request = try peer.readRequest() {
                received.change { $0.append(request) }
                guard request["upgrade"] != nil else {
                    try peer.answer()
                    continue
                }
                try peer.send(answer)
                if answer.hasPrefix("HTTP/1.1 101") { return try conversation(peer) }
            }
        }
        return (try RunningGateway(folder(upstream, keys), loops: 1), upstream, received)
    }

    private static func folder(_ upstream: RawUpstream, _ keys: String = "") throws -> GatewayFolder {
        let folder = try GatewayFolder(upstream: upstream, upstreamKeys: keys)
        folder.routes.insert(route, at: 0)
        return folder
    }

    private static func switching(
        accept: String = WebSocketTests.accept, upgrade: String = "websocket", connection: String = "Upgrade",
        more: String = ""
    ) -> String {
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: \(upgrade)\r\nConnection: \(connection)\r\n"
            + "Sec-WebSocket-Accept: \(accept)\r\nSec-WebSocket-Protocol: chat\r\n\(more)\r\n"
    }

    /// Says back what it hears, until the other end closes.
    private static let echo: @Sendable (UpstreamPeer) throws -> Void = { peer in
        while true { try peer.stream.send(peer.take(1)) }
    }

    /// A client whose handshake was accepted.
    private static func open(_ gateway: RunningGateway, fields: [String] = []) throws -> HTTPConnection {
        let client = try gateway.client()
        try client.send(request(fields: fields))
        let head = try #require(try client.readLines())
        try #require(head.first == "HTTP/1.1 101 Switching Protocols")
        return client
    }

    private static func request(_ target: String = "/live/x", fields: [String] = []) -> String {
        HTTPConnection.request(target, token: Member.user.token, fields: handshake + fields)
    }

    @Test("a WebSocket that the application accepts carries bytes both ways, those that came early included")
    func open() throws {
        let (gateway, _, received) = try Self.gateway(answer: Self.switching() + "early")
        let client = try gateway.client()
        try client.send(Self.request(fields: ["Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: x"]) + "ab")
        let head = try #require(try client.readLines())
        #expect(head.first == "HTTP/1.1 101 Switching Protocols")
        func value(_ name: String) -> [String] { head.fields.filter { $0.name == name }.map(\.value) }
        #expect(value("upgrade") == ["websocket"] && value("connection") == ["Upgrade"])
        #expect(value("sec-websocket-accept") == [Self.accept] && value("sec-websocket-protocol") == ["chat"])
        #expect(value("content-length").isEmpty && value("transfer-encoding").isEmpty)
        #expect(try client.take(7) == Array("earlyab".utf8))
        for word in ["\u{0}\u{1}", "HTTP/1.1 200 OK\r\n\r\n", "GET / HTTP/1.1\r\nHost: acme.example.org\r\n\r\n"] {
            try client.send(word)
            #expect(try client.take(word.utf8.count) == Array(word.utf8))
        }
        let request = try #require(received.value.first)
        #expect(request["upgrade"] == "websocket" && request["connection"] == "Upgrade")
        #expect(request["sec-websocket-key"] == Self.key && request["sec-websocket-version"] == "13")
        #expect(request["sec-websocket-extensions"] == "x" && request["x-tenant-id"] == "acme")
        #expect(request["cookie"] == nil)
        #expect(try gateway.metric("gatehouse_websockets") == 1)
        #expect(try gateway.metric("gatehouse_websockets_opened_total") == 1)
    }

    @Test("much passes both ways at once, byte for byte")
    func much() throws {
        let (gateway, _, _) = try Self.gateway { peer in
            while true { try peer.stream.send(peer.take(65_536)) }
        }
        let client = try Self.open(gateway)
        var (sent, got): ([UInt8], [UInt8]) = ([], [])
        for round in 0..<256 {
            let block = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ round) }
            try client.stream.send(block)
            sent += block
            if round >= 4 { got += try client.take(65_536) }
        }
        got += try client.take(4 * 65_536)
        #expect(got == sent)
    }

    @Test("a route that does not list websocket refuses it; the application hears nothing of it")
    func notListed() throws {
        let (gateway, upstream, received) = try Self.gateway()
        let client = try gateway.client()
        for target in ["/app/x", "/assets/x"] {
            try client.send(Self.request(target))
            #expect(try client.readAnswer().outcome == "403 upgrade-refused")
        }
        #expect(received.value.isEmpty && upstream.connections.value == 0)
        #expect(try client.ask("/app/x", token: Member.user.token).status == 200)
    }

    @Test(
        "another upgrade is no handshake: it is left out, and the request answered", arguments: ["h2c", "TLS/1.0, foo"])
    func otherUpgrade(protocols: String) throws {
        let (gateway, _, received) = try Self.gateway()
        let client = try gateway.client()
        let fields = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: \(protocols)", "HTTP2-Settings: AAMAAABk"]
        #expect(try client.ask("/live/x", token: Member.user.token, fields: fields).status == 200)
        #expect(received.value.allSatisfy { $0["upgrade"] == nil && $0["connection"] == nil })
    }

    /// Method and fields.
    private static let malformedHandshakes: [(String, [String])] = {
        func changed(_ old: String, _ new: String) -> [String] {
            handshake.map { $0.replacingOccurrences(of: old, with: new) }
        }
        return [
            ("POST", handshake), ("GET", changed("13", "8")), ("GET", Array(handshake.dropLast())),
            ("GET", handshake + ["Sec-WebSocket-Version: 13"]), ("GET", handshake + ["Sec-WebSocket-Key: \(key)"]),
            ("GET", handshake.filter { !$0.hasPrefix("Sec-WebSocket-Key") }),
            ("GET", changed(key, "dGhlIHNhbXBsZSBub25jZQ")), ("GET", changed(key, "dGhlIHNhbXBsZSBub25jZR==")),
            ("GET", handshake + ["Content-Length: 1"]), ("GET", handshake + ["Transfer-Encoding: chunked"]),
        ]
    }()

    @Test("a malformed handshake is refused", arguments: malformedHandshakes)
    func malformed(method: String, fields: [String]) throws {
        let (gateway, upstream, _) = try Self.gateway()
        let answer = try gateway.client().ask("/live/x", method: method, token: Member.user.token, fields: fields)
        #expect(answer.outcome == "400 upgrade-malformed")
        #expect(upstream.connections.value == 0)
    }

    @Test("without a session, from another site or without the role, no handshake passes; from its own it does")
    func access() throws {
        let (gateway, upstream, _) = try Self.gateway()
        let stranger = HTTPConnection.request("/live/x", token: Member.stranger.token, fields: Self.handshake)
        for (request, outcome) in [
            (HTTPConnection.request("/live/x", fields: Self.handshake), "401 login-required"),
            (stranger, "401 login-required"),
            (Self.request(fields: ["Origin: https://evil.example"]), "403 cross-origin"),
            (Self.request(fields: ["Origin: null"]), "403 cross-origin"),
            (Self.request(fields: ["Sec-Fetch-Site: cross-site"]), "403 cross-origin"),
        ] {
            let client = try gateway.client()
            try client.send(request)
            #expect(try client.readAnswer().outcome == outcome)
        }
        #expect(upstream.connections.value == 0)
        let own = ["Origin: https://acme.example.org", "Sec-Fetch-Site: same-origin"]
        let client = try Self.open(gateway, fields: own)
        try client.send("x")
        #expect(try client.take(1) == Array("x".utf8))
    }

    @Test(
        "a 101 that does not fit the handshake opens nothing",
        arguments: [
            switching(accept: "AAAAAAAAAAAAAAAAAAAAAAAAAAA="), switching(accept: ""), switching(upgrade: "h2c"),
            switching(upgrade: "websocket, h2c"), switching(connection: "keep-alive"),
            switching(more: "Upgrade: websocket\r\n"), switching(more: "Sec-WebSocket-Accept: \(accept)\r\n"),
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        ])
    func wrongAnswer(answer: String) throws {
        let (gateway, _, _) = try Self.gateway(answer: answer)
        let client = try gateway.client()
        try client.send(Self.request())
        #expect(try client.readAnswer().outcome == "502 upstream-upgrade-refused")
        #expect(try gateway.metric("gatehouse_websockets_opened_total") == 0)
    }

    @Test("an application that declines is heard, and the connection goes on")
    func declined() throws {
        let declining = "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 2\r\n\r\nno"
        let (gateway, upstream, _) = try Self.gateway(answer: declining)
        let client = try gateway.client()
        for _ in 0..<2 {
            try client.send(Self.request())
            let answer = try client.readAnswer()
            #expect(answer.status == 426 && answer.text == "no" && answer["sec-websocket-version"] == "13")
        }
        #expect(upstream.connections.value == 1)
    }

    @Test("when the application closes, the client reads the last word and then the end")
    func upstreamCloses() throws {
        let (gateway, _, _) = try Self.gateway { peer in try peer.send("bye") }
        let client = try Self.open(gateway)
        #expect(try client.readToEnd() == Array("bye".utf8))
        #expect(try becomesTrue { try gateway.metric("gatehouse_websockets") == 0 })
    }

    @Test("when the client closes, the application reads the end, and the record tells what passed")
    func clientCloses() throws {
        let heard = Shared("")
        let upstream = try RawUpstream { peer in
            _ = try peer.readRequest()
            try peer.send(Self.switching())
            let text = String(decoding: try peer.readToEnd(), as: UTF8.self)
            heard.change { $0 = text }
        }
        let folder = try Self.folder(upstream)
        let gateway = try RunningGateway(folder, loops: 1)
        let client = try Self.open(gateway)
        try client.send("last word")
        client.stream.close()
        #expect(heard.waits { $0 == "last word" })
        #expect(upstream.openConnections.waits { $0 == 0 })
        #expect(try becomesTrue { try gateway.metric("gatehouse_websockets") == 0 })
        #expect(try gateway.refusals(.clientClosed) == 0)
        #expect(becomesTrue { folder.logLines.contains { $0.contains("/live/x") } })
        let line = try #require(folder.logLines.first { $0.contains("/live/x") })
        #expect(line.contains("\"status\":101") && line.contains("\"bytes_in\":9") && !line.contains("\"reason\""))
    }

    @Test("the end of the session ends its WebSockets")
    func sessionEnds() throws {
        let (gateway, upstream, _) = try Self.gateway()
        let client = try Self.open(gateway)
        try client.send("x")
        #expect(try client.take(1) == Array("x".utf8))
        gateway.server.endSessions(.handle(Member.user.handle))
        #expect(throws: (any Error).self) { _ = try client.take(1) }
        #expect(upstream.openConnections.waits { $0 == 0 })
        #expect(try gateway.refusals(.sessionExpired) == 1)
    }

    @Test("the end of a tenant ends what nobody is signed in for on its hosts, too")
    func tenantEnds() throws {
        let upstream = try RawUpstream { peer in
            _ = try peer.readRequest()
            try peer.send(Self.switching())
            try Self.echo(peer)
        }
        let folder = try GatewayFolder(upstream: upstream)
        folder.routes.insert(Self.route.replacingOccurrences(of: "authenticated", with: "public"), at: 0)
        let gateway = try RunningGateway(folder, loops: 1)
        let clients = try ["acme", "globex"].map { tenant in
            let client = try gateway.client(name: "\(tenant).example.org")
            try client.send(
                HTTPConnection.request("/live/x", host: "\(tenant).example.org", fields: Self.handshake))
            #expect(try client.readLines()?.first == "HTTP/1.1 101 Switching Protocols")
            return client
        }
        try folder.write("tenants/acme.yaml", "id: acme\nname: acme\nhosts: [ acme.example.org ]\nsuspended: true\n")
        #expect(gateway.server.reload())
        #expect(throws: (any Error).self) { _ = try clients[0].take(1) }
        try clients[1].send("x")
        #expect(try clients[1].take(1) == Array("x".utf8))
    }

    @Test("a WebSocket that says nothing ends after timeouts.idle, one that speaks does not")
    func idle() throws {
        let (gateway, _, _) = try Self.gateway(keys: ", timeouts: { idle: 4s }")
        let speaking = try Self.open(gateway)
        let silent = try Self.open(gateway)
        while try gateway.metric("gatehouse_websockets") == 2 {
            try speaking.send("x")
            #expect(try speaking.take(1) == Array("x".utf8))
        }
        #expect(try silent.readToEnd().isEmpty)
        #expect(try gateway.metric("gatehouse_websockets") == 1)
        #expect(try gateway.refusals(.idleTimeout) == 1)
    }

    @Test("a session on whose WebSocket the member says nothing is idle after session.idle, and the WebSocket ends")
    func sessionIdle() throws {
        let upstream = try RawUpstream { peer in
            _ = try peer.readRequest()
            try peer.send(Self.switching())
            // What the application says is no use of the session.
            while true {
                try peer.send("x")
                guard try peer.stream.staysSilent(milliseconds: 100) else { return }
            }
        }
        let folder = try Self.folder(upstream)
        folder.extra = "login: { session: { idle: 5s } }"
        let gateway = try RunningGateway(folder, members: [], loops: 1)
        let member = try StoredMember.make(in: gateway.server)
        let client = try gateway.client()
        try client.send(HTTPConnection.request("/live/x", token: member.token, fields: Self.handshake))
        #expect(try client.readLines()?.first == "HTTP/1.1 101 Switching Protocols")
        #expect(throws: (any Error).self) { while true { _ = try client.take(1) } }
        #expect(try gateway.refusals(.sessionExpired) == 1)
        #expect(try gateway.client().ask("/live/x", token: member.token).outcome == "401 login-required")
    }

    @Test(
        "a reload that takes away what permitted a WebSocket ends it; one that does not leaves it as it is",
        arguments: [
            (#"path: /live/"#, #"path: /life/"#, ReasonCode.upgradeRefused),
            (#"upgrades: [websocket]"#, #"upgrades: []"#, .upgradeRefused),
            (#"access: authenticated"#, #"access: { roles: [admin] }"#, .roleMissing),
            (#"access: authenticated"#, #"access: { networks: [ "203.0.113.0/24" ] }"#, .networkRefused),
        ])
    func reloaded(old: String, new: String, reason: ReasonCode) throws {
        let upstream = try RawUpstream { peer in
            _ = try peer.readRequest()
            try peer.send(Self.switching())
            try Self.echo(peer)
        }
        let folder = try Self.folder(upstream)
        let gateway = try RunningGateway(folder, loops: 1)
        let client = try Self.open(gateway)
        folder.routes.insert(
            #"{ name: more, match: { host: "*.example.org", path: /more/ }, access: public, upstream: app }"#, at: 0)
        try folder.write()
        #expect(gateway.server.reload())
        try client.send("x")
        #expect(try client.take(1) == Array("x".utf8))
        folder.routes[1] = folder.routes[1].replacingOccurrences(of: old, with: new)
        try folder.write()
        #expect(gateway.server.reload())
        #expect(throws: (any Error).self) { _ = try client.take(1) }
        #expect(try gateway.refusals(reason) == 1)
        #expect(upstream.openConnections.waits { $0 == 0 })
    }

    @Test("a WebSocket whose session the loop has let go is judged by what the store says")
    func reloadedWithoutSession() throws {
        let upstream = try RawUpstream { peer in
            _ = try peer.readRequest()
            try peer.send(Self.switching())
            try Self.echo(peer)
        }
        let folder = try Self.folder(upstream)
        let gateway = try RunningGateway(folder, members: [], loops: 1)
        let clients = try ["mia", "otto"].map { name in
            let member = try StoredMember.make(
                in: gateway.server, email: "\(name)@acme.example", roles: name == "mia" ? ["admin"] : [])
            let client = try gateway.client()
            try client.send(HTTPConnection.request("/live/x", token: member.token, fields: Self.handshake))
            #expect(try client.readLines()?.first == "HTTP/1.1 101 Switching Protocols")
            return client
        }
        gateway.server.plane.forgetSessions(endingStreams: false)
        folder.routes[0] = folder.routes[0].replacingOccurrences(
            of: "access: authenticated", with: "access: { roles: [admin] }")
        try folder.write()
        #expect(gateway.server.reload())
        #expect(throws: (any Error).self) { _ = try clients[1].take(1) }
        try clients[0].send("x")
        #expect(try clients[0].take(1) == Array("x".utf8))
    }

    @Test("a WebSocket goes on under its session's new token, and the old one opens nothing more")
    func renewed() throws {
        let upstream = try RawUpstream { peer in
            while let request = try peer.readRequest() {
                guard request["upgrade"] != nil else {
                    try peer.answer()
                    continue
                }
                try peer.send(Self.switching())
                return try Self.echo(peer)
            }
        }
        let gateway = try RunningGateway(try Self.folder(upstream), members: [], loops: 1)
        let member = try StoredMember.make(in: gateway.server)
        let client = try gateway.client()
        try client.send(HTTPConnection.request("/live/x", token: member.token, fields: Self.handshake))
        #expect(try client.readLines()?.first == "HTTP/1.1 101 Switching Protocols")
        let token = try member.renew(in: gateway.server)
        #expect(try becomesTrue { try gateway.client().ask("/app", token: member.token).status == 401 })
        #expect(try gateway.client().ask("/app", token: token).status == 200)
        #expect(gateway.server.reload())
        #expect(try gateway.client().ask("/app", token: token).status == 200)
        try client.send("x")
        #expect(try client.take(1) == Array("x".utf8))
        gateway.server.endSessions(.handle(try #require(SessionHandle(member.session.id.description))))
        #expect(throws: (any Error).self) { _ = try client.take(1) }
    }

    @Test("a drain waits for WebSockets until its deadline")
    func drain() throws {
        let (gateway, _, _) = try Self.gateway()
        let client = try Self.open(gateway)
        gateway.server.stop(within: Milliseconds(300))
        #expect(try client.readToEnd().isEmpty)
    }
}
