import Core
import Foundation
import Testing

/// What passes through a gateway is what was sent, whatever the framing on either side.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct ForwardingTests {
    @Test("an HTTP/1.0 client gets its answer without chunks, ended by the connection's end")
    func oldClient() throws {
        let (gateway, _) = try RunningGateway.before { peer in
            while try peer.readRequest() != nil {
                try peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n")
            }
        }
        let client = try gateway.client()
        try client.send("GET /assets/a HTTP/1.0\r\nHost: acme.example.org\r\n\r\n")
        let answer = try client.readAnswer()
        #expect(answer["transfer-encoding"] == nil)
        #expect(answer["content-length"] == nil)
        #expect(answer.text == "abcdef")
        #expect(try client.ends())
        #expect(try gateway.client().ask("/assets/a").text == "abcdef")
    }

    @Test("an answer that the application ends by closing reaches the client in chunks, whole")
    func untilClose() throws {
        let (gateway, _) = try RunningGateway.before { peer in
            _ = try peer.readRequest()
            try peer.send("HTTP/1.1 200 OK\r\n\r\nas long as it is open")
        }
        let client = try gateway.client()
        for _ in 0..<3 {
            let answer = try client.ask("/assets/a")
            #expect(answer["transfer-encoding"] == "chunked")
            #expect(answer.text == "as long as it is open")
        }
    }

    @Test("pipelined requests are answered in their order, whoever answers them")
    func pipelining() throws {
        let (gateway, _) = try RunningGateway.before(RawUpstream.answering { $0.target })
        let client = try gateway.client()
        let targets = (0..<60).map { ["/assets/\($0)", "/app/\($0)", "/.well-known/security.txt"][$0 % 3] }
        try client.send(targets.map { HTTPConnection.request($0) }.joined())
        for target in targets {
            let answer = try client.readAnswer()
            switch target.prefix(5) {
            case "/asse": #expect(answer.text == target)
            case "/app/": #expect(answer.outcome == "401 login-required")
            default: #expect(answer["x-from"] == nil)
            }
        }
    }

    @Test(
        "a refused gRPC call is answered with gRPC's status, another program's with a problem",
        arguments: [
            ("application/grpc", true), ("application/grpc+proto", true), ("Application/gRPC; x=1", true),
            ("application/grpc-web+proto", false), ("application/json", false),
        ])
    func grpcRefusal(type: String, isGRPC: Bool) throws {
        let (gateway, _) = try RunningGateway.before { peer in _ = try peer.readRequest() }
        let client = try gateway.client()
        let answer = try client.ask("/app/x", method: "POST", fields: ["Content-Type: \(type)"], body: "12345")
        guard isGRPC else {
            #expect(answer.outcome == "401 login-required")
            return
        }
        #expect(answer.status == 200 && answer["content-type"] == "application/grpc" && answer.body.isEmpty)
        #expect(answer["grpc-status"] == "16" && answer["grpc-message"]?.hasPrefix("login-required: ") == true)
        #expect(try gateway.refusals(.loginRequired) == 1)
        #expect(try client.ask("/app/x", fields: ["Content-Type: \(type)"]).outcome == "401 login-required")
    }

    @Test("answers that have no body are passed on without one, and the connection stays in step")
    func bodiless() throws {
        let (gateway, upstream) = try RunningGateway.before { peer in
            while let request = try peer.readRequest() {
                switch request.target {
                case "/assets/204": try peer.send("HTTP/1.1 204 No Content\r\n\r\n")
                case "/assets/304":
                    try peer.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\nETag: \"e\"\r\n\r\n")
                case "/assets/head": try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n")
                default: try peer.answer("end")
                }
            }
        }
        let client = try gateway.client()
        for _ in 0..<3 {
            #expect(try client.ask("/assets/204").status == 204)
            #expect(try client.ask("/assets/304")["etag"] == "\"e\"")
            #expect(try client.ask("/assets/head", method: "HEAD")["content-length"] == "4096")
            #expect(try client.ask("/assets/a").text == "end")
        }
        #expect(upstream.connections.value == 1)
    }

    @Test("a client that waits for 100 Continue gets it once, and a refused one gets its answer instead")
    func expectContinue() throws {
        let (gateway, _) = try RunningGateway.before(RawUpstream.answering { String(decoding: $0.body, as: UTF8.self) })
        let client = try gateway.client()
        try client.send(
            "POST /assets/a HTTP/1.1\r\nHost: acme.example.org\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        #expect(String(decoding: try client.take(25), as: UTF8.self) == "HTTP/1.1 100 Continue\r\n\r\n")
        try client.send("body")
        let answer = try client.readAnswer()
        #expect(answer.text == "body")
        #expect(answer.interim == [])
        try client.send(
            "POST /app HTTP/1.1\r\nHost: acme.example.org\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        let refused = try client.readAnswer()
        #expect(refused.outcome == "401 login-required")
        #expect(refused.interim == [])
        #expect(try client.ends())
    }

    @Test("interim answers of the application stay with the gateway, and too many of them are a fault")
    func interim() throws {
        let (gateway, _) = try RunningGateway.before { peer in
            while let request = try peer.readRequest() {
                let count = request.target == "/assets/few" ? 3 : 9
                for _ in 0..<count { try peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n") }
                try peer.answer("final")
            }
        }
        let client = try gateway.client()
        let answer = try client.ask("/assets/few")
        #expect(answer.text == "final")
        #expect(answer.interim == [])
        #expect(try client.ask("/assets/many").outcome == "502 upstream-invalid")
    }

    @Test("an ambiguous answer is a 502, and its connection serves nobody else")
    func ambiguousAnswer() throws {
        for head in [
            "Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: gzip", "Content-Length: -1", "Bad Name: x",
        ] {
            let (gateway, upstream) = try RunningGateway.before { peer in
                while let request = try peer.readRequest() {
                    if request.target == "/assets/good" {
                        try peer.answer("good")
                        continue
                    }
                    try peer.send("HTTP/1.1 200 OK\r\n\(head)\r\n\r\nok")
                }
            }
            let client = try gateway.client()
            #expect(try client.ask("/assets/bad").outcome == "502 upstream-invalid", "\(head)")
            #expect(try client.ask("/assets/good").text == "good")
            #expect(upstream.connections.value == 2)
        }
    }

    @Test("64 MiB pass either way while the other side dawdles, and the process grows by less than 32 MiB")
    func largeBodies() throws {
        let total = 64 << 20
        let received = Shared(0)
        let upstream = try RawUpstream { peer in
            while let request = try peer.readRequestHead() {
                if request.method == "POST" {
                    // Slow on purpose: small reads, so that the gateway has to hold the client back.
                    for _ in 0..<total / 8192 { try peer.skip(8192) }
                    received.change { $0 += total }
                    try peer.answer("\(total)")
                } else {
                    try peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
                    // A body after HEAD's answer would spoil the connection for whatever comes next on it.
                    guard request.method == "GET" else { continue }
                    let block = [UInt8](repeating: 0x61, count: 1 << 20)
                    for _ in 0..<total >> 20 { try peer.stream.send(block) }
                }
            }
        }
        let gateway = try ChildGateway(GatewayFolder(upstream: upstream))
        let client = try gateway.client()
        try client.send(HTTPConnection.request("/assets/small", method: "HEAD"))
        _ = try client.readAnswer(to: "HEAD")
        let fresh = try gateway.client()
        let before = try gateway.residentBytes()
        var most = before
        try fresh.send("POST /assets/up HTTP/1.1\r\nHost: acme.example.org\r\nContent-Length: \(total)\r\n\r\n")
        let block = [UInt8](repeating: 0x62, count: 1 << 20)
        for _ in 0..<total >> 20 {
            try fresh.stream.send(block)
            most = max(most, try gateway.residentBytes())
        }
        #expect(try fresh.readAnswer().text == "\(total)")
        #expect(received.value == total)
        let slow = HTTPConnection(try TLSStream(port: gateway.port, receiveBuffer: 65_536))
        try slow.send(HTTPConnection.request("/assets/down"))
        #expect(try slow.readHead()["content-length"] == "\(total)")
        for _ in 0..<total >> 20 {
            try slow.skip(1 << 20)
            most = max(most, try gateway.residentBytes())
        }
        #expect(most - before < 32 << 20, "grew by \((most - before) >> 20) MiB")
    }
}
