import Core
import TestSupport

@testable import SAML

/// The provider and ourselves, with the keys of Tests/Vectors/saml, at 2026-06-01T12:00:00Z.
struct World {
    static let provider = "https://idp.example/metadata"
    static let entity = "https://acme.example.org/.gatehouse/saml/acme/okta/metadata"
    static let consumer = "https://acme.example.org/.gatehouse/saml/acme/okta/acs"
    static let request = "_request-5f2c"
    static let user = "ada@acme.example"
    static let now = WallTime(milliseconds: 1_780_315_200_000)

    let metadata: IdentityProvider
    let key: PrivateKey
    let strangersKey: PrivateKey
    let ourKey: PrivateKey

    init() throws {
        metadata = try MetadataReader.read(try TestFile.bytes("Vectors/saml/metadata.xml"))
        key = try Self.privateKey("provider")
        strangersKey = try Self.privateKey("stranger")
        ourKey = try Self.privateKey("ours")
    }

    struct NoKey: Error {}

    static func privateKey(_ name: String) throws -> PrivateKey {
        var pem = try TestFile.bytes("Vectors/saml/\(name).key.txt")
        guard let key = PrivateKey(pem: SecretBytes(wiping: &pem)) else { throw NoKey() }
        return key
    }

    static func certificate(_ name: String) throws -> [UInt8] {
        let text = String(decoding: try TestFile.bytes("Vectors/saml/\(name).crt.txt"), as: UTF8.self)
        let body = text.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        return Base64.decode(body.utf8, alphabet: .standard) ?? []
    }

    /// A time so many seconds from now.
    static func at(_ seconds: Int64) -> String {
        SAMLTime.write(WallTime(milliseconds: now.milliseconds + seconds * 1000))
    }

    func expectations(
        request: ResponseExpectations.Request? = nil, now: WallTime = World.now, skew: Milliseconds = .seconds(60),
        asked: ResponseExpectations.Asked = .init(authenticationSince: nil, contexts: []),
        requiresEncryption: Bool = false, algorithms: AlgorithmPolicy = .current, keys: [PrivateKey]? = nil,
        provider: IdentityProvider? = nil
    ) -> ResponseExpectations {
        ResponseExpectations(
            provider: provider ?? metadata, entityID: Self.entity, consumerURL: Self.consumer,
            request: request ?? .answering(id: Self.request, asked: asked), now: now, skew: skew,
            decryptionKeys: keys ?? [ourKey], requiresEncryption: requiresEncryption, algorithms: algorithms)
    }

    /// How a document is judged.
    func judge(_ document: String, _ expectations: ResponseExpectations? = nil) -> ResponseOutcome {
        ResponseVerifier(expectations ?? self.expectations()).verify(document: Array(document.utf8))
    }

    /// Why a document is refused; nil where it is accepted.
    func refusal(_ document: String, _ expectations: ResponseExpectations? = nil) -> SAMLReason? {
        switch judge(document, expectations).result {
        case .success: nil
        case .failure(let refusal): refusal.reason
        }
    }

    /// A response around an assertion that is signed.
    func signed(_ assertion: AssertionText = AssertionText(), _ response: ResponseText = ResponseText()) -> String {
        response.document(key.signed(assertion.document, certificate: nil))
    }
}

/// An assertion with safe defaults.
struct AssertionText {
    var id = "_assertion-91d0"
    var issuer = World.provider
    var name = "<saml:NameID>\(World.user)</saml:NameID>"
    var recipient = World.consumer
    var answers: String? = World.request
    var confirmedUntil = World.at(300)
    var audience = World.entity
    var from = World.at(-30)
    var until = World.at(300)
    var authenticated = World.at(-10)
    var context = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
    var sessionEnd: String?
    var attributes = ""

    var document: String {
        let answer = answers.map { #" InResponseTo="\#($0)""# } ?? ""
        let end = sessionEnd.map { #" SessionNotOnOrAfter="\#($0)""# } ?? ""
        return
            #"<saml:Assertion xmlns:saml="\#(Names.assertionSpace)" ID="\#(id)" Version="2.0" IssueInstant="\#(from)">"#
            + "<saml:Issuer>\(issuer)</saml:Issuer><saml:Subject>\(name)"
            + #"<saml:SubjectConfirmation Method="\#(Names.bearer)"><saml:SubjectConfirmationData\#(answer)"#
            + #" NotOnOrAfter="\#(confirmedUntil)" Recipient="\#(recipient)"/></saml:SubjectConfirmation></saml:Subject>"#
            + #"<saml:Conditions NotBefore="\#(from)" NotOnOrAfter="\#(until)"><saml:AudienceRestriction><saml:Audience>"#
            + "\(audience)</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
            + #"<saml:AuthnStatement AuthnInstant="\#(authenticated)" SessionIndex="_s7"\#(end)><saml:AuthnContext>"#
            + "<saml:AuthnContextClassRef>\(context)</saml:AuthnContextClassRef></saml:AuthnContext>"
            + "</saml:AuthnStatement><saml:AttributeStatement>\(attributes)</saml:AttributeStatement></saml:Assertion>"
    }

    func but(_ change: (inout AssertionText) -> Void) -> AssertionText {
        var other = self
        change(&other)
        return other
    }
}

/// A response with safe defaults.
struct ResponseText {
    var id = "_response-40aa"
    var destination = World.consumer
    var answers: String? = World.request
    var status = Names.success

    func document(_ assertion: String) -> String {
        let answer = answers.map { #" InResponseTo="\#($0)""# } ?? ""
        return #"<samlp:Response xmlns:samlp="\#(Names.protocolSpace)" ID="\#(id)" Version="2.0"\#(answer)"#
            + #" IssueInstant="\#(World.at(-5))" Destination="\#(destination)"><saml:Issuer xmlns:saml="#
            + #""\#(Names.assertionSpace)">\#(World.provider)</saml:Issuer><samlp:Status>"#
            + #"<samlp:StatusCode Value="\#(status)"/></samlp:Status>\#(assertion)</samlp:Response>"#
    }
}
