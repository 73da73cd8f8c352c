import Core
import Testing

/// Each hostile form stands beside an accepted twin that differs in the attacked property alone.
@Suite("Canonical host")
struct CanonicalHostTests {
    private func read(_ text: String) -> (host: CanonicalHost, reason: ReasonCode?) {
        var host = CanonicalHost()
        let reason = host.read(text: text)
        return (host, reason)
    }

    @Test(
        "a good host is read into its canonical form",
        arguments: [
            ("app.example.org", "app.example.org", nil),
            ("APP.Example.ORG", "app.example.org", nil),
            ("app.example.org.", "app.example.org", nil),
            ("app.example.org.:8443", "app.example.org", 8443),
            ("app.example.org:1", "app.example.org", 1),
            ("app.example.org:65535", "app.example.org", 65535),
            ("app.example.org:00443", "app.example.org", 443),
            ("a_b-c.example", "a_b-c.example", nil),
            ("192.0.2.1:80", "192.0.2.1", 80),
            ("[::1]", "[::1]", nil),
            ("[2001:DB8:0:0:0:0:0:1]:8443", "[2001:db8::1]", 8443),
            ("[2001:db8:0:1:1:1:1:1]", "[2001:db8:0:1:1:1:1:1]", nil),
            ("[1:0:0:2:0:0:0:3]", "[1:0:0:2::3]", nil),
            ("[1:0:0:2:3:0:0:4]", "[1::2:3:0:0:4]", nil),
            ("[::]", "[::]", nil),
            ("[1::]", "[1::]", nil),
            ("[::ffff:192.0.2.1]", "[::ffff:c000:201]", nil),
        ] as [(String, String, UInt16?)])
    func good(field: String, canonical: String, port: UInt16?) {
        let (host, reason) = read(field)
        #expect(reason == nil)
        #expect(host.text == canonical)
        #expect(host.port == port)
    }

    @Test(
        "anything else is host-malformed and leaves nothing behind",
        arguments: [
            "", ".", "..", ".example.org", "a..b", "app.example.org..", "user@app.example.org", "app.example.org ",
            " app.example.org", "app example.org", "app.example.org\t", "app.example.org:", "app.example.org:0",
            "app.example.org:65536", "app.example.org:123456", "app.example.org:+80", "app.example.org:8 0",
            "app.example.org:80:80", "app.example.org:http", "app.example.org/", "app.example.org?x",
            "app.example.org#x",
            "app%2eexample.org", "app,example.org", "app.example.org,b", "äpp.example.org", "app.example.org\u{0}",
            ":80", "[", "[]", "[::1", "::1", "[::1]x", "[::1]:", "[::1%25eth0]", "[::1%eth0]", "[v1.x]", "[1.2.3.4]",
            "[:::]", "[1:2:3:4:5:6:7:8:9]", "[1::2::3]", "[12345::]", "[::1]]", "*.example.org", "a\\b",
        ])
    func bad(field: String) {
        let (host, reason) = read(field)
        #expect(reason == .hostMalformed)
        #expect(host.bytes.isEmpty)
        #expect(host.port == nil)
        #expect(host == CanonicalHost())
    }

    @Test("a label has at most 63 bytes")
    func labelBound() {
        #expect(read(String(repeating: "a", count: 63) + ".example").reason == nil)
        #expect(read(String(repeating: "a", count: 64) + ".example").reason == .hostMalformed)
    }

    @Test("a name has at most 253 bytes, its root's dot and port not counted")
    func nameBound() {
        let label = String(repeating: "a", count: 62) + "."
        let longest = String(repeating: label, count: 4) + "b"
        #expect(longest.utf8.count == 253)
        #expect(read(longest + ".:65535").reason == nil)
        #expect(read(longest + "c").reason == .hostMalformed)
    }

    @Test("hosts are equal by their bytes, whatever port or spelling")
    func equality() {
        #expect(read("A.example:1").host == read("a.example.").host)
        #expect(read("A.example:1").host.hashValue == read("a.example.").host.hashValue)
        #expect(read("a.example").host != read("b.example").host)
    }

    @Test("storage is read over without leftovers")
    func reuse() {
        var host = CanonicalHost()
        #expect(host.read(text: "long.name.example.org:8443") == nil)
        #expect(host.read(text: "a.example") == nil)
        #expect(host == CanonicalHost("a.example"))
        #expect(host.port == nil)
    }

    @Test("the configuration names hosts without ports")
    func configured() {
        #expect(CanonicalHost("App.example.org")?.text == "app.example.org")
        #expect(CanonicalHost("::1")?.text == "[::1]")
        #expect(CanonicalHost("[::1]")?.text == "[::1]")
        #expect(CanonicalHost("app.example.org:443") == nil)
        #expect(CanonicalHost("") == nil)
    }
}
