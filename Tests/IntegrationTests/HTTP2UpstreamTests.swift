import Core
import Foundation
import Testing

@testable import Gateway

/// Applications that speak HTTP/2 (RFC 9113), in clear with prior knowledge.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct HTTP2UpstreamTests {
    /// A gateway of one loop before an application that answers over HTTP/2.
    private static func gateway(
        streams: UInt32 = 100, keys: String = "", _ answer: @escaping HTTP2Application.Answerer
    ) throws -> (gateway: RunningGateway, upstream: RawUpstream) {
        try before(keys: keys, HTTP2Application.conversation(streams: streams, answer))
    }

    private static func before(
        keys: String = "", _ conversation: @escaping RawUpstream.Conversation
    ) throws -> (gateway: RunningGateway, upstream: RawUpstream) {
        let upstream = try RawUpstream(conversation)
        let folder = try GatewayFolder(upstream: upstream)
        folder.upstreams = ["app: { servers: [ \"h2c://127.0.0.1:\(upstream.port)\" ]\(keys) }"]
        return (try RunningGateway(folder, loops: 1), upstream)
    }

    @Test("a request arrives with its head rewritten as ever, and nothing of one connection")
    func head() throws {
        let (gateway, _) = try Self.gateway { request, _ in
            let names = request.fields.map(\.name)
            for name in ["connection", "transfer-encoding", "upgrade", "keep-alive", "cookie"]
            where names.contains(name) {
                return HTTP2Reply("\(name) came", status: 500)
            }
            let words = ["x-user-id", "x-tenant-id", "te", "host", "accept"].map { request[$0] ?? "-" }
            return HTTP2Reply(([request.method, request.target] + words).joined(separator: " "), fields: ["x-own: 1"])
        }
        let client = try gateway.client()
        let answer = try client.ask(
            "/app/x?y=1", token: Member.user.token, fields: ["X-User-ID: mallory", "Accept: text/plain"])
        let words = answer.text.split(separator: " ")
        #expect(answer.status == 200 && answer["x-own"] == "1" && answer["transfer-encoding"] == "chunked")
        #expect(
            words.prefix(2) == ["GET", "/app/x?y=1"]
                && words.suffix(3) == ["trailers", "acme.example.org", "text/plain"])
        #expect(words[2] != "mallory" && words[3] == "acme")
        #expect(try client.ask("/app/x").outcome == "401 login-required")
    }

    @Test("credentials of a connection stay behind, since others share it; those of a request pass")
    func credentials() throws {
        let (gateway, _) = try Self.gateway { request, _ in HTTP2Reply(request["authorization"] ?? "none") }
        let client = try gateway.client()
        for (value, heard) in [
            ("Negotiate YII=", "none"), ("ntlm TlRM", "none"), ("Basic YTpi", "Basic YTpi"), ("Bearer x", "Bearer x"),
        ] {
            #expect(try client.ask("/assets/x", fields: ["Authorization: \(value)"]).text == heard)
        }
    }

    @Test("bodies of any framing pass both ways, and so do trailers", arguments: [0, 1, 70_000, 3_000_000])
    func bodies(size: Int) throws {
        let (gateway, _) = try Self.gateway { request, trailers in
            HTTP2Reply(
                String(decoding: request.body, as: UTF8.self),
                fields: ["x-length: \(request["content-length"] ?? "none")"],
                trailers: ["x-sum: \(request.body.count)"] + trailers)
        }
        let client = try gateway.client()
        let text = String((0..<size).map { Character(UnicodeScalar(UInt8(97 + $0 % 26))) })
        let counted = try client.ask("/assets/x", method: "POST", body: text)
        #expect(counted.status == 200 && counted.text == text && counted["x-length"] == "\(size)")
        try client.send("POST /assets/x HTTP/1.1\r\nHost: acme.example.org\r\nTransfer-Encoding: chunked\r\n\r\n")
        if size > 0 { try client.send(String(size, radix: 16) + "\r\n" + text + "\r\n") }
        try client.send("0\r\nx-mine: yes\r\n\r\n")
        let head = try #require(try client.readLines())
        #expect(head.fields.contains { $0.name == "x-length" && $0.value == "none" })
        var (body, trailers): ([UInt8], [String]) = ([], [])
        while true {
            let length = try #require(Int(try client.takeLine(), radix: 16))
            guard length > 0 else { break }
            body += try client.take(length)
            #expect(try client.takeLine().isEmpty)
        }
        while case let line = try client.takeLine(), !line.isEmpty { trailers.append(line) }
        #expect(body == Array(text.utf8))
        #expect(trailers == ["x-sum: \(size)", "x-mine: yes"])
    }

    @Test("answers without a body stay without one")
    func bodiless() throws {
        let (gateway, upstream) = try Self.gateway { request, _ in
            switch request.target {
            case "/assets/204": HTTP2Reply("", status: 204)
            case "/assets/304": HTTP2Reply("", status: 304, fields: ["etag: \"1\""])
            case "/assets/head": HTTP2Reply("", fields: ["content-length: 5"])
            default: HTTP2Reply("12345", fields: ["content-length: 5"])
            }
        }
        let client = try gateway.client()
        for _ in 0..<3 {
            #expect(try client.ask("/assets/204").status == 204)
            #expect(try client.ask("/assets/304").status == 304)
            #expect(try client.ask("/assets/head", method: "HEAD")["content-length"] == "5")
            let counted = try client.ask("/assets/x")
            #expect(counted.text == "12345" && counted["content-length"] == "5")
        }
        #expect(upstream.connections.value == 1)
    }

    @Test("many requests at once share a connection, and no more of them than the application takes")
    func sharing() throws {
        let (gateway, upstream) = try Self.gateway(streams: 2) { request, _ in
            HTTP2Reply(request.target, isSilent: request.target.hasSuffix("silent"))
        }
        let first = try gateway.client()
        #expect(try first.ask("/assets/a").text == "/assets/a")
        let waiting = try (0..<5).map { _ in
            let client = try gateway.client()
            try client.send(HTTPConnection.request("/assets/silent"))
            return client
        }
        #expect(upstream.connections.waits { $0 == 3 })
        #expect(try becomesTrue { try gateway.metric("gatehouse_http2_upstream_streams") == 5 })
        #expect(try gateway.metric("gatehouse_upstream_connections") == 3)
        for client in waiting { client.close() }
        #expect(try becomesTrue { try gateway.metric("gatehouse_http2_upstream_streams") == 0 })
        #expect(try first.ask("/assets/b").text == "/assets/b")
        #expect(upstream.connections.value == 3)
    }

    @Test("requests that waited for a connection which then takes fewer of them go over others, whatever their method")
    func withdrawn() throws {
        let opened = DispatchSemaphore(value: 0)
        let application = HTTP2Application.conversation(streams: 1) { request, _ in
            HTTP2Reply("\(request.method) \(String(decoding: request.body, as: UTF8.self))")
        }
        let (gateway, upstream) = try Self.before { peer in
            opened.wait()
            try application(peer)
        }
        let clients = try (0..<3).map { number in
            let client = try gateway.client()
            try client.send(HTTPConnection.request("/assets/x", method: "POST", body: "body \(number)"))
            return client
        }
        #expect(try becomesTrue { try gateway.metric("gatehouse_http2_upstream_streams") == 3 })
        for _ in 0..<8 { opened.signal() }
        for (number, client) in clients.enumerated() {
            let answer = try client.readAnswer()
            #expect(answer.status == 200 && answer.text == "POST body \(number)")
        }
        #expect(upstream.connections.value >= 2)
    }

    @Test("an application that says goodbye is asked over another connection")
    func goingAway() throws {
        let (gateway, upstream) = try Self.gateway { request, _ in HTTP2Reply(request.target, goesAway: true) }
        let client = try gateway.client()
        for number in 0..<4 { #expect(try client.ask("/assets/\(number)").text == "/assets/\(number)") }
        #expect(upstream.connections.value == 4)
        #expect(upstream.openConnections.waits { $0 == 0 })
    }

    @Test("a request that was refused unprocessed is tried again, one that may have been processed is not")
    func resets() throws {
        let asked = Shared(0)
        let (gateway, upstream) = try Self.gateway { request, _ in
            let number = asked.change { count in
                count += 1
                return count
            }
            return request.target == "/assets/once" && number == 1 || request.target == "/assets/never"
                ? HTTP2Reply("", reset: request.target == "/assets/once" ? 7 : 2) : HTTP2Reply("\(number)")
        }
        let client = try gateway.client()
        #expect(try client.ask("/assets/once").text == "2")
        #expect(try client.ask("/assets/never", method: "POST", body: "x").outcome == "502 upstream-closed")
        #expect(asked.value == 3 && upstream.connections.value == 1)
    }

    @Test("an answer that is cut off is never taken for a whole one; the others on the connection go on")
    func cut() throws {
        let (gateway, upstream) = try Self.gateway { request, _ in
            request.target == "/assets/cut" ? HTTP2Reply("half", reset: 2) : HTTP2Reply("whole")
        }
        let kept = try gateway.client()
        for _ in 0..<3 {
            let client = try gateway.client()
            try client.send(HTTPConnection.request("/assets/cut"))
            #expect(throws: (any Error).self) {
                _ = try client.readLines()
                _ = try client.readChunks()
            }
            #expect(try kept.ask("/assets/x").text == "whole")
        }
        #expect(upstream.connections.value == 1)
    }

    @Test("slow readers hold up no other on the same connection, many of them neither")
    func backPressure() throws {
        let size = 6_000_000
        let (gateway, upstream) = try Self.gateway { request, _ in
            HTTP2Reply(request.target == "/assets/much" ? String(repeating: "m", count: size) : "little")
        }
        let readers = try (0..<12).map { _ in
            let slow = try gateway.client()
            try slow.send(HTTPConnection.request("/assets/much"))
            return slow
        }
        let other = try gateway.client()
        for _ in 0..<20 { #expect(try other.ask("/assets/x").text == "little") }
        for slow in readers { slow.close() }
        #expect(try other.ask("/assets/x").text == "little")
        #expect(upstream.connections.value == 1)
    }

    @Test("an application that does not answer in time is given up for that request alone")
    func silent() throws {
        let (gateway, upstream) = try Self.gateway(keys: ", timeouts: { first_byte: 1s }") { request, _ in
            HTTP2Reply("ok", isSilent: request.target == "/assets/silent")
        }
        let client = try gateway.client()
        #expect(try client.ask("/assets/silent").outcome == "504 upstream-timeout")
        #expect(try client.ask("/assets/x").text == "ok")
        #expect(upstream.connections.value == 1)
    }

    @Test("a server that speaks HTTP/1.1 only, or that closes, is told apart from one that answers")
    func otherProtocol() throws {
        let (gateway, _) = try Self.before { peer in
            // The preface; what is left unread would reset the connection.
            _ = try peer.take(64)
            try peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        let outcome = try gateway.client().ask("/assets/x").outcome
        #expect(outcome == "502 upstream-invalid")
        let (closing, upstream) = try Self.before { _ in }
        #expect(try closing.client().ask("/assets/x").status == 502)
        upstream.stopListening()
        #expect(try becomesTrue { try closing.client().ask("/assets/x").outcome == "502 upstream-unreachable" })
    }

    @Test("when the connection breaks, each exchange on it ends, and the next request makes another")
    func broken() throws {
        let (gateway, upstream) = try Self.before { peer in
            guard peer.number == 0 else {
                return try HTTP2Application.conversation { _, _ in HTTP2Reply("again") }(peer)
            }
            // Settings, and then the end while requests wait.
            try peer.stream.send([0, 0, 0, 4, 0, 0, 0, 0, 0])
            _ = try peer.take(200)
        }
        let clients = try (0..<3).map { _ in
            let client = try gateway.client()
            try client.send(HTTPConnection.request("/assets/x"))
            return client
        }
        for client in clients { #expect(try client.readAnswer().text == "again") }
        #expect(upstream.connections.value == 2)
        #expect(try becomesTrue { try gateway.metric("gatehouse_http2_upstream_streams") == 0 })
    }
}
