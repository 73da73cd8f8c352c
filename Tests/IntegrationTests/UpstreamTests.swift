import Core
import Foundation
import Proxy
import Testing

@Suite(.ownThread, .timeLimit(.minutes(5)))
struct UpstreamTests {
    @Test("servers that are all down are tried once each, and the answer is 502")
    func allDown() throws {
        let down = try [RawUpstream(), RawUpstream()]
        let servers = down.map { "\"http://127.0.0.1:\($0.port)\"" }.joined(separator: ", ")
        for upstream in down { upstream.stopListening() }
        let folder = try GatewayFolder(upstream: down[0])
        folder.upstreams = ["app: { servers: [ \(servers) ] }"]
        let gateway = try RunningGateway(folder, loops: 1)
        let client = try gateway.client()
        #expect(try client.ask("/assets/a").outcome == "502 upstream-unreachable")
        #expect(try client.ask("/assets/a", method: "POST", body: "b").outcome == "502 upstream-unreachable")
        #expect(gateway.counter(.upstreamConnectFailures) == 4)
    }

    @Test("an upstream that is down is answered 502, and the connection goes on")
    func down() throws {
        let (gateway, upstream) = try RunningGateway.before { _ in }
        upstream.stopListening()
        let client = try gateway.client()
        #expect(try client.ask("/assets/a").outcome == "502 upstream-unreachable")
        #expect(try client.ask("/assets/a", method: "POST", body: "b").outcome == "502 upstream-unreachable")
        #expect(try becomesTrue { try gateway.refusals(.upstreamUnreachable) == 2 })
    }

    @Test("many requests of many clients share one upstream connection, one after the other")
    func reuse() throws {
        let (gateway, upstream) = try RunningGateway.before(RawUpstream.answering { $0.target })
        for _ in 0..<5 {
            let client = try gateway.client()
            for index in 0..<20 { #expect(try client.ask("/assets/\(index)").text == "/assets/\(index)") }
            #expect(try client.ask("/assets/post", method: "POST", body: "b").text == "/assets/post")
        }
        #expect(upstream.connections.value == 1)
        #expect(gateway.counter(.upstreamReuses) == 104)
    }

    /// Answers the first request of its first `stale` connections and closes each as its second one comes.
    private static func closing(stale: Int, _ isReady: @escaping @Sendable () -> Bool = { true })
        -> RawUpstream.Conversation
    {
        { peer in
            while let request = try peer.readRequest() {
                if peer.number < stale, peer.requests > 1 { return }
                guard isReady() else { return }
                try peer.answer("\(request.method) on \(peer.number)")
            }
        }
    }

    @Test("an idle connection that closes as a request comes: what may be repeated is, once, on a fresh connection")
    func staleConnection() throws {
        let (gateway, upstream) = try RunningGateway.before(Self.closing(stale: 1))
        let client = try gateway.client()
        #expect(try client.ask("/assets/a").text == "GET on 0")
        #expect(try client.ask("/assets/a").text == "GET on 1")
        #expect(gateway.counter(.upstreamRetries) == 1)
        #expect(upstream.connections.value == 2)
    }

    @Test("what may not be repeated is answered 502: POST, and whatever has a body")
    func unrepeatable() throws {
        for (method, body) in [("POST", nil), ("POST", "b"), ("PUT", "b"), ("PATCH", "b")] {
            let (gateway, upstream) = try RunningGateway.before(Self.closing(stale: 1))
            let client = try gateway.client()
            #expect(try client.ask("/assets/a").text == "GET on 0")
            #expect(
                try client.ask("/assets/a", method: method, body: body).outcome == "502 upstream-closed", "\(method)")
            #expect(gateway.counter(.upstreamRetries) == 0)
            #expect(upstream.connections.value == 1)
            #expect(try client.ask("/assets/a").text == "GET on 1")
        }
    }

    @Test("an application that restarted leaves only stale connections; the retry does not try the next stale one")
    func severalStaleConnections() throws {
        let arrived = Shared(0)
        let (gateway, upstream) = try RunningGateway.before(
            Self.closing(stale: 3) {
                arrived.change { $0 += 1 }
                return arrived.waits { $0 >= 3 }
            })
        // Three at once, so that three connections are opened and then idle.
        let texts = try inParallel(3) { _ in try gateway.client().ask("/assets/a").text }
        #expect(Set(texts) == ["GET on 0", "GET on 1", "GET on 2"])
        #expect(try gateway.client().ask("/assets/a").text == "GET on 3")
        #expect(gateway.counter(.upstreamRetries) == 1)
        #expect(upstream.connections.value == 4)
    }

    @Test("an application that closes every connection is asked twice and answered 502")
    func alwaysClosing() throws {
        let (gateway, upstream) = try RunningGateway.before { _ = try $0.readRequest() }
        #expect(try gateway.client().ask("/assets/a").outcome == "502 upstream-closed")
        #expect(upstream.connections.value == 2)
        let (once, asked) = try RunningGateway.before(keys: ", retries: 0") { _ = try $0.readRequest() }
        #expect(try once.client().ask("/assets/a").outcome == "502 upstream-closed")
        #expect(asked.connections.value == 1)
    }

