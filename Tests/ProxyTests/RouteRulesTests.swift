import Access
import Core
import HTTPWire
import Testing

@testable import Proxy

@Suite("Header rules of a route")
struct RouteRulesTests {
    private func rules(_ handling: RouteHandling, path: String = "/") throws -> RouteRules {
        try #require(
            RouteRules(RouteSettings(name: "r", host: "*", path: path, handling: handling), board: RouteBoard()))
    }

    /// The lines of the request that the application gets, without those that every request has.
    private func forwarded(_ lines: [String], _ rules: RouteRules?) throws -> [String] {
        func write(_ lines: [String], _ rules: RouteRules?) throws -> [String] {
            let request = ReadRequest(lines)
            try #require(request.outcome == .complete)
            var host = WireBuffer()
            var out = WireBuffer()
            host.append("app.example.org")
            RequestRewriter.write(
                request.head, request.bytes.span.bytes, identity: Array("X-User-ID: ours\r\n".utf8), secretLine: [],
                client: try SampleConnection.make().peer, connection: try SampleConnection.make(), host: host,
                ingredients: .init(
                    requestID: RequestID(high: 1, low: 2), hasOwnCookie: false, port: 443, rules: rules),
                into: &out)
            return try #require(headLines(of: out.text))
        }
        let ours = try write([], nil)
        let all = try write(lines, rules)
        #expect(ours.filter { !all.contains($0) } == [], "every line of ours is there")
        return all.filter { !ours.contains($0) }
    }

    private func answered(
        _ lines: [String], _ rules: RouteRules?, hsts: String = "", endsSession: Bool = false
    ) throws -> [String] {
        let bytes = Array((["HTTP/1.1 200 OK"] + lines + [""]).map { $0 + "\r\n" }.joined().utf8)
        var head = ResponseHead()
        let outcome = ResponseHeadParser(limits: HeadLimits(bytes: 8192, fields: 50))
            .parse(bytes.span.bytes, answering: .get, into: &head)
        try #require(outcome == .complete)
        var out = WireBuffer()
        var host = WireBuffer()
        host.append("app.example.org")
        ResponseRewriter.write(
            head, bytes.span.bytes, framing: .none, policy: .asUpstreamSays, requestID: RequestID(high: 1, low: 2),
            closes: false, endsSession: endsSession,
            ingredients: .init(rules: rules, strictTransport: Array(hsts.utf8)), host: host, into: &out)
        return Array(try #require(headLines(of: out.text)).dropFirst().dropLast())
    }

    private let requestRules = FieldRules(
        set: [.init(name: "X-Env", value: "prod"), .init(name: "Authorization", value: "Basic Zm9v")],
        remove: ["X-Debug", "Accept-Language"])

    private static let application = RouteHandling(
        applicationSession: ApplicationSession(cookies: ["connect.sid", "JSESSIONID"], logoutPath: "/logout"))

    @Test("an application's own session cookies are kept for this host at every path, whatever it says of them")
    func applicationCookies() throws {
        let rules = try rules(Self.application)
        #expect(
            try answered(
                [
                    "Set-Cookie: theme=dark; Path=/shop; Domain=example.org",
                    "Set-Cookie: connect.sid=s%3Aabc; Path=/shop; HttpOnly; domain=example.org; SameSite=Lax",
                    "Set-Cookie:  JSESSIONID = x=y ;Max-Age=60; PATH=/a ;Partitioned;",
                    "Set-Cookie: jsessionid=1; Path=/a",
                    "Set-Cookie: connect.sidx=1; Path=/a", "Set-Cookie: connect.sid",
                ], rules) == [
                    "Set-Cookie: theme=dark; Path=/shop; Domain=example.org", "Set-Cookie: jsessionid=1; Path=/a",
                    "Set-Cookie: connect.sidx=1; Path=/a",
                    "Set-Cookie: connect.sid=s%3Aabc; HttpOnly; SameSite=Lax; Path=/",
                    "Set-Cookie: JSESSIONID = x=y; Max-Age=60; Path=/", "Set-Cookie: connect.sid; Path=/",
                ])
    }

    @Test("an answer that ends the session takes the application's cookies along, behind what the application set")
    func applicationCookiesEnd() throws {
        let rules = try rules(Self.application)
        #expect(
            try answered(["Set-Cookie: connect.sid=new"], rules, endsSession: true) == [
                "Set-Cookie: connect.sid=new; Path=/",
                "Set-Cookie: __Host-gatehouse=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
                "Set-Cookie: connect.sid=; Path=/; Max-Age=0; Secure",
                "Set-Cookie: JSESSIONID=; Path=/; Max-Age=0; Secure",
            ])
    }

    @Test("the logout path is one path, byte by byte")
    func logoutPath() throws {
        let session = ApplicationSessionBytes(ApplicationSession(cookies: ["s"], logoutPath: "/logout"))
        for (path, isLogout) in [("/logout", true), ("/logout/", false), ("/Logout", false), ("/", false)] {
            let octets = Array(path.utf8)
            let found = session.isLogout(octets.span.bytes)
            #expect(found == isLogout, "\(path)")
        }
        let octets = Array("/".utf8)
        let found = ApplicationSessionBytes(ApplicationSession(cookies: ["s"])).isLogout(octets.span.bytes)
        #expect(!found)
    }

    @Test("a route without rules has none")
    func nothing() {
        #expect(RouteRules(RouteSettings(name: "r", host: "*"), board: RouteBoard()) == nil)
    }

    @Test("what is set replaces every field that an application could take for it; what is removed does not pass")
    func request() throws {
        let rules = try rules(RouteHandling(requestFields: requestRules))
        #expect(
            try forwarded(
                [
                    "A: 1", "X-Env: evil", "x_env: evil", "X-ENV: evil", "Authorization: Bearer t", "X-Debug: 1",
                    "x.debug: 1", "Accept-Language: de", "X-Environment: 2", "B: 3",
                ], rules) == ["A: 1", "X-Environment: 2", "B: 3", "X-Env: prod", "Authorization: Basic Zm9v"])
        #expect(try forwarded(["A: 1"], rules) == ["A: 1", "X-Env: prod", "Authorization: Basic Zm9v"])
    }

    @Test("Connection cannot take away what is set")
    func nominated() throws {
        let rules = try rules(RouteHandling(requestFields: requestRules))
        #expect(
            try forwarded(["Connection: X-Env, Authorization"], rules) == ["X-Env: prod", "Authorization: Basic Zm9v"])
    }

    @Test(
        "no rule touches an identity, the framing, the host or a cookie, whatever the settings say",
        arguments: [
            "X-User-ID", "x-tenant-id", "X-Gatehouse-Assertion", "X_User_ID", "Remote-User", "X-Forwarded-For",
            "Forwarded", "X-Real-IP", "Host", "Content-Length", "Transfer-Encoding", "Connection", "TE", "Trailer",
            "Upgrade", "Expect", "Keep-Alive", "HTTP2-Settings", "Cookie", "Sec-WebSocket-Key", "X-Request-ID", "a b",
        ])
    func forbidden(_ name: String) throws {
        let fields = FieldRules(set: [.init(name: name, value: "evil")], remove: [])
        let removal = FieldRules(set: [], remove: [name])
        for rules in [fields, removal] {
            let made = try self.rules(RouteHandling(requestFields: rules))
            #expect(made.requestFields.isEmpty && made.requestFields.lines.isEmpty)
            #expect(try forwarded(["Cookie: a=b"], made) == ["Cookie: a=b"])
        }
    }

    @Test(
        "no rule touches the framing, a cookie or who may keep an answer",
        arguments: [
            "Content-Length", "Transfer-Encoding", "Connection", "Set-Cookie", "Cache-Control", "CDN-Cache-Control",
            "Surrogate-Control", "X-Request-ID", "Alt-Svc", "Service-Worker-Allowed", "Gatehouse-Session",
            "Strict-Transport-Security", "Set_Cookie", "Upgrade", "Trailer",
        ])
    func forbiddenInAnswers(_ name: String) throws {
        let made = try rules(
            RouteHandling(responseFields: FieldRules(set: [.init(name: name, value: "evil")], remove: [])))
        #expect(made.responseFields.isEmpty && made.responseFields.lines.isEmpty)
    }

    @Test("a value that could end the line is not sent")
    func values() throws {
        for value in ["a\r\nX-User-ID: evil", "a\nb", "a\0"] {
            let made = try rules(
                RouteHandling(requestFields: FieldRules(set: [.init(name: "X-A", value: value)], remove: [])))
            #expect(made.requestFields.lines.isEmpty)
        }
    }

    @Test("an answer's fields are set and removed")
    func response() throws {
        let rules = try rules(
            RouteHandling(
                responseFields: FieldRules(
                    set: [.init(name: "X-Frame-Options", value: "DENY")], remove: ["Server", "X-Powered-By"])))
        #expect(
            try answered(
                ["Server: s", "A: 1", "x-frame-options: ALLOWALL", "X_Powered_By: p", "Location: /a", "B: 2"], rules)
                == ["A: 1", "Location: /a", "B: 2", "X-Frame-Options: DENY"])
    }

    @Test("a Location is translated once and stays where the client finds it")
    func location() throws {
        let rules = try rules(RouteHandling(prefixRewrite: "/"), path: "/shop/")
        #expect(try answered(["A: 1", "Location: /a", "B: 2"], rules) == ["A: 1", "B: 2", "Location: /shop/a"])
        #expect(try answered(["Location: https://other.example/a"], rules) == ["Location: https://other.example/a"])
        #expect(try answered(["Location: /a"], nil) == ["Location: /a"])
        #expect(try answered(["Connection: location", "Location: /a"], rules) == [])
    }

    @Test("trailers pass the same rules")
    func trailers() throws {
        let rules = try rules(RouteHandling(requestFields: requestRules))
        var out = WireBuffer()
        let bytes = Array("X-Env: evil\r\nX-Sum: 1\r\nx_debug: 1\r\n\r\n".utf8)
        #expect(RequestRewriter.writeTrailers(bytes.span.bytes, rules: rules.requestFields, into: &out) == nil)
        #expect(out.text == "X-Sum: 1\r\n\r\n")
    }

    @Test("hsts is sent in place of the application's own, or not at all")
    func strictTransport() throws {
        let line = String(
            decoding: StrictTransportSettings(
                maximumAge: .hours(365 * 24), includesSubdomains: true, isPreloadable: true
            ).line, as: UTF8.self)
        #expect(line == "Strict-Transport-Security: max-age=31536000; includeSubDomains; preload\r\n")
        let theirs = "Strict-Transport-Security: max-age=1"
        #expect(try answered([theirs], nil, hsts: line) == [String(line.dropLast())])
        #expect(try answered([theirs], nil) == [theirs])
        #expect(
            String(decoding: StrictTransportSettings(maximumAge: Milliseconds(0)).line, as: UTF8.self)
                == "Strict-Transport-Security: max-age=0\r\n")
    }
}
