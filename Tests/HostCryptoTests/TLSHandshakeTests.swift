import CTestTLS
import HostCrypto
import Testing

@Suite("TLS: what is agreed on")
struct TLSHandshakeTests {
    @Test(
        "TLS 1.1 and older are refused, 1.2 and 1.3 are spoken",
        arguments: [
            (TEST_TLS_1_0, false), (TEST_TLS_1_1, false), (TEST_TLS_1_2, true), (TEST_TLS_1_3, true),
        ])
    func versions(_ version: Int, _ isSpoken: Bool) throws {
        let pair = try #require(TLSPair(try TLSVectors.context(), .version(version)))
        pair.shakeHands()
        #expect(pair.isAgreed == isSpoken)
        if isSpoken {
            #expect(pair.version == (version == TEST_TLS_1_3 ? "TLSv1.3" : "TLSv1.2"))
            #expect(pair.client.version == pair.version)
        } else {
            guard case .failed(let words) = pair.progress else {
                Issue.record("\(pair.progress)")
                return
            }
            #expect(!words.isEmpty)
        }
    }

    @Test("a listener for TLS 1.3 alone refuses 1.2")
    func only13() throws {
        let context = try TLSVectors.context(isTLS13Only: true)
        let old = try #require(TLSPair(context, .version(TEST_TLS_1_2)))
        old.shakeHands()
        #expect(!old.isAgreed)
        let new = try #require(TLSPair(context))
        new.shakeHands()
        #expect(new.isAgreed && new.version == "TLSv1.3")
    }

    @Test(
        "only forward-secret AEAD suites are agreed on",
        arguments: [
            ("first", "ECDHE-ECDSA-AES128-GCM-SHA256", true), ("first", "ECDHE-ECDSA-AES256-GCM-SHA384", true),
            ("first", "ECDHE-ECDSA-CHACHA20-POLY1305", true), ("rsa", "ECDHE-RSA-AES128-GCM-SHA256", true),
            ("rsa", "AES128-GCM-SHA256", false), ("rsa", "AES256-SHA256", false),
            ("rsa", "ECDHE-RSA-AES128-SHA256", false),
            ("rsa", "ECDHE-RSA-AES256-SHA", false), ("rsa", "DHE-RSA-AES128-GCM-SHA256", false),
            ("first", "ECDHE-ECDSA-AES128-CCM", false), ("first", "ECDHE-ECDSA-AES256-SHA384", false),
            ("rsa", "aNULL", false), ("rsa", "PSK-AES128-GCM-SHA256", false),
        ])
    func suites(_ certificate: String, _ cipher: String, _ isSpoken: Bool) throws {
        var offer = ClientOffer.version(TEST_TLS_1_2)
        offer.ciphers = cipher
        let pair = try #require(TLSPair(try TLSVectors.context([certificate]), offer))
        pair.shakeHands()
        #expect(pair.isAgreed == isSpoken)
        if isSpoken { #expect(pair.client.cipher == cipher) }
    }

    @Test(
        "the name chooses the certificate: exactly, by wildcard of one label, else the first",
        arguments: [
            ("app.example.org", "first"), ("APP.example.org", "first"), ("alt.example.org", "first"),
            ("acme.example.org", "exact"), ("other.example.org", "wildcard"), ("x.example.net", "wildcard"),
            ("a.b.example.org", "first"), ("example.org", "first"), ("evil.example", "first"), (nil, "first"),
            ("rsa.example.org", "rsa.example.org"), (".example.org", "wildcard"), ("*", "first"),
        ] as [(String?, String)])
    func names(_ name: String?, _ expected: String) throws {
        let context = try TLSVectors.context(["first", "wildcard", "exact", "rsa"])
        for version in [TEST_TLS_1_2, TEST_TLS_1_3] {
            var offer = ClientOffer.version(version)
            offer.serverName = name
            let pair = try #require(TLSPair(context, offer))
            pair.shakeHands()
            #expect(pair.isAgreed)
            #expect(pair.client.peerName == expected)
        }
    }

    @Test(
        "HTTP/1.1 is agreed on by ALPN, a client that knows only others is refused",
        arguments: [
            (["http/1.1"], true), (["h2", "http/1.1"], true), ([], true), (["h2"], false), (["http/1.0"], false),
            (["HTTP/1.1"], false), (["xhttp/1.1"], false),
        ] as [([String], Bool)])
    func alpn(_ protocols: [String], _ isSpoken: Bool) throws {
        for name in ["app.example.org", "other.example.org"] {
            var offer = ClientOffer()
            (offer.protocols, offer.serverName) = (protocols, name)
            let pair = try #require(TLSPair(try TLSVectors.context(["first", "wildcard"]), offer))
            pair.shakeHands()
            #expect(pair.isAgreed == isSpoken)
            if isSpoken { #expect(pair.client.alpn == (protocols.isEmpty ? "" : "http/1.1")) }
        }
    }

    @Test(
        "a context that offers HTTP/2 agrees on it before HTTP/1.1, whatever the client's order",
        arguments: [
            (["h2", "http/1.1"], "h2"), (["http/1.1", "h2"], "h2"), (["h2"], "h2"), (["http/1.1"], "http/1.1"),
            ([], ""),
            (["h2c"], nil),
        ] as [([String], String?)])
    func http2(_ protocols: [String], _ agreed: String?) throws {
        var offer = ClientOffer()
        offer.protocols = protocols
        let context = try TLSServerContext(
            certificates: [TLSVectors.pair("first")], isTLS13Only: false, offersHTTP2: true, tickets: TicketKeys(now: 0)
        )
        let pair = try #require(TLSPair(context, offer))
        pair.shakeHands()
        #expect(pair.isAgreed == (agreed != nil))
        if let agreed { #expect(pair.client.alpn == agreed) }
        #expect(pair.isHTTP2 == (agreed == "h2"))
    }

    @Test("a handshake that arrives byte by byte is the same handshake", arguments: [TEST_TLS_1_2, TEST_TLS_1_3])
    func byteByByte(_ version: Int) throws {
        let pair = try #require(TLSPair(try TLSVectors.context(), .version(version)))
        pair.shakeHands(size: 1)
        #expect(pair.isAgreed)
        #expect(pair.client.write(Array("hello".utf8)))
        pair.deliver(pair.client.take(), size: 1)
        #expect(pair.plain == Array("hello".utf8))
    }

    @Test("a context needs a certificate that its own key fits")
    func contexts() throws {
        #expect(throws: Never.self) { try TLSVectors.context(["rsa", "first"]) }
    }
}