    @Test("a person who waits for a page reads of a failed application on one, in the language that they chose")
    func failurePage() throws {
        let (gateway, _) = try RunningGateway.before { _ = try $0.readRequest() }
        let client = try gateway.client()
        let browser = ["Accept: text/html", "Accept-Language: en"]
        let english = try client.ask("/assets/a", fields: browser)
        #expect(english.status == 502)
        #expect(english["content-type"] == "text/html; charset=utf-8")
        #expect(english.text.contains("<html lang=\"en\">") && english.text.contains("upstream-closed"))
        let german = try client.ask("/assets/a", fields: browser + ["Cookie: a=b; __Host-gatehouse-lang=de"])
        #expect(german.text.contains("<html lang=\"de\">"))
        let both = "Cookie: __Host-gatehouse-lang=de; __Host-gatehouse-lang=de"
        #expect(try client.ask("/assets/a", fields: browser + [both]).text.contains("<html lang=\"en\">"))
        #expect(try client.ask("/assets/a", fields: ["Accept: application/json"]).outcome == "502 upstream-closed")
        let missing = try client.ask("/app", fields: browser + ["Sec-Fetch-Dest: iframe", "Sec-Fetch-Mode: navigate"])
        #expect(missing.status == 401 && missing.text.contains("<html lang=\"en\">"))
    }

    @Test("an answer whose first byte is late is answered 504")
    func slowFirstByte() throws {
        let mayEnd = Shared(false)
        let (gateway, upstream) = try RunningGateway.before(keys: ", timeouts: { first_byte: 300ms }") { peer in
            _ = try peer.readRequest()
            _ = mayEnd.waits(seconds: 30) { $0 }
        }
        let client = try gateway.client()
        #expect(try client.ask("/assets/a").outcome == "504 upstream-timeout")
        #expect(try client.ask("/assets/a", method: "POST", body: "b").outcome == "504 upstream-timeout")
        #expect(upstream.connections.value == 2, "what timed out is not asked twice")
        mayEnd.change { $0 = true }
        #expect(try becomesTrue { try gateway.refusals(.upstreamTimeout) == 2 })
    }

    @Test("the time for the first byte begins with the request's last: a slow upload is no slow answer")
    func slowUpload() throws {
        let (gateway, _) = try RunningGateway.before(
            keys: ", timeouts: { first_byte: 300ms, idle: 5s }", RawUpstream.answering { "\($0.body.count)" })
        let stream = try TLSStream(port: gateway.port)
        let client = HTTPConnection(stream)
        try client.send("POST /assets/a HTTP/1.1\r\nHost: acme.example.org\r\nContent-Length: 8\r\n\r\n")
        for _ in 0..<8 {
            #expect(try stream.staysSilent(milliseconds: 100))
            try client.send("b")
        }
        let answer = try client.readAnswer()
        #expect(answer.outcome == "200")
        #expect(answer.text == "8")
    }

    @Test("an answer that stops in its middle breaks the connection, so that nobody takes it for a whole one")
    func brokenAnswer() throws {
        let (gateway, _) = try RunningGateway.before { peer in
            _ = try peer.readRequest()
            try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        }
        let client = try gateway.client()
        #expect(throws: StreamFailure.self) { try client.ask("/assets/a") }
        #expect(try becomesTrue { try gateway.refusals(.upstreamClosed) == 1 })
    }

    @Test("an answer before the request's body is read is passed on, and the connection closes behind it")
    func earlyAnswer() throws {
        let (gateway, _) = try RunningGateway.before { peer in
            _ = try peer.readRequestHead()
            try peer.answer("no", status: "403 Forbidden")
        }
        let client = try gateway.client()
        try client.send("POST /assets/a HTTP/1.1\r\nHost: acme.example.org\r\nContent-Length: 1000000\r\n\r\nb")
        let answer = try client.readAnswer()
        #expect(answer.status == 403)
        #expect(answer.text == "no")
        #expect(answer["connection"] == "close")
        #expect(try client.ends())
    }

    @Test("a client that leaves takes its upstream connection with it")
    func clientLeaves() throws {
        let mayAnswer = Shared(false)
        let isAsked = Shared(false)
        let (gateway, upstream) = try RunningGateway.before { peer in
            _ = try peer.readRequest()
            isAsked.change { $0 = true }
            // Ends when the gateway closes.
            _ = try peer.readRequest()
            mayAnswer.change { $0 = true }
        }
        let client = try gateway.client()
        try client.send(HTTPConnection.request("/assets/a"))
        #expect(isAsked.waits { $0 })
        client.close()
        #expect(mayAnswer.waits { $0 })
        #expect(upstream.openConnections.waits { $0 == 0 })
        #expect(try becomesTrue { try gateway.refusals(.clientClosed) == 1 })
    }
}
