import Core
import HTTPWire
import Testing

@testable import Proxy

@Suite("What the application sees of a request")
struct RequestRewriterTests {
    /// The lines of the forwarded head, sorted out by what a test is about.
    private func forwarded(
        _ lines: [String], line: String = "GET /a HTTP/1.1", host: String = "app.example.org",
        hasOwnCookie: Bool = false,
        client: ClientAddress? = nil, isSecure: Bool = true
    ) throws -> [String] {
        let request = ReadRequest(lines, line: line, host: host)
        try #require(request.outcome == .complete)
        let connection = try SampleConnection.make(isSecure: isSecure)
        var name = WireBuffer()
        name.append(Array(host.lowercased().utf8))
        var out = WireBuffer()
        RequestRewriter.write(
            request.head, request.bytes.span.bytes, identity: Array("X-User-ID: ours\r\nX-User-Roles: user\r\n".utf8),
            secretLine: Array("X-Gatehouse-Secret: s\r\n".utf8), client: client ?? connection.peer,
            connection: connection, host: name,
            ingredients: .init(requestID: RequestID(high: 1, low: 2), hasOwnCookie: hasOwnCookie, port: 8443),
            into: &out)
        return try #require(headLines(of: out.text))
    }

    /// The fields of a forwarded head that did not come from us.
    private func passed(_ lines: [String], hasOwnCookie: Bool = false, line: String = "GET /a HTTP/1.1") throws
        -> [String]
    {
        let ours = try forwarded([], line: line)
        return try forwarded(lines, line: line, hasOwnCookie: hasOwnCookie).filter { !ours.contains($0) }
    }

