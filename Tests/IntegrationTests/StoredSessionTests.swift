import Access
import Core
import Foundation
import HostCrypto
import Proxy
import Store
import Testing

@testable import Gateway

/// Sessions as the store has them, through the whole gateway.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct StoredSessionTests {
    private static func gateway(
        extra: String = "",
        _ conversation: @escaping RawUpstream.Conversation = RawUpstream.answering { request in
            ["x-tenant-id", "x-user-id", "x-user-roles", "x-user-email"].map { request[$0] ?? "-" }
                .joined(separator: " ")
        }
    ) throws -> (RunningGateway, RawUpstream) {
        let upstream = try RawUpstream(conversation)
        let folder = try GatewayFolder(upstream: upstream)
        folder.extra = extra
        return (try RunningGateway(folder, members: [], loops: 2), upstream)
    }

    @Test("a session of the store lets its member in, with default roles and given ones")
    func letIn() throws {
        let (gateway, _) = try Self.gateway()
        let member = try StoredMember.make(in: gateway.server, roles: ["admin"])
        let client = try gateway.client()
        #expect(
            try client.ask("/app", token: member.token).text
                == "acme \(member.user.id) user,admin mia@acme.example")
        #expect(try client.ask("/admin/", token: member.token).status == 200)
        #expect(try client.ask("/app", token: member.token + "x").outcome == "401 login-required")
    }

    @Test("a token counts under the tenant that it names alone, and on that tenant's hosts alone")
    func tenants() throws {
        let (gateway, _) = try Self.gateway()
        let member = try StoredMember.make(in: gateway.server)
        let secret = member.token.drop { $0 != "." }
        #expect(try gateway.client().ask("/app", token: "globex\(secret)").outcome == "401 login-required")
        #expect(try gateway.client().ask("/app", token: "nobody\(secret)").outcome == "401 login-required")
        #expect(
            try gateway.client().ask("/app", host: "globex.example.org", token: member.token).outcome
                == "401 login-required")
        #expect(try becomesTrue { try gateway.refusals(.sessionWrongTenant) == 1 })
    }

    @Test("a session that was idle for too long, or whose time is over, lets nobody in")
    func times() throws {
        let (gateway, _) = try Self.gateway(extra: "login: { session: { idle: 10m, absolute: 1h } }")
        let fresh = try StoredMember.make(in: gateway.server, age: .minutes(9))
        let idle = try StoredMember.make(in: gateway.server, email: "a@acme.example", age: .minutes(11))
        let over = try StoredMember.make(in: gateway.server, email: "b@acme.example", lasts: Milliseconds(1))
        #expect(try gateway.client().ask("/app", token: fresh.token).status == 200)
        #expect(try gateway.client().ask("/app", token: idle.token).outcome == "401 login-required")
        #expect(becomesTrue { Clocks.wall() > over.session.expiresAt })
        #expect(try gateway.client().ask("/app", token: over.token).outcome == "401 login-required")
    }

    @Test("other roles hold at once, and end a stream that they no longer permit; another stream goes on")
    func otherRoles() throws {
        let going = Shared(true)
        let (gateway, _) = try Self.gateway { peer in
            while let request = try peer.readRequest() {
                guard request.target.hasSuffix("stream") else {
                    try peer.answer(request["x-user-roles"] ?? "-")
                    continue
                }
                try peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n")
                _ = going.waits(seconds: 30) { !$0 }
                try peer.send("2\r\ncd\r\n0\r\n\r\n")
            }
        }
        let member = try StoredMember.make(in: gateway.server, roles: ["admin"])
        let (admin, plain) = (try gateway.client(), try gateway.client())
        try admin.send(HTTPConnection.request("/admin/stream", token: member.token))
        try plain.send(HTTPConnection.request("/app/stream", token: member.token))
        #expect(try admin.readHead().status == 200)
        #expect(try plain.readHead().status == 200)
        try member.change(in: gateway.server) { $0.roles = [] }
        gateway.server.data.notices.send(.changed(user: member.user.id, of: member.tenant))
        #expect(throws: (any Error).self) { _ = try admin.readChunks() }
        #expect(try gateway.client().ask("/admin/", token: member.token).outcome == "403 role-missing")
        #expect(try gateway.client().ask("/app", token: member.token).text == "user")
        going.change { $0 = false }
        #expect(try plain.readChunks() == Array("abcd".utf8))
    }

    @Test("a disabled user's sessions end at once, streams included")
    func disabled() throws {
        let (gateway, _) = try Self.gateway { peer in
            while try peer.readRequest() != nil {
                try peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n")
            }
        }
        let member = try StoredMember.make(in: gateway.server)
        let client = try gateway.client()
        try client.send(HTTPConnection.request("/app", token: member.token))
        #expect(try client.readHead().status == 200)
        try member.change(in: gateway.server) { $0.state = .disabled }
        gateway.server.data.notices.send(.changed(user: member.user.id, of: member.tenant))
        #expect(throws: (any Error).self) { _ = try client.readChunks() }
        #expect(try gateway.client().ask("/app", token: member.token).outcome == "401 login-required")
    }

    @Test("an application ends the session that it answers, for good and everywhere; its answer arrives")
    func endedByApplication() throws {
        let (gateway, _) = try Self.gateway { peer in
            while let request = try peer.readRequest() {
                let isEnd = request.target == "/logout"
                try peer.answer("bye", fields: isEnd ? ["Gatehouse-Session: end"] : [])
            }
        }
        let member = try StoredMember.make(in: gateway.server)
        let client = try gateway.client()
        #expect(try client.ask("/app", token: member.token)["set-cookie"] == nil)
        let answer = try client.ask("/logout", method: "POST", token: member.token, body: "")
        #expect(answer.text == "bye")
        #expect(answer["gatehouse-session"] == nil)
        #expect(
            answer["set-cookie"] == "__Host-gatehouse=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
        #expect(try client.ask("/app", token: member.token).outcome == "401 login-required")
        #expect(try becomesTrue { try member.stored(in: gateway.server) == nil })
        #expect(try gateway.client().ask("/app", token: member.token).outcome == "401 login-required")
    }

    @Test("each application gets an assertion of its own audience, signed by the key that is published")
    func assertions() throws {
        let upstream = try RawUpstream(RawUpstream.answering { $0["x-gatehouse-assertion"] ?? "-" })
        let folder = try GatewayFolder(upstream: upstream, upstreamKeys: ", audience: reports")
        let gateway = try RunningGateway(folder, members: [], loops: 1)
        let member = try StoredMember.make(in: gateway.server)
        let client = try gateway.client()
        let token = try client.ask("/app", token: member.token).text
        #expect(try client.ask("/app", token: member.token).text == token)
        let pieces = token.split(separator: ".").map(String.init)
        try #require(pieces.count == 3)
        let signature = try #require(Base64.decode(pieces[2].utf8, alphabet: .url))
        let key = gateway.server.data.signingKey.publicKey
        #expect(key.isSignature(signature, of: Array("\(pieces[0]).\(pieces[1])".utf8)))
        let payload = try #require(Base64.decode(pieces[1].utf8, alphabet: .url))
        let claims = try #require(try JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any])
        #expect(claims["aud"] as? String == "reports")
        #expect(claims["iss"] as? String == "https://app.example.org:8443")
        #expect(claims["sid"] as? String == member.session.id.description)
        #expect(try client.ask("/optional/a").text == "-")
        #expect(
            try client.ask("/optional/a", fields: ["X-Gatehouse-Assertion: \(token)"]).text == "-")
        folder.extra = "identity_headers: { assertion: false }"
        try folder.write()
        #expect(gateway.server.reload())
        #expect(try gateway.client().ask("/app", token: member.token).text == "-")
    }

    @Test("the store learns of a session's last use when the gateway stops, and opens again with all of it")
    func lastUse() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        try folder.write()
        let first = try GatewayServer.start(file: folder.file, environment: [:], loops: 1)
        let member = try StoredMember.make(in: first, age: .minutes(5))
        let client = try HTTPConnection(port: first.listenerPorts[0])
        #expect(try client.ask("/app", token: member.token).status == 200)
        first.stop(within: Milliseconds(0))
        let second = try GatewayServer.start(file: folder.file, environment: [:], loops: 1)
        defer { second.stop(within: Milliseconds(0)) }
        let stored = try #require(try member.stored(in: second))
        #expect(stored.usedAt.milliseconds > member.session.usedAt.milliseconds + 290_000)
        #expect(try HTTPConnection(port: second.listenerPorts[0]).ask("/app", token: member.token).status == 200)
    }

    @Test("a second gateway on the same data is refused and names the first; the first goes on")
    func secondInstance() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        let gateway = try RunningGateway(folder)
        #expect {
            _ = try GatewayServer.start(file: folder.file, environment: [:], loops: 1)
        } throws: { error in
            "\(error)".contains("(pid \(ProcessInfo.processInfo.processIdentifier))")
        }
        #expect(try gateway.client().ask("/app", token: Member.user.token).status == 200)
    }

    @Test("while the store cannot be asked, a cached session goes on and an unknown token is told so")
    func outage() throws {
        let upstream = try RawUpstream()
        let isOut = Shared(true)
        let gateway = try RunningGateway(GatewayFolder(upstream: upstream), loops: 1) { _, _ in
            isOut.value ? .unavailable : .missing
        }
        let client = try gateway.client()
        #expect(try client.ask("/app", token: Member.user.token).status == 200)
        #expect(try client.ask("/app", token: "acme.unknown-token-000001").outcome == "503 store-unavailable")
        isOut.change { $0 = false }
        #expect(
            try becomesTrue {
                try gateway.client().ask("/app", token: "acme.unknown-token-000001").outcome == "401 login-required"
            })
    }
}
