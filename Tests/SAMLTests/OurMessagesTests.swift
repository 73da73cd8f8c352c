import Core
import Testing

@testable import SAML

@Suite("What we write")
struct OurMessagesTests {
    let world: World
    let request = AuthnRequest(
        id: "_r1", issuedAt: World.now, entityID: "https://a.example/?x=1&y=<\"2\">", consumerURL: World.consumer,
        destination: "https://idp.example/sso?tenant=1", nameIDFormat: .persistent, forcesAuthentication: true,
        contexts: ["urn:x"])

    init() throws { world = try World() }

    @Test("a request says what was asked for, and is read as it was meant")
    func document() throws {
        let root = try XMLDocument(parsing: Array(request.document.utf8), .message).root
        #expect(root.isNamed("AuthnRequest", in: Names.protocolSpace))
        #expect(root.attribute("ForceAuthn") == "true" && root.attribute("IssueInstant") == "2026-06-01T12:00:00Z")
        #expect(root.attribute("AssertionConsumerServiceURL") == World.consumer)
        #expect(try IssuerReading.issuer(of: root) == request.entityID)
        let policy = try #require(try root.child("NameIDPolicy", in: Names.protocolSpace))
        #expect(policy.attribute("Format") == NameIDFormat.persistent.rawValue)
        #expect(root.children.map(\.name) == ["Issuer", "NameIDPolicy", "RequestedAuthnContext"])
    }

    @Test("in a query it is signed beside the message")
    func redirect() throws {
        let address = request.redirect(relayState: "a b&c", key: world.key)
        #expect(address.hasPrefix("https://idp.example/sso?tenant=1&SAMLRequest="))
        let query = Array(address.split(separator: "?", maxSplits: 1)[1].dropFirst("tenant=1&".count).utf8)
        var trace = Trace()
        let arrived = try RedirectBinding.read(
            query, parameter: .request, keys: world.metadata.signingKeys, algorithms: .current, &trace)
        #expect(String(decoding: arrived.document, as: UTF8.self) == request.document)
        #expect(arrived.relayState == "a b&c")
    }

    @Test("in a form it is signed within, behind its issuer")
    func form() throws {
        let field = request.field(key: world.key, certificate: try World.certificate("provider"))
        let document = try XMLDocument(parsing: try MessageEncoding.decode(Array(field.utf8)), .message)
        #expect(document.root.children.map(\.name).prefix(2) == ["Issuer", "Signature"])
        var trace = Trace()
        let octets = try SignatureCheck(keys: world.metadata.signingKeys, algorithms: .current).octets(
            in: document, document.root, by: document.root.children[1], what: "request", &trace)
        let signed = try XMLDocument(parsing: octets, .digested).root
        #expect(signed.attribute("ID") == "_r1")
    }

    @Test("our metadata has every certificate, and a signature that holds")
    func metadata() throws {
        let certificate = try World.certificate("provider")
        let description = ServiceMetadata(
            entityID: World.entity, consumerURL: World.consumer, logoutURL: "https://acme.example.org/slo",
            signingCertificates: [certificate, try World.certificate("stranger")],
            encryptionCertificates: [try World.certificate("ours")], nameIDFormats: [.persistent, .emailAddress],
            validUntil: WallTime(milliseconds: World.now.milliseconds + 86_400_000), cacheDuration: .hours(6))
        let text = description.document(id: "_m1", signedBy: world.key)
        let document = try XMLDocument(parsing: Array(text.utf8), .metadata)
        let root = document.root
        #expect(root.children.map(\.name) == ["Signature", "SPSSODescriptor"])
        #expect(root.attribute("cacheDuration") == "PT21600S")
        #expect(
            root.children[1].children("KeyDescriptor", in: Names.metadataSpace).map { $0.attribute("use") }
                == ["signing", "signing", "encryption"])
        var trace = Trace()
        #expect(throws: Never.self) {
            try SignatureCheck(keys: world.metadata.signingKeys, algorithms: .current).octets(
                in: document, root, by: root.children[0], what: "metadata", &trace)
        }
    }
}
