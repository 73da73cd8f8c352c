import Core
import HTTPWire
import Testing

@testable import Proxy

@Suite("Our cookies among others")
struct CookieReaderTests {
    /// The crumbs of a field's value, ours marked with `!`.
    private func crumbs(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var found: [String] = []
        CookieReader.forEach(bytes.span.bytes) { range, isOwn in
            found.append((isOwn ? "!" : "") + String(decoding: bytes[range], as: UTF8.self))
        }
        return found
    }

    private func token(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        return CookieReader.sessionToken(bytes.span.bytes, 0..<bytes.count).map {
            String(decoding: bytes[$0], as: UTF8.self)
        }
    }

    @Test(
        "crumbs are parted by semicolons, without the white space around them",
        arguments: [
            ("a=b", ["a=b"]), ("a=b; c=d", ["a=b", "c=d"]), ("a=b;c=d;", ["a=b", "c=d"]), (" ; ;\ta=b\t;", ["a=b"]),
            ("", []), ("a", ["a"]), ("a=\"b;c\"", ["a=\"b", "c\""]), ("a=b, c=d", ["a=b, c=d"]),
        ])
    func crumbs(_ text: String, _ expected: [String]) { #expect(crumbs(text) == expected) }

    @Test(
        "every cookie of ours is known, in any case, and where its name hides behind an empty one",
        arguments: [
            "__Host-gatehouse=x", "__host-GATEHOUSE=x", "__Host-gatehouse-login=x", "__Host-gatehouse-sso=x",
            "__Host-gatehouse-device=x", "__Host-gatehouse-lang=de", "__Host-gatehouse", "__Host-gatehouse =x",
            "=__Host-gatehouse=x", "==__Host-gatehouse=x", "= __Host-gatehouse-login=x", "=\t=__HOST-gatehouse",
        ])
    func own(_ text: String) { #expect(crumbs("a=b; \(text);c=d") == ["a=b", "!\(text)", "c=d"]) }

    @Test(
        "a cookie that only looks a little like ours is the application's",
        arguments: [
            "__Host-gatehous=x", "_Host-gatehouse=x", "x__Host-gatehouse=x", "__Secure-gatehouse=x", "gatehouse=x",
            "__Host-gatehouses=x", "__Host-gatehouse_x=x",
            "a=__Host-gatehouse=x",
        ])
    func foreign(_ text: String) { #expect(crumbs(text) == [text]) }

    @Test("only the session cookie by its exact name has a token")
    func tokens() {
        #expect(token("__Host-gatehouse=abc") == "abc")
        #expect(token("__Host-gatehouse=") == "")
        #expect(token("__Host-gatehouse=a=b") == "a=b")
        for text in ["__host-gatehouse=abc", "__Host-gatehouse-login=abc", "__Host-gatehouse", "__Host-gatehouse =a"] {
            #expect(token(text) == nil, "\(text)")
        }
    }

    @Test(
        "a token names its tenant before the first dot, or none",
        arguments: [
            ("acme.abc", "acme"), ("a-1.x.y", "a-1"), ("acme", nil), (".abc", nil), ("Acme.abc", nil),
            ("../x.abc", nil), (String(repeating: "a", count: 63) + ".b", String(repeating: "a", count: 63)),
            (String(repeating: "a", count: 64) + ".b", nil), ("", nil),
        ])
    func tenant(_ token: String, _ expected: String?) {
        let bytes = Array(token.utf8)
        #expect(CookieReader.tenant(ofToken: bytes.span.bytes)?.text == expected)
    }
}
