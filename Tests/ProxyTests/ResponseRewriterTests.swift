import Access
import Core
import HTTPWire
import Testing

@testable import Proxy

@Suite("What the client sees of an answer")
struct ResponseRewriterTests {
    private func answered(
        _ lines: [String], status: String = "200 OK", framing: ResponseRewriter.Framing = .length(3),
        policy: CachePolicy = .asUpstreamSays, closes: Bool = false
    ) throws -> [String] {
        let bytes = Array((["HTTP/1.1 \(status)"] + lines + [""]).map { $0 + "\r\n" }.joined().utf8)
        var head = ResponseHead()
        let outcome = ResponseHeadParser(limits: HeadLimits(bytes: 8192, fields: 50))
            .parse(bytes.span.bytes, answering: .get, into: &head)
        try #require(outcome == .complete)
        var out = WireBuffer()
        ResponseRewriter.write(
            head, bytes.span.bytes, framing: framing, policy: policy, requestID: RequestID(high: 1, low: 2),
            closes: closes, into: &out)
        return try #require(headLines(of: out.text))
    }

    private func passed(_ lines: [String], policy: CachePolicy = .asUpstreamSays) throws -> [String] {
        let all = try answered(lines, framing: .none, policy: policy)
        #expect(all.last == "X-Request-ID: 00000000000000010000000000000002")
        return Array(all.dropFirst().dropLast())
    }

    @Test(
        "the status stays, whatever version the upstream speaks",
        arguments: [
            ("200 OK", "HTTP/1.1 200 OK"), ("599 Own Words", "HTTP/1.1 599 Own Words"), ("204 ", "HTTP/1.1 204 "),
            ("204", "HTTP/1.1 204 "),
        ])
    func status(_ status: String, _ expected: String) throws {
        #expect(try answered([], status: status)[0] == expected)
    }

    @Test(
        "the application can neither set nor overwrite a cookie of ours",
        arguments: [
            "__Host-gatehouse=evil", "__host-Gatehouse=evil; Path=/", "__Host-gatehouse-login=evil; Secure",
            "__Host-gatehouse-sso=evil; Secure; SameSite=None", "__Host-gatehouse-device=", "  __Host-gatehouse=evil",
            "=__Host-gatehouse=evil", "= __HOST-gatehouse=evil",
            "__Host-gatehouse", "__Host-gatehouse =evil",
        ])
    func ownCookies(_ cookie: String) throws {
        #expect(
            try passed(["Set-Cookie: a=b", "Set-Cookie: \(cookie)", "set-cookie: c=d"]) == [
                "Set-Cookie: a=b", "set-cookie: c=d",
            ])
    }

    @Test(
        "cookies of the application pass, also those that mention ours",
        arguments: [
            "sid=1; HttpOnly", "__Host-sid=1", "x=__Host-gatehouse=1", "gatehouse=1",
        ])
    func foreignCookies(_ cookie: String) throws {
        #expect(try passed(["Set-Cookie: \(cookie)"]) == ["Set-Cookie: \(cookie)"])
    }

    @Test(
        "what concerns the upstream connection or the gateway alone does not pass",
        arguments: [
            "Connection: keep-alive", "Keep-Alive: timeout=5", "Proxy-Connection: x", "Upgrade: h2c", "Trailer: x",
            "TE: trailers", "Content-Length: 3", "Transfer-Encoding: chunked", "Alt-Svc: h3=\":443\"",
            "Gatehouse-Session: end", "Service-Worker-Allowed: /", "X-Request-ID: theirs", "Proxy-Authenticate: Basic",
        ])
    func dropped(_ line: String) throws { #expect(try passed(["A: 1", line, "B: 2"]) == ["A: 1", "B: 2"]) }

    @Test("what Connection nominates does not pass")
    func nominations() throws {
        #expect(try passed(["Connection: X-A, close", "X-A: 1", "X-B: 2"]) == ["X-B: 2"])
    }

    @Test("everything else passes as it stands")
    func kept() throws {
        let lines = ["Server: x", "Date: y", "Location: /z", "ETag: \"1\"", "X-Any: a  b", "Vary: *", "Link: </a>"]
        #expect(try passed(lines) == lines)
    }

    @Test("the framing is the gateway's own")
    func framing() throws {
        func ours(_ framing: ResponseRewriter.Framing, _ lines: [String]) throws -> [String] {
            try answered(lines, framing: framing).filter { $0.hasPrefix("Content-L") || $0.hasPrefix("Transfer") }
        }
        #expect(try ours(.length(5), ["Content-Length: 05"]) == ["Content-Length: 5"])
        #expect(try ours(.length(0), []) == ["Content-Length: 0"])
        #expect(try ours(.chunked, ["Content-Length: 05"]) == ["Transfer-Encoding: chunked"])
        #expect(try ours(.none, ["Content-Length: 5"]) == [])
        #expect(try ours(.untilClose, ["Transfer-Encoding: chunked"]) == [])
        #expect(try answered([], closes: true).contains("Connection: close"))
        #expect(try !answered([]).contains { $0.hasPrefix("Connection") })
    }

    @Test(
        "an answer that depends on who asked is kept by no shared cache",
        arguments: [
            ([], ["Cache-Control: private, no-cache"]),
            (["Cache-Control: no-store"], ["Cache-Control: private, no-store"]),
            (["cache-control: NO-CACHE"], ["Cache-Control: private, no-cache"]),
            (["Cache-Control: public, max-age=60"], ["Cache-Control: private, max-age=60"]),
            (
                ["Cache-Control: s-maxage=60", "Cache-Control: max-age=5"],
                [
                    "Cache-Control: private", "Cache-Control: private, max-age=5",
                ]
            ),
            (["CDN-Cache-Control: max-age=60"], ["Cache-Control: private, no-cache"]),
            (["Surrogate-Control: max-age=60", "A: b"], ["A: b", "Cache-Control: private, no-cache"]),
            (["Connection: cache-control", "Cache-Control: public"], ["Cache-Control: private"]),
        ] as [([String], [String])])
    func privateOnly(_ lines: [String], _ expected: [String]) throws {
        #expect(try passed(lines, policy: .privateOnly) == expected)
    }

    @Test("on a public route the upstream's caching fields stay")
    func asUpstreamSays() throws {
        let lines = ["Cache-Control: public, s-maxage=9", "CDN-Cache-Control: max-age=60", "Surrogate-Control: x"]
        #expect(try passed(lines) == lines)
        #expect(try passed([]) == [])
    }

    @Test(
        "only the word `end` ends a session, in any case",
        arguments: [
            (["Gatehouse-Session: end"], true), (["gatehouse-session: END"], true),
            (["Gatehouse-Session: ends"], false),
            (["Gatehouse-Session: "], false), (["X-Gatehouse-Session: end"], false), ([], false),
        ])
    func endOfSession(_ lines: [String], _ expected: Bool) throws {
        let bytes = Array((["HTTP/1.1 200 OK"] + lines + [""]).map { $0 + "\r\n" }.joined().utf8)
        var head = ResponseHead()
        let outcome = ResponseHeadParser(limits: HeadLimits(bytes: 8192, fields: 50))
            .parse(bytes.span.bytes, answering: .get, into: &head)
        try #require(outcome == .complete)
        #expect(ResponseRewriter.endsSession(head, bytes.span.bytes) == expected)
    }
}
