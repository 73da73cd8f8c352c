import Core
import HTTPWire
import Testing
import WireLaws

@Suite("Response head: what an upstream may answer")
struct ResponseHeadParserTests {
    private func parse(
        _ lines: String..., status: String = "HTTP/1.1 200 OK", answering method: Method = .get,
        limits: HeadLimits = HeadLimits(bytes: 4096, fields: 16)
    ) throws -> (outcome: ResponseHeadParser.Outcome, head: ResponseHead) {
        let bytes = Array((([status] + lines).joined(separator: "\r\n") + "\r\n\r\n").utf8)
        var head = ResponseHead()
        let outcome = ResponseHeadParser(limits: limits).parse(bytes.span.bytes, answering: method, into: &head)
        try ResponseHeadLaws.check([method.rawValue] + bytes)
        return (outcome, head)
    }

    @Test(
        "a malformed status line is not believed",
        arguments: [
            "HTTP/2.0 200 OK", "HTTP/1.2 200 OK", "http/1.1 200 OK", "HTTP/1.1  200 OK", "HTTP/1.1 20 OK",
            "HTTP/1.1 2000 OK", "HTTP/1.1 099 OK", "HTTP/1.1 600 OK", "HTTP/1.1 2x0 OK", "HTTP/1.1 200\tOK",
            "HTTP/1.1 200 O\u{0}K", "HTTP/1.1 200 O\rK", "HTTP/1.1 200 OK\nX: y", "ICY 200 OK", " HTTP/1.1 200 OK",
        ])
    func statusLines(_ line: String) throws { #expect(try parse(status: line).outcome == .invalid) }

    @Test("a good status line is", arguments: ["HTTP/1.1 200 OK", "HTTP/1.0 599 x", "HTTP/1.1 100 ", "HTTP/1.1 204"])
    func goodStatusLines(_ line: String) throws { #expect(try parse(status: line).outcome == .complete) }

    @Test(
        "an ambiguous or malformed field is not believed",
        arguments: [
            ["Content-Length: 1", "Transfer-Encoding: chunked"], ["Content-Length: 1", "Content-Length: 1"],
            ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], ["Transfer-Encoding: gzip, chunked"],
            ["Transfer-Encoding: chunked, chunked"], ["Transfer-Encoding: identity"], ["Content-Length: +1"],
            ["Content-Length: 1, 1"], ["Content-Length:"], ["X : y"], ["X: y", " z"], ["X: \u{1}"], ["X"], [": y"],
        ])
    func ambiguous(_ lines: [String]) throws {
        #expect(try parse(lines[0], lines.count > 1 ? lines[1] : "X-A: b").outcome == .invalid)
    }

    @Test("chunks do not go with HTTP/1.0")
    func oldChunks() throws {
        #expect(try parse("Transfer-Encoding: chunked", status: "HTTP/1.0 200 OK").outcome == .invalid)
        #expect(try parse("Transfer-Encoding: chunked").outcome == .complete)
    }

    @Test("the body follows RFC 9112 §6.3")
    func framing() throws {
        #expect(try parse("Content-Length: 3").head.framing == .length(3))
        #expect(try parse("Content-Length: 0").head.framing == BodyFraming.none)
        #expect(try parse("Transfer-Encoding: chunked").head.framing == .chunked)
        #expect(try parse().head.framing == .untilClose)
        #expect(try parse("Content-Length: 3", answering: .head).head.framing == BodyFraming.none)
        #expect(try parse("Content-Length: 3", answering: .head).head.contentLength == 3)
        #expect(try parse("Transfer-Encoding: chunked", answering: .head).head.framing == BodyFraming.none)
        #expect(try parse("Content-Length: 3", status: "HTTP/1.1 304 x").head.contentLength == 3)
        #expect(try parse("Content-Length: 3", status: "HTTP/1.1 304 x").head.framing == BodyFraming.none)
        #expect(try parse("Content-Length: 3", status: "HTTP/1.1 204 x").head.contentLength == nil)
        #expect(try parse("Transfer-Encoding: chunked", status: "HTTP/1.1 204 x").outcome == .invalid)
        #expect(try parse("Transfer-Encoding: chunked", status: "HTTP/1.1 103 x").outcome == .invalid)
    }

    @Test("the connection is used again only where nothing speaks against it")
    func persistence() throws {
        #expect(try parse("Content-Length: 3").head.isPersistent)
        #expect(try !parse("Content-Length: 3", "Connection: Close").head.isPersistent)
        #expect(try !parse().head.isPersistent)
        #expect(try !parse("Content-Length: 3", status: "HTTP/1.0 200 OK").head.isPersistent)
        #expect(try parse("Content-Length: 3", "Connection: keep-alive", status: "HTTP/1.0 200 OK").head.isPersistent)
        #expect(
            try !parse("Content-Length: 3", "Connection: close, keep-alive", status: "HTTP/1.0 200 OK")
                .head.isPersistent)
    }

    @Test("the bounds hold exactly, however the answer arrives")
    func bounds() throws {
        let size = "HTTP/1.1 200 OK\r\nX: y\r\n\r\n".utf8.count
        #expect(try parse("X: y", limits: HeadLimits(bytes: size, fields: 1)).outcome == .complete)
        #expect(try parse("X: y", limits: HeadLimits(bytes: size - 1, fields: 1)).outcome == .invalid)
        #expect(try parse("X: y", limits: HeadLimits(bytes: size, fields: 0)).outcome == .invalid)
        #expect(try parse("Connection: \(String(repeating: "a", count: 1025))").outcome == .invalid)
        #expect(try parse("Connection: \(String(repeating: "a", count: 1024))").outcome == .complete)
    }
}
