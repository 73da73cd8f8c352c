import Core
import TestSupport

@testable import SAML

/// An identity provider with a key of Tests/Vectors/saml, which says whatever it is told.
struct TestProvider: Sendable {
    static let usual = "https://idp.example/metadata"

    let entityID: String
    let key: PrivateKey
    private let certificate: String

    /// - Parameter keyName: `provider`, or `stranger`.
    init(_ keyName: String = "provider", entityID: String = usual) throws {
        self.entityID = entityID
        key = try Self.privateKey(keyName)
        certificate = try Self.certificateText(keyName)
    }

    static func privateKey(_ name: String) throws -> PrivateKey {
        guard let key = PrivateKey(pem: try pem(name)) else { throw Missing() }
        return key
    }

    static func pem(_ name: String) throws -> SecretBytes {
        var bytes = try TestFile.bytes("Vectors/saml/\(name).key.txt")
        return SecretBytes(wiping: &bytes)
    }

    static func certificate(_ name: String) throws -> [UInt8] {
        Base64.decode(try certificateText(name).utf8, alphabet: .standard) ?? []
    }

    private static func certificateText(_ name: String) throws -> String {
        String(decoding: try TestFile.bytes("Vectors/saml/\(name).crt.txt"), as: UTF8.self)
            .split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
    }

    /// - Parameter logoutBinding: nil for a provider without single logout.
    func metadata(
        logoutBinding: SAMLBinding? = .redirect, signOnBinding: SAMLBinding = .redirect
    ) -> [UInt8] {
        let logout =
            logoutBinding.map {
                #"<md:SingleLogoutService Binding="\#($0.rawValue)" Location="https://idp.example/slo""#
                    + #" ResponseLocation="https://idp.example/slo/done"/>"#
            } ?? ""
        return Array(
            (#"<md:EntityDescriptor xmlns:md="\#(Names.metadataSpace)" entityID="\#(entityID)">"#
                + #"<md:IDPSSODescriptor protocolSupportEnumeration="\#(Names.protocolSpace)">"#
                + #"<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="\#(Names.signatureSpace)"><ds:X509Data>"#
                + "<ds:X509Certificate>\(certificate)</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
                + "</md:KeyDescriptor>\(logout)"
                + #"<md:SingleSignOnService Binding="\#(signOnBinding.rawValue)" Location="https://idp.example/sso"/>"#
                + "</md:IDPSSODescriptor></md:EntityDescriptor>").utf8)
    }

    /// The field `SAMLResponse`.
    func field(_ response: TestResponse) -> [UInt8] {
        let assertion = key.signed(response.assertion(of: entityID), certificate: nil)
        return Array(Base64.encode(Array(response.document(assertion, of: entityID).utf8), alphabet: .standard).utf8)
    }

    /// A LogoutRequest, not signed.
    func logoutRequest(
        id: String, subject: String, indexes: [String], at now: WallTime, to destination: String
    ) -> String {
        #"<samlp:LogoutRequest xmlns:samlp="\#(Names.protocolSpace)" ID="\#(id)" Version="2.0""#
            + #" IssueInstant="\#(SAMLTime.write(now))" Destination="\#(destination)">"#
            + #"<saml:Issuer xmlns:saml="\#(Names.assertionSpace)">\#(entityID)</saml:Issuer>"#
            + #"<saml:NameID xmlns:saml="\#(Names.assertionSpace)">\#(subject)</saml:NameID>"#
            + indexes.map { "<samlp:SessionIndex>\($0)</samlp:SessionIndex>" }.joined() + "</samlp:LogoutRequest>"
    }

    /// A LogoutResponse, not signed.
    func logoutResponse(
        to request: String, at now: WallTime, destination: String, status: String = Names.success
    ) -> String {
        #"<samlp:LogoutResponse xmlns:samlp="\#(Names.protocolSpace)" ID="_l1" Version="2.0""#
            + #" InResponseTo="\#(request)" IssueInstant="\#(SAMLTime.write(now))" Destination="\#(destination)">"#
            + #"<saml:Issuer xmlns:saml="\#(Names.assertionSpace)">\#(entityID)</saml:Issuer>"#
            + #"<samlp:Status><samlp:StatusCode Value="\#(status)"/></samlp:Status></samlp:LogoutResponse>"#
    }

