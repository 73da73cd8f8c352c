import HostCrypto
import Testing

@Suite("A server that we speak TLS with is verified, and its session resumed")
struct TLSClientContextTests {
    private func client(
        trusting name: String = "first", protocols: [String] = ["http/1.1"], servers: Int = 1
    ) throws -> TLSClientContext {
        try TLSClientContext(
            .init(authorities: TLSVectors.bytes("\(name).crt.txt"), protocols: protocols, servers: servers))
    }

    @Test("a server with the right name and a trusted certificate is spoken to, both ways", arguments: [false, true])
    func verified(isTLS13Only: Bool) throws {
        let server = try TLSVectors.context(isTLS13Only: isTLS13Only)
        let pair = try #require(TLSConversation(client(), name: "app.example.org", server))
        #expect(pair.isAgreed)
        #expect(pair.version == "TLSv1.3")
        #expect(pair.chosenProtocol == "http/1.1")
        #expect(pair.say("ask"))
        #expect(pair.answer("answer"))
        #expect(pair.heardByServer == Array("ask".utf8))
        #expect(pair.heardByClient == Array("answer".utf8))
        pair.closeClient()
        #expect(pair.serverProgress == .ended)
    }

    @Test("a server that is not trusted is refused, with the reason")
    func untrusted() throws {
        let pair = try #require(
            TLSConversation(client(trusting: "wildcard"), name: "app.example.org", TLSVectors.context()))
        #expect(!pair.isAgreed)
        #expect(pair.clientProgress == .failed("self-signed certificate"))
        guard case .failed = pair.serverProgress else {
            Issue.record("the server was not told: \(pair.serverProgress)")
            return
        }
    }

    @Test(
        "a certificate for another name is refused: other hosts, addresses, and the common name alone",
        arguments: [
            ("first", "other.example.org"), ("first", "127.0.0.1"), ("first", "::1"), ("rsa", "rsa.example.org"),
        ])
    func otherName(certificate: String, name: String) throws {
        let pair = try #require(
            TLSConversation(client(trusting: certificate), name: name, TLSVectors.context([certificate])))
        #expect(!pair.isAgreed)
        let words = ClientNames.isAddress(name) ? "IP address mismatch" : "hostname mismatch"
        #expect(pair.clientProgress == .failed(words))
    }

    private enum ClientNames {
        static func isAddress(_ name: String) -> Bool { name == "127.0.0.1" || name == "::1" }
    }

    @Test("a wildcard is for one label, whatever the case")
    func wildcard() throws {
        let server = try TLSVectors.context(["wildcard"])
        #expect(try #require(TLSConversation(client(trusting: "wildcard"), name: "A.example.org", server)).isAgreed)
        #expect(try !#require(TLSConversation(client(trusting: "wildcard"), name: "a.b.example.org", server)).isAgreed)
    }

    @Test("the name is sent as SNI, so that the server can choose")
    func serverName() throws {
        let context = try client(trusting: "exact")
        let server = try TLSVectors.context(["first", "exact"])
        #expect(try #require(TLSConversation(context, name: "acme.example.org", server)).isAgreed)
    }

    @Test("the last session of a server is resumed, that of another is not")
    func resumption() throws {
        let context = try client(servers: 2)
        let server = try TLSVectors.context()
        for isResumed in [false, true, true] {
            let pair = try #require(TLSConversation(context, name: "app.example.org", server))
            #expect(pair.isResumed == isResumed)
            // Tickets come with the first answer.
            #expect(pair.answer("answer"))
            pair.closeClient()
        }
        let other = try #require(TLSConversation(context, name: "app.example.org", place: 1, server))
        #expect(other.isAgreed)
        #expect(!other.isResumed)
    }

    @Test("a protocol is offered, or none")
    func protocols() throws {
        let server = try TLSVectors.context()
        let both = try #require(
            TLSConversation(client(protocols: ["h2", "http/1.1"]), name: "app.example.org", server))
        #expect(both.chosenProtocol == "http/1.1")
        let none = try #require(TLSConversation(client(protocols: []), name: "app.example.org", server))
        #expect(none.isAgreed)
        #expect(none.chosenProtocol == "")
        let strange = try #require(TLSConversation(client(protocols: ["h2"]), name: "app.example.org", server))
        #expect(!strange.isAgreed)
    }

    @Test("what is no certificate cannot be trusted, nor a list that is cut")
    func authorities() throws {
        #expect(try TLSClientContext.authorities(in: TLSVectors.bytes("chain.crt.txt")) == 2)
        for name in ["first.key.txt", "broken-chain.crt.txt"] {
            let bytes = try TLSVectors.bytes(name)
            #expect(throws: TLSServerContext.Failure.self, "\(name)") { try TLSClientContext.authorities(in: bytes) }
            #expect(throws: TLSServerContext.Failure.self, "\(name)") {
                try TLSClientContext(.init(authorities: bytes))
            }
        }
    }
}
