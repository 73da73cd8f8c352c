import Core
import HTTPWire
import Testing

@Suite("Request head: what is accepted and what is refused")
struct RequestHeadParserTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var reason: ReasonCode
        var refused: [UInt8]
        var accepted: [UInt8]
        var testDescription: String { "\(reason.code): \(String(decoding: refused.prefix(60), as: UTF8.self))" }

        init(_ reason: ReasonCode, _ refused: [UInt8], _ accepted: [UInt8]) {
            self.reason = reason
            self.refused = refused
            self.accepted = accepted
        }
    }

    static let requestLines: [Case] = [
        Case(.requestLineMalformed, head(method: ""), head()),
        Case(.requestLineMalformed, head(method: "GET\t"), head()),
        Case(.requestLineMalformed, head(method: "G(T"), head()),
        Case(.requestLineMalformed, head(method: "GET "), head()),
        Case(.requestLineMalformed, head(target: ""), head()),
        Case(.requestLineMalformed, head(version: "http/1.1"), head(version: "HTTP/1.1")),
        Case(.requestLineMalformed, head(version: "HTTP/1.1 "), head()),
        Case(.requestLineMalformed, head(version: "HTTP/1.10"), head()),
        Case(.requestLineMalformed, head(version: "HTTP/11"), head()),
        Case(.requestLineMalformed, Array("GET / HTTP/1.1\nHost: a\r\n\r\n".utf8), head()),
        Case(.requestLineMalformed, Array("GET /\r\n\r\n".utf8), head()),
        Case(.requestLineMalformed, Array("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), head()),
        Case(.requestLineMalformed, [0x0D, 0x0A, 0x0D, 0x0A] + head(), [0x0D, 0x0A] + head()),
        Case(.requestLineMalformed, [0x0D] + head(), [0x0D, 0x0A] + head()),
        Case(.methodUnsupported, head(method: "get"), head(method: "GET")),
        Case(.methodUnsupported, head(method: "GETS"), head(method: "GET")),
        Case(.methodUnsupported, head(method: String(repeating: "A", count: 33)), head(method: "UPDATEREDIRECTREF")),
        Case(.methodRefused, head(method: "TRACE"), head(method: "OPTIONS")),
        Case(.methodRefused, head(method: "CONNECT"), head(method: "POST")),
        Case(.versionUnsupported, head(version: "HTTP/1.2"), head(version: "HTTP/1.0")),
        Case(.versionUnsupported, head(version: "HTTP/2.0"), head()),
        Case(.versionUnsupported, head(version: "HTTP/0.9"), head()),
        Case(.targetMalformed, head(target: "*", host: "a"), head(target: "/*")),
        Case(.targetMalformed, head(target: "app.example.org:443"), head()),
        Case(.targetMalformed, head(target: "path"), head(target: "/path")),
        Case(.targetMalformed, head(target: "?query"), head(target: "/?query")),
        Case(.targetMalformed, head(target: "/a#b"), head(target: "/a%23b")),
        Case(.targetMalformed, head(target: "/a?b#c"), head(target: "/a?b%23c")),
        Case(.targetMalformed, head(target: "/\u{7F}"), head(target: "/~")),
        Case(.targetMalformed, head(target: "/ä"), head(target: "/%C3%A4")),
        Case(.targetMalformed, head(target: "/a\u{0}b"), head(target: "/ab")),
        Case(.targetMalformed, head(target: "/a\tb"), head(target: "/ab")),
        Case(.targetScheme, head(target: "http://app.example.org/"), head(target: "https://app.example.org/")),
        Case(.targetScheme, head(target: "file:///etc"), head(target: "HTTPS://app.example.org/etc")),
        Case(.hostMalformed, head(target: "https:///path"), head(target: "https://app.example.org/path")),
    ]

    static let fields: [Case] = [
        Case(.headerMalformed, head("X-A : b"), head("X-A: b")),
        Case(.headerMalformed, head("X-A\t: b"), head("X-A:\tb")),
        Case(.headerMalformed, head("X-A"), head("X-A:")),
        Case(.headerMalformed, head(": b"), head("X: b")),
        Case(.headerMalformed, head(" X-A: b"), head("X-A: b ")),
        Case(.headerMalformed, head("X-A: b", "\tc"), head("X-A: b\tc")),
        Case(.headerMalformed, head("X-A: b\nX-B: c"), head("X-A: b", "X-B: c")),
        Case(.headerMalformed, head("X-A: b\rX-B: c"), head("X-A: b")),
        Case(.headerMalformed, head("X-A: b\u{0}"), head("X-A: b")),
        Case(.headerMalformed, head("X-A: b\u{7F}"), head("X-A: b\u{80}")),
        Case(.headerMalformed, head("X-Ä: b"), head("X-A: ä")),
        Case(.headerMalformed, head("X(A): b"), head("X'A': b")),
        Case(.headerMalformed, head("X/A: b"), head("X|A: b")),
        Case(
            .headerMalformed, head("Connection: \(String(repeating: "a, ", count: 33))"),
            head("Connection: \(String(repeating: "a, ", count: 32))")),
        Case(
            .headerMalformed, head("Connection: \(String(repeating: "a", count: 1025))"),
            head("Connection: \(String(repeating: "a", count: 1024))")),
        Case(.framingAmbiguous, head("Content-Length: 1", "Transfer-Encoding: chunked"), head("Content-Length: 1")),
        Case(.framingAmbiguous, head("Content-Length: 1", "Content-Length: 1"), head("Content-Length: 1")),
        Case(.framingAmbiguous, head("Content-Length: 1", "content-length: 2"), head("Content-Length: 2")),
        Case(
            .framingAmbiguous, head("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
            head("Transfer-Encoding: chunked")),
        Case(.framingAmbiguous, head("Transfer-Encoding: chunked, chunked"), head("Transfer-Encoding: CHUNKED")),
        Case(.framingAmbiguous, head("Transfer-Encoding: chunked, gzip"), head("Transfer-Encoding: chunked")),
        Case(.framingAmbiguous, head("Transfer-Encoding: identity"), head("Transfer-Encoding: \tchunked ")),
        Case(.framingAmbiguous, head("Transfer-Encoding: xchunked"), head("Transfer-Encoding: chunked")),
        Case(.framingAmbiguous, head("Transfer-Encoding: chunked;q=1"), head("Transfer-Encoding: chunked")),
        Case(.framingAmbiguous, head("Transfer-Encoding:"), head("Transfer-Encoding: chunked")),
        Case(.framingAmbiguous, head("Transfer-Encoding: ,chunked"), head("Transfer-Encoding: chunked")),
        Case(.framingAmbiguous, head("Transfer-Encoding: \"chunked\""), head("Transfer-Encoding: chunked")),
        Case(
            .framingAmbiguous, head("Transfer-Encoding: chunked", version: "HTTP/1.0"),
            head("Content-Length: 5", version: "HTTP/1.0")),
        Case(.transferCodingUnsupported, head("Transfer-Encoding: gzip, chunked"), head("Transfer-Encoding: chunked")),
        Case(.lengthMalformed, head("Content-Length: +5"), head("Content-Length: 5")),
        Case(.lengthMalformed, head("Content-Length: -1"), head("Content-Length: 1")),
        Case(.lengthMalformed, head("Content-Length: 5, 5"), head("Content-Length: 5")),
        Case(.lengthMalformed, head("Content-Length: 0x5"), head("Content-Length: 05")),
        Case(.lengthMalformed, head("Content-Length: 5 5"), head("Content-Length: 55 ")),
        Case(.lengthMalformed, head("Content-Length:"), head("Content-Length: 0")),
        Case(
            .lengthMalformed, head("Content-Length: 1000000000000000000"), head("Content-Length: 999999999999999999")),
        Case(.expectationUnknown, head("Expect: 200-ok"), head("Expect: 100-Continue")),
        Case(.hostMissing, head(host: nil), head()),
        Case(.hostMissing, head(version: "HTTP/1.0", host: nil), head(version: "HTTP/1.0")),
        Case(.hostMissing, head(target: "https://app.example.org/", host: nil), head(target: "https://b/", host: "b")),
        Case(.hostMissing, head("H_ost: a", host: nil), head("X: a")),
        Case(.hostRepeated, head("Host: app.example.org"), head("Hosts: app.example.org")),
        Case(.hostRepeated, head("hOST: b"), head("x-hosts: b")),
    ]

    @Test("each malformed request line is refused by its reason, and its twin is accepted", arguments: requestLines)
    func requestLine(_ given: Case) {
        #expect(refusal(given.refused) == given.reason)
        #expect(Parsed(given.accepted).outcome == .complete)
    }

    @Test("each malformed or ambiguous field is refused by its reason, and its twin is accepted", arguments: fields)
    func field(_ given: Case) {
        #expect(refusal(given.refused) == given.reason)
        #expect(Parsed(given.accepted).outcome == .complete)
    }

    @Test("a control character is found at every place of a long value, and nothing else is taken for one")
    func controls() {
        let names = head("X-A: ", host: "a").count - 4
        for place in 0..<72 {
            for byte: UInt8 in [0x00, 0x01, 0x08, 0x0A, 0x0B, 0x1F, 0x7F, 0x09, 0x20, 0x21, 0x7E, 0x80, 0x9F, 0xFF] {
                var bytes = head("X-A: \(String(repeating: "~", count: 72))", host: "a")
                bytes[names + place] = byte
                let isControl = byte != 0x09 && (byte < 0x20 || byte == 0x7F)
                #expect(Parsed(bytes).outcome == (isControl ? .refused(.headerMalformed) : .complete))
            }
        }
    }

    @Test("the parts of a target are found in origin-form and in absolute-form")
    func targets() {
        var parsed = Parsed(head(target: "/a/b?c=d?e"))
        #expect(parsed.text(parsed.head.path) == "/a/b")
        #expect(parsed.text(parsed.head.query) == "c=d?e")
        #expect(parsed.head.authority == nil)
        parsed = Parsed(head(target: "https://b.example:8443/x?"))
        #expect(parsed.text(parsed.head.authority) == "b.example:8443")
        #expect(parsed.text(parsed.head.target) == "/x?")
        #expect(parsed.text(parsed.head.query) == "")
        parsed = Parsed(head(target: "https://b.example?y"))
        #expect(parsed.head.path.isEmpty)
        #expect(parsed.text(parsed.head.query) == "y")
    }

    @Test("framing is read from the fields alone, whatever the method")
    func framing() {
        #expect(Parsed(head()).head.framing == .none)
        #expect(Parsed(head("Content-Length: 0")).head.framing == .none)
        #expect(Parsed(head("Content-Length: 007")).head.framing == .length(7))
        #expect(Parsed(head("Transfer-Encoding: Chunked")).head.framing == .chunked)
        #expect(Parsed(head("Content-Length: 3", method: "DELETE")).head.framing == .length(3))
    }

    @Test("a connection persists unless HTTP/1.0 or `close` ends it")
    func persistence() {
        #expect(Parsed(head()).head.isPersistent)
        #expect(Parsed(head("Connection: keep-alive")).head.isPersistent)
        #expect(!Parsed(head("Connection: keep-alive, CLOSE")).head.isPersistent)
        #expect(!Parsed(head("Connection: x", "Connection: close")).head.isPersistent)
        #expect(!Parsed(head("Connection: keep-alive", version: "HTTP/1.0")).head.isPersistent)
    }

    @Test("nominations, upgrades and expectations are noted")
    func notes() {
        #expect(!Parsed(head("Connection: keep-alive")).head.hasNominations)
        #expect(Parsed(head("Connection: keep-alive, X-A")).head.hasNominations)
        #expect(Parsed(head("Connection: Upgrade", "Upgrade: websocket")).head.wantsUpgrade)
        #expect(!Parsed(head("Upgrade: websocket")).head.wantsUpgrade)
        #expect(!Parsed(head("Connection: upgrade")).head.wantsUpgrade)
        #expect(Parsed(head("Expect: 100-continue", "Content-Length: 1")).head.expectsContinue)
        #expect(!Parsed(head("Expect: 100-continue")).head.expectsContinue)
        #expect(!Parsed(head("Expect: 100-continue", "Content-Length: 1", version: "HTTP/1.0")).head.expectsContinue)
    }

    @Test("a value is lent without the white space around it")
    func whiteSpace() {
        let parsed = Parsed(head("X-A: \t b c \t ", "X-B:", "X-C:  "))
        #expect(parsed.head.fields.map { parsed.text($0.value) } == ["app.example.org", "b c", "", ""])
    }
}