    /// The query of the Redirect binding, signed.
    func query(_ document: String, _ parameter: RedirectBinding.Parameter, relayState: String?) -> [UInt8] {
        let address = RedirectBinding.address(
            "https://x.example", parameter: parameter, document: document, relayState: relayState, key: key)
        return Array(address.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst())
    }

    /// The field of the POST binding, signed.
    func signedField(_ document: String) -> [UInt8] {
        Array(Base64.encode(Array(key.signed(document, certificate: nil).utf8), alphabet: .standard).utf8)
    }
}

/// A response with safe defaults: for the connection `okta` of `acme`, of a member of its domain.
struct TestResponse: Sendable {
    var now: WallTime
    /// The request that it answers; nil where the provider began.
    var answers: String?
    var id = "_" + String(UInt64.random(in: .min ... .max), radix: 16)
    var consumer = SSOWorld.acs
    var audience = SSOWorld.entityID
    var subject = "u-4711"
    var format: NameIDFormat = .persistent
    var attributes: [(name: String, values: [String])] = [("mail", [LoginWorld.email]), ("displayName", ["Erika M."])]
    /// When the user signed in there.
    var authenticatedAt: WallTime?
    var sessionIndex = "_s1"
    var sessionEnd: WallTime?
    var context = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
    var status = Names.success

    init(now: WallTime, answers: String?) {
        self.now = now
        self.answers = answers
    }

    func but(_ change: (inout TestResponse) -> Void) -> TestResponse {
        var other = self
        change(&other)
        return other
    }

    private func time(_ seconds: Int64) -> String {
        SAMLTime.write(WallTime(milliseconds: now.milliseconds + seconds * 1000))
    }

    func assertion(of issuer: String) -> String {
        let answer = answers.map { #" InResponseTo="\#($0)""# } ?? ""
        let end = sessionEnd.map { #" SessionNotOnOrAfter="\#(SAMLTime.write($0))""# } ?? ""
        let list = attributes.map { attribute in
            #"<saml:Attribute Name="\#(attribute.name)">"#
                + attribute.values.map { "<saml:AttributeValue>\(XMLText.escaped($0))</saml:AttributeValue>" }.joined()
                + "</saml:Attribute>"
        }.joined()
        return
            #"<saml:Assertion xmlns:saml="\#(Names.assertionSpace)" ID="\#(id)" Version="2.0""#
            + #" IssueInstant="\#(time(-5))"><saml:Issuer>\#(issuer)</saml:Issuer><saml:Subject>"#
            + #"<saml:NameID Format="\#(format.rawValue)">\#(XMLText.escaped(subject))</saml:NameID>"#
            + #"<saml:SubjectConfirmation Method="\#(Names.bearer)"><saml:SubjectConfirmationData\#(answer)"#
            + #" NotOnOrAfter="\#(time(300))" Recipient="\#(consumer)"/></saml:SubjectConfirmation></saml:Subject>"#
            + #"<saml:Conditions NotBefore="\#(time(-30))" NotOnOrAfter="\#(time(300))"><saml:AudienceRestriction>"#
            + "<saml:Audience>\(audience)</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
            + #"<saml:AuthnStatement AuthnInstant="\#(SAMLTime.write(authenticatedAt ?? now))""#
            + #" SessionIndex="\#(sessionIndex)"\#(end)><saml:AuthnContext>"#
            + "<saml:AuthnContextClassRef>\(context)</saml:AuthnContextClassRef></saml:AuthnContext>"
            + "</saml:AuthnStatement><saml:AttributeStatement>\(list)</saml:AttributeStatement></saml:Assertion>"
    }

    func document(_ assertion: String, of issuer: String) -> String {
        let answer = answers.map { #" InResponseTo="\#($0)""# } ?? ""
        return #"<samlp:Response xmlns:samlp="\#(Names.protocolSpace)" ID="_r\#(id)" Version="2.0"\#(answer)"#
            + #" IssueInstant="\#(time(-5))" Destination="\#(consumer)"><saml:Issuer xmlns:saml="#
            + #""\#(Names.assertionSpace)">\#(issuer)</saml:Issuer><samlp:Status>"#
            + #"<samlp:StatusCode Value="\#(status)"/></samlp:Status>\#(assertion)</samlp:Response>"#
    }
}