    @Test("the head begins with what was judged, and ours stands in it once")
    func frame() throws {
        #expect(
            try forwarded([]) == [
                "GET /a HTTP/1.1", "Host: app.example.org", "X-User-ID: ours", "X-User-Roles: user",
                "X-Gatehouse-Secret: s", "X-Forwarded-For: 192.0.2.1", "X-Real-IP: 192.0.2.1",
                "X-Forwarded-Host: app.example.org", "X-Forwarded-Proto: https", "X-Forwarded-Port: 8443",
                "Forwarded: for=192.0.2.1;proto=https;host=\"app.example.org\"",
                "X-Request-ID: 00000000000000010000000000000002",
            ])
    }

    @Test(
        "identity and forwarding fields never pass, in any family and spelling",
        arguments: [
            "X-User-ID", "X-Tenant-ID", "X-User-Email", "X-User-Roles", "X-Auth-Factors", "X-Session-ID",
            "X-Request-ID",
            "X-Gatehouse-Assertion", "X-Gatehouse-Secret", "X-Gatehouse-New", "Remote-User", "Remote-Groups",
            "X-Forwarded-User", "X-Forwarded-Email", "X-Auth-Request-User", "X-Pomerium-Jwt-Assertion",
            "X-Goog-IAP-JWT-Assertion", "X-Amzn-Oidc-Identity", "X-MS-CLIENT-PRINCIPAL", "Cf-Access-Jwt-Assertion",
            "X-WebAuth-User", "Tailscale-User-Login", "X-authentik-username", "X-Forwarded-For", "X-Forwarded-Proto",
            "X-Forwarded-Host", "Forwarded", "X-Real-IP", "True-Client-IP", "X-Original-URL", "X-Rewrite-URL",
            "X-HTTP-Method-Override", "Proxy", "SSL-Client-Cert", "X-Middleware-Subrequest", "Keep-Alive",
            "Proxy-Connection", "Proxy-Authorization", "HTTP2-Settings", "TE", "Trailer", "Upgrade", "Connection",
            "Gatehouse-Session", "Alt-Svc",
        ])
    func identity(_ name: String) throws {
        var spellings = [name, name.lowercased(), name.uppercased()]
        if name.contains("-") {
            for separator in ["_", ".", "~", "'"] {
                spellings.append(String(name.map { $0 == "-" ? Character(separator) : $0 }))
            }
        }
        for spelling in spellings {
            #expect(try passed(["A: 1", "\(spelling): evil", "B: 2"]) == ["A: 1", "B: 2"], "\(spelling)")
        }
    }

    @Test("fields that applications use pass in their order and as they were spelled")
    func kept() throws {
        let lines = [
            "X-User-Agent: a", "x-csrf-token: b", "X-Api-Key: c", "Content-Type: d", "If-None-Match: \"e\"",
            "Authorization: Bearer f", "X-Auth-Token: g", "Origin: https://h", "Accept: */*", "Accept: text/html",
            "Sec-WebSocket-Key: i", "Cookie: j=k", "User-Agent:  l m", "Empty:",
        ]
        #expect(try passed(lines) == lines)
    }

    @Test("runs of lines end exactly where a dropped one begins")
    func runs() throws {
        let dropped = "X-User-ID: evil"
        #expect(try passed([dropped, "A: 1"]) == ["A: 1"])
        #expect(try passed(["A: 1", dropped]) == ["A: 1"])
        #expect(try passed([dropped, dropped]) == [])
        #expect(try passed(["A: 1", "B: 2", dropped, "C: 3", dropped, "D: 4"]) == ["A: 1", "B: 2", "C: 3", "D: 4"])
        #expect(try passed(["A: 1 \t", "\(dropped) ", "B: 2\t"]).map { $0.prefix(4) } == ["A: 1", "B: 2"])
    }

    @Test("what Connection nominates does not pass, ours does whatever it nominates")
    func nominations() throws {
        #expect(try passed(["Connection: X-A, close", "X-A: 1", "x-a: 2", "X-B: 3"]) == ["X-B: 3"])
        #expect(try passed(["X-A: 1", "Connection: keep-alive", "Connection: ,x-a"]) == [])
        #expect(try passed(["Connection: Cookie", "Cookie: a=b"]) == [])
        #expect(try passed(["Connection: Cookie", "Cookie: a=b; __Host-gatehouse=c"], hasOwnCookie: true) == [])
        let all = try forwarded(["Connection: X-User-ID, Host, X-Forwarded-For, X-Gatehouse-Secret, X-Request-ID"])
        #expect(all == (try forwarded([])))
    }

    @Test("our cookies do not pass, the others do in one field")
    func cookies() throws {
        #expect(
            try passed(["Cookie: a=b; __Host-gatehouse=t; c=d", "Cookie: e=f"], hasOwnCookie: true)
                == ["Cookie: a=b; c=d; e=f"])
        #expect(try passed(["Cookie: __Host-gatehouse=t"], hasOwnCookie: true) == [])
        #expect(try passed(["Cookie: =__Host-gatehouse=t; a=b"], hasOwnCookie: true) == ["Cookie: a=b"])
        #expect(try passed(["Cookie: a=b", "X: y", "Cookie: c=d"]) == ["Cookie: a=b", "X: y", "Cookie: c=d"])
    }

    @Test("the framing is the gateway's own")
    func framing() throws {
        func tail(_ lines: [String], _ method: String = "POST") throws -> [String] {
            try forwarded(lines, line: "\(method) /a HTTP/1.1").filter { line in
                ["content-length", "transfer-encoding", "expect"].contains { line.lowercased().hasPrefix($0) }
            }
        }
        #expect(try tail(["Content-Length: 007"]) == ["Content-Length: 7"])
        #expect(try tail(["transfer-encoding:  CHUNKED", "Trailer: x"]) == ["Transfer-Encoding: chunked"])
        #expect(try tail(["Content_Length: 9", "Content-Length: 3"]) == ["Content-Length: 3"])
        #expect(try tail(["Transfer.Encoding: chunked", "Content-Length: 3"]) == ["Content-Length: 3"])
        #expect(try tail(["Content-Length: 3", "Expect: 100-continue"]) == ["Content-Length: 3"])
        for method in ["POST", "PUT", "PATCH"] { #expect(try tail([], method) == ["Content-Length: 0"]) }
        for method in ["GET", "HEAD", "DELETE", "OPTIONS"] { #expect(try tail([], method) == []) }
        #expect(try tail(["Content-Length: 2"], "GET") == ["Content-Length: 2"])
    }

    @Test(
        "absolute-form becomes origin-form, an empty path a slash",
        arguments: [
            ("https://app.example.org/x?y", "GET /x?y HTTP/1.1"), ("https://app.example.org", "GET / HTTP/1.1"),
            ("https://app.example.org?q", "GET /?q HTTP/1.1"), ("/x?", "GET /x? HTTP/1.1"),
        ])
    func targets(_ target: String, _ expected: String) throws {
        #expect(try forwarded([], line: "GET \(target) HTTP/1.1")[0] == expected)
        #expect(try forwarded([], line: "GET \(target) HTTP/1.0")[0] == expected)
    }

    @Test("the forwarding fields name the judged client, IPv6 as RFC 7239 wants it, and the true scheme")
    func forwarding() throws {
        let lines = try forwarded(["X-Forwarded-For: 6.6.6.6"], client: ClientAddress("2001:db8::7"), isSecure: false)
        for line in [
            "X-Forwarded-For: 2001:db8::7", "X-Real-IP: 2001:db8::7", "X-Forwarded-Proto: http",
            "Forwarded: for=\"[2001:db8::7]\";proto=http;host=\"app.example.org\"",
        ] { #expect(lines.contains(line), "\(line)") }
        #expect(lines.count { $0.hasPrefix("X-Forwarded-For") } == 1)
    }

    @Test("every method that may be forwarded goes by its own name")
    func methods() {
        for method in MethodSet.forwardable.methods {
            #expect("\(RequestRewriter.methodToken(method))" == method.token)
        }
    }

    @Test("trailers pass the same filter")
    func trailers() {
        func write(_ text: String) -> (reason: ReasonCode?, text: String) {
            var out = WireBuffer()
            let bytes = Array(text.utf8)
            let reason = RequestRewriter.writeTrailers(bytes.span.bytes, into: &out)
            return (reason, out.text)
        }
        #expect(
            write("X-Sum: 1\r\nX-User-ID: evil\r\nx_user_id: evil\r\nY: 2\r\n\r\n") == (nil, "X-Sum: 1\r\nY: 2\r\n\r\n")
        )
        for name in ["Cookie", "Authorization", "Forwarded", "Content_Length", "Set-Cookie", "Cache-Control"] {
            #expect(write("\(name): 1\r\n\r\n") == (nil, "\r\n"), "\(name)")
        }
        for name in ["Content-Length", "transfer-encoding", "HOST", "Connection", "TE", "Trailer", "Upgrade", "Expect"]
        {
            #expect(write("X: 1\r\n\(name): 1\r\n\r\n") == (.trailerRefused, ""), "\(name)")
        }
        #expect(write("X : 1\r\n\r\n") == (.trailerRefused, ""))
        #expect(write("X: 1\r\n folded\r\n\r\n") == (.trailerRefused, ""))
    }
}
