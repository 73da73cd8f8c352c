/// Namespaces, bindings, formats and algorithms by the names that the standards give them.
enum Names {
    // Namespaces.
    static let protocolSpace = "urn:oasis:names:tc:SAML:2.0:protocol"
    static let assertionSpace = "urn:oasis:names:tc:SAML:2.0:assertion"
    static let metadataSpace = "urn:oasis:names:tc:SAML:2.0:metadata"
    static let signatureSpace = "http://www.w3.org/2000/09/xmldsig#"
    static let encryptionSpace = "http://www.w3.org/2001/04/xmlenc#"
    static let encryption11Space = "http://www.w3.org/2009/xmlenc11#"

    // SAML Core.
    static let success = "urn:oasis:names:tc:SAML:2.0:status:Success"
    static let bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    static let entityFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
    static let userLogout = "urn:oasis:names:tc:SAML:2.0:logout:user"

    // Canonical forms and transforms.
    static let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    static let enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"

    // Encryption.
    static let elementType = "http://www.w3.org/2001/04/xmlenc#Element"
    static let encryptedKeyType = "http://www.w3.org/2001/04/xmlenc#EncryptedKey"
    static let rsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
}

/// How a provider names its users (SAML Core §8.3).
public enum NameIDFormat: String, CaseIterable, Sendable, Hashable {
    case unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
    case emailAddress = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
    case persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    case transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
}

/// How a message travels (SAML Bindings §3.4, §3.5).
public enum SAMLBinding: String, CaseIterable, Sendable, Hashable {
    case redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
    case post = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
}
