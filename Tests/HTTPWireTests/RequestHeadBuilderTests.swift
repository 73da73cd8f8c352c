import Core
import HTTPWire
import Testing
import WireLaws

@Suite("Request head: the second producer (HTTP/2)")
struct RequestHeadBuilderTests {
    /// What the builder made of a head.
    private func build(
        method: String = "GET", path: String = "/a?b", authority: String = "app.example.org",
        _ fields: [(String, String)] = [], hasBody: Bool = false,
        limits: HeadLimits = HeadLimits(bytes: 4096, fields: 16)
    ) throws -> (reason: ReasonCode?, facts: HeadFacts?, bytes: [UInt8]) {
        var builder = RequestHeadBuilder(limits: limits)
        let (method, path, authority) = (Array(method.utf8), Array(path.utf8), Array(authority.utf8))
        builder.begin(method: method.span.bytes, path: path.span.bytes, authority: authority.span.bytes)
        for (name, value) in fields {
            let (name, value) = (Array(name.utf8), Array(value.utf8))
            builder.add(name: name.span.bytes, value: value.span.bytes)
        }
        var built: Result<HeadFacts, any Error>?
        var copy: [UInt8] = []
        let reason = builder.finish(hasBody: hasBody) { head, raw in
            for index in 0..<raw.byteCount { copy.append(raw.octet(index)) }
            let own = head
            built = Result { [copy] in try HeadFacts(own, copy) }
        }
        return (reason, try built?.get(), copy)
    }

    @Test("both producers say the same of one head")
    func twins() throws {
        let lines = [
            ("accept", "text/html"), ("cookie", "a=b"), ("cookie", "c=d"), ("x_user_id", "1"), ("content-length", "3"),
            ("x-forwarded-for", "192.0.2.1"),
        ]
        let built = try #require(try build(lines, hasBody: true).facts)
        let text = lines.map { "\($0): \($1)\r\n" }.joined()
        let bytes = Array("GET /a?b HTTP/1.1\r\n\(text)Host: app.example.org\r\n\r\n".utf8)
        var head = RequestHead()
        let outcome = RequestHeadParser(limits: HeadLimits(bytes: 4096, fields: 16))
            .parse(bytes.span.bytes, into: &head)
        #expect(outcome == .complete)
        var parsed = try HeadFacts(head, bytes)
        parsed.lines.removeAll { $0.id == .host }
        #expect(built == parsed)
        #expect(
            built.lines.map(\.id) == [
                .accept, .cookie, .cookie, .lookAlike, .contentLength, .xForwardedFor,
            ])
    }

    @Test(
        "every rule of HTTP/2 about fields is held",
        arguments: [
            ("X-A", "b"), ("x-a", " b"), ("x-a", "b "), ("x-a", "\tb"), ("x-a", "b\r\nc: d"), ("x-a", "b\u{0}"),
            ("x-a", "b\n"), ("x-a:b", "c"), ("x-a ", "b"), ("", "b"), (":path", "/c"), ("x-a: b\r\nx-c", "d"),
            ("connection", "close"), ("transfer-encoding", "chunked"), ("upgrade", "websocket"), ("keep-alive", "1"),
            ("proxy-connection", "x"), ("http2-settings", "x"), ("te", "gzip"),
        ])
    func malformed(_ name: String, _ value: String) throws {
        #expect(try build([(name, value)]).reason == .headerMalformed)
    }

    @Test(
        "what the rules leave is accepted",
        arguments: [
            ("x-a", "b"), ("x-a", ""), ("x-a", "b\tc"), ("te", "trailers"), ("host", "APP.example.org"), ("x_a", "ä"),
        ])
    func accepted(_ name: String, _ value: String) throws {
        #expect(try build([(name, value)]).reason == nil)
    }

    @Test("Host must say what :authority says, once, and is known to whoever copies the lines")
    func host() throws {
        #expect(try build([("host", "evil.example")]).reason == .hostMismatch)
        #expect(try build([("host", "app.example.org"), ("host", "app.example.org")]).reason == .hostRepeated)
        let built = try build([("x-a", "1"), ("host", "app.example.org"), ("x-b", "2")])
        // A run of lines from x-a to x-b would carry this one along, if the fields did not tell of it.
        #expect(built.facts?.lines.map(\.id) == [.other, .host, .other])
    }

    @Test("pseudo-fields are as strict as a request line")
    func pseudoFields() throws {
        #expect(try build(method: "BREW").reason == .methodUnsupported)
        #expect(try build(method: "CONNECT").reason == .methodRefused)
        #expect(try build(path: "").reason == .targetMalformed)
        #expect(try build(path: "*").reason == .targetMalformed)
        #expect(try build(path: "https://app.example.org/").reason == .targetMalformed)
        #expect(try build(path: "/a b").reason == .targetMalformed)
        #expect(try build(path: "/a#b").reason == .targetMalformed)
        #expect(try build(path: "/ä").reason == .targetMalformed)
        #expect(try build(authority: "").reason == .hostMalformed)
        #expect(try build(authority: "a b").reason == .hostMalformed)
        #expect(try build().reason == nil)
    }

    @Test("a body is framed by the stream, and a length that it cannot have is refused")
    func framing() throws {
        #expect(try build(hasBody: true).facts?.framing == .chunked)
        #expect(try build(hasBody: false).facts?.framing == BodyFraming.none)
        #expect(try build([("content-length", "5")], hasBody: true).facts?.framing == .length(5))
        #expect(try build([("content-length", "0")], hasBody: true).facts?.framing == BodyFraming.none)
        #expect(try build([("content-length", "0")], hasBody: false).facts?.framing == BodyFraming.none)
        #expect(try build([("content-length", "5")], hasBody: false).reason == .lengthMalformed)
        #expect(try build([("content-length", "5"), ("content-length", "5")]).reason == .framingAmbiguous)
        #expect(try build([("expect", "100-continue")], hasBody: true).facts?.expectsContinue == true)
    }

    @Test("the bounds are those of HTTP/1.1 for the same head")
    func bounds() throws {
        let size = "GET /a?b HTTP/1.1\r\nHost: app.example.org\r\nx-a: b\r\n\r\n".utf8.count
        #expect(try build([("x-a", "b")], limits: HeadLimits(bytes: size, fields: 16)).reason == nil)
        #expect(try build([("x-a", "b")], limits: HeadLimits(bytes: size - 1, fields: 16)).reason == .headerTooLarge)
        #expect(try build(limits: HeadLimits(bytes: 30, fields: 16)).reason == .targetTooLong)
        #expect(try build([("a", "1"), ("b", "2")], limits: HeadLimits(bytes: 4096, fields: 2)).reason == nil)
        #expect(
            try build([("a", "1"), ("b", "2")], limits: HeadLimits(bytes: 4096, fields: 1)).reason == .headersTooMany)
    }

    @Test("one builder serves request after request")
    func reuse() throws {
        var builder = RequestHeadBuilder(limits: HeadLimits(bytes: 4096, fields: 16))
        let (get, bad, path, host) = (Array("GET".utf8), Array("get".utf8), Array("/".utf8), Array("a".utf8))
        builder.begin(method: bad.span.bytes, path: path.span.bytes, authority: host.span.bytes)
        var reason = builder.finish(hasBody: false) { _, _ in }
        #expect(reason == .methodUnsupported)
        builder.begin(method: get.span.bytes, path: path.span.bytes, authority: host.span.bytes)
        var length = 0
        reason = builder.finish(hasBody: false) { head, _ in length = head.length }
        #expect(reason == nil)
        #expect(length == 2)
    }
}
