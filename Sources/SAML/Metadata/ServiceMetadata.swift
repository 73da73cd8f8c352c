public import Core

/// Our own metadata at one connection (SAML Metadata §2.4.4): what an identity provider has to know of us.
public struct ServiceMetadata: Sendable {
    /// Also where it is fetched.
    public let entityID: String
    /// Where responses are posted to.
    public let consumerURL: String
    /// Where logout messages go; nil where there is no single logout.
    public let logoutURL: String?
    /// Certificates in DER of the keys that sign our requests: the present one first, and the next during a roll-over.
    public let signingCertificates: [[UInt8]]
    /// Certificates in DER of the keys for which assertions may be encrypted, RSA; empty for none.
    public let encryptionCertificates: [[UInt8]]
    /// The formats that we take, in the order of preference.
    public let nameIDFormats: [NameIDFormat]
    /// The document may be used until here.
    public let validUntil: WallTime
    /// How long a copy of it does.
    public let cacheDuration: Milliseconds

    public init(
        entityID: String, consumerURL: String, logoutURL: String?, signingCertificates: [[UInt8]],
        encryptionCertificates: [[UInt8]], nameIDFormats: [NameIDFormat], validUntil: WallTime,
        cacheDuration: Milliseconds
    ) {
        self.entityID = entityID
        self.consumerURL = consumerURL
        self.logoutURL = logoutURL
        self.signingCertificates = signingCertificates
        self.encryptionCertificates = encryptionCertificates
        self.nameIDFormats = nameIDFormats
        self.validUntil = validUntil
        self.cacheDuration = cacheDuration
    }

    /// The algorithms that we open, best first.
    private static let encryptionMethods = [
        "http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2009/xmlenc11#aes128-gcm",
        "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    ]

    /// The document.
    /// - Parameters:
    ///   - id: an xs:ID, new for each document.
    ///   - key: signs it; nil leaves it unsigned.
    public func document(id: String, signedBy key: PrivateKey?) -> String {
        let head =
            XMLText.attribute("xmlns:md", Names.metadataSpace) + XMLText.attribute("ID", id)
            + XMLText.attribute("cacheDuration", "PT\(cacheDuration.count / 1000)S")
            + XMLText.attribute("entityID", entityID)
            + XMLText.attribute("validUntil", SAMLTime.write(validUntil))
        let role =
            XMLText.attribute("AuthnRequestsSigned", "true")
            + XMLText.attribute("WantAssertionsSigned", "true")
            + XMLText.attribute("protocolSupportEnumeration", Names.protocolSpace)
        let document =
            "<md:EntityDescriptor\(head)><md:SPSSODescriptor\(role)>\(keys)\(logout)\(formats)\(consumer)"
            + "</md:SPSSODescriptor></md:EntityDescriptor>"
        guard let key else { return document }
        return key.signed(document, certificate: signingCertificates.first)
    }

    private var keys: String {
        signingCertificates.map { Self.descriptor($0, use: "signing", methods: []) }.joined()
            + encryptionCertificates.map {
                Self.descriptor($0, use: "encryption", methods: Self.encryptionMethods)
            }.joined()
    }

    private static func descriptor(_ certificate: [UInt8], use: String, methods: [String]) -> String {
        let text = Base64.encode(certificate, alphabet: .standard)
        let list = methods.map { "<md:EncryptionMethod\(XMLText.attribute("Algorithm", $0))></md:EncryptionMethod>" }
        return "<md:KeyDescriptor\(XMLText.attribute("use", use))>"
            + "<ds:KeyInfo\(XMLText.attribute("xmlns:ds", Names.signatureSpace))><ds:X509Data>"
            + "<ds:X509Certificate>\(text)</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\(list.joined())"
            + "</md:KeyDescriptor>"
    }

    private var logout: String {
        guard let logoutURL else { return "" }
        return [SAMLBinding.redirect, .post].map { binding in
            let place = XMLText.attribute("Binding", binding.rawValue) + XMLText.attribute("Location", logoutURL)
            return "<md:SingleLogoutService\(place)></md:SingleLogoutService>"
        }.joined()
    }

    private var formats: String {
        nameIDFormats.map { "<md:NameIDFormat>\($0.rawValue)</md:NameIDFormat>" }.joined()
    }

    private var consumer: String {
        let place =
            XMLText.attribute("Binding", SAMLBinding.post.rawValue)
            + XMLText.attribute("Location", consumerURL) + XMLText.attribute("index", "0")
            + XMLText.attribute("isDefault", "true")
        return "<md:AssertionConsumerService\(place)></md:AssertionConsumerService>"
    }
}
